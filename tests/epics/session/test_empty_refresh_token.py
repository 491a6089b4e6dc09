"""What servers send in place of no refresh token."""

from typing import Any

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse

from rxdux import RefreshToken, TokenSet, create_api_store

from .conftest import Lab, sign_in


@pytest.mark.parametrize("none", ["", "  ", False, None])
async def test_an_empty_refresh_token_is_none(lab: Lab, none: Any) -> None:
    """Beside a usable access token: the old one is kept (RFC 6749, section 6)."""
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        lab.token_instead = lambda: JSONResponse({"access_token": "access-new", "refresh_token": none})
        store.dispatch(RefreshToken())
        await store.idle(20)
        tokens = store.state.auth.tokens
        assert (tokens.access_token, tokens.refresh_token) == (SecretStr("access-new"), SecretStr("refresh-1"))
    assert TokenSet(access_token="a", refresh_token=SecretStr("")).refresh_token is None
