"""Todos that survive the end of the program, with undo and redo.

python todos.py todos.json
"""

import sys

from rxdux import FileStorage, Slice, State, Store, persist, produce, selector


class Todo(State):
    text: str
    done: bool = False


class Todos(State):
    """The todos, what they were before, and what was undone."""

    past: tuple[tuple[Todo, ...], ...] = ()
    present: tuple[Todo, ...] = ()
    future: tuple[tuple[Todo, ...], ...] = ()

    def go_on(self, present: tuple[Todo, ...]) -> "Todos":
        return self if present is self.present else Todos(past=(*self.past, self.present), present=present)


todos = Slice("todos", initial=Todos())


@todos.action
def add(state: Todos, text: str) -> Todos:
    return state.go_on((*state.present, Todo(text=text)))


@todos.action
def check(state: Todos, index: int) -> Todos:
    return state.go_on(produce(state.present, lambda draft: setattr(draft[index], "done", True)))


@todos.action
def undo(state: Todos) -> Todos:
    if not state.past:
        return state
    *past, present = state.past
    return Todos(past=tuple(past), present=present, future=(state.present, *state.future))


@todos.action
def redo(state: Todos) -> Todos:
    if not state.future:
        return state
    present, *future = state.future
    return Todos(past=(*state.past, state.present), present=present, future=tuple(future))


def select_present(state: Todos) -> tuple[Todo, ...]:
    return state.present


@selector(select_present)
def todo_list(present: tuple[Todo, ...]) -> str:
    return ", ".join(f"{'x' if todo.done else '-'} {todo.text}" for todo in present) or "nothing to do"


def main(path: str) -> None:
    with Store(todos) as store:
        persist(store, FileStorage(path), key="todos")
        print("at first:", todo_list(store.state))
        store.dispatch(add(text=f"todo {len(store.state.present) + 1}"))
        store.dispatch(check(index=0))
        print("checked: ", todo_list(store.state))
        store.dispatch(undo())
        print("undone:  ", todo_list(store.state))
        store.dispatch(redo())
        print("redone:  ", todo_list(store.state))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "todos.json")
