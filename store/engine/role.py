"""The right to work on a store: one thread at a time has it, and no interrupt can take it along.

The *role* is a generator. Who sends it something is the one at work, until it yields; whoever sends
something meanwhile gets `ValueError: generator already executing` from the interpreter, in one atomic
step and for the price of the call. The interpreter also takes the mark off again, however the generator is left: an exception
that nobody caught, such as KeyboardInterrupt from a signal, ends the generator, and the next one
who sends it something finds it finished, and puts a successor in its place that goes on where it was left.
"""

import sys
from collections.abc import Callable, Generator
from threading import get_ident
from types import FrameType, GeneratorType
from typing import Any, TypeAlias, cast

Work: TypeAlias = Callable[["Role"], Generator[Any, Any, None]]


class Role:
    """One generator of a store, and the one after it once an interrupt has ended it."""

    __slots__ = ("generator", "owner", "send", "successor")

    def __init__(self, work: Work) -> None:
        self.owner = 0  # the thread at work, where anybody may ask for it; 0 while a single action is reduced
        self.successor: dict[int, Role] = {}
        self.generator = cast("GeneratorType[Any, Any, None]", work(self))  # as which a generator says whether it runs
        next(self.generator)
        self.send = self.generator.send

    @property
    def is_over(self) -> bool:
        """Whether an interrupt has ended it."""
        return self.generator.gi_frame is None

    def succeed(self, work: Work) -> "Role":
        """The role that is in place now: this one, or the last of its successors."""
        role = self
        while role.is_over:
            role = role.successor.setdefault(0, Role(work))  # one atomic step: all find the same one
        return role

    def is_mine(self) -> bool:
        """Whether this thread is the one at work, and in more than a reducer."""
        return self.owner == get_ident() and self.generator.gi_running

    def is_on_my_stack(self) -> bool:
        """Whether this thread is the one at work, whatever it does. It looks at each frame."""
        if self.owner:
            return self.is_mine()
        work = self.generator.gi_frame
        frame: FrameType | None = sys._getframe() if work is not None else None  # pyright: ignore[reportPrivateUsage]
        while frame is not None:
            if frame is work:
                return True
            frame = frame.f_back
        return False


def check_refusal(error: BaseException) -> None:
    """Raise the error again if it is from inside the role, and not the generator's own: that it is at work, or over."""
    if error.__traceback__ is None or error.__traceback__.tb_next is not None:
        raise error


class Call:
    """A function to be called in the role, with its argument, in place of an action to be reduced."""

    __slots__ = ("function", "value")

    def __init__(self, function: Callable[[Any], Any], value: Any) -> None:
        self.function = function
        self.value = value


class Failed:
    """What the role gives back in place of a result: the error that the caller is to get."""

    __slots__ = ("_error",)

    def __init__(self, error: BaseException) -> None:
        self._error: BaseException | None = error

    def take(self) -> BaseException:
        """The error, once: who raises it is in its traceback, and would keep it alive in a circle."""
        error, self._error = self._error, None
        return error if error is not None else RuntimeError("The error was taken before.")
