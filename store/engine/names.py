"""What to call a function in a message."""

import functools
from typing import Any


def name_of(function: Any) -> str:
    """The name of a function, a partial or a callable object."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    return name.rpartition("<locals>.")[2] if isinstance(name, str) else type(function).__qualname__
