"""A JSON API with rotation and a blacklist, in the manner of djangorestframework-simplejwt.

The life of a token is in the token. Give it to a store: create_api_store(url, backend=JsonApi()).
"""

from collections.abc import Callable

from rxdux import Action, HttpAnswer, HttpBackend, Login, SignIn, TokenSet


class JsonApi(HttpBackend):
    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        assert isinstance(action, Login)
        who = {"username": action.username, "password": action.password}
        return self._tokens(await self.post("/api/token/", json=who))

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        return self._tokens(await self.post("/api/token/refresh/", json={"refresh": tokens.refresh_token}))

    async def revoke(self, tokens: TokenSet) -> None:
        await self.post("/api/token/blacklist/", json={"refresh": tokens.refresh_token})

    def _tokens(self, answer: HttpAnswer) -> TokenSet:
        access = answer["access"]
        return TokenSet(access_token=access, refresh_token=answer.get("refresh"), expires_in=self.life_of(access))
