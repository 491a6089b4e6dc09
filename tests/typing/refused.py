"""What a type checker must refuse, marked line by line: checked by pyright and mypy, strictly, and never run."""

from uuid import UUID, uuid4

from pydantic import Field

from rxdux import Action, EntityAdapter, Logout, Slice, State, Store, UndoTo, undoable
from rxdux.query import Api, Call, Invalidate, Patch, Tag


class Saved(Action):
    text: str


class Todo(State):
    id: int


class Journal(State):
    lines: tuple[str, ...] = ()


Todos = tuple[str, ...]
todos = Slice[Todos]("todos", initial=())
journal = Slice("journal", initial=Journal())


@todos.action
def add(state: Todos, text: str, *, done: bool = False) -> Todos:
    return (*state, text)


@todos.action
def tag(state: Todos, text: str, *, id: UUID = Field(default_factory=uuid4)) -> Todos:
    return state


@todos.action  # wrong: another state
def drop(state: int) -> Todos:
    return ()


# --- calls ---------------------------------------------------------------------------------------

add()  # wrong
add(5)  # wrong
add("milk", True)  # wrong
add("milk", done="yes")  # wrong
add("milk", id=uuid4())  # wrong
tag("milk", id="5")  # wrong

# --- when ----------------------------------------------------------------------------------------


@journal.when(add)  # wrong: a field of another type
def _(state: Journal, text: int, *, done: bool = False) -> Journal:
    return state


@journal.when(add)  # wrong: a field too few
def _(state: Journal, text: str) -> Journal:
    return state


@journal.when(add)  # wrong: a field of another name
def _(state: Journal, words: str, *, done: bool = False) -> Journal:
    return state


@journal.when(add)  # wrong: the state of another slice
def _(state: Todos, text: str, *, done: bool = False) -> Journal:
    return Journal()


@journal.when(add)  # wrong: no state comes back
def _(state: Journal, text: str, *, done: bool = False) -> None:
    return None


@journal.when(add)  # wrong: takes the action
def _(state: Journal, action: Action) -> Journal:
    return state


@journal.when(Logout)  # wrong: no slice's action
def _(state: Journal) -> Journal:
    return state


@journal.when(add, tag)  # wrong: two actions with different parameters
def _(state: Journal, text: str, *, done: bool = False) -> Journal:
    return state


# --- unpack --------------------------------------------------------------------------------------


async def rename(words: str, *, done: bool = False) -> Saved:
    return Saved(text=words)


async def shorten(text: str) -> Saved:
    return Saved(text=text)


async def number(text: int, *, done: bool = False) -> Saved:
    return Saved(text=str(text))


add.unpack(rename)  # wrong
add.unpack(shorten)  # wrong
add.unpack(number)  # wrong
add.unpack(lambda text: text)  # wrong
add.unpack("save")  # wrong

# --- the rest ------------------------------------------------------------------------------------

Slice("x", 0, reset_on=Logout)  # wrong
Slice("x", 0, reset_on=("logout",))  # wrong
Store(todos).dispatch(add)  # wrong
undoable(journal, only=Logout)  # wrong
undoable(journal, limit="5")  # wrong
undoable(5)  # wrong
UndoTo("0")  # wrong
books = EntityAdapter[int, Todo](sort_key=5)  # wrong
books.remove_many(books.empty(), lambda: True)  # wrong
books.add_many(books.empty(), {1: "milk"})  # wrong
books.map_one(books.empty(), "1", lambda book: book)  # wrong

# --- queries -------------------------------------------------------------------------------------

api = Api("api")
store = Store(api, epics=[api.epic])


@api.query()
async def get_todo(call: Call, id: int) -> Todo:
    return Todo(id=id)


@api.mutation()
async def finish(call: Call, id: int, done: bool = True) -> Todo:
    return Todo(id=id)


@api.query()  # wrong: no coroutine function
def get_nothing(call: Call) -> Todo:
    return Todo(id=1)


get_todo()  # wrong
get_todo("7")  # wrong
get_todo(7, True)  # wrong
get_todo(key=7)  # wrong
finish(7, "yes")  # wrong
print(get_todo(7)(store.state).data.id)  # wrong: perhaps there is none yet
get_todo(7).more()  # wrong: no pages
finish(7).watch(store)  # wrong: a mutation
store.select(get_todo(7)).subscribe(lambda todo: todo.id)  # wrong: a result, not the data
Tag[int]("todo")["7"]  # wrong
Invalidate("todo")  # wrong


async def wait() -> str:
    return await get_todo(7).fetch(store)  # wrong: a Todo


@finish.optimistic
def _(patch: Patch, id: int, done: bool) -> None:
    patch(get_todo(id), lambda todo: "done")  # wrong: no Todo
