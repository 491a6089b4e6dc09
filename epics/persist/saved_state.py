"""The text that a saved state is: what is in it, who can read it, and what is wrong with it. Pure functions."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from .storage import PersistError

FORMAT = 1  # of the text itself
MARK = "rxdux"  # the key that tells our texts from others

Slices = dict[str, Any]
Migration = Callable[[Slices], Slices]
"""Makes the slices of the next version out of those of an older one. Both are parsed JSON."""


def encode(key: str, version: int, slices: Slices) -> str:
    """The text of a saved state.

    Examples:
        >>> encode("app", 1, {"count": 3})
        '{"rxdux": 1, "key": "app", "version": 1, "slices": {"count": 3}}'
    """
    return json.dumps({MARK: FORMAT, "key": key, "version": version, "slices": slices}, ensure_ascii=False)


def decode(text: str, key: str, version: int, migrations: Mapping[int, Migration]) -> tuple[Slices, bool]:
    """The slices in a text, brought to this version, and whether that changed them.

    Raises:
        PersistError: for a text that is truncated, not ours, from a newer version, or that a migration fails on.
        ValueError: for a state that another key has saved here.

    Examples:
        >>> decode('{"rxdux": 1, "key": "app", "version": 1, "slices": {"n": 3}}', "app", 2, {1: lambda old: {"count": old["n"]}})
        ({'count': 3}, True)
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        msg = f"it is no whole JSON: it breaks off, or is damaged, at {place}"
        raise PersistError(msg) from None
    match content:
        case {"rxdux": int(form), "key": str(owner), "version": int(saved), "slices": dict()}:
            pass
        case _:
            msg = "it is JSON, and not a state that rxdux has saved"
            raise PersistError(msg)
    if form > FORMAT:
        msg = f"it has the format {form} of a newer rxdux; this one reads {FORMAT}"
        raise PersistError(msg)
    if owner != key:
        msg = f"The storage holds the state of the key {owner!r}, not of {key!r}. Give each key a storage of its own."
        raise ValueError(msg)
    if saved > version:
        msg = f"it is of version {saved}, newer than version {version} of this app"
        raise PersistError(msg)
    return _migrate(cast("dict[str, Slices]", content)["slices"], saved, version, migrations)


def _migrate(slices: Slices, saved: int, version: int, migrations: Mapping[int, Migration]) -> tuple[Slices, bool]:
    leads_to = version in migrations  # keyed by the version that comes out, as in redux-persist
    for step in range(saved, version):
        migrate = migrations.get(step + 1 if leads_to else step, _unchanged)
        try:
            slices = dict(migrate(slices))
        except Exception as error:
            msg = f"its migration from version {step} to {step + 1} failed with {type(error).__name__}"
            raise PersistError(msg) from error
    return slices, saved != version


def _unchanged(slices: Slices) -> Slices:
    return slices
