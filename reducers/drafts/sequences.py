"""Drafts of lists, tuples and deques. A draft of a tuple is a list as well."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from operator import is_
from typing import Any

from .draft import (
    ABSENT,
    DEAD,
    ADeque,
    AList,
    ATuple,
    Draft,
    Scope,
    check_active,
    checked,
    child_of,
    class_of,
    guard,
    opened,
    original_of,
    stand_in,
)

Walk = Callable[[Any, Any], Any]
"""Gives the value of a part; the second argument is what stood in its place in the original."""


class _Sequence(Draft):
    """What drafts of lists and deques share."""

    __slots__ = ()

    def _draft_open(self) -> None:
        """Make drafts of all parts."""
        for index in range(len(self)):  # pyright: ignore[reportArgumentType] -- it is a sequence
            self[index]  # pyright: ignore[reportIndexIssue]

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while index < len(self):  # pyright: ignore[reportArgumentType]
            yield self[index]  # pyright: ignore[reportIndexIssue]
            index += 1


def _before(draft: Any, index: int) -> Any:
    original = original_of(draft)
    return original[index] if -len(original) <= index < len(original) else ABSENT


class ListDraft(_Sequence, list[Any]):
    """Of a list."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        child = child_of(self, part, _before(self, index))
        if child is not part:
            AList.__setitem__(self, index, child)
        return child

    def pop(self, index: Any = -1, /) -> Any:
        if not len(self):
            return super().pop(index)  # which says what is wrong
        part = self[index]
        super().__delitem__(index)
        return part

    def copy(self) -> list[Any]:
        return [*self]

    def __copy__(self) -> Any:
        return LIKE_A_LIST[list].make(original_of(self), [*self])

    def __add__(self, other: Any) -> Any:
        return [*self, *other] if isinstance(other, list) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return [*other, *self] if isinstance(other, list) else NotImplemented

    def __repr__(self) -> str:
        return super().__repr__() if self._draft_scope.active else DEAD


guard(
    ListDraft,
    checked,
    "__len__ __contains__ __setitem__ __delitem__ __iadd__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ "
    "append extend insert remove clear count index reverse",
)
guard(ListDraft, opened, "__reversed__ __mul__ __rmul__ __imul__ sort")


class TupleDraft(ListDraft):
    """Of a tuple: a list of its parts that answers as the tuple does."""

    __slots__ = ()

    def _draft_tuple(self) -> Any:
        """The tuple as it is now, of drafts."""
        check_active(self)
        return ATuple.__new__(class_of(self), (*self,))

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return (*part,) if isinstance(index, slice) else part

    def __add__(self, other: Any) -> Any:
        return [*self, *other] if type(other) is list else _as_tuple(self) + _as_tuple(other)

    def __radd__(self, other: Any) -> Any:
        return [*other, *self] if type(other) is list else _as_tuple(other) + _as_tuple(self)

    def __copy__(self) -> Any:
        return self._draft_tuple()

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride] -- as a tuple
        return hash(self._draft_tuple())

    def __repr__(self) -> str:
        return repr(self._draft_tuple()) if self._draft_scope.active else DEAD

    def __getattr__(self, name: str) -> Any:
        return getattr(self._draft_tuple(), name)


def _as_tuple(value: Any) -> Any:
    return value._draft_tuple() if isinstance(value, TupleDraft) else value  # pyright: ignore[reportPrivateUsage]


def _answered_by_the_tuple(_: Any, name: str) -> Callable[..., Any]:
    def method(self: TupleDraft, *args: Any) -> Any:
        return getattr(_as_tuple(self), name)(*map(_as_tuple, args))

    return method


guard(TupleDraft, _answered_by_the_tuple, "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __mul__ __rmul__ __getnewargs__")


class DequeDraft(_Sequence, deque[Any]):
    """Of a deque."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        child = child_of(self, part, _before(self, index))
        if child is not part:
            ADeque.__setitem__(self, index, child)
        return child

    def pop(self) -> Any:
        if len(self):
            self[-1]
        return super().pop()

    def popleft(self) -> Any:
        if len(self):
            self[0]
        return super().popleft()

    def __copy__(self) -> Any:
        return DequeKind.make(original_of(self), [*self])

    copy = __copy__

    def __add__(self, other: Any) -> Any:
        return self.__copy__() + other

    def __mul__(self, other: Any) -> Any:
        return self.__copy__() * other

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return repr(self.__copy__()) if self._draft_scope.active else DEAD


guard(
    DequeDraft,
    checked,
    "__len__ __contains__ __setitem__ __delitem__ __iadd__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ "
    "append appendleft extend extendleft insert remove clear count index reverse rotate",
)
guard(DequeDraft, opened, "__reversed__ __imul__")


class SequenceKind:
    """How sequences of a class are opened and settled."""

    mutable = True
    has_identity = True

    def raw(self, value: Any) -> list[Any]:
        """The parts as they lie there, of a value or of its draft."""
        raise NotImplementedError

    @staticmethod
    def make(like: Any, parts: list[Any]) -> Any:
        """A new value, of the class of another."""
        raise NotImplementedError

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        return ((f"[{index}]", part) for index, part in enumerate(self.raw(value)))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        parts = self.raw(value)
        before = self.raw(known) if isinstance(known, type(base)) else []
        at_home: set[int] | None = None
        for index, part in enumerate(parts):
            there = before[index] if index < len(before) else ABSENT
            if part is there:
                continue
            if not isinstance(part, Draft) and before:
                at_home = {id(each) for each in before} if at_home is None else at_home
                if id(part) in at_home:
                    continue  # a part of the original that moved has no draft in it
            parts[index] = walk(part, there)
        unchanged = before if known is base else self.raw(base)
        if len(parts) == len(unchanged) and all(map(is_, parts, unchanged)):
            return base
        return self.make(base, parts)


class ListKind(SequenceKind):
    """Of lists, and classes derived from list."""

    def __init__(self, cls: type[list[Any]]) -> None:
        self._draft, self._stamp = stand_in(cls, (ListDraft, cls), {})

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = AList.__new__(self._draft)
        AList.extend(draft, AList.copy(value))
        self._stamp(draft, scope, value, fresh)
        return draft

    def raw(self, value: Any) -> list[Any]:
        return AList.copy(value)

    @staticmethod
    def make(like: Any, parts: list[Any]) -> Any:
        if type(like) is list:
            return parts
        new = AList.__new__(type(like))
        AList.extend(new, parts)
        return new


class TupleKind(SequenceKind):
    """Of tuples, named ones too."""

    mutable = False
    has_identity = False

    def __init__(self, cls: type[tuple[Any, ...]]) -> None:
        own = {name for base in cls.__mro__[: cls.__mro__.index(tuple)] for name in vars(base)}
        body = {name: _answered_by_the_tuple(None, name) for name in own & _OPERATORS}
        fields: tuple[str, ...] = getattr(cls, "_fields", ())
        body.update({name: _item(index) for index, name in enumerate(fields)})
        self._draft, self._stamp = stand_in(cls, (TupleDraft, list), body)

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = AList.__new__(self._draft)
        AList.extend(draft, ATuple.__iter__(value))
        self._stamp(draft, scope, value, fresh)
        return draft

    def raw(self, value: Any) -> list[Any]:
        return AList.copy(value) if isinstance(value, TupleDraft) else [*ATuple.__iter__(value)]

    @staticmethod
    def make(like: Any, parts: list[Any]) -> Any:
        fields = getattr(like, "_fields", None)
        if fields is not None and len(fields) != len(parts):
            msg = f"A {type(like).__name__} has {len(fields)} fields, and the recipe left {len(parts)}: {parts!r:.100}."
            raise TypeError(msg)
        return ATuple.__new__(type(like), parts)


_OPERATORS = {
    f"__{name}__"
    for name in (
        "str format bool add radd sub rsub mul rmul truediv rtruediv floordiv mod pow neg pos abs invert matmul "
        "and or xor eq ne lt le gt ge contains call int float index bytes"
    ).split()
}


def _item(index: int) -> Any:
    """A field of a named tuple."""

    def read(self: TupleDraft) -> Any:
        return self[index]

    def write(self: TupleDraft, value: Any) -> None:
        self[index] = value

    return property(read, write)


class DequeKind(SequenceKind):
    """Of deques."""

    def __init__(self, cls: type[deque[Any]]) -> None:
        self._draft, self._stamp = stand_in(cls, (DequeDraft, cls), {})

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = ADeque.__new__(self._draft)
        self._stamp(draft, scope, value, fresh)
        ADeque.__init__(draft, [*ADeque.__iter__(value)], value.maxlen)
        return draft

    def raw(self, value: Any) -> list[Any]:
        return [*ADeque.__iter__(value)]

    @staticmethod
    def make(like: Any, parts: list[Any]) -> Any:
        new: Any = ADeque.__new__(type(like))
        ADeque.__init__(new, parts, like.maxlen)
        return new


LIKE_A_LIST: dict[type[Any], type[SequenceKind]] = {list: ListKind, tuple: TupleKind, deque: DequeKind}
