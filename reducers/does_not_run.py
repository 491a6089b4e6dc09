"""Functions that do not run when they are called: what calls them gets a coroutine or a generator, and nothing is done."""

import inspect
from functools import partial
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

NOT_RUN: Any = (CoroutineType, GeneratorType, AsyncGeneratorType)
"""What such functions give."""


def check_runs(who: str, function: Any) -> None:
    """Refuse a function that does not run when it is called.

    Raises:
        TypeError: naming what sort of function it is.
    """
    kind = does_not_run(function)
    if kind is not None:
        msg = f"{who} is {kind}, which does not run when it is called. Write a plain function; work that takes time is an epic's."
        raise TypeError(msg)


def does_not_run(function: Any) -> str | None:
    """What sort of function this is, if it does not run when it is called; None for all others.

    Examples:
        >>> async def save(): ...
        >>> does_not_run(save), does_not_run(partial(save)), does_not_run(print)
        ('a coroutine function', 'a coroutine function', None)
    """
    while isinstance(function, partial):
        function = function.func
    for each in (function, getattr(type(function), "__call__", None)):  # pyright: ignore[reportUnknownArgumentType]  # noqa: B004 -- that of its class
        if inspect.iscoroutinefunction(each):
            return "a coroutine function"
        if inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each):
            return "a generator function"
    return None
