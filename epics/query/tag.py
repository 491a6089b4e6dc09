"""Tags: what an answer is about, so that a change can say which answers it makes old."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar, cast, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from .plain_text import text_of

K = TypeVar("K")
Id = TypeVar("Id")
M = TypeVar("M")

_ALL: Any = object()


class Tag(Generic[K]):
    """A *tag* names what answers are about. `USER` is all users, `USER[7]` one of them.

    Args:
        name: tags of one name are one tag.

    See https://redux-toolkit.js.org/rtk-query/usage/automated-refetching#tags

    Examples:
        >>> ORDER = Tag[int]("order")
        >>> ORDER[7]
        Tag('order')[7]
        >>> ORDER["seven"]
        Traceback (most recent call last):
            ...
        TypeError: The tag 'order' takes an id of type int, not 'seven'.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"A tag takes a name, such as Tag[int]('user'), not {name!r:.100}. For the tag of a model write Tag.of(User, ...)."
            raise TypeError(msg)
        self.name = name
        self.model: type[Any] | None = None
        self._id_of: Callable[[Any], Any] | None = None
        self._id: Any = _ALL
        self._kind: Any = None
        self.key = name

    @classmethod
    def of(cls, model: type[M], id: Callable[[M], Id], *, name: str | None = None) -> "Tag[Id]":
        """The tag of a model: answers are about each one that is found in them.

        Args:
            model: the class of what is found.
            id: gives the id of one.
            name: by default that of the model.

        Examples:
            >>> class User(BaseModel):
            ...     id: int
            >>> Tag.of(User, lambda user: user.id)[7]
            Tag('User')[7]
        """
        if not isinstance(model, type):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"Tag.of takes a class, such as Tag.of(User, lambda user: user.id), not {model!r:.100}."
            raise TypeError(msg)
        if not callable(id):
            msg = f"Tag.of({model.__name__}, ...) takes a function that gives the id of one, not {id!r:.100}."
            raise TypeError(msg)
        tag: Tag[Id] = Tag(name or model.__name__)
        tag.model, tag._id_of = model, id
        tag._kind = _kind_of_id(model, id)
        return tag

    def __getitem__(self, id: K) -> Self:
        """The tag of one.

        Raises:
            TypeError: for an id of another type, where the type is known; for the tag of one already.
        """
        if self._id is not _ALL:
            msg = f"{self!r} is the tag of one already."
            raise TypeError(msg)
        self._check(id)
        one = object.__new__(type(self))
        one.__dict__.update(self.__dict__)
        one._id = id
        one.key = f"{self.name}:{text_of(id)}"
        return one

    @property
    def is_of_one(self) -> bool:
        return self._id is not _ALL

    @property
    def keys(self) -> tuple[str, ...]:
        """What an answer of this tag provides: what is about one user is about users."""
        return (self.name, self.key) if self.is_of_one else (self.key,)

    def keys_in(self, data: Any) -> Iterator[str]:
        """The keys of this tag, and of each one of its model in an answer."""
        yield from self.keys
        if self.model is not None and not self.is_of_one:
            for found in models_in(data, self.model):
                yield self.key_of(found)

    def key_of(self, found: Any) -> str:
        """The key of one that was found."""
        if self._id_of is None:
            msg = f"{self!r} is the tag of no model."
            raise TypeError(msg)
        return f"{self.name}:{text_of(self._id_of(found))}"

    def _check(self, id: Any) -> None:
        kind = self._kind
        if kind is None:
            made_as = getattr(self, "__orig_class__", None)
            kind = get_args(made_as)[0] if made_as is not None else None
        if kind is None or kind is Any or isinstance(kind, TypeVar):
            return
        try:
            _adapter_of(kind).validate_python(id, strict=True)
        except ValidationError:
            wanted = getattr(kind, "__name__", kind)
            msg = f"The tag {self.name!r} takes an id of type {wanted}, not {id!r:.100}."
            raise TypeError(msg) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tag) and self.key == cast("Tag[Any]", other).key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Tag({self.name!r})" + (f"[{self._id!r}]" if self.is_of_one else "")


@lru_cache(maxsize=256)
def _adapter_of(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def check_tags(who: str, tags: Any) -> tuple[Tag[Any], ...]:
    """Refuse what are no tags.

    Raises:
        TypeError: for a tag that is not in a list, and for what is no tag.
    """
    if isinstance(tags, Tag):
        msg = f"{who} takes a list of tags, not the tag {tags!r} itself: [{cast('Tag[Any]', tags).name.upper()}]."
        raise TypeError(msg)
    if isinstance(tags, str | bytes) or not isinstance(tags, Iterable):
        msg = f"{who} takes a list of tags, such as [USER, ORDER[7]], not {tags!r:.100}."
        raise TypeError(msg)
    found = tuple(cast("Iterable[Any]", tags))
    for each in found:
        check_tag(who, each)
    return found


def check_tag(who: str, tag: Any) -> None:
    if not isinstance(tag, Tag):
        msg = f"{who} takes tags, such as USER or USER[7] with USER = Tag[int]('user'), not {tag!r:.100}."
        raise TypeError(msg)


def models_in(data: Any, model: type[M]) -> Iterator[M]:
    """Each instance of a class in an answer, however deep."""
    if isinstance(data, model):
        yield data
    for part in parts_of(data):
        yield from models_in(part, model)


def parts_of(data: Any) -> Iterable[Any]:
    match data:
        case str() | bytes() | int() | float() | None:
            return ()
        case BaseModel():
            extra = data.__pydantic_extra__ or {}
            return (*(data.__dict__.get(name) for name in type(data).__pydantic_fields__), *extra.values())
        case Mapping():
            return cast("Mapping[Any, Any]", data).values()
        case list() | tuple() | set() | frozenset():
            return cast("list[Any]", data)
        case _ if dataclasses.is_dataclass(data) and not isinstance(data, type):
            return [getattr(data, field.name) for field in dataclasses.fields(data)]
        case _:
            return ()


class _Asked:
    """Stands for a model's instance, to see which field its id is."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.names.append(name)
        return None


def _kind_of_id(model: type[Any], id: Callable[[Any], Any]) -> Any:
    """The type of the field that is the id; None where a function makes it of more than one."""
    asked = _Asked()
    try:
        result = id(asked)
    except Exception:
        return None  # it does more than read a field
    if len(asked.names) != 1 or result is not None or not issubclass(model, BaseModel):
        return None
    field = model.__pydantic_fields__.get(asked.names[0])
    return None if field is None else field.rebuild_annotation()
