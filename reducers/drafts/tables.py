"""Drafts of dicts and sets. A draft of a frozenset is a set as well."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from operator import is_
from typing import Any

from .draft import (
    ABSENT,
    DEAD,
    ADict,
    AFrozenSet,
    ASet,
    Draft,
    Scope,
    check_active,
    checked,
    child_of,
    guard,
    opened,
    original_of,
    plain_key,
    stand_in,
    type_of,
)
from .sequences import Walk


def _new(cls: Any) -> Any:
    return cls.__new__(cls)


class DictDraft(Draft, dict[Any, Any]):
    """Of a dict, and of classes derived from it."""

    __slots__ = ()

    def _draft_open(self) -> None:
        """Make drafts of all parts."""
        for key in [*_root(self).__iter__(self)]:
            self[key]

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        child = child_of(self, part, ADict.get(original_of(self), key, ABSENT))
        if child is not part:
            _root(self).__setitem__(self, key, child)
        return child

    def __setitem__(self, key: Any, value: Any) -> None:
        check_active(self)
        super().__setitem__(plain_key(key), value)

    def __iter__(self) -> Iterator[Any]:  # what reads a dict in C asks a class that has its own for each part
        check_active(self)
        return super().__iter__()

    def get(self, key: Any, default: Any = None, /) -> Any:
        if key not in self:
            return default
        return self[key]  # by its method, which makes a draft

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, /, *default: Any) -> Any:
        if key in self:
            self[key]
        return super().pop(key, *default)

    def copy(self) -> Any:
        return self.__copy__()

    def __copy__(self) -> Any:
        return _make(original_of(self), {key: self[key] for key in self})

    def __or__(self, other: Any) -> Any:
        return self.__copy__() | other if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return other | self.__copy__() if isinstance(other, dict) else NotImplemented

    def __repr__(self) -> str:
        return repr(self.__copy__()) if self._draft_scope.active else DEAD


guard(DictDraft, checked, "__len__ __contains__ __delitem__ __eq__ __ne__ keys update __ior__ clear")
guard(DictDraft, opened, "__reversed__ items values popitem")


def _root(value: Any) -> Any:
    """The class whose methods know how the parts lie."""
    return OrderedDict if isinstance(value, OrderedDict) else dict


def _take_factory(new: Any, like: Any) -> None:
    if isinstance(new, defaultdict):
        new.default_factory = like.default_factory


def _make(like: Any, parts: dict[Any, Any]) -> Any:
    """A new dict, of the class of another."""
    cls = type_of(like)
    if cls is dict:
        return parts
    new: Any = _new(cls)
    _take_factory(new, like)
    root = _root(new)
    for key, part in parts.items():
        root.__setitem__(new, key, part)
    return new


class DictKind:
    """How dicts of a class are opened and settled."""

    mutable = True
    has_identity = True

    def __init__(self, cls: type[dict[Any, Any]]) -> None:
        self._draft, self._stamp = stand_in(cls, (DictDraft, cls), {})

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft: Any = _new(self._draft)
        self._stamp(draft, scope, value, fresh)
        _take_factory(draft, value)
        if type(value) is dict:
            ADict.update(draft, value)
        else:
            root = _root(draft)
            for key, part in root.items(value):
                root.__setitem__(draft, key, part)
        return draft

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        return ((f"[{key!r}]", part) for key, part in _root(value).items(value))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        before: Any = known if isinstance(known, ADict) else {}
        parts: dict[Any, Any] = {}
        for key, part in _root(value).items(value):
            there = ADict.get(before, key, ABSENT)
            if type(key) is not str:
                key = walk(key, ABSENT)  # noqa: PLW2901 -- a tuple of drafts, perhaps
            parts[key] = part if part is there else walk(part, there)
        return base if _is_same(base, parts) else _make(base, parts)

    @staticmethod
    def make(like: Any, parts: dict[Any, Any]) -> Any:
        """A new dict, of the class of another."""
        return _make(like, parts)


def _is_same(base: Any, parts: dict[Any, Any]) -> bool:
    """Whether these are the parts of a dict, in its order."""
    if len(base) != len(parts):
        return False
    items = zip(_root(base).items(base), parts.items(), strict=True)
    return all(part is other and (key is name or key == name) for (key, part), (name, other) in items)


class SetDraft(Draft, set[Any]):
    """Of a set. Its elements are values: they cannot be changed where they are."""

    __slots__ = ()

    def add(self, element: Any, /) -> None:
        check_active(self)
        super().add(plain_key(element))

    def __copy__(self) -> Any:
        check_active(self)
        return SetKind.make(original_of(self), {*self})

    def copy(self) -> Any:
        return self.__copy__()

    def __repr__(self) -> str:
        return repr(SetKind.make(original_of(self), {*self})) if self._draft_scope.active else DEAD


_SET_METHODS = (
    "__len__ __contains__ __iter__ __and__ __rand__ __or__ __ror__ __sub__ __rsub__ __xor__ __rxor__ "
    "__eq__ __ne__ __le__ __lt__ __ge__ __gt__ "
    "difference intersection isdisjoint issubset issuperset symmetric_difference union "
)
guard(
    SetDraft,
    checked,
    _SET_METHODS + "__iand__ __ior__ __isub__ __ixor__ "
    "clear difference_update discard intersection_update pop remove symmetric_difference_update update",
)


class FrozenSetDraft(SetDraft):
    """Of a frozenset: a set that answers as the frozenset does."""

    __slots__ = ()

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride] -- as a frozenset
        return hash(self.__copy__())


def _answered_by_the_frozenset(_: Any, name: str) -> Callable[..., Any]:
    def method(self: FrozenSetDraft, *args: Any) -> Any:
        check_active(self)
        return getattr(frozenset(ASet.__iter__(self)), name)(*args)

    return method


guard(FrozenSetDraft, _answered_by_the_frozenset, _SET_METHODS)


class SetKind:
    """How sets of a class are opened and settled."""

    def __init__(self, cls: type[Any]) -> None:
        self.mutable = self.has_identity = issubclass(cls, set)
        bases = (SetDraft, cls) if self.mutable else (FrozenSetDraft, set)
        self._draft, self._stamp = stand_in(cls, bases, {})

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = ASet.__new__(self._draft)
        self._stamp(draft, scope, value, fresh)
        ASet.update(draft, value)
        return draft

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        raw = ASet if isinstance(value, ASet) else AFrozenSet
        return (("", element) for element in raw.__iter__(value))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        parts = [part for _, part in self.steps(value)]
        elements = [walk(part, ABSENT) for part in parts]
        if value is base:
            return base if all(map(is_, parts, elements)) else self.make(base, set(elements))
        unchanged = {(type_of(part), part) for _, part in self.steps(base)}  # 1 is not True here
        return base if unchanged == {(type_of(part), part) for part in elements} else self.make(base, set(elements))

    @staticmethod
    def make(like: Any, elements: set[Any]) -> Any:
        cls = type_of(like)
        if issubclass(cls, frozenset):
            return AFrozenSet.__new__(cls, elements)
        if cls is set:
            return elements
        new = ASet.__new__(cls)
        ASet.update(new, elements)
        return new
