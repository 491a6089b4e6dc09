"""A Django site of one file: settings, database, users, and a view that the token of a user opens."""

import time
from typing import Any

import django
from counting import USERS
from django.conf import settings
from django.core.management import call_command


def set_up(*apps: str, **more: Any) -> None:
    """Configure Django, with a fresh database in the present folder and the users of the tests."""
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": "site.sqlite3",
                "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", *apps],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # quick: these are no secrets
        ROOT_URLCONF="__main__",
        SECRET_KEY="of no secret, but of a length that is long enough",
        USE_TZ=True,
        **more,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User

    for name, password in USERS.items():
        User.objects.create_user(name, password=password)


def people_view(authentication: Any) -> Any:
    """The API: answers who has a good token, after `delay` seconds; whether it is good is decided before.

    Args:
        authentication: the class of Django REST framework that reads the token.
    """
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class People(APIView):
        authentication_classes = (authentication,)
        permission_classes = (IsAuthenticated,)

        def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
            try:
                super().initial(request, *args, **kwargs)
            finally:
                time.sleep(float(request.query_params.get("delay", 0)))

        def get(self, request: Any) -> Any:
            return Response({"for": request.user.username, "people": ["Ada", "Grace"]})

    return People.as_view()
