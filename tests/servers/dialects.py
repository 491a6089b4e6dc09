"""The backends that these tests sign in with, made of plain options, so that another process can be told."""

import runpy
from pathlib import Path
from typing import Any

from rxdux.oauth import OAuthBackend

EXAMPLES = Path(__file__).parents[2] / "examples" / "dialects"

DIALECTS = {"simplejwt": ("json_api.py", "JsonApi"), "cookies": ("cookies.py", "Cookies")}


def class_of(dialect: str) -> Any:
    """The backend that is an example."""
    file, name = DIALECTS[dialect]
    return runpy.run_path(str(EXAMPLES / file))[name]


def made_of(dialect: str | None, oauth: dict[str, Any] | None) -> dict[str, Any]:
    """What `create_api_store` is told of a backend: by its dialect, or by the options of an `OAuthBackend`."""
    if dialect is not None:
        return {"backend": class_of(dialect)()}
    return {} if oauth is None else {"backend": OAuthBackend(**oauth)}
