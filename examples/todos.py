"""Todos that survive the end of the program, with undo and redo.

python todos.py todos.json
"""

import sys

from rxdux import (
    FileStorage,
    Redo,
    Slice,
    State,
    Store,
    Undo,
    Undoable,
    combine_reducers,
    persist,
    produce,
    selector,
    undoable,
)


class Todo(State):
    text: str
    done: bool = False


Todos = tuple[Todo, ...]
todos = Slice[Todos]("todos", initial=())


@todos.action
def add(state: Todos, text: str) -> Todos:
    return (*state, Todo(text=text))


@todos.action
def check(state: Todos, index: int) -> Todos:
    return produce(state, lambda draft: setattr(draft[index], "done", True))


class AppState(State):
    todos: Undoable[Todos]


def select_present(state: AppState) -> Todos:
    return state.todos.present


@selector(select_present)
def todo_list(present: Todos) -> str:
    return ", ".join(f"{'x' if todo.done else '-'} {todo.text}" for todo in present) or "nothing to do"


def main(path: str) -> None:
    with Store(combine_reducers(AppState, todos=undoable(todos))) as store:
        persist(store, FileStorage(path), key="todos")
        print("at first:", todo_list(store.state))
        store.dispatch(add(text=f"todo {len(store.state.todos.present) + 1}"))
        store.dispatch(check(index=0))
        print("checked: ", todo_list(store.state))
        store.dispatch(Undo())
        print("undone:  ", todo_list(store.state))
        store.dispatch(Redo())
        print("redone:  ", todo_list(store.state))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "todos.json")
