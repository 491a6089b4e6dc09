"""What cannot be written, and what cannot be read. Messages name the place, never a value."""

from ..errors import RxduxError


class FormatError(RxduxError, ValueError):
    """Data are not of the shape that their type tells."""


class CannotWriteError(FormatError, TypeError):
    """A value that would not come back as it is; it is not written."""


def place_of(name: str, pointer: str) -> str:
    """How a person calls a place.

    Examples:
        >>> place_of("todos", "/items/0/a~1b"), place_of("todos", "")
        ('todos.items.0.a/b', 'todos')
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ".".join([name, *parts])
