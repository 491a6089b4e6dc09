"""The call of a query: what is asked of the server, and what the answer is made of."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .call import Call
from .query import Query
from .result import Pages


class Answer(NamedTuple):
    """What a call brought."""

    data: Any
    tags: tuple[str, ...]
    is_partial: bool = False


class PagedEndpoint(Protocol):
    """An endpoint that answers page by page."""

    max_pages: int | None
    data_class: Any

    @property
    def function(self) -> Callable[..., Any]: ...
    def check(self, answer: Any) -> Any: ...
    def after(self, last: Any, arguments: dict[str, Any]) -> Any: ...
    def before(self, first: Any, arguments: dict[str, Any]) -> Any: ...


async def ask(call: Call, query: Query[Any], known: Any, more: bool | None) -> Answer:
    """Call the endpoint.

    Args:
        known: the pages that are known of an infinite query; None for none.
        more: whether to ask for one page more: False the next, True the previous, None for all that are known.
    """
    endpoint, arguments = query.endpoint, query.arguments
    if not endpoint.pages:
        data = endpoint.check(await endpoint.function(call, **arguments))
    elif known is None or more is None:
        data = await _all_pages(call, endpoint, arguments, known)
    else:
        data = await _one_more(call, endpoint, arguments, known, previous=more)
    tags = dict.fromkeys((*endpoint.tags_of(data, arguments), *call.tags))
    return Answer(data, tuple(tags), is_partial=more is not None)


async def _all_pages(call: Call, endpoint: PagedEndpoint, arguments: dict[str, Any], known: Pages[Any] | None) -> Any:
    """As many pages as are known, in order, each with the cursor of the new answer before it."""
    wanted = max(1, len(known)) if known is not None else 1
    parameter: Any = known.parameters[0] if known is not None and known.parameters else None
    pages, parameters = list[Any](), list[Any]()
    while len(pages) < wanted:
        page = endpoint.check(await endpoint.function(call, parameter, **arguments))
        pages.append(page)
        parameters.append(parameter)
        parameter = endpoint.after(page, arguments)
        if parameter is None:
            break
    return pages_of(endpoint, arguments, pages, parameters)


async def _one_more(
    call: Call, endpoint: PagedEndpoint, arguments: dict[str, Any], known: Pages[Any], *, previous: bool
) -> Any:
    parameter = endpoint.before(known.pages[0], arguments) if previous else endpoint.after(known.pages[-1], arguments)
    page = endpoint.check(await endpoint.function(call, parameter, **arguments))
    if previous:
        pages, parameters = [page, *known.pages], [parameter, *known.parameters]
    else:
        pages, parameters = [*known.pages, page], [*known.parameters, parameter]
    most = endpoint.max_pages
    if most is not None and len(pages) > most:
        kept = slice(None, most) if previous else slice(-most, None)
        pages, parameters = pages[kept], parameters[kept]
    return pages_of(endpoint, arguments, pages, parameters)


def pages_of(endpoint: PagedEndpoint, arguments: dict[str, Any], pages: list[Any], parameters: list[Any]) -> Pages[Any]:
    """The answer that these pages are."""
    made: Pages[Any] = endpoint.data_class(
        has_next=endpoint.after(pages[-1], arguments) is not None,
        has_previous=endpoint.before(pages[0], arguments) is not None,
    )
    return made.replace(pages=tuple(pages), parameters=tuple(parameters))


def error_of(task: "asyncio.Future[Any]") -> BaseException | None:
    """The error of a task that is done; a cancellation that nobody here asked for is one."""
    if task.cancelled():
        return asyncio.CancelledError("The endpoint was cancelled from inside.")
    return task.exception()
