"""A list with details: the selected person's details are a query, and so is the list. Run it: python examples/query_list.py"""

import sys
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from rxdux import State, Store, combine_reducers
from rxdux.query import Api, Call, Patch, Query, QueryState, Result, Tag
from rxdux.textual import StoreApp, StoreConsumer, from_query


class Person(State):
    id: int
    name: str
    visits: int = 0


class AppState(State):
    people: QueryState


SERVER = {id: {"id": id, "name": name} for id, name in enumerate("Ada Grace Edsger Barbara Donald".split(), start=1)}
"""What stands for the server. Over HTTP the endpoints below would say `await call.get(f"/people/{id}")`."""

people = Api("people")
PERSON = Tag.of(Person, lambda person: person.id)


@people.query(provides=[PERSON])
async def get_people(call: Call) -> list[Person]:
    return [Person.model_validate(each) for each in SERVER.values()]


@people.query(provides=[PERSON])
async def get_person(call: Call, id: int) -> Person:
    return Person.model_validate(SERVER[id])


@people.mutation(updates=[PERSON])
async def greet(call: Call, id: int) -> Person:
    SERVER[id] = {**SERVER[id], "visits": Person.model_validate(SERVER[id]).visits + 1}
    return Person.model_validate(SERVER[id])


@greet.optimistic
def _(patch: Patch, id: int) -> None:
    patch(get_person(id), lambda person: person.replace(visits=person.visits + 1))


class People(StoreConsumer, OptionList):
    people = from_query(lambda self: get_people())

    def watch_people(self, result: Result[list[Person]]) -> None:
        highlighted = self.highlighted
        self.clear_options()
        self.add_options([Option(person.name, id=str(person.id)) for person in result.data or ()])
        self.highlighted = highlighted or 0


def person_of(details: "Details") -> Query[Person] | None:
    return None if details.person_id is None else get_person(details.person_id)


class Details(StoreConsumer, Static):
    person_id: reactive[int | None] = reactive[int | None](None)
    person = from_query(person_of)

    def watch_person(self, result: Result[Person]) -> None:
        person = result.data
        self.update("..." if person is None else f"{person.name} was greeted {person.visits} times.")


class PeopleApp(StoreApp[AppState]):
    CSS = "People { width: 1fr; } Details { width: 2fr; padding: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [("g", "greet", "Greet"), ("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Horizontal(People(markup=False), Details(markup=False))
        yield Footer()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one(Details).person_id = int(event.option.id or 0)

    def action_greet(self) -> None:
        person_id = self.query_one(Details).person_id
        if person_id is not None:
            self.dispatch(greet(person_id))


def new_app() -> App[Any]:
    return PeopleApp(Store(combine_reducers(AppState, people=people), epics=[people.epic]))


if __name__ == "__main__":
    sys.exit(new_app().run())
