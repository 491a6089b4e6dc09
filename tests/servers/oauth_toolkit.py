"""PyPI's django-oauth-toolkit as it comes."""

import json
import sys
from datetime import timedelta

from counting import Counting, serve
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from django.utils import timezone
from django_site import people_view, set_up

options = {"life": 600, "grace": 0, **json.loads(sys.argv[1])}
set_up(
    "oauth2_provider",
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": options["life"],
        "ALWAYS_RELOAD_OAUTHLIB_CORE": True,  # so that a test can change the life
        "DEVICE_FLOW_INTERVAL": 1,
        "OAUTH_DEVICE_VERIFICATION_URI": "http://127.0.0.1/o/device",
        "REFRESH_TOKEN_EXPIRE_SECONDS": 3600,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": options["grace"],
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
    },
)

from django.contrib.auth.models import User  # noqa: E402
from oauth2_provider.contrib.rest_framework import OAuth2Authentication  # noqa: E402
from oauth2_provider.models import AccessToken, Application, DeviceGrant, RefreshToken  # noqa: E402
from oauth2_provider.settings import oauth2_settings  # noqa: E402
from oauth2_provider.urls import metadata_urlpatterns  # noqa: E402

urlpatterns = [
    *metadata_urlpatterns,
    path("o/", include("oauth2_provider.urls")),
    path("people", people_view(OAuth2Authentication)),
]

SECRET = "a secret: 100 % & more+"
for name, kind, grant in [
    ("public", "public", "password"),
    ("confidential", "confidential", "password"),
    ("service", "confidential", "client-credentials"),
    ("device", "public", "urn:ietf:params:oauth:grant-type:device_code"),
]:
    Application.objects.create(
        name=name, client_id=name, client_secret=SECRET, client_type=kind, authorization_grant_type=grant
    )


def set_life(seconds: str) -> None:
    oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS = float(seconds)


def expire() -> None:
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))


def answer(user_code: str, status: str) -> None:
    """What the page does that asks the user whether the device may come in."""
    user = User.objects.get(username="ada")
    assert DeviceGrant.objects.filter(user_code=user_code).update(user=user, status=status) == 1


def end() -> None:
    RefreshToken.objects.update(revoked=timezone.now() - timedelta(days=1))


serve(
    Counting(
        get_wsgi_application(),
        {"/o/token/": "token", "/o/revoke_token/": "revoke", "/people": "api"},
        {"life": set_life, "expire": expire, "end": end, "answer": answer},
    )
)
