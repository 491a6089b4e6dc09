"""PyPI's djangorestframework-simplejwt as it comes, with rotation and its blacklist."""

import json
import sys
from datetime import timedelta
from typing import Any

from counting import Counting, serve
from django.core.wsgi import get_wsgi_application
from django.urls import path
from django_site import people_view, set_up

options = {"life": 600, **json.loads(sys.argv[1])}
set_up(
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": timedelta(seconds=options["life"]),
        "REFRESH_TOKEN_LIFETIME": timedelta(hours=1),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    },
)

from rest_framework_simplejwt.authentication import JWTAuthentication  # noqa: E402
from rest_framework_simplejwt.exceptions import InvalidToken  # noqa: E402
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken  # noqa: E402
from rest_framework_simplejwt.views import (  # noqa: E402
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)

issued: set[str] = set()
expired: set[str] = set()


class NotedAccessToken(AccessToken):
    def set_jti(self) -> None:
        super().set_jti()
        issued.add(self.payload["jti"])


class Authentication(JWTAuthentication):
    def get_validated_token(self, raw_token: bytes) -> Any:
        token = super().get_validated_token(raw_token)
        if token["jti"] in expired:
            raise InvalidToken("Token is expired")
        return token


RefreshToken.access_token_class = NotedAccessToken
urlpatterns = [
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
    path("people", people_view(Authentication)),
]


def set_life(seconds: str) -> None:
    NotedAccessToken.lifetime = timedelta(seconds=float(seconds))


def end() -> None:
    for token in OutstandingToken.objects.all():
        BlacklistedToken.objects.get_or_create(token=token)


serve(
    Counting(
        get_wsgi_application(),
        {
            "/api/token/": "login",
            "/api/token/refresh/": "refresh",
            "/api/token/blacklist/": "revoke",
            "/people": "api",
        },
        {"life": set_life, "expire": lambda: expired.update(issued), "end": end},
    )
)
