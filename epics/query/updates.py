"""A mutation's answer in the place of what it is the news of, wherever that is shown."""

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from .tag import Tag


def replaced(data: Any, tag: Tag[Any], news: Mapping[str, Any]) -> Any:
    """The data, with each instance of the tag's model that there is news of replaced; the same object where there is none.

    Args:
        news: the new instances by the keys of their tags.

    Examples:
        >>> class User(BaseModel):
        ...     id: int
        ...     name: str = ""
        >>> replaced([User(id=1), User(id=2)], Tag.of(User, lambda user: user.id), {"User:2": User(id=2, name="Ada")})
        [User(id=1, name=''), User(id=2, name='Ada')]
    """
    if tag.model is not None and isinstance(data, tag.model):
        return news.get(tag.key_of(data), data)
    match data:
        case BaseModel():
            names = type(data).__pydantic_fields__
            changes = _changes({name: data.__dict__[name] for name in names}, tag, news)
            return data.model_copy(update=changes) if changes else data
        case list() | tuple():
            items = cast("list[Any]", data)
            found = [replaced(item, tag, news) for item in items]
            if all(one is other for one, other in zip(found, items, strict=True)):
                return cast("Any", data)
            return found if isinstance(data, list) else tuple(found)
        case dict():
            known = cast("dict[Any, Any]", data)
            changes = _changes(known, tag, news)
            return {**known, **changes} if changes else known
        case _ if dataclasses.is_dataclass(data) and not isinstance(data, type):
            fields = {field.name: getattr(data, field.name) for field in dataclasses.fields(data) if field.init}
            changes = _changes(fields, tag, news)
            return dataclasses.replace(data, **changes) if changes else data
        case _:
            return data


def _changes(parts: Mapping[Any, Any], tag: Tag[Any], news: Mapping[str, Any]) -> dict[Any, Any]:
    found = {name: replaced(part, tag, news) for name, part in parts.items()}
    return {name: part for name, part in found.items() if part is not parts[name]}
