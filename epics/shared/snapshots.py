"""The bytes that a snapshot is, and whether two states are the same. Pure functions."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ...store.slice_format import Format, FormatError, packed, unpacked
from .errors import LogRefused
from .rules import OutdatedError, Slices

FORMAT = 1  # of the bytes themselves

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the slices of the next version out of those of an older one. Both are parsed JSON."""

Authors: TypeAlias = Sequence[tuple[str, int]]
"""How many actions of each author are applied, the one who wrote last at the end."""


class Snapshot(NamedTuple):
    """The shared slices after an entry.

    Attributes:
        history: tells a log from one that took its place.
        version: of the shape of the slices.
        authors: how many actions of each author are in it.
        entry: the bytes of the entry after which it was taken; none before the first.
        slices: as JSON has them.
    """

    history: str
    version: int
    authors: Authors
    entry: bytes
    slices: dict[str, Any]


def new_history() -> str:
    return secrets.token_hex(8)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """The bytes of a snapshot.

    Examples:
        >>> decode_snapshot(encode_snapshot(Snapshot("h", 1, [("ada", 3)], b"entry", {"n": 3})), 1, {})
        Snapshot(history='h', version=1, authors=[('ada', 3)], entry=b'entry', slices={'n': 3})
    """
    content = {
        "rxdux-shared": FORMAT,
        "history": snapshot.history,
        "version": snapshot.version,
        "authors": snapshot.authors,
        "entry": base64.b64encode(snapshot.entry).decode(),
        "slices": snapshot.slices,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def decode_snapshot(content: bytes, version: int, migrations: Mapping[int, Migration]) -> Snapshot:
    """The snapshot that these bytes are, brought to this version.

    Raises:
        OutdatedError: for one of a newer version.
        LogRefused: for what is none of ours, is cut off, or what a migration fails on.
    """
    try:
        found = json.loads(content)
        form, history, saved = int(found["rxdux-shared"]), str(found["history"]), int(found["version"])
        authors = [(str(author), int(count)) for author, count in found["authors"]]
        entry, slices = base64.b64decode(found["entry"]), dict(found["slices"])
    except (ValueError, KeyError, TypeError, RecursionError):
        msg = "The log's snapshot is cut off, damaged, or another application's. Restore the log, or give another name."
        raise LogRefused(msg) from None
    if form > FORMAT or saved > version:
        msg = f"The log's snapshot is of version {saved}, and this program knows versions up to {version}. Update it."
        raise OutdatedError(msg)
    return Snapshot(history, saved, authors, entry, _migrate(slices, saved, version, migrations))


def _migrate(slices: Slices, saved: int, version: int, migrations: Mapping[int, Migration]) -> Slices:
    leads_to = version in migrations  # keyed by the version that comes out, as `persist` takes them too
    for step in range(saved, version):
        migrate = migrations.get(step + 1 if leads_to else step)
        try:
            slices = slices if migrate is None else dict(migrate(slices))
        except Exception as error:
            msg = f"The migration of the shared slices from version {step} to {step + 1} failed with {type(error).__name__}."
            raise LogRefused(msg) from error
    return slices


def dump_slices(formats: Mapping[str, Format], slices: Slices) -> dict[str, Any]:
    return {name: packed(each.dump(slices[name])) for name, each in formats.items()}


def load_slices(formats: Mapping[str, Format], data: Mapping[str, Any], initial: Slices) -> Slices:
    """The slices of a snapshot; one that it has not is as this node had it at first.

    Raises:
        LogRefused: for data of another shape.
    """
    try:
        return {
            name: each.load(*unpacked(data[name])) if name in data else initial[name] for name, each in formats.items()
        }
    except FormatError as error:
        msg = f"The log's snapshot is of another shape: {error}. Give `share` another version, and a migration."
        raise LogRefused(msg) from None


def digests(data: Mapping[str, Any]) -> dict[str, str]:
    """A digest of each slice.

    Examples:
        >>> digests({"n": {"b": 1, "a": 2}}) == digests({"n": {"a": 2, "b": 1}})
        True
    """
    return {name: digest(json.dumps(value, sort_keys=True).encode()) for name, value in data.items()}


def digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def different(formats: Mapping[str, Format], one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The slices in which two states differ. Data alone may differ where the slices do not: a set has no order."""
    return [
        name
        for name, each in formats.items()
        if one.get(name) != other.get(name) and each.load(*unpacked(one[name])) != each.load(*unpacked(other.get(name)))
    ]
