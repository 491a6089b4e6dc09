"""A value of JSON as Python code, over several lines where one is not enough."""

from collections.abc import Mapping
from typing import Any, cast

WIDTH = 100


def literal(value: Any, indent: int = 0) -> str:
    """Code that gives this value.

    Examples:
        >>> print(literal({"name": "Ada", "tags": ["first", "second"] * 6}))
        {
            'name': 'Ada',
            'tags': ['first', 'second', 'first', 'second', 'first', 'second', 'first', 'second', 'first', 'second', 'first', 'second'],
        }
    """
    flat = repr(value)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list):
        return flat
    inner = indent + 4
    if isinstance(value, dict):
        parts = [f"{name!r}: {literal(part, inner)}" for name, part in cast("Mapping[str, Any]", value).items()]
        opening, closing = "{}"
    else:
        listed = cast("list[Any]", value)
        if all(isinstance(each, str | int | float | None) for each in listed):
            return flat
        parts = [literal(each, inner) for each in listed]
        opening, closing = "[]"
    lines = "".join(f"\n{' ' * inner}{part}," for part in parts)
    return f"{opening}{lines}\n{' ' * indent}{closing}"
