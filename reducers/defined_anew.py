"""Whether a function is another one's later edition: a notebook's cell that is run again defines what is there already."""

import inspect
from collections.abc import Callable
from typing import Any


def is_defined_anew(newer: Callable[..., Any], older: Callable[..., Any]) -> bool:
    """Whether `newer` takes the place of `older`: under the same name in the same module, and not further down in the same file.

    A cell that was changed has another file name; a module that is loaded again has the same lines. What a function makes,
    each call makes anew, and none of it takes another's place.
    """
    newer, older = inspect.unwrap(newer), inspect.unwrap(older)
    code, old_code = getattr(newer, "__code__", None), getattr(older, "__code__", None)
    if code is None or old_code is None:
        return False
    same_name = (newer.__module__, newer.__qualname__) == (older.__module__, older.__qualname__)
    same_place = code.co_filename != old_code.co_filename or code.co_firstlineno == old_code.co_firstlineno
    return same_name and same_place and "<locals>" not in newer.__qualname__
