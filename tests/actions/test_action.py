"""Actions: names, immutability, the way to a dictionary and back."""

import copy
import pickle
from typing import Generic, TypeVar

import pytest
from pydantic import ValidationError

from rxdux import Action, Login, RefreshSuccess, TokenSet, bind_actions

T = TypeVar("T")


class HTTPError(Action):
    status: int


class AddTodo(Action, type="test/todos/add"):
    text: str


class AddUrgentTodo(AddTodo):
    level: int = 1


class Loaded(Action, Generic[T]):
    data: T


def test_the_type_comes_from_the_class_name() -> None:
    """A class name becomes SCREAMING_SNAKE_CASE, on the class and on the instance."""
    assert RefreshSuccess.type == "REFRESH_SUCCESS"
    assert HTTPError.type == HTTPError(status=500).type == "HTTP_ERROR"


def test_the_type_can_be_given() -> None:
    """The `type` keyword overrides the name, and a subclass has its own name again."""
    assert AddTodo.type == "test/todos/add"
    assert AddUrgentTodo.type == "ADD_URGENT_TODO"


def test_a_parametrised_class_keeps_the_type() -> None:
    """Loaded[int] is a Loaded."""
    assert Loaded[int].type == Loaded.type == "LOADED"
    assert Loaded[int](data=1).type == "LOADED"


def test_a_field_called_type_is_refused() -> None:
    """The name is taken, and the error says what to do."""
    with pytest.raises(TypeError, match=r"declares a field 'type'.*Rename"):

        class Wrong(Action):
            type: int  # pyright: ignore[reportIncompatibleVariableOverride]


def test_actions_are_immutable_and_know_their_fields() -> None:
    """Neither a change nor an unknown field goes unnoticed."""
    with pytest.raises(ValidationError, match="frozen"):
        AddTodo(text="milk").text = "bread"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError, match="Extra inputs"):
        AddTodo(text="milk", done=True)  # pyright: ignore[reportCallIssue]


def test_an_action_survives_serialize_and_parse() -> None:
    """What serialize gives, parse makes again, as an instance of its own class."""
    action = AddUrgentTodo(text="milk", level=3)
    assert action.serialize() == {"type": "ADD_URGENT_TODO", "text": "milk", "level": 3}
    assert Action.parse(action.serialize()) == action
    assert type(AddTodo.parse(action.serialize())) is AddUrgentTodo


def test_an_action_survives_pickle_and_copy() -> None:
    """Actions are values."""
    action = AddTodo(text="milk")
    assert pickle.loads(pickle.dumps(action)) == copy.deepcopy(action) == action


def test_an_unknown_type_names_the_candidates() -> None:
    """The error says which type was meant, and never lists what is internal."""
    with pytest.raises(ValueError, match=r"'test/todos/ad' is known.*Did you mean 'test/todos/add'"):
        Action.parse({"type": "test/todos/ad"})
    with pytest.raises(ValueError, match=r"'\?\?' is known below Action. Known are: .* and \d+ more\.") as unknown:
        Action.parse({"type": "??"})
    assert "@@" not in str(unknown.value)
    with pytest.raises(ValueError, match="below AddTodo"):
        AddTodo.parse({"type": "HTTP_ERROR", "status": 1})


@pytest.mark.parametrize("data", [{}, {"type": 1}, {"text": "x"}, None, "ADD"])
def test_what_is_no_action_dictionary_is_refused(data: object) -> None:
    """A dict with a string under 'type' is wanted."""
    with pytest.raises(ValueError, match="dict with a string under 'type'"):
        Action.parse(data)  # pyright: ignore[reportArgumentType]


def test_an_ambiguous_type_names_the_candidates() -> None:
    """Two classes may share a type, as long as nobody has to tell them apart."""

    def make() -> type[Action]:
        class Shared(Action, type="shared"):
            pass

        return Shared

    one, other = make(), make()
    with pytest.raises(ValueError, match=r"'shared' is ambiguous: .*make.<locals>.Shared"):
        Action.parse({"type": "shared"})
    assert type(one.parse({"type": "shared"})) is one
    del other


def test_a_dead_class_is_no_candidate() -> None:
    """A class that is gone does not make its type ambiguous."""

    def make() -> type[Action]:
        class Mortal(Action, type="mortal"):
            pass

        return Mortal

    make()
    alive = make()
    assert type(Action.parse({"type": "mortal"})) is alive


def test_secrets_stay_masked() -> None:
    """Neither repr nor serialize nor a validation error shows a password or a token."""
    login = Login(username="ada", password="lovelace")  # pyright: ignore[reportArgumentType]
    tokens = TokenSet(access_token="eyJhbGciOi", refresh_token="tGzv3JOkF0XG5Qx2TlKWIA")  # pyright: ignore[reportArgumentType]
    shown = (
        f"{login!r} {login.serialize()} {RefreshSuccess(tokens=tokens)!r} {RefreshSuccess(tokens=tokens).serialize()}"
    )
    with pytest.raises(ValidationError) as wrong:
        Login(username=["ada"], password={"lovelace"})  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValidationError) as unsendable:
        TokenSet(access_token="eyJhbGciOi\n")  # pyright: ignore[reportArgumentType]
    shown += f"{wrong.value} {unsendable.value}"
    for secret in ("lovelace", "eyJhbGciOi", "tGzv3JOkF0XG5Qx2TlKWIA"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        (3600, 3600.0),
        ("60", 60.0),
        (0, None),
        (-5, None),
        (None, None),
        ("soon", None),
        (float("nan"), None),
        (1e300, 315_360_000.0),
    ],
)
def test_an_absurd_life_is_tolerated(sent: object, understood: float | None) -> None:
    """`expires_in` is what the server says, if it makes sense."""
    assert TokenSet.model_validate({"access_token": "a", "expires_in": sent}).expires_in == understood


def test_bound_actions_create_and_dispatch() -> None:
    """A bound method takes the fields and returns what dispatch returns."""
    dispatched: list[Action] = []

    def dispatch(action: Action) -> str:
        dispatched.append(action)
        return "done"

    bound = bind_actions(dispatch, AddTodo, HTTPError)
    assert bound.add_todo(text="milk") == "done"
    assert bound.http_error(status=500) == "done"
    assert dispatched == [AddTodo(text="milk"), HTTPError(status=500)]


def test_bind_actions_refuses_what_it_cannot_bind() -> None:
    """An instance, an unknown name, two of one name."""
    with pytest.raises(TypeError, match="takes action classes"):
        bind_actions(print, AddTodo(text="x"))  # pyright: ignore[reportArgumentType]
    with pytest.raises(AttributeError, match="Bound are: add_todo"):
        bind_actions(print, AddTodo).remove_todo()
    with pytest.raises(ValueError, match="Two action classes"):
        bind_actions(print, AddTodo, AddTodo)
