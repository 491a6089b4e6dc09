"""The next state by changing a draft of the present one: Immer's produce."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .drafts import Draft, draft_class, kind_of, scope_of, value_of, work_of

S = TypeVar("S")


def produce(state: S, recipe: Callable[[Any], object]) -> S:
    """The state that comes of a recipe, which may change a draft of it as it likes.

    The draft looks like the state: models, dataclasses and named tuples have their fields, dicts and
    `immutables.Map` are dicts, lists and tuples are lists, sets are sets, nested in any mix. The
    original is never touched; the result shares with it all that did not change; no change gives
    the same object. What the recipe returns does not matter.

    Raises:
        TypeError: for a recipe that cannot be called or is a coroutine function, and for a state of
            which there is no draft, such as a number.
        ValueError: for a draft that was put into itself, or that belongs to another recipe.
        RuntimeError: from a draft that is used after its recipe.

    See https://immerjs.github.io/immer/produce

    Examples:
        >>> from rxdux import State
        >>> class Todo(State):
        ...     text: str
        ...     done: bool = False
        >>> todos = (Todo(text="milk"), Todo(text="bread"))
        >>> def recipe(draft):
        ...     draft[0].done = True
        >>> after = produce(todos, recipe)
        >>> after[0].done, todos[0].done, after[1] is todos[1]
        (True, False, True)
    """
    if not callable(recipe) or inspect.iscoroutinefunction(recipe):
        msg = f"A recipe is a function of the draft, not {recipe!r:.100}."
        raise TypeError(msg)
    production = Production()
    draft = production.draft_of(state)
    if draft is state:
        msg = f"There is no draft of a {type(state).__name__}. Return another value instead."
        raise TypeError(msg)
    try:
        recipe(draft)
        return production.finish(draft)
    finally:
        production.active = False


class Production:
    """One call of `produce`."""

    def __init__(self) -> None:
        self.active = True
        self._finished: dict[int, Any] = {}
        self._under_way: set[int] = set()

    def draft_of(self, value: Any) -> Any:
        """A draft of a value, or the value itself where there is none."""
        cls = draft_class(value.__class__)
        return value if cls is None or isinstance(value, Draft) else cls(self, value)

    def finish(self, value: Any) -> Any:
        """The value without drafts in it."""
        if isinstance(value, Draft):
            self._check(value)
            return self._once(value, lambda: self._finish_draft(value))
        if draft_class(value.__class__) is None:
            return value
        return self._once(value, lambda: self._finish_plain(value))

    def _check(self, draft: Draft) -> None:
        if scope_of(draft) is not self:
            msg = f"A draft of another recipe was put into this one: a {type(value_of(draft)).__name__}. Put a value there."
            raise ValueError(msg)

    def _once(self, value: Any, finish: Callable[[], Any]) -> Any:
        """Finish what stands in several places once, and refuse what stands in itself."""
        key = id(value)
        if key in self._under_way:
            msg = f"A {type(value_of(value) if isinstance(value, Draft) else value).__name__} was put into itself. A state is a tree."
            raise ValueError(msg)
        if key not in self._finished:
            self._under_way.add(key)
            try:
                self._finished[key] = (finish(), value)  # the value is kept, so that its id is not used again
            finally:
                self._under_way.discard(key)
        return self._finished[key][0]

    def _finish_draft(self, draft: Draft) -> Any:
        work, value, kind = work_of(draft), value_of(draft), kind_of(draft)
        if work is None:
            return value
        for key, part in kind.news(value, work):
            work[key] = self.finish(part)
        return value if kind.is_same(value, work) else kind.close(value, work)

    def _finish_plain(self, value: Any) -> Any:
        """A new value that the recipe put into a draft; there may be drafts in it."""
        draft = self.draft_of(value)
        kind = kind_of(draft)
        work = kind.open(value)
        for key, part in kind.parts(work):
            work[key] = self.finish(part)
        return value if kind.is_same(value, work) else kind.close(value, work)
