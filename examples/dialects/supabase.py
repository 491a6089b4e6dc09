"""In the manner of Supabase's auth server: the grant in the query, a key beside each token, sign-out by the access token."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from rxdux import Action, HttpBackend, Login, SignIn, TokenSet


class Supabase(HttpBackend):
    def __init__(self, project_url: str, key: str) -> None:
        super().__init__(f"{project_url}/auth/v1")
        self._key = {"apikey": key}

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        assert isinstance(action, Login)
        return await self._ask("password", {"email": action.username, "password": action.password})

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        return await self._ask("refresh_token", {"refresh_token": tokens.refresh_token})

    async def revoke(self, tokens: TokenSet) -> None:
        await self.post("/logout?scope=local", headers=self._sent(tokens))

    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        return self._sent(tokens)

    async def _ask(self, grant: str, body: dict[str, Any]) -> TokenSet:
        return TokenSet.model_validate(await self.post(f"/token?grant_type={grant}", json=body, headers=self._key))

    def _sent(self, tokens: TokenSet) -> dict[str, str]:
        return {**self._key, "Authorization": f"Bearer {tokens.access_token.get_secret_value()}"}
