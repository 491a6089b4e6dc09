"""What a recipe changed, as JSON Patch: to send it, to log it, to undo it."""

import re
from collections.abc import Callable
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializationInfo, model_serializer, model_validator

from .as_json import plain, token
from .difference import difference
from .produce import produce

S = TypeVar("S")

Op = Literal["add", "remove", "replace", "move", "copy", "test"]

_STRAY_TILDE = re.compile("~(?![01])")  # RFC 6901, section 3
_WITH_VALUE = ("add", "replace", "test")
_WITH_FROM = ("move", "copy")


class JsonPatch(BaseModel):
    """One step from a state to another: an operation of JSON Patch.

    As a JSON document it is `patch.model_dump(mode="json")`, and comes back by `JsonPatch.model_validate`.

    Attributes:
        op: what is done.
        path: where, as a JSON Pointer: `/todos/0/done`.
        value: what is put there, or what has to be there for `test`.
        source: from where something is moved or copied; `from` in JSON.
        keys: the path, key by key, as they are in the state. In JSON a key is text: there the types tell what it is.

    See RFC 6902, and RFC 6901 for the path.

    Examples:
        >>> JsonPatch(op="replace", path="/todos/0/done", value=True).model_dump()
        {'op': 'replace', 'path': '/todos/0/done', 'value': True}
    """

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, populate_by_name=True)

    op: Op
    path: str
    value: Any = None
    source: str | None = Field(default=None, alias="from")
    keys: tuple[Any, ...] | None = Field(default=None, exclude=True, repr=False)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, path in (("path", self.path), ("from", self.source or "")):
            if path and not path.startswith("/"):
                msg = f"{name} is a JSON Pointer, empty or with a slash in front, not {path!r:.100}."
                raise ValueError(msg)
            if _STRAY_TILDE.search(path):
                msg = (
                    f"{name} is a JSON Pointer, in which a tilde is written ~0 and a slash in a key ~1: {path!r:.100}."
                )
                raise ValueError(msg)
        if self.op in _WITH_VALUE and "value" not in self.model_fields_set:
            msg = f"{self.op} needs a value."
            raise ValueError(msg)
        if self.op in _WITH_FROM and self.source is None:
            msg = f"{self.op} needs from."
            raise ValueError(msg)
        return self

    @model_serializer(mode="plain")
    def _serialize(self, info: SerializationInfo) -> dict[str, Any]:
        told: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.op in _WITH_VALUE:
            told["value"] = self._as_json() if info.mode == "json" else self.value
        if self.op in _WITH_FROM:
            told["from"] = self.source
        return told

    def _as_json(self) -> Any:
        try:
            return plain(self.value)
        except ValueError as error:
            msg = f"The value of the patch '{self.op} {self.path}' cannot be written as JSON: {error}."
            raise ValueError(msg) from None


def produce_with_patches(
    state: S, recipe: Callable[[Any], object]
) -> tuple[S, tuple[JsonPatch, ...], tuple[JsonPatch, ...]]:
    """The state that comes of a recipe, as of `produce`, and what the recipe changed.

    Returns:
        The next state, the patches that lead to it, and those that lead back. `apply_patches` takes either.

    Raises:
        As `produce`.

    See https://immerjs.github.io/immer/patches

    Examples:
        >>> from rxdux import apply_patches
        >>> state = {"todos": [{"text": "milk", "done": False}]}
        >>> after, patches, inverse = produce_with_patches(state, lambda draft: draft["todos"][0].update(done=True))
        >>> [patch.model_dump() for patch in patches]
        [{'op': 'replace', 'path': '/todos/0/done', 'value': True}]
        >>> apply_patches(state, patches) == after, apply_patches(after, inverse) == state
        (True, True)
    """
    after = produce(state, recipe)
    return after, _patches(state, after), _patches(after, state)


def _patches(before: Any, after: Any) -> tuple[JsonPatch, ...]:
    return tuple(_patch(*step) for step in difference(before, after))


def _patch(op: Op, keys: tuple[Any, ...], value: Any) -> JsonPatch:
    path = "".join(f"/{token(key)}" for key in keys)
    return (
        JsonPatch(op=op, path=path, keys=keys)
        if op == "remove"
        else JsonPatch(op=op, path=path, value=value, keys=keys)
    )
