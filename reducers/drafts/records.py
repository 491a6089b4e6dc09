"""Drafts of pydantic models and dataclasses: their fields can be set, frozen or not."""

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import immutables
from pydantic import BaseModel

from ..state import State, change_of, field_names
from .draft import (
    ABSENT,
    DEAD,
    SLOTS,
    ADict,
    Draft,
    Scope,
    check_active,
    checked,
    child_of,
    class_of,
    guard,
    original_of,
    stand_in,
    type_of,
    value_now,
)
from .sequences import Walk

_set = object.__setattr__
_new: Callable[[Any], Any] = object.__new__
MORE = ("__pydantic_extra__", "__pydantic_private__")
"""Where a model keeps what are no fields: in dicts, which get drafts of their own."""

_CACHED: Any = cached_property
_FROZEN_KINDS: dict[type[Any], type[Any]] = {list: tuple, set: frozenset, dict: immutables.Map}


class RecordDraft(Draft):
    """Of a model or a dataclass. Its `__dict__` holds the fields, each a draft once it was read."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        check_active(self)
        cls = class_of(self)
        if name in record_fields(cls):
            self.__dict__[name] = value
            if isinstance(self, BaseModel):
                self.__pydantic_fields_set__.add(name)
            return
        own: Any = getattr(cls, name, None)
        if name in _attributes(original_of(self)) and not isinstance(self, BaseModel):
            self.__dict__[name] = value
        elif hasattr(type_of(own), "__set__"):
            own.__set__(self, value)
        elif name in getattr(cls, "__private_attributes__", ()):
            _more(self, MORE[1])[name] = value
        elif getattr(self, MORE[0], None) is not None:
            _more(self, MORE[0])[name] = value
        else:
            raise AttributeError(_no_field(cls, name))

    def __delattr__(self, name: str) -> None:
        msg = f"A field cannot be deleted from a {class_of(self).__name__}: {name!r}. Give it another value."
        raise AttributeError(msg)

    def __getattr__(self, name: str) -> Any:
        cls = class_of(self)
        own = getattr(cls, name, None)
        if isinstance(own, property) and own.fget is not None:
            return own.fget(self)  # it failed with an AttributeError of its own
        attributes = _attributes(original_of(self))
        if name in attributes and not isinstance(self, BaseModel):
            part = self.__dict__[name] = child_of(self, attributes[name], attributes[name])
            return part
        inherited = getattr(super(), "__getattr__", None)
        if inherited is not None:
            try:
                return inherited(name)
            except AttributeError:
                pass  # said below, with the fields that there are
        raise AttributeError(_no_field(cls, name))

    def __copy__(self) -> Any:
        copied = _blank_copy(original_of(self))
        for name in record_fields(class_of(self)):
            part = getattr(self, name, ABSENT)
            if part is not ABSENT:
                _set_field(copied, name, part)
        for name in MORE:
            more = getattr(self, name, None)
            if isinstance(more, Draft):
                _set(copied, name, {**more})  # pyright: ignore[reportGeneralTypeIssues] -- a dict is what it stands for
        return copied

    def __repr__(self) -> str:
        return super().__repr__() if self._draft_scope.active else DEAD

    def __str__(self) -> str:
        return super().__str__() if self._draft_scope.active else DEAD


class ModelDraft(RecordDraft):
    """Of a pydantic model. What pydantic writes in C is written of the value."""

    __slots__ = ()

    def model_dump(self, *args: Any, **kwargs: Any) -> Any:
        return value_now(self).model_dump(*args, **kwargs)

    def model_dump_json(self, *args: Any, **kwargs: Any) -> Any:
        return value_now(self).model_dump_json(*args, **kwargs)

    def __eq__(self, other: object) -> Any:
        return value_now(self) == (value_now(other) if isinstance(other, Draft) else other)

    def __ne__(self, other: object) -> Any:
        return not self == other

    def __hash__(self) -> int:
        return hash(value_now(self))


def _more(record: Any, name: str) -> Any:
    return getattr(record, name)


def _no_field(cls: type[Any], name: str) -> str:
    return f"{cls.__name__} has no field {name!r}. Its fields: {', '.join(record_fields(cls))}."


def record_fields(cls: type[Any]) -> Mapping[str, Any]:
    """The fields of a model or a dataclass, by name."""
    return cls.__pydantic_fields__ if issubclass(cls, BaseModel) else cls.__dataclass_fields__


@lru_cache(maxsize=1024)
def _cached(cls: type[Any]) -> dict[str, Callable[[Any], Any]]:
    """The cached properties of a class: what they keep is wrong after the next change."""
    found: dict[str, Callable[[Any], Any]] = {}
    for base in reversed(cls.__mro__):
        for name, own in vars(base).items():
            if isinstance(own, _CACHED):
                found[name] = own.func
    return found


def _blank_copy(record: Any) -> Any:
    """A record of the same class and with the same fields, another object."""
    cls = type_of(record)
    if isinstance(record, BaseModel):
        new = BaseModel.__copy__(record)
    else:
        new = _new(cls)
        new.__dict__.update(getattr(record, "__dict__", {})) if cls.__dictoffset__ else None
        for name in record_fields(cls):
            part = getattr(record, name, ABSENT)
            if part is not ABSENT:
                _set(new, name, part)
    for name in _cached(cls):
        getattr(new, "__dict__", {}).pop(name, None)
    return new


def _set_field(record: Any, name: str, part: Any) -> None:
    if isinstance(record, BaseModel):
        vars(record)[name] = part
    else:
        _set(record, name, part)


def _field(name: str) -> property:
    """Reads a part of a draft, as a draft; what is written goes by `RecordDraft.__setattr__`."""

    def read(self: Any) -> Any:
        values = self.__dict__
        try:
            part = values[name]
        except KeyError:
            raise AttributeError(_no_field(class_of(self), name)) from None
        child = child_of(self, part, getattr(original_of(self), name, ABSENT))
        if child is not part:
            values[name] = child
        return child

    return property(read)


class RecordKind:
    """How models or dataclasses of one class are opened and settled."""

    has_identity = True

    def __init__(self, cls: type[Any]) -> None:
        self.is_model = issubclass(cls, BaseModel)
        self.mutable = not _is_frozen(cls)
        self._cls = cls
        self._fields = tuple(field_names(cls))
        self._fitting: dict[str, dict[type[Any], type[Any]]] | None = None
        body: dict[str, Any] = {name: _field(name) for name in self._fields}
        body.update({name: property(compute) for name, compute in _cached(cls).items()})
        if not self.is_model and not cls.__dictoffset__:
            body["__slots__"] = (*SLOTS, "__dict__")
        self._draft, self._stamp = stand_in(cls, (ModelDraft if self.is_model else RecordDraft, cls), body)
        past_fields = {"__iter__": BaseModel, "replace": State}  # they read the parts as they lie there
        for name, base in past_fields.items():
            if issubclass(cls, base) and name not in self._fields:
                guard(self._draft, checked, name)

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = _new(self._draft)
        self._stamp(draft, scope, value, fresh)
        if not self.is_model:
            raw = self._raw(value)
            draft.__dict__.update({name: raw[name] for name in self._fields if name in raw})
            return draft
        values = value.__dict__
        _set(draft, "__dict__", values.copy() if len(values) == len(self._fields) else self._raw(value))
        _set(draft, "__pydantic_fields_set__", {*value.__pydantic_fields_set__})
        for name in MORE:
            more = getattr(value, name)
            _set(draft, name, more if more is None else scope.child(draft, more, more))
        return draft

    def _raw(self, value: Any) -> dict[str, Any]:
        """The fields as they lie there, of a value or of its draft."""
        if self.is_model or isinstance(value, Draft):
            values = value.__dict__
            parts = {name: values[name] for name in self._fields if name in values}
        else:
            parts = {name: part for name in self._fields if (part := getattr(value, name, ABSENT)) is not ABSENT}
        return parts if self.is_model else {**_attributes(value), **parts}

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        yield from ((f".{name}", part) for name, part in self._raw(value).items())
        for more in MORE if self.is_model else ():
            kept: Any = getattr(value, more)
            if kept:
                yield from ((f".{name}", part) for name, part in ADict.items(kept))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        if not self.is_model:
            return self._settle(self._raw(value), self._raw(base), known, walk, base)
        new = self._settle(value.__dict__, base.__dict__, known, walk, base)
        for name in MORE:
            more = getattr(value, name)
            if more is not None:
                done = walk(more, getattr(base, name))
                if done is not getattr(base, name):
                    new = _blank_copy(base) if new is base else new
                    _set(new, name, done)
        return new

    def _settle(self, parts: dict[str, Any], unchanged: dict[str, Any], known: Any, walk: Walk, base: Any) -> Any:
        before = unchanged if known is base else self._raw(known) if type(known) is self._cls else {}
        changes: dict[str, Any] = {}
        for name in self._fields if self.is_model else parts:
            part, there = parts[name], before.get(name, ABSENT)
            if part is not there:
                done = walk(part, there)
                if done is not unchanged.get(name, ABSENT):
                    changes[name] = self._fit(name, done)
        if not changes:
            return base
        return self.make(base, changes)

    def make(self, like: Any, changes: dict[str, Any]) -> Any:
        """A new record: another one with changes."""
        return change_of(self._cls)(like, changes) if self.is_model else self._change(like, changes)

    def _change(self, base: Any, changes: dict[str, Any]) -> Any:
        fields = record_fields(self._cls)
        given = {name: part for name, part in changes.items() if name in fields and fields[name].init}
        new = change_of(self._cls)(base, given)
        if len(given) < len(changes):
            new = _blank_copy(base) if new is base else new
            for name in changes.keys() - given.keys():
                _set(new, name, changes[name])
        return new

    def _fit(self, name: str, part: Any) -> Any:
        """A list that was put where the class wants a tuple becomes one; likewise sets and dicts."""
        if type(part) not in _FROZEN_KINDS:
            return part
        if self._fitting is None:
            self._fitting = _fitting(self._cls)
        wanted = self._fitting.get(name, {}).get(type_of(part))
        return part if wanted is None else wanted(part)


def _attributes(record: Any) -> dict[str, Any]:
    """What a dataclass has beside its fields, set in `__post_init__` for example."""
    cls = class_of(record) if isinstance(record, Draft) else type_of(record)
    own = getattr(record, "__dict__", {})
    return {name: part for name, part in own.items() if name not in _cached(cls) and name not in record_fields(cls)}


def _is_frozen(cls: type[Any]) -> bool:
    if issubclass(cls, BaseModel):
        return bool(cls.model_config.get("frozen"))
    return getattr(cls, "__dataclass_params__").frozen  # noqa: B009 -- type checkers do not know the name


def _fitting(cls: type[Any]) -> dict[str, dict[type[Any], type[Any]]]:
    """For each field, what a list, a set or a dict in it becomes, where its type allows the one and not the other."""
    if issubclass(cls, BaseModel):
        types: dict[str, Any] = {name: field.annotation for name, field in cls.__pydantic_fields__.items()}
    else:
        try:
            types = typing.get_type_hints(cls)
        except Exception:  # a name that is not known here
            types = {}
    fitting: dict[str, dict[type[Any], type[Any]]] = {}
    for name, annotation in types.items():
        allowed = _classes(annotation)
        fitting[name] = {
            plain: frozen
            for plain, frozen in _FROZEN_KINDS.items()
            if frozen in allowed and not any(issubclass(plain, each) for each in allowed)
        }
    return fitting


def _classes(annotation: Any) -> set[type[Any]]:
    """The classes that an annotation allows."""
    if isinstance(annotation, type) and not typing.get_origin(annotation):
        return {annotation}
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _classes(typing.get_args(annotation)[0])
    if isinstance(origin, type) and not _is_union(origin):
        return {origin}
    if origin is not None:
        return set[type[Any]]().union(*map(_classes, typing.get_args(annotation)))
    return {object}


def _is_union(origin: Any) -> bool:
    import types  # noqa: PLC0415 -- the fields' types are called so above

    return origin is types.UnionType


def is_record(cls: type[Any]) -> bool:
    """Whether a class is a pydantic model or a dataclass."""
    return issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls)
