"""What an exception of an endpoint means."""

from typing import NamedTuple

from pydantic import ValidationError

from ...actions import ApiError
from ..session.answers import describe
from ..session.errors import ApiCallError
from ..session.shown_text import Hide
from .endpoint import misfit


class Failure(NamedTuple):
    """Why a call failed. `is_mistake`: nobody foresaw it, and somebody should look at its traceback."""

    error: ApiError
    is_mistake: bool = False


def failure_of(name: str, error: BaseException, hide: Hide = str) -> Failure:
    """What an exception that an endpoint's function raised means.

    Args:
        hide: takes the tokens of the session out of its text, which may hold anything.

    Examples:
        >>> failure_of("get_user", ConnectionResetError()).error.kind, failure_of("get_user", KeyError("id")).is_mistake
        ('network', True)
    """
    if isinstance(error, ApiCallError):
        return Failure(error.error)
    if isinstance(error, ValidationError):
        return Failure(misfit(name, error))
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"TimeoutError", "TimeoutException"}:
        return Failure(describe("timeout"))
    if names & {"OSError", "TransportError"}:
        return Failure(describe("network", detail=f"({type(error).__name__})"))
    message = f"{name} failed, which is a mistake in the program: {type(error).__name__}: {hide(str(error))}"
    return Failure(ApiError(kind="client", message=message), is_mistake=True)
