"""Checks what `persist` is given, so that it says at once what is wrong."""

from collections.abc import Mapping
from typing import Any, cast


def check_key(key: Any) -> None:
    """Refuse what names no state: it would be written, and not be found again."""
    if not isinstance(key, str):
        msg = f"persist(key=...) is the name of this state in the storage, such as 'app', not {key!r:.100}."
        raise TypeError(msg)
    if not key:
        msg = "persist(key='') has no name for this state in the storage. Give it one, such as 'app'."
        raise ValueError(msg)


def check_numbers(version: Any, migrations: Any, throttle: Any) -> None:
    """Refuse versions that are none, and seconds that are none."""
    if isinstance(version, bool) or not isinstance(version, int):
        msg = f"persist(version=...) takes a whole number, not {version!r:.100}."
        raise TypeError(msg)
    if isinstance(throttle, bool) or not isinstance(throttle, int | float):
        msg = f"persist(throttle=...) takes seconds, not {throttle!r:.100}."
        raise TypeError(msg)
    if not isinstance(migrations, Mapping):
        msg = f"persist(migrations=...) takes a mapping of versions to functions, not {migrations!r:.100}."
        raise TypeError(msg)
    if version < 1:
        msg = f"persist(version={version!r}) must be 1 or more."
        raise ValueError(msg)
    if not throttle >= 0:
        msg = f"persist(throttle={throttle!r}) must be 0 or more, in seconds."
        raise ValueError(msg)
    for start, migrate in cast("Mapping[Any, Any]", migrations).items():
        if isinstance(start, bool) or not isinstance(start, int):
            msg = f"persist(migrations=...) takes versions as whole numbers, not {start!r:.100}."
            raise TypeError(msg)
        if not 1 <= start <= version:
            msg = f"persist(migrations=...) has one for version {start!r}, and there are only versions 1 to {version}."
            raise ValueError(msg)
        if not callable(migrate):
            msg = f"The migration for version {start} must be a function of the slices, not {migrate!r:.100}."
            raise TypeError(msg)
