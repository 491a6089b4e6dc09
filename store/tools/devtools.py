"""The JSON in which the Redux DevTools export and import a history.

See https://github.com/reduxjs/redux-devtools/tree/main/packages/redux-devtools-instrument
"""

import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from ...actions import Action
from ...actions.codec import Codec, FormatError, Written
from ...actions.internal import Init
from ...reducers import ReducerFn
from ..slice_format import formats_of, part_of, put_slices, slices_of, whole_of

INIT = "@@INIT"
PERFORM_ACTION = "PERFORM_ACTION"

# What the DevTools carry along without a look at it.
CAUSE, AWAITED = "cause", "awaited"  # the ids of the actions that it answers, and that it waited for
BEFORE = "rxduxBefore"  # the state before an action, where something went unrecorded
PRESENT = "rxduxPresent"  # the state that the store had, where something went unrecorded since the last action
COMMITTED_TYPES = "rxduxTypes"  # what JSON does not tell of the state that the history begins with

Recorded = tuple[Action, float, str | None, bool]
"""An action, when it was applied in seconds since 1970, the epic that emitted it, and whether it is skipped."""


Causes = tuple[int | None, int | None]
"""Of the one that is answered, and of the one that was waited for: places, or ids."""


class Recording(NamedTuple):
    """A history: its actions, its states (one more than actions), and the action after which it stands.

    Attributes:
        before: the state before an action, by its place, where that is not the state after the one before it.
        present: the state of the store, in a tuple, where that is not the one after the last action.
        ids: of the actions; where none are given, their numbers from 1 on.
        errors: why a reducer failed, by the place of the action.
        causes: of an action, by its place: the places of the one that it answers, and of the one that it waited for.
    """

    actions: list[Recorded]
    states: list[Any]
    position: int
    before: dict[int, Any]
    present: tuple[Any] | None = None
    ids: list[int] | None = None
    errors: Mapping[int, str] = MappingProxyType({})
    causes: Mapping[int, Causes] = MappingProxyType({})
    is_paused: bool = False
    is_locked: bool = False
    next_id: int | None = None


def write_recording(recording: Recording, reducer: ReducerFn[Any]) -> str:
    """The lifted state of the DevTools, as JSON. Times are in milliseconds since 1970.

    Raises:
        ValueError: for a state that cannot be written as JSON.
    """
    first = recording.actions[0][1] if recording.actions else time.time()
    by_id: dict[str, Any] = {"0": performed({"type": INIT}, first, None)}
    ids = recording.ids or list(range(1, len(recording.actions) + 1))
    for place, (action, at, source, _) in enumerate(recording.actions):
        cause, awaited = recording.causes.get(place, (None, None))
        causes = None if cause is None else ids[cause], None if awaited is None else ids[awaited]
        by_id[str(ids[place])] = done = performed(action.serialize(), at, source, causes)
        if place in recording.before:
            done[BEFORE] = _write(recording.before[place], reducer)._asdict()
    present = {} if recording.present is None else {PRESENT: _write(recording.present[0], reducer)._asdict()}
    computed: list[dict[str, Any]] = [{"state": show(state, reducer)} for state in recording.states]
    for place, error in recording.errors.items():
        computed[place + 1]["error"] = error
    first_state = _write(recording.states[0], reducer)
    lifted = {
        "monitorState": {},
        "actionsById": by_id,
        "nextActionId": recording.next_id or max(ids, default=0) + 1,
        "stagedActionIds": [0, *ids],
        "skippedActionIds": [id for id, each in zip(ids, recording.actions, strict=True) if each[3]],
        "committedState": first_state.data,
        **({COMMITTED_TYPES: first_state.types} if first_state.types else {}),
        **present,
        "currentStateIndex": recording.position + 1,
        "computedStates": computed,
        "isLocked": recording.is_locked,
        "isPaused": recording.is_paused,
    }
    return json.dumps(lifted, ensure_ascii=False, allow_nan=False)


def read_recording(text: str, reducer: ReducerFn[Any], present: Any) -> Recording:
    """The recording in a text: a lifted state, `{"payload": ..., "preloadedState": ...}`, or a list of actions.

    Its `states` hold the first one only; the others are for the reducer to compute.

    Raises:
        ValueError: naming what is wrong and where.
    """
    _, content, preloaded = parse_exported(text, "The recording")
    types, last = None, None
    match content:
        case list():
            listed = cast("list[Any]", content)
            steps = [{"action": action} for action in listed]
            ids, skipped, position = list[str](), set[int](), len(steps) - 1
        case {"actionsById": dict(), "stagedActionIds": list(), "currentStateIndex": int(index)}:
            lifted = cast("dict[str, Any]", content)
            ids, steps, skipped = _staged(lifted)
            position = index - 1
            if preloaded is None:
                preloaded, types = lifted.get("committedState", _first_state(lifted)), lifted.get(COMMITTED_TYPES)
                last = lifted.get(PRESENT)
        case _:
            msg = 'This is JSON, and no recording of the Redux DevTools: it has no "actionsById" and no "payload".'
            raise ValueError(msg)
    actions = [_recorded(number, step, skipped=number in skipped) for number, step in enumerate(steps)]
    gaps = {number: step[BEFORE] for number, step in enumerate(steps) if BEFORE in step}
    return Recording(
        actions,
        [_load(preloaded, types, reducer, present)],
        min(max(position, -1), len(actions) - 1),
        {number: _load_written(gap, reducer, present) for number, gap in gaps.items()},
        None if last is None else (_load_written(last, reducer, present),),
        causes=_causes(ids, steps),
    )


def performed(action: dict[str, Any], at: float, source: str | None, causes: Causes = (None, None)) -> dict[str, Any]:
    """An action as the DevTools keep it, with the ids of what it comes of."""
    done = {"type": PERFORM_ACTION, "action": action, "timestamp": round(at * 1000)}
    more = {"source": source, CAUSE: causes[0], AWAITED: causes[1]}
    return {**done, **{name: value for name, value in more.items() if value is not None}}


def show(state: Any, reducer: ReducerFn[Any]) -> Any:
    """The state as JSON to look at, secrets masked."""
    try:
        formats = formats_of(reducer, state)
    except TypeError:
        return Codec("state", Any).show(state)
    return {name: formats[name].show(value) for name, value in slices_of(state).items()}


def _write(state: Any, reducer: ReducerFn[Any]) -> Written:
    """The state, to be read again; where no data can stand for its type, to look at alone."""
    try:
        formats = formats_of(reducer, state)
    except TypeError:
        return Written(show(state, reducer), {})
    return whole_of({name: formats[name].dump(value) for name, value in slices_of(state).items()})


def _load(data: Any, types: Any, reducer: ReducerFn[Any], present: Any) -> Any:
    """The state that a recording begins with."""
    initial = cast("Any", reducer)(None, Init())
    if data is None:
        return initial
    formats = formats_of(reducer, present)
    if not isinstance(data, dict):
        msg = f"The recording begins with a state of {type(data).__name__}, not with one of {', '.join(formats)}."
        raise FormatError(msg)
    written = Written(cast("dict[str, Any]", data), _types(types))
    return put_slices(
        initial, {name: each.load(*part_of(written, name)) for name, each in formats.items() if name in written.data}
    )


def _load_written(written: Any, reducer: ReducerFn[Any], present: Any) -> Any:
    match written:
        case {"data": data, "types": types} if data is not None:
            return _load(data, types, reducer, present)
        case _:
            msg = f"The recording has a state of {type(written).__name__} beside its actions, and not one of data and types."
            raise FormatError(msg)


def _types(types: Any) -> dict[str, str]:
    match types:
        case None:
            return {}
        case dict() if all(isinstance(each, str) for each in cast("dict[str, Any]", types).values()):
            return cast("dict[str, str]", types)
        case _:
            msg = f"The recording tells the types of its state by a {type(types).__name__}, and not by a dict of names."
            raise FormatError(msg)


def parse_json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        msg = f"{what} is nested too deep for one of the Redux DevTools."
        raise ValueError(msg) from None
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        msg = f"{what} is no JSON: it is damaged, or of another kind, at {place}."
        raise ValueError(msg) from None


def parse_exported(text: str, what: str) -> tuple[str, Any, Any]:
    """What the DevTools exported: its text, what that holds, and the state before it where one is told.

    These are in `{"payload": ..., "preloadedState": ...}`, or the text is all there is.

    Args:
        what: the text is, for errors.

    Raises:
        ValueError: for what is no JSON.
    """
    content = parse_json(text, what)
    match content:
        case {"payload": str(payload)}:
            given = cast("dict[str, Any]", content).get("preloadedState")
            preloaded = parse_json(given, "Its preloadedState") if isinstance(given, str) else given
            return payload, parse_json(payload, "Its payload"), preloaded
        case _:
            return text, content, None


def _staged(lifted: dict[str, Any]) -> tuple[list[str], list[Any], set[int]]:
    """The ids and the actions of a lifted state in their order, without INIT, and the places of those that are skipped."""
    staged = [number for number in lifted["stagedActionIds"] if number != 0]
    ids = [str(number) for number in staged]
    for number in staged:
        if str(number) not in lifted["actionsById"]:
            named = repr(str(number)) if isinstance(number, int) else _word(number)
            msg = f"The recording stages the action {named}, which is not in its actionsById."
            raise ValueError(msg)
    steps = [lifted["actionsById"][number] for number in ids]
    left_out: Any = lifted.get("skippedActionIds")
    skipped = {str(number) for number in cast("list[Any]", left_out)} if isinstance(left_out, list) else set[str]()
    return ids, steps, {place for place, number in enumerate(ids) if number in skipped}


def _causes(ids: list[str], steps: list[Any]) -> dict[int, Causes]:
    """What the actions come of, as far as that was recorded, and is before them."""
    places = {id: place for place, id in enumerate(ids)}
    found = {
        place: (places.get(str(step.get(CAUSE))), places.get(str(step.get(AWAITED))))
        for place, step in enumerate(steps)
    }
    return {place: causes for place, causes in found.items() if causes != (None, None)}


def _word(value: Any) -> str:
    """A number, or what kind of value it is: text may be a secret."""
    return repr(value) if isinstance(value, int | float | None) else f"a {type(value).__name__}"


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
            msg = f"Action {number} of the recording is {_word(other)}, and not an action."
            raise ValueError(msg)
    try:
        action = Action.parse(fields["action"])
    except ValueError as error:
        msg = f"Action {number} of the recording cannot be used: {first_line(error)}"
        raise ValueError(msg) from None
    at, source = fields.get("timestamp"), fields.get("source")
    seconds = at / 1000 if isinstance(at, int | float) else 0.0
    return action, seconds, source if isinstance(source, str) else None, skipped


def first_line(error: ValueError) -> str:
    """Without the values that pydantic would show."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    first = errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
