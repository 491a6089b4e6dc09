"""A board on several terminals: things to do, votes for them, and who is here.

Run it in two terminals, on one machine or on two:

    python examples/shared_board.py Ada                          # in a file, for this machine
    python examples/shared_board.py Ada redis://192.168.0.7/0    # over Redis, from anywhere; nats:// as well

Who is cut off works on: the line at the bottom says what is not sent yet. Back again, all boards have one order:
that of the log. Two who added at once see the same list, and each vote counts once.
"""

import sys
import tempfile
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from pydantic import Field
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.widgets import Footer, Input, OptionList, Static

from rxdux import Slice, State, Store, combine_reducers
from rxdux.shared import Log, NatsLog, RedisLog, Shared, SqliteLog, share
from rxdux.textual import StoreApp, StoreConsumer, from_store


class Todo(State):
    id: str
    text: str
    is_done: bool = False


todos = Slice[tuple[Todo, ...]]("board/todos", initial=())
votes = Slice[dict[str, int]]("board/votes", initial={})


@todos.action
def add(
    state: tuple[Todo, ...], text: str, *, id: str = Field(default_factory=lambda: uuid4().hex)
) -> tuple[Todo, ...]:
    return (*state, Todo(id=id, text=text))


@todos.action
def toggle(state: tuple[Todo, ...], id: str) -> tuple[Todo, ...]:
    return tuple(todo.replace(is_done=not todo.is_done) if todo.id == id else todo for todo in state)


@votes.action
def vote(state: dict[str, int], id: str) -> dict[str, int]:
    return {**state, id: state.get(id, 0) + 1}


class Board(State):
    todos: tuple[Todo, ...]
    votes: dict[str, int]


def new_store() -> Store[Board]:
    return Store(combine_reducers(Board, todos=todos, votes=votes))


def log_of(where: str) -> Log:
    if where.startswith(("redis://", "rediss://")):
        return RedisLog(where, "board")
    return NatsLog(where, "board") if where.startswith("nats://") else SqliteLog(where)


def select_lines(state: Board) -> tuple[str, ...]:
    return tuple(
        f"{'x' if each.is_done else '-'} {each.text}  {'*' * state.votes.get(each.id, 0)}" for each in state.todos
    )


class TodoList(StoreConsumer, OptionList):
    lines: reactive[tuple[str, ...]] = from_store(select_lines, ())

    def watch_lines(self, lines: tuple[str, ...]) -> None:
        chosen = self.highlighted
        self.clear_options()
        self.add_options(lines)
        self.highlighted = chosen if chosen is not None or not lines else 0


class BoardApp(StoreApp[Board]):
    CSS = "#here { height: 1; color: $text-muted; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("f2", "finish", "Done"),
        ("f3", "vote", "Vote"),
        ("ctrl+q", "quit", "Quit"),
    ]

    def __init__(self, store: Store[Board], log: Log, name: str) -> None:
        super().__init__(store)
        self.log_of_board = log
        self.own_name = name
        self.shared: Shared[Board] | None = None

    def compose(self) -> ComposeResult:
        yield Input(placeholder="What is to be done?")
        yield TodoList(markup=False)  # a [ that somebody writes is a [
        yield Static(id="here", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.shared = share(self.store, self.log_of_board, slices=["todos", "votes"])
        self.shared.announce({"name": self.own_name})
        self.set_interval(0.2, self.show_who_is_here)

    def show_who_is_here(self) -> None:
        if self.shared is not None and self.query("#here"):
            names = ", ".join(sorted(each.get("name", "?") for each in self.shared.present.values()))
            waiting = f", {self.shared.pending} not sent yet" if self.shared.pending else ""
            self.query_one("#here", Static).update(
                f"{self.shared.status}{waiting}. Here: {names or 'nobody that we know of'}"
            )

    async def on_unmount(self) -> None:
        if self.shared is not None:
            await self.shared.close()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dispatch(add(event.value.strip()))
        event.input.clear()

    @property
    def chosen(self) -> str | None:
        place = self.query_one(TodoList).highlighted
        return None if place is None else self.store.state.todos[place].id

    def action_finish(self) -> None:
        if self.chosen is not None:
            self.dispatch(toggle(self.chosen))

    def action_vote(self) -> None:
        if self.chosen is not None:
            self.dispatch(vote(self.chosen))


if __name__ == "__main__":
    user, *rest = sys.argv[1:] or ["somebody"]
    place = rest[0] if rest else str(Path(tempfile.gettempdir()) / "rxdux-board.sqlite")
    with new_store() as board:
        BoardApp(board, log_of(place), user).run()
