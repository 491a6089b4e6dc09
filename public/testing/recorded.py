"""What a recorded thread needs to run as a test: its states, the answers of its server, and what of it is the same each time."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

import httpx
from pydantic import BaseModel

from ..actions import Action, ApiError
from ..actions.internal import Init
from ..actions.measured import is_measured
from ..epics.session import ApiClient, ApiDependencies
from ..reducers import ReducerFn
from ..store.slice_format import formats_of, put_slices, unpacked

CONTAINERS = (dict, list, set, tuple, frozenset)


class Answer(NamedTuple):
    """What a server answers to a request.

    Attributes:
        status: None where no answer comes: the connection is lost.
        json: its body.
        after: seconds that it takes.
    """

    status: int | None
    json: Any = None
    after: float = 0.0


def answering(*answers: Answer) -> ApiDependencies:
    """Dependencies whose API client gets these answers, one to each request; the last one again and again.

    In `run_epic` they come in virtual time.

    Raises:
        ValueError: without any answer.

    Examples:
        ```python
        run_epic(fetch_data_epic, "a", {"a": FetchData(key="k", path="/k")}, state=state, deps=answering(Answer(200, json=[])))
        ```
    """
    if not answers:
        msg = "answering() takes the answers: answering(Answer(200, json=[]))."
        raise ValueError(msg)
    left = list(answers)

    async def answer(request: httpx.Request) -> httpx.Response:
        given = left.pop(0) if len(left) > 1 else left[0]
        await asyncio.sleep(given.after)
        if given.status is None:
            msg = "The recorded request had no answer."
            raise httpx.ConnectError(msg, request=request)
        body = None if given.json is None and given.status >= 400 else given.json
        return httpx.Response(given.status, json=body) if body is not None else httpx.Response(given.status)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return ApiDependencies(ApiClient("http://recorded.test", client=client))


def state_of(reducer: ReducerFn[Any], slices: Mapping[str, Any]) -> Any:
    """The state that a recording wrote, as a reducer has it. Slices that it does not tell are as at first.

    Args:
        slices: each as JSON; a state that has no slices is under `state`.

    Raises:
        ValueError: for JSON that does not fit, naming the place.

    Examples:
        >>> from rxdux import Reducer, combine_reducers
        >>> state_of(combine_reducers({"count": Reducer(0), "name": Reducer("")}), {"count": 3})["count"]
        3
    """
    initial = cast("Any", reducer)(None, Init())
    formats = formats_of(reducer, initial)
    return put_slices(initial, {name: formats[name].load(*unpacked(data)) for name, data in slices.items()})


def steady(actions: Iterable[Action]) -> list[dict[str, Any]]:
    """What is the same in each run of an epic: without clocks and durations, the words of errors, and what is made anew for each action.

    Examples:
        >>> from rxdux import RequestReplayed
        >>> steady([RequestReplayed(request="people", generation=2, waited=0.03)])
        [{'type': 'REQUEST_REPLAYED', 'session': 'auth', 'request': 'people', 'generation': 2}]
    """
    return [{"type": action.type, **_steady(action)} for action in actions]


def _steady(value: Any) -> Any:
    if isinstance(value, ApiError):
        return {"kind": value.kind, "status": value.status, "code": value.code}
    if isinstance(value, BaseModel):
        return {
            name: _steady(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if not is_measured(field.metadata) and field.default_factory in (None, *CONTAINERS)
        }
    if isinstance(value, Mapping):
        return {key: _steady(part) for key, part in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_steady(part) for part in cast("list[Any]", value)]
    return value
