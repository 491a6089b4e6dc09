"""The places that these tests sign in at."""

from typing import Any

import pytest

from .places import Place

OIDC = {"token_path": "/token", "revoke_path": "/token/revocation"}
TOOLKIT = {"token_path": "/o/token/", "revoke_path": "/o/revoke_token/", "client_id": "public"}

KEY = {"client_id": "key-jwt", "auth_method": "private_key_jwt", "scope": "openid offline_access people"}
CONFIDENTIAL = {"client_id": "confidential", "client_secret": "a secret: 100 % & more+"}

PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "oidc-provider, opaque tokens": ("oidc_provider", {"options": {**OIDC, "client_id": "public"}}),
    "oidc-provider, JWT": ("oidc_provider", {"options": {**OIDC, "client_id": "public-jwt"}}),
    "oidc-provider, rxdux.oauth": ("oidc_provider", {"oauth": KEY}),
    "django-oauth-toolkit, rxdux.oauth": ("oauth_toolkit", {"oauth": CONFIDENTIAL}),
    "django-oauth-toolkit": ("oauth_toolkit", {"options": TOOLKIT}),
    "django-oauth-toolkit, grace": ("oauth_toolkit_with_grace", {"options": TOOLKIT, "has_leeway": True}),
    "simplejwt": ("simplejwt", {"dialect": "simplejwt"}),
    "cookies and CSRF": ("jwt_cookies", {"dialect": "cookies"}),
}
SLOW = {name for name, (server, _) in PLACES.items() if server != "oidc_provider"}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in PLACES])
def place(request: pytest.FixtureRequest) -> Place:
    """Each server in turn."""
    server, more = PLACES[request.param]
    return Place(request.getfixturevalue(server), **more)
