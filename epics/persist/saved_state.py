"""The text that a saved state is: what is in it, who can read it, and what is wrong with it. Pure functions."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from ...actions.codec import Written
from ...store.slice_format import part_of, whole_of
from .storage import PersistError
from .told import tell, untold

FORMAT = 1  # of the text itself
MARK = "rxdux"  # the key that tells our texts from others
_NOT_OURS = "it is JSON, and not a state that rxdux has saved"

Slices = dict[str, Any]
Migration = Callable[[Slices], Slices]
"""Makes the slices of the next version out of those of an older one. Both are parsed JSON."""


class SavedSlice(NamedTuple):
    """The text of one slice, and what JSON does not tell of it."""

    text: str
    types: dict[str, str]


def saved_slice(written: Written) -> SavedSlice:
    """The text of a slice.

    Raises:
        ValueError: for what JSON has no text for, such as a number of too many digits.
    """
    text = json.dumps(written.data, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character
        text = json.dumps(written.data, allow_nan=False)
    return SavedSlice(text, written.types)


def encode(key: str, version: int, slices: Mapping[str, SavedSlice]) -> str:
    """The text of a saved state.

    Examples:
        >>> encode("app", 1, {"count": SavedSlice("3", {})})
        '{"rxdux": 1, "key": "app", "version": 1, "slices": {"count": 3}}'
    """
    types = whole_of({name: Written(None, each.types) for name, each in slices.items()}).types
    members = {
        MARK: str(FORMAT),
        "key": json.dumps(key),
        "version": str(version),
        "slices": _object({name: each.text for name, each in slices.items()}),
        **({"types": json.dumps(types)} if types else {}),
    }
    return _object(members)


def _object(members: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{json.dumps(name)}: {text}' for name, text in members.items())}}}"


def decode(text: str, key: str, version: int, migrations: Mapping[int, Migration]) -> tuple[dict[str, Written], bool]:
    """The slices in a text, brought to this version, and whether a migration changed them.

    Raises:
        PersistError: for a text that is truncated, not ours, from a newer version, or that a migration fails on.
        ValueError: for a state that another key has saved here.

    Examples:
        >>> decode('{"rxdux": 1, "key": "app", "version": 1, "slices": {"n": 3}}', "app", 2, {1: lambda old: {"count": old["n"]}})
        ({'count': Written(data=3, types={})}, True)
    """
    try:
        content = json.loads(text)
    except RecursionError:
        msg = "it is nested too deep for a state that rxdux has saved"
        raise PersistError(msg) from None
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        msg = f"it is no whole JSON: it breaks off, or is damaged, at {place}"
        raise PersistError(msg) from None
    match content:
        case {"rxdux": int(form), "key": str(owner), "version": int(saved), "slices": dict()} if saved >= 1:
            whole = _whole(cast("dict[str, Any]", content))
        case _:
            raise PersistError(_NOT_OURS)
    if form > FORMAT:
        msg = f"it has the format {form} of a newer rxdux; this one reads {FORMAT}"
        raise PersistError(msg)
    if owner != key:
        msg = f"The storage holds the state of the key {owner!r}, not of {key!r}. Give each key a storage of its own."
        raise ValueError(msg)
    if saved > version:
        msg = f"it is of version {saved}, newer than version {version} of this app"
        raise PersistError(msg)
    slices = {name: part_of(whole, name) for name in whole.data}
    return (slices, False) if saved == version else (_migrate(slices, saved, version, migrations), True)


def _whole(content: dict[str, Any]) -> Written:
    types: Any = content.get("types", {})
    if isinstance(types, dict) and all(isinstance(each, str) for each in cast("dict[str, Any]", types).values()):
        return Written(content["slices"], cast("dict[str, str]", types))
    raise PersistError(_NOT_OURS)


def _migrate(
    slices: dict[str, Written], saved: int, version: int, migrations: Mapping[int, Migration]
) -> dict[str, Written]:
    """What a migration leaves as it is, or moves, keeps what is told of it beside the JSON."""
    leads_to = version in migrations  # keyed by the version that comes out, as in redux-persist
    migrated = {name: tell(each) for name, each in slices.items()}
    for step in sorted(start - leads_to for start in migrations if saved <= start - leads_to < version):
        try:
            migrated = dict(migrations[step + leads_to](migrated))
        except Exception as error:
            msg = f"its migration from version {step} to {step + 1} failed with {type(error).__name__}"
            raise PersistError(msg) from error
    return {
        name: slices[name] if name in slices and slices[name].data == value else untold(value)
        for name, value in migrated.items()
    }
