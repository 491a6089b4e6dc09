"""The servers as fixtures: each started once, and handed to a test with its counts at zero."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .running import HERE, RunningServer, running

LIFE = 600.0  # seconds that an access token lives, where the test does not say otherwise


@pytest.fixture(scope="session")
def oidc_provider_process() -> Iterator[RunningServer]:
    node = shutil.which("node")
    if node is None:
        _cannot("Node.js is not installed (apt-get install nodejs npm)")
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        _cannot("oidc-provider is not installed (npm ci --ignore-scripts --prefix tests/servers)")
    with running(str(node), str(HERE / "oidc_provider.mjs")) as server:
        yield server


@pytest.fixture
def oidc_provider(oidc_provider_process: RunningServer) -> RunningServer:
    """npm's oidc-provider. `facts["secrets"]` has the secret of each client; that of `key-jwt` is its key, as PEM."""
    return _anew(oidc_provider_process)


@pytest.fixture(scope="session")
def oauth_toolkit_process() -> Iterator[RunningServer]:
    with _python_server("oauth_toolkit.py", "oauth2_provider", {"grace": 0}) as server:
        yield server


@pytest.fixture
def oauth_toolkit(oauth_toolkit_process: RunningServer) -> RunningServer:
    """django-oauth-toolkit; a refresh token that was used is refused."""
    return _anew(oauth_toolkit_process)


@pytest.fixture(scope="session")
def oauth_toolkit_with_grace_process() -> Iterator[RunningServer]:
    with _python_server("oauth_toolkit.py", "oauth2_provider", {"grace": 30}) as server:
        yield server


@pytest.fixture
def oauth_toolkit_with_grace(oauth_toolkit_with_grace_process: RunningServer) -> RunningServer:
    """django-oauth-toolkit; a refresh token that was used gives the same answer for 30 s more."""
    return _anew(oauth_toolkit_with_grace_process)


@pytest.fixture(scope="session")
def simplejwt_process() -> Iterator[RunningServer]:
    with _python_server("simplejwt.py", "rest_framework_simplejwt") as server:
        yield server


@pytest.fixture
def simplejwt(simplejwt_process: RunningServer) -> RunningServer:
    """djangorestframework-simplejwt, with rotation and its blacklist."""
    return _anew(simplejwt_process)


@pytest.fixture(scope="session")
def jwt_cookies_process() -> Iterator[RunningServer]:
    with _python_server("jwt_cookies.py", "flask_jwt_extended") as server:
        yield server


@pytest.fixture
def jwt_cookies(jwt_cookies_process: RunningServer) -> RunningServer:
    """Flask-JWT-Extended, with its tokens in cookies and its protection against CSRF."""
    return _anew(jwt_cookies_process)


@contextmanager
def _python_server(file: str, package: str, options: dict[str, Any] | None = None) -> Iterator[RunningServer]:
    if importlib.util.find_spec(package) is None:
        _cannot(f"{package} is not installed (pip install 'rxdux[servers]')")
    with running(sys.executable, str(HERE / file), options=options) as server:
        yield server


def _anew(server: RunningServer) -> RunningServer:
    server.release()
    server.life(LIFE)
    server.reset()
    return server


def _cannot(reason: str) -> None:
    """Skip the test, and say why; where all is meant to run, that is a failure."""
    if os.environ.get("CI") or os.environ.get("RXDUX_CI"):
        pytest.fail(reason)
    pytest.skip(reason)
