"""KeyboardInterrupt at each line and each opcode of what a store does; and real signals, by the thousand.

Whatever is raised, and wherever: the next dispatch works, nothing that was queued is lost, `close()` closes.
"""

import gc
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import reactivex as rx
from reactivex import disposable
from reactivex import operators as ops
from reactivex.scheduler import trampoline

import rxdux.store
from rxdux import (
    Action,
    ActionStream,
    Reducer,
    Store,
    StoreClosedError,
    combine_reducers,
    concat_map,
    from_async,
    merge_map,
    of_type,
)


class Add(Action, type="attack/add"):
    n: int = 1


class Ping(Action, type="attack/ping"): ...


class Pong(Action, type="attack/pong"): ...


class Late(Action, type="attack/late"): ...


class Other(Action, type="attack/other"):
    """From another thread, while the first is at work."""


OURS = str(Path(rxdux.store.__file__).parents[1])
"""Between two opcodes only rxdux's own code is interrupted: a `with lock:` of the standard library or of reactivex can be
left locked there, which no signal can do. It comes at a line, and everywhere."""

SPARED = (threading.__file__, trampoline.__file__, str(Path(disposable.__file__).parent))
"""`Thread.start` cannot be interrupted safely: it may leave the lock held on which the new thread waits. reactivex takes
locks as it subscribes, and a tracer that raises at the line where one is given back leaves it held; a signal does not come there.
"""

Counts = dict[str, int]


def count(state: Counts | None, action: Action) -> Counts:
    if state is None:
        return {}
    return {**state, action.type: state.get(action.type, 0) + 1}


def ping_epic(actions: ActionStream) -> rx.Observable[Action]:
    return actions.pipe(of_type(Ping), ops.map(lambda _: Pong()))


def chain_epic(actions: ActionStream) -> rx.Observable[Action]:
    return actions.pipe(of_type(Ping), concat_map(lambda _: rx.of(Pong())))


def async_epic(actions: ActionStream) -> rx.Observable[Action]:
    async def answer() -> Action:
        return Late()

    return actions.pipe(of_type(Ping), merge_map(lambda _: from_async(answer)))


def passing(store: Store[Any], action: Any, call_next: Callable[[Any], Any]) -> Any:
    return call_next(action)


@dataclass
class Case:
    """A store, what is done with it under attack, and what has to be so afterwards."""

    name: str
    make: Callable[[], Store[Any]]
    act: Callable[[Store[Any]], object]
    at_least: Counts = field(default_factory=dict)
    """What was queued, and must have been applied in the end."""


def add(store: Store[Any]) -> None:
    store.dispatch(Add())


def ping(store: Store[Any]) -> None:
    store.dispatch(Ping())


def with_listeners() -> Store[Any]:
    store = Store(count)
    for _ in range(3):
        store.subscribe(lambda state: None)
    return store


def with_a_nested_dispatch() -> Store[Any]:
    store = Store(count)
    store.subscribe(lambda state: store.dispatch(Other()) if state.get("attack/other", 0) < 2 else None)
    store.subscribe(lambda state: None)
    return store


def with_another_thread() -> Store[Any]:
    """The first dispatch finds five actions in the queue, left there by another thread while a listener was at work."""
    store = Store(count, epics=[ping_epic])
    done: list[int] = []

    def dispatch() -> None:
        for _ in range(5):
            store.dispatch(Other())

    def listen(state: Counts) -> None:
        if not done:
            done.append(1)
            quietly(lambda: run_in_thread(dispatch))

    store.subscribe(listen)
    return store


def run_in_thread(function: Callable[[], object]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def quietly(function: Callable[[], object]) -> None:
    """Without being interrupted itself: it is not what is attacked."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        function()
    finally:
        sys.settrace(trace)


def subscribe_and_select(store: Store[Any]) -> None:
    with store.subscribe(lambda state: None):
        selection = store.select(lambda state: state).subscribe(lambda value: None)
        store.dispatch(Add())
        selection.dispose()


def add_and_stop_epic(store: Store[Any]) -> None:
    running = store.add_epic(ping_epic)
    store.dispatch(Ping())
    running.unsubscribe()


def replace(store: Store[Any]) -> None:
    store.replace_reducer(count)
    store.dispatch(Add())


def slices() -> Store[Any]:
    counter = Reducer(0)
    counter.on(Add)(lambda state, action: state + action.n)
    return Store(combine_reducers({"counts": count, "counter": counter}))


CASES = [
    Case("a plain reducer", lambda: Store(count), add),
    Case("slices", slices, add),
    Case("listeners", with_listeners, add),
    Case("a nested dispatch", with_a_nested_dispatch, add),
    Case("middleware", lambda: Store(count, middleware=[passing, passing]), add),
    Case("an epic", lambda: Store(count, epics=[ping_epic]), ping),
    Case("two epics and a listener", lambda: _listened(Store(count, epics=[ping_epic, chain_epic])), ping),
    Case("an epic and middleware", lambda: Store(count, epics=[ping_epic], middleware=[passing]), ping),
    Case("an epic with a coroutine", lambda: Store(count, epics=[async_epic]), ping),
    Case("actions of another thread", with_another_thread, ping),
    Case("subscribe and select", lambda: Store(count), subscribe_and_select),
    Case("add_epic", lambda: Store(count), add_and_stop_epic),
    Case("replace_reducer", with_listeners, replace),
    Case("close", lambda: Store(count, epics=[ping_epic, async_epic]), lambda store: store.close()),
]


def _listened(store: Store[Any]) -> Store[Any]:
    store.subscribe(lambda state: None)
    return store


class Tracer:
    """Counts the events of a call, and interrupts it at one of them."""

    def __init__(self, at: int | None, *, opcodes: bool) -> None:
        self.at = at
        self.seen = 0
        self.where = ""
        self._kind = "opcode" if opcodes else "line"
        self._opcodes = opcodes

    def run(self, function: Callable[[], object]) -> bool:
        """Whether the interrupt came through to the caller."""
        sys.settrace(self._trace)
        try:
            function()
        except BaseException:
            return True  # the interrupt; or what the interpreter made of it
        finally:
            sys.settrace(None)
        return False

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        name = frame.f_code.co_filename
        if name.startswith(SPARED) or (name == __file__ and frame.f_code.co_name in {"quietly", "run"}):
            return None
        if self._opcodes and not name.startswith(OURS):
            return self._trace
        frame.f_trace_opcodes = self._opcodes
        if event == self._kind:
            self.seen += 1
            if self.seen == self.at:
                self.where = f"{frame.f_code.co_filename}:{frame.f_lineno} ({frame.f_code.co_name})"
                sys.settrace(None)
                raise KeyboardInterrupt
        return self._trace


def events(case: Case, *, opcodes: bool) -> int:
    """How many places a case has at which it can be interrupted."""
    for _ in range(2):  # Python 3.12 tells of no opcodes the first time
        store = case.make()
        tracer = Tracer(None, opcodes=opcodes)
        tracer.run(lambda: case.act(store))  # noqa: B023 -- called at once
        store.close()
    return tracer.seen


def interrupt(case: Case, at: int, *, opcodes: bool) -> str | None:
    """Interrupt it there, and say what does not hold afterwards. None: all holds."""
    store = case.make()
    tracer = Tracer(at, opcodes=opcodes)
    tracer.run(lambda: case.act(store))
    try:
        wrong = _look(case, store)
    except BaseException as error:
        wrong = repr(error)
    return None if wrong is None else f"{case.name}, {tracer._kind} {at}, {tracer.where}: {wrong}"


def _look(case: Case, store: Store[Any]) -> str | None:
    if not store.core.closed:
        before = _adds(store.state)
        store.dispatch(Add())
        after = _adds(store.state)
        if after != before + 1:
            return f"the next dispatch made {before} to {after}"
        heard: list[object] = []
        with store.subscribe(heard.append):
            store.dispatch(Add())
        if len(heard) != 1:
            return f"a listener was called {len(heard)} times"
        pongs = _counts(store.state).get("attack/pong", 0)
        if case.name in {"an epic", "an epic and middleware"}:
            store.dispatch(Ping())
            if _counts(store.state).get("attack/pong", 0) != pongs + 1:
                return "the epic does not answer any more"
        store.wait_idle(5)
        queued = _counts(store.state).get("attack/other", 0)
        if case.name == "actions of another thread" and queued not in {0, 5}:
            return f"{queued} of 5 queued actions were applied"
    done = threading.Event()
    closing = threading.Thread(target=lambda: (store.close(), done.set()), daemon=True)
    closing.start()
    if not done.wait(3):
        return "close() hangs"
    if not store._torn_down.is_set():
        return "close() has torn nothing down"
    try:
        store.dispatch(Add())
    except StoreClosedError:
        return None
    return "a closed store takes actions"


def _counts(state: Any) -> Counts:
    return state.get("counts", state)


def _adds(state: Any) -> int:
    return _counts(state).get("attack/add", 0)


def attack_all(*, opcodes: bool, step: int = 1, first: int = 1) -> tuple[int, list[str]]:
    """Interrupt each case at every `step`-th place. It returns how many were tried, and what went wrong.

    In a thread of its own: an exception that a trace function raises between two opcodes of an `except` block stays the one
    that is being handled in that thread (CPython 3.11), and would be the context of all that comes after it.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_attack_all, opcodes, step, first).result()


def _attack_all(opcodes: bool, step: int, first: int) -> tuple[int, list[str]]:
    tried, wrong = 0, list[str]()
    for case in CASES:
        case.make().close()  # what is prepared once is not under attack
        for at in range(first, events(case, opcodes=opcodes) + 1, step):
            tried += 1
            found = interrupt(case, at, opcodes=opcodes)
            if found is not None:
                wrong.append(found)
        gc.collect()
    return tried, wrong


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Interrupt cases at places of the dice's choice, for so long. What does not survive is printed.

    Returns:
        How many were tried, and how many survived.
    """
    sys.unraisablehook = lambda unraisable: None  # an interrupt in a destructor is nobody's error
    dice = random.Random(seed)
    end = time.monotonic() + seconds
    places = {(case.name, kind): events(case, opcodes=kind) for case in CASES for kind in (False, True)}
    tried = survived = 0
    while time.monotonic() < end:
        case, kind = dice.choice(CASES), dice.random() < 0.8
        found = interrupt(case, dice.randint(1, places[case.name, kind]), opcodes=kind)
        tried += 1
        survived += found is None
        if found is not None:
            print(found)
    return tried, survived


def storm(seconds: float, interval: float = 0.0003) -> tuple[int, list[str]]:
    """Real signals while a store is busy: how many came, and what went wrong."""
    store = _listened(Store(count, epics=[ping_epic]))
    came = sent = 0
    wrong: list[str] = []

    def raise_interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, raise_interrupt)
    end = threading.Event()
    timer = threading.Timer(seconds, end.set)
    timer.start()
    try:
        while not end.is_set():
            try:
                signal.setitimer(signal.ITIMER_REAL, interval * (0.5 + (came % 7) / 7))
                while True:
                    store.dispatch(Ping())
                    sent += 1
            except KeyboardInterrupt:
                came += 1
                signal.setitimer(signal.ITIMER_REAL, 0)
                before = _adds(store.state)
                store.dispatch(Add())
                if _adds(store.state) != before + 1:
                    wrong.append(f"after signal {came} a dispatch did nothing")
                    break
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        timer.cancel()
    state = _counts(store.state)
    if state["attack/ping"] < sent:
        wrong.append(f"{sent} were dispatched, {state['attack/ping']} applied")
    if state["attack/pong"] < state["attack/ping"] - came:
        wrong.append(f"{state['attack/ping']} asked, {state['attack/pong']} answered, {came} interrupted")
    store.close()
    return came, wrong


if __name__ == "__main__":
    for kind in (False, True):
        number, failures = attack_all(opcodes=kind, step=int(sys.argv[1]) if len(sys.argv) > 1 else 1)
        print(
            f"KeyboardInterrupt at each {'opcode' if kind else 'line'}: {number} tried, {number - len(failures)} survived"
        )
        for line in failures[:40]:
            print("  ", line)
    number, failures = storm(5.0)
    print(f"real signals: {number} came; {failures or 'survived'}")
