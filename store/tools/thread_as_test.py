"""Writes a thread of a history as a test: what each epic saw, in marbles, and what it answered."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from ...actions import Action
from ...actions.internal import Init
from ...reducers import AuthState, ReducerFn
from ...reducers.combine_reducers import CombinedReducer
from ..engine.supervision import epic_arity
from ..slice_format import WHOLE, formats_of, packed, slices_of
from .describe import one_line
from .entry import Entry
from .history import History
from .importable import creator_of, place_of
from .literal import literal
from .parts import words_of
from .recorded_answers import answers_of
from .threads import Threads

LONGEST_ACTION = 100_000  # characters of an action that is written down
LONGEST_SLICE = 20_000  # and of a slice; of a larger one the initial state is taken
PATIENCE = (
    60_000  # milliseconds that an epic of a session may take after its last answer: it retries after pauses by chance
)
SESSION = "rxdux.epics."

_FIRST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Step(NamedTuple):
    at: int  # milliseconds since the thread began
    letter: str
    entry: Entry[Any]
    before: Any  # the state
    answers: str | None  # the epic that answered with it; None for what is only given


class _Code:
    """Names and imports that the test needs; what cannot be imported is a fixture."""

    def __init__(self) -> None:
        self._names: defaultdict[str, set[str]] = defaultdict(set, {"rxdux.testing": {"run_epic", "steady"}})
        self._modules: dict[str, str] = {}
        self.fixtures: dict[str, None] = {}

    def uses(self, module: str, *names: str) -> None:
        self._names[module] |= {*names}

    def loads(self, module: str, why: str) -> None:
        self._modules[module] = why

    def imports(self) -> str:
        modules = [f"import {module}  # noqa: F401 -- {why}" for module, why in sorted(self._modules.items())]
        names = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._names.items())]
        return "\n".join([*modules, *([""] if modules else []), *names])

    def name(self, thing: Any) -> str | None:
        place = place_of(thing)
        if place is None:
            return None
        self.uses(place.module, place.name)
        return place.code

    def reducer(self, reducer: ReducerFn[Any]) -> str | None:
        """The reducer; where it was combined in a function, of its parts."""
        found = self.name(reducer)
        if found is not None or not isinstance(reducer, CombinedReducer):
            return found
        state = self.name(type(cast("CombinedReducer[Any]", reducer)(None, Init())))
        parts = {name: self.reducer(part) for name, part in reducer.parts.items()}
        if state is None or None in parts.values():
            return None
        self.uses("rxdux", "combine_reducers")
        return f"combine_reducers({state}, {', '.join(f'{name}={part}' for name, part in parts.items())})"


def thread_as_test(history: History[Any], index: int) -> str:
    """The thread of an entry as a test: one function for each epic that answered in it, to be run by pytest.

    Each gives its epic the recorded actions at their times, and the states, and says what the epic answered then. Epics of the
    session get the answers that the server must have given. For other epics that take dependencies, and for what cannot be
    imported, the test asks for a fixture of that name, and says so at its head. The epic of an `Api` does not run in virtual
    time: what it answered is given to the others. Secrets are stars.

    Args:
        history: recorded the thread.
        index: of any entry of it.

    Raises:
        IndexError: for an entry that is not there.
        ValueError: for a thread in which no epic answered that runs in virtual time, or one with an action that is too large
            to be written.

    Examples:
        ```python
        Path("test_search.py").write_text(thread_as_test(history, history.position))
        ```
    """
    entries = history.entries
    if not 0 <= index < len(entries):
        msg = f"There is no entry {index!r} to make a test of. The history goes from 0 to {len(entries) - 1}."
        raise IndexError(msg)
    threads = Threads(entries)
    places = threads.of(index)
    own = {*threads.answers_of(index)}
    steps = list(_timed([(entries[place], history.state_at(place - 1), place in own) for place in places]))
    core = history.store.core
    epics = {run.name: run.epic for run in core.runs}
    answering = dict.fromkeys(step.answers for step in steps if step.answers is not None)
    if not answering:
        msg = f"No epic answered in the thread of {steps[0].entry.action.type}: there is nothing to test."
        raise ValueError(msg)
    not_run = [name for name in answering if getattr(epics.get(name), "needs_store", False)]
    answering = [name for name in answering if name not in not_run]
    if not answering:
        msg = (
            f"{_listed(not_run)} alone answered in the thread of {steps[0].entry.action.type}, and does not run in virtual time. "
            "Test it in a store, with a server: rxdux.testing.seed puts data in place."
        )
        raise ValueError(msg)
    code = _Code()
    values = {step.letter: _action(step.entry.action, code) for step in steps}
    of_session = all(_is_of_session(epics.get(name)) for name in answering)
    states = _States(core.reducer, steps, only=AuthState if of_session else object)
    tests = [_test(name, epics.get(name), steps, states, code) for name in answering]
    return _text(_title(steps[0].entry.action, code.fixtures, not_run), values, states, tests, code)


def _timed(thread: Sequence[tuple[Entry[Any], Any, bool]]) -> Iterator[_Step]:
    """Each with a letter and a millisecond of its own, and one after it for what comes of an answer."""
    at, first = -1, thread[0][0].time
    letters = _letters()
    for entry, before, is_own in thread:
        at = max(at + 2, round((entry.time - first) * 1000) + 1)
        yield _Step(at, next(letters), entry, before, entry.source if is_own else None)


def _letters() -> Iterator[str]:
    yield from _FIRST
    yield from (letter for letter in map(chr, range(0xC0, 0x10000)) if letter.isalpha() and letter.isprintable())


def _marbles(events: Sequence[tuple[int, str]]) -> str:
    """A marble string with a frame of a millisecond."""
    line, time = "", 0
    for at, letter in events:
        gap = at - time
        line += "-" * gap if gap <= 3 else f" {gap}ms "
        line += letter
        time = at + 1
    return line.strip()


# --- what stands in the test -------------------------------------------------------------------------


def _action(action: Action, code: _Code) -> str:
    """The code that makes an action."""
    if len(words_of(action, LONGEST_ACTION)) >= LONGEST_ACTION:
        msg = f"The action {action.type} is too large for a test: more than {LONGEST_ACTION} characters."
        raise ValueError(msg)
    fields = {
        name: getattr(action, name)
        for name, field in type(action).model_fields.items()
        if field.is_required() or getattr(action, name) != field.get_default(call_default_factory=True)
    }
    makers: list[Callable[[], Any]] = [lambda: type(action), lambda: creator_of(type(action))]
    for find in makers:
        maker = find()
        if maker is not None and _makes(maker, fields, action):
            name = code.name(maker)
            if name is not None:
                return f"{name}({', '.join(f'{field}={literal(value, 4)}' for field, value in fields.items())})"
    module = type(action).__module__
    if module == "__main__":
        msg = f"The action {action.type} is defined in a script, where no test can import it. Move it to a module."
        raise ValueError(msg)
    code.uses("rxdux", "Action")
    code.loads(module, f"defines {one_line(action.type)}")
    return f"Action.parse({literal(action.serialize(), 4)})"


def _makes(maker: Any, fields: dict[str, Any], action: Action) -> bool:
    try:
        return all(ast.literal_eval(repr(value)) == value for value in fields.values()) and maker(**fields) == action
    except Exception:  # it is written in another way
        return False


class _States:
    """The states between the actions, as JSON: each as what differs from the first."""

    def __init__(self, reducer: ReducerFn[Any], steps: Sequence[_Step], only: type[Any]) -> None:
        self.reducer = reducer
        self._only = only
        self.slices: dict[str, dict[str, Any]] = {}
        self.left_out: dict[str, str] = {}
        self._written: dict[tuple[str, int], tuple[Any] | None] = {}
        self._kept: list[Any] = []  # for their ids
        self._letters = _letters()
        self.letters = [(self._letter(step.before), self._letter(step.entry.state)) for step in steps]

    def _letter(self, state: Any) -> str:
        slices = self._of(state)
        known = next((letter for letter, each in reversed(self.slices.items()) if each == slices), None)
        letter = known or next(self._letters)
        self.slices[letter] = slices
        return letter

    def marbles(self, steps: Sequence[_Step], epic: str) -> str:
        """When an epic sees them: what its own answers make after it has given these."""
        events = [(0, self.letters[0][0])]
        for step, (before, after) in zip(steps, self.letters, strict=True):
            changes = ((step.at, before), (step.at + 1, after)) if step.answers == epic else ((step.at, after),)
            events += changes
        kept = [event for place, event in enumerate(events) if not place or event[1] != events[place - 1][1]]
        return _marbles(kept)

    def _of(self, state: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._kept.append(state)
        for name, part in slices_of(state).items():
            if not isinstance(part, self._only):
                continue
            key = name, id(part)
            if key not in self._written:
                self._written[key] = self._write(name, part, state)
            written = self._written[key]
            if written is not None:
                found[name] = written[0]
        return found

    def _write(self, name: str, part: Any, state: Any) -> tuple[Any] | None:
        if len(words_of(part, LONGEST_SLICE)) >= LONGEST_SLICE:
            self.left_out[name] = "too large"
            return None
        try:
            return (packed(formats_of(self.reducer, state)[name].dump(part)),)
        except (TypeError, ValueError, KeyError) as error:
            self.left_out[name] = one_line(str(error))[:100]
            return None

    def code(self) -> str:
        first, *others = self.slices
        lines = [f"STATES = {{{first!r}: {literal(self.slices[first])}}}"]
        for letter in others:
            changed = {name: part for name, part in self.slices[letter].items() if self.slices[first].get(name) != part}
            lines.append(f"STATES[{letter!r}] = STATES[{first!r}] | {literal(changed)}")
        what = "The state" if list(self.left_out) == [WHOLE] else "Of the state"
        lines += [f"# {what}: {name} is as at first, {why}." for name, why in self.left_out.items()]
        return "\n".join(lines)


def _test(name: str, epic: Any, steps: Sequence[_Step], states: _States, code: _Code) -> str:
    """One function, for one epic."""
    fixtures: list[str] = []

    def given(found: str | None, otherwise: str) -> str:
        if found is None:
            fixtures.append(otherwise)
            code.fixtures[otherwise] = None
        return found or otherwise

    word = word_of(name)
    arguments = [
        given(None if epic is None else code.name(epic), word),
        f"{_marbles([(step.at, step.letter) for step in steps])!r}",
        "VALUES",
    ]
    arity = 3 if epic is None else epic_arity(epic)
    if arity >= 2:
        reducer = given(code.reducer(states.reducer), "reducer")
        code.uses("rxdux.testing", "state_of")
        made = f"{{letter: state_of({reducer}, slices) for letter, slices in STATES.items()}}"
        arguments.append(f"state=(\n            {states.marbles(steps, name)!r},\n            {made},\n        )")
    end = steps[-1].at + 10
    if arity == 3:
        if _is_of_session(epic):
            end += PATIENCE
            code.uses("rxdux.testing", "Answer", "answering")
            answers = [
                each.code for each in answers_of([(step.at, step.entry, step.answers == name) for step in steps])
            ]
            listed = "".join(f"\n            {each}," for each in answers or ["Answer(None)"])
            arguments.append(f"deps=answering({listed}\n        )")
        else:
            arguments.append(f"deps={given(None, 'deps')}")
    arguments += ["frame=0.001", f"until={end / 1000:g}"]
    expected = ", ".join(f"VALUES[{step.letter!r}]" for step in steps if step.answers == name)
    listed = "".join(f"\n        {each}," for each in arguments)
    signature = ", ".join(dict.fromkeys(fixtures))
    return (
        f"def test_{word}({signature}):\n"
        f'    """What {one_line(name)} answered."""\n'
        f"    output = run_epic({listed}\n    )\n"
        f"    assert steady(output.actions) == steady([{expected}])\n"
    )


def word_of(text: str) -> str:
    """A text as a part of a name.

    Examples:
        >>> word_of("todos/added")
        'todos_added'
    """
    return "".join(letter if letter.isalnum() else "_" for letter in text).strip("_")


def _is_of_session(epic: Any) -> bool:
    return getattr(epic, "__module__", "").startswith(SESSION)


def _title(first: Action, fixtures: Iterable[str], not_run: Sequence[str]) -> str:
    """What the file is, what it needs, and what it leaves out."""
    title = one_line(first.type).replace("\\", "/").replace('"', "'")
    said = [f"A thread that was recorded: {title}, and what came of it. Secrets are stars."]
    if fixtures := list(fixtures):
        said.append(f"To be given as fixtures, since they cannot be imported: {', '.join(fixtures)}.")
    if not_run:
        said.append(f"Not tested, since it does not run in virtual time: {_listed(not_run)}.")
    return f'"""{said[0]}"""' if len(said) == 1 else '"""' + "\n\n".join(said) + '\n"""'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names))


def _text(title: str, values: dict[str, str], states: _States, tests: Sequence[str], code: _Code) -> str:
    listed = "".join(f"\n    {letter!r}: {value}," for letter, value in values.items())
    parts = [
        title,
        code.imports(),
        f"VALUES = {{{listed}\n}}",
        *([states.code()] if any("STATES" in test for test in tests) else []),
    ]
    return "\n\n".join(parts) + "\n\n\n" + "\n\n".join(tests)
