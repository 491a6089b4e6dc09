"""The JSON in which the Redux DevTools export and import a history.

See https://github.com/reduxjs/redux-devtools/tree/main/packages/redux-devtools-instrument
"""

import json
import time
from typing import Any, NamedTuple, cast

from pydantic_core import to_jsonable_python

from ...actions import Action
from ...actions.internal import Init
from ...reducers import ReducerFn
from ..slice_format import FormatError, formats_of, put_slices, slices_of

INIT = "@@INIT"
PERFORM_ACTION = "PERFORM_ACTION"

Recorded = tuple[Action, float, str | None, bool]
"""An action, when it was applied in seconds since 1970, the epic that emitted it, and whether it is skipped."""


class Recording(NamedTuple):
    """A history: its actions, its states (one more than actions), and the action after which it stands."""

    actions: list[Recorded]
    states: list[Any]
    position: int
    is_paused: bool = False


def write_recording(recording: Recording, reducer: ReducerFn[Any]) -> str:
    """The lifted state of the DevTools, as JSON. Times are in milliseconds since 1970.

    Raises:
        ValueError: for a state that cannot be written as JSON.
    """
    first = recording.actions[0][1] if recording.actions else time.time()
    by_id: dict[str, Any] = {"0": _performed({"type": INIT}, first, None)}
    for number, (action, at, source, _) in enumerate(recording.actions, 1):
        by_id[str(number)] = _performed(action.serialize(), at, source)
    staged = list(range(len(by_id)))
    states = [_show(state, reducer) for state in recording.states]
    lifted = {
        "monitorState": {},
        "actionsById": by_id,
        "nextActionId": len(by_id),
        "stagedActionIds": staged,
        "skippedActionIds": [number for number, each in enumerate(recording.actions, 1) if each[3]],
        "committedState": states[0],
        "currentStateIndex": recording.position + 1,
        "computedStates": [{"state": state} for state in states],
        "isLocked": False,
        "isPaused": recording.is_paused,
    }
    return json.dumps(lifted, ensure_ascii=False)


def read_recording(text: str, reducer: ReducerFn[Any], present: Any) -> Recording:
    """The recording in a text: a lifted state, `{"payload": ..., "preloadedState": ...}`, or a list of actions.

    Its `states` hold the first one only; the others are for the reducer to compute.

    Raises:
        ValueError: naming what is wrong and where.
    """
    content = _parse(text, "The recording")
    preloaded: Any = None
    match content:
        case {"payload": str(payload)}:
            given = cast("dict[str, Any]", content).get("preloadedState")
            preloaded = _parse(given, "Its preloadedState") if isinstance(given, str) else given
            content = _parse(payload, "Its payload")
        case _:
            pass
    match content:
        case list():
            listed = cast("list[Any]", content)
            steps = [{"action": action} for action in listed]
            skipped, position = set[int](), len(steps) - 1
        case {"actionsById": dict(), "stagedActionIds": list(), "currentStateIndex": int(index)}:
            lifted = cast("dict[str, Any]", content)
            steps, skipped = _staged(lifted)
            position = index - 1
            preloaded = lifted.get("committedState", _first_state(lifted)) if preloaded is None else preloaded
        case _:
            msg = 'This is JSON, and no recording of the Redux DevTools: it has no "actionsById" and no "payload".'
            raise ValueError(msg)
    actions = [_recorded(number, step, skipped=number in skipped) for number, step in enumerate(steps)]
    return Recording(actions, [_load(preloaded, reducer, present)], position)


def _performed(action: dict[str, Any], at: float, source: str | None) -> dict[str, Any]:
    performed = {"type": PERFORM_ACTION, "action": action, "timestamp": round(at * 1000)}
    return performed if source is None else {**performed, "source": source}


def _show(state: Any, reducer: ReducerFn[Any]) -> Any:
    try:
        formats = formats_of(reducer, state)
    except TypeError:
        return to_jsonable_python(state, fallback=repr)
    return {name: each.show(value) for name, value in slices_of(state).items() if (each := formats[name])}


def _load(data: Any, reducer: ReducerFn[Any], present: Any) -> Any:
    """The state that a recording begins with."""
    initial = cast("Any", reducer)(None, Init())
    if data is None:
        return initial
    formats = formats_of(reducer, present)
    if not isinstance(data, dict):
        msg = f"The recording begins with a state of {type(data).__name__}, not with one of {', '.join(formats)}."
        raise FormatError(msg)
    slices = cast("dict[str, Any]", data)
    return put_slices(initial, {name: each.load(slices[name]) for name, each in formats.items() if name in slices})


def _parse(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        msg = f"{what} is no JSON: it is damaged, or of another kind, at {place}."
        raise ValueError(msg) from None


def _staged(lifted: dict[str, Any]) -> tuple[list[Any], set[int]]:
    """The actions of a lifted state in their order, without INIT, and which of them are skipped."""
    ids = [number for number in lifted["stagedActionIds"] if number != 0]
    try:
        steps = [lifted["actionsById"][str(number)] for number in ids]
    except KeyError as error:
        msg = f"The recording stages the action {error}, which is not in its actionsById."
        raise ValueError(msg) from None
    skipped = set(cast("list[int]", lifted.get("skippedActionIds", [])))
    return steps, {place for place, number in enumerate(ids) if number in skipped}


def _first_state(lifted: dict[str, Any]) -> Any:
    match lifted:
        case {"computedStates": [{"state": state}, *_]}:
            return state
        case _:
            return None


def _recorded(number: int, step: Any, *, skipped: bool) -> Recorded:
    match step:
        case {"action": dict()}:
            fields = cast("dict[str, Any]", step)
        case {"action": other} | other:
            msg = f"Action {number} of the recording is {other!r:.100}, and not an action."
            raise ValueError(msg)
    try:
        action = Action.parse(fields["action"])
    except ValueError as error:
        msg = f"Action {number} of the recording cannot be used: {_first_line(error)}"
        raise ValueError(msg) from None
    at, source = fields.get("timestamp"), fields.get("source")
    seconds = at / 1000 if isinstance(at, int | float) else 0.0
    return action, seconds, source if isinstance(source, str) else None, skipped


def _first_line(error: ValueError) -> str:
    """Without the values that pydantic would show."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    first = errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
