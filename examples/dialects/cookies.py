"""Cookies with a defence against CSRF, in the manner of Flask-JWT-Extended.

The cookies are kept as the tokens; each goes out with the CSRF token that belongs to it, and in no jar.
"""

from collections.abc import Callable, Mapping

import httpx

from rxdux import Action, HttpAnswer, HttpBackend, Login, SignIn, TokenSet


class Cookies(HttpBackend):
    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        assert isinstance(action, Login)
        return self._tokens(await self.post("/login", json={"username": action.username, "password": action.password}))

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        return self._tokens(await self.post("/token/refresh", headers=_sent("refresh", tokens)))

    async def revoke(self, tokens: TokenSet) -> None:
        await self.post("/token/remove", headers=_sent("refresh", tokens))

    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        return _sent("access", tokens)

    def _tokens(self, answer: HttpAnswer) -> TokenSet:
        access, refresh = (answer.cookies[f"{kind}_token_cookie"] for kind in ("access", "refresh"))
        life = self.life_of(access)
        return TokenSet(access_token=access, refresh_token=refresh, expires_in=life, extra=answer.cookies)


def _sent(kind: str, tokens: TokenSet) -> dict[str, str]:
    cookie, csrf = f"{kind}_token_cookie", tokens.extra[f"csrf_{kind}_token"]
    return {"Cookie": f"{cookie}={tokens.extra[cookie]}", "X-CSRF-TOKEN": csrf}
