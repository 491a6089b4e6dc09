"""What an endpoint's function says of it: its parameters as an action's fields, its annotation as a schema."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from typing import Any, cast, get_args, get_type_hints

from pydantic import BaseModel, Secret, SecretBytes, SecretStr, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from ...actions import Action
from .mutation import Mutation
from .query import AskedAction, InfiniteQuery

_NOTHING_SEEN: frozenset[Any] = frozenset()
TAKEN = frozenset("watch observe fetch refetch then run cache_key run_id endpoint type more api arguments".split())


@dataclasses.dataclass(frozen=True)
class Signature:
    """An endpoint's function, looked at.

    Attributes:
        arguments: its parameters, without the call (and the page).
        answer: what it returns.
    """

    function: Callable[..., Any]
    arguments: inspect.Signature
    hints: dict[str, Any]
    answer: Any


def read_signature(where: str, function: Any, skipped: int) -> Signature:
    """Look at an endpoint's function.

    Args:
        skipped: how many parameters are not the caller's: the call, and the page.

    Raises:
        TypeError: for one that is no endpoint's, saying why.
    """
    if not inspect.iscoroutinefunction(function):
        msg = f"{where} must be a coroutine function: async def name(call: Call, ...) -> Answer, not {function!r:.100}."
        raise TypeError(msg)
    parameters = list(inspect.signature(function).parameters.values())
    where = f"{where} {function.__name__}{inspect.signature(function)}"
    hints = _hints_of(where, function)
    if not parameters or (parameters[0].name != "call" and hints.get(parameters[0].name) is not _call_class()):
        msg = f"{where} needs a parameter 'call' in front: async def {function.__name__}(call: Call, ...)."
        raise TypeError(msg)
    if len(parameters) < skipped:
        msg = (
            f"{where} needs the page as its second parameter, None for the first: (call: Call, page: str | None, ...)."
        )
        raise TypeError(msg)
    if "return" not in hints:
        msg = f"{where} needs a return annotation: it is the schema of the answer. Write '-> None' where there is none."
        raise TypeError(msg)
    for parameter in parameters[skipped:]:
        _check_parameter(where, parameter)
    return Signature(function, inspect.Signature(parameters[skipped:]), hints, hints["return"])


def make_class(base: type[AskedAction], api: str, signature: Signature) -> type[Any]:
    """The action class of an endpoint.

    Raises:
        TypeError: for a parameter whose type pydantic does not know.
    """
    function = signature.function
    fields: dict[str, Any] = {}
    for name, parameter in signature.arguments.parameters.items():
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (signature.hints.get(name, Any), default)
    try:
        return create_model(
            function.__name__,
            __base__=base,
            __module__=function.__module__,
            __doc__=function.__doc__,
            __cls_kwargs__={"type": f"{api}/{function.__name__}", "qualname": function.__qualname__},
            **fields,
        )
    except PydanticUserError as error:
        msg = f"The endpoint {function.__name__} has a parameter whose type pydantic does not know: {error}"
        raise TypeError(msg) from error


def make_outcome(base: type[Action], type: str, function: Callable[..., Any], **fields: Any) -> Any:
    """The class of an outcome of one endpoint, with the type of its data."""
    name = "".join(part.title() for part in type.split("/")[1].split("_")) + base.__name__
    qualname = f"{function.__qualname__}.{type.rpartition('/')[2]}"
    arguments: dict[str, Any] = {"type": type, "qualname": qualname}
    return create_model(name, __base__=base, __module__=function.__module__, __cls_kwargs__=arguments, **fields)


def adapter_of(where: str, kind: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(kind)
    except PydanticUserError as error:
        msg = f"{where} returns {kind!r:.100}, which pydantic has no schema for: {error}"
        raise TypeError(msg) from error


def has_secrets(kind: Any, seen: frozenset[Any] = _NOTHING_SEEN) -> bool:
    """Whether values of a type can hold secrets.

    Examples:
        >>> has_secrets(list[SecretStr]), has_secrets(dict[str, int])
        (True, False)
    """
    if get_args(kind):
        origin = getattr(kind, "__origin__", None)
        is_secret = isinstance(origin, type) and issubclass(origin, Secret)
        return is_secret or any(has_secrets(each, seen) for each in get_args(kind))
    if not isinstance(kind, type) or kind in seen:
        return False
    if issubclass(kind, SecretStr | SecretBytes | Secret):
        return True
    return any(has_secrets(each, seen | {kind}) for each in _parts_of(cast("type[Any]", kind)))


def _parts_of(kind: type[Any]) -> Iterable[Any]:
    if issubclass(kind, BaseModel):
        return [field.rebuild_annotation() for field in kind.__pydantic_fields__.values()]
    return get_type_hints(kind).values() if dataclasses.is_dataclass(kind) else ()


def _hints_of(where: str, function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, localns=_locals_around(function), include_extras=True)
    except NameError as error:
        msg = f"{where} has an annotation that names nothing: {error}. Define it before, or import it."
        raise TypeError(msg) from error


def _locals_around(function: Callable[..., Any]) -> dict[str, Any]:
    """The names where the function is defined: an annotation that is text may name a class of a function's body."""
    if "<locals>" not in function.__qualname__:
        return {}
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") != function.__module__:
        frame = frame.f_back
    return {} if frame is None else dict(frame.f_locals)


def _check_parameter(where: str, parameter: inspect.Parameter) -> None:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        msg = f"{where} takes {str(parameter)!r}, which cannot be a field of an action. Name each parameter, without a slash behind it."
        raise TypeError(msg)
    name = parameter.name
    bases = (BaseModel, Action, InfiniteQuery, Mutation)
    if name in TAKEN or name.startswith("_") or any(hasattr(base, name) for base in bases):
        msg = f"{where} has a parameter {name!r}, a name that queries and mutations use themselves. Rename it."
        raise TypeError(msg)


def _call_class() -> Any:
    from .call import Call  # noqa: PLC0415 -- a call knows queries, which know their endpoints

    return Call
