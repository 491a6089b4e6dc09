"""The next state by changing a draft of the present one: Immer's produce."""

from collections.abc import Callable
from contextvars import ContextVar
from copy import copy
from types import CoroutineType
from typing import Any, TypeVar

from ..does_not_run import NOT_RUN
from .draft import ABSENT, Draft, check_active, original_of, type_of, value_now
from .kinds import DRAFTS, OWN, kind_of, kind_of_original

S = TypeVar("S")


def produce(state: S, recipe: Callable[[Any], object]) -> S:
    """The state that comes of a recipe, which may change a draft of it as it likes.

    A draft is an instance of what it stands for, with all that this can do, and its fields can be set:
    models, dataclasses and named tuples by name, `immutables.Map` as a dict, tuples as lists, frozensets
    as sets, the entities of an `EntityState`, nested in any mix. The original is never touched; the
    result shares with it all that did not change; no change gives the same object. There is no draft in
    the result, wherever the recipe put them; a list in a field for tuples becomes one. What the recipe
    returns does not matter. A recipe may call `produce` itself: of a draft it takes the value as it is then.

    Raises:
        TypeError: for a recipe that cannot be called, or that gives a coroutine or a generator, and for a state of
            which there is no draft, such as a number; from a recipe that reads an object in the state
            of which there is none, naming its path.
        ValueError: for a draft that was put into itself, or that outlived another recipe.
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
    if not callable(recipe):
        msg = f"A recipe is a function of the draft, not {recipe!r:.100}."
        raise TypeError(msg)
    root: Any = value_now(state) if isinstance(state, Draft) else state
    production = Production(root)
    before = _under_way.set(production)
    try:
        returned = recipe(production.draft)
        if isinstance(returned, NOT_RUN):
            raise TypeError(_not_run(recipe, returned))
        return production.settled(production.draft)
    finally:
        production.active = False
        _under_way.reset(before)


def _not_run(recipe: Any, returned: Any) -> str:
    kind = type_of(returned)
    if kind is CoroutineType:
        returned.close()  # so that nothing else complains
    name = getattr(recipe, "__qualname__", None) or repr(recipe)
    return (
        f"The recipe {name:.100} gave a {kind.__name__}, so it has not run. A recipe is a plain function of the draft: "
        "without async, await and yield."
    )


def current(draft: S) -> S:
    """A copy of a draft as it is now: for a log, or to look at while the recipe goes on.

    Nothing in it is a draft; to change it changes neither the draft nor the original.

    Raises:
        TypeError: for what is no draft.
        RuntimeError: for a draft that is used after its recipe.

    See https://immerjs.github.io/immer/current

    Examples:
        >>> def recipe(draft):
        ...     draft.append(3)
        ...     print(current(draft), original(draft))
        >>> produce([1, 2], recipe)
        [1, 2, 3] [1, 2]
        [1, 2, 3]
    """
    return _unshared(value_now(_checked(draft, "current")))


def original(draft: S) -> S:
    """The value that a draft stands for, as it was before the recipe: the object itself, not to be changed.

    Raises:
        TypeError: for what is no draft.
        RuntimeError: for a draft that is used after its recipe.

    See https://immerjs.github.io/immer/original
    """
    given = _checked(draft, "original")
    check_active(given)
    return original_of(given)


def is_draft(value: object) -> bool:
    """Whether this is a draft, of a recipe that runs or that is over.

    Examples:
        >>> def recipe(draft):
        ...     print(is_draft(draft), isinstance(draft, list))
        >>> produce([1], recipe), is_draft([1])
        True True
        ([1], False)
    """
    return isinstance(value, Draft)


def _checked(draft: object, name: str) -> Draft:
    if not isinstance(draft, Draft):
        msg = f"{name}() takes a draft, inside the recipe that got it, not a {type(draft).__name__}."
        raise TypeError(msg)
    return draft


class Production:
    """One call of `produce`."""

    def __init__(self, root: Any) -> None:
        kind = kind_of(type_of(root))
        if kind is None or kind is OWN:
            msg = f"There is no draft of a {type(root).__name__}. Return another value instead."
            raise TypeError(msg)
        self.active = True
        self.root = root
        self.outer = _under_way.get()
        self._mutable: set[int] | None = None
        self._adopted: dict[int, tuple[Any, Any]] = {}
        self._came_with: dict[int, tuple[Draft, set[int]]] = {}
        self.draft: Any = kind.open(self, root, False)

    def child(self, owner: Draft, part: Any, before: Any) -> Any:
        """A part as the recipe may have it.

        What the recipe put there itself it has as it is, so that it stays the same object under all its
        names, as long as it can change it as it is, with all that is in it, and it is no part of the state.
        """
        kind = kind_of(type_of(part))
        if kind is None or kind is DRAFTS:
            return part
        fresh = owner._draft_fresh or (part is not before and not self._came(owner, part))  # pyright: ignore[reportPrivateUsage]
        if fresh and kind.has_identity and not (kind.mutable and self._is_of_state(part)):
            adopted = self.adopted(part)
            if adopted is not None:
                return adopted
            return part if _is_open(part, set()) else self._adopt(part)
        return kind.open(self, part, fresh)

    @property
    def has_adopted(self) -> bool:
        return bool(self._adopted)

    def adopted(self, value: Any) -> Any:
        """The draft of an object that the recipe made: the same in all places where it put it. None without one."""
        known = self._adopted.get(id(value))
        return None if known is None else known[1]

    def _adopt(self, value: Any) -> Any:
        kind = kind_of(type_of(value)) or OWN
        draft = kind.open(self, value, True)
        self._adopted[id(value)] = (value, draft)  # the value is kept, so that its id is not used again
        return draft

    def _came(self, owner: Draft, part: Any) -> bool:
        """Whether a part that is not in its place came with the draft's original."""
        known = self._came_with.get(id(owner))
        if known is None:
            parts = kind_of_original(owner).steps(original_of(owner))
            known = self._came_with[id(owner)] = (owner, {id(each) for _, each in parts})
        return id(part) in known[1]

    def _is_of_state(self, value: Any) -> bool:
        """Whether this object, which can be changed as it is, is somewhere in the original."""
        if self._mutable is None:
            self._mutable = set()
            seen = set[int]()
            left: list[Any] = [self.root]
            while left:
                each = left.pop()
                kind = kind_of(type_of(each))
                if kind is None or kind is OWN or id(each) in seen:
                    continue
                seen.add(id(each))
                if kind.mutable:
                    self._mutable.add(id(each))
                left.extend(part for _, part in kind.steps(each))
        return id(value) in self._mutable

    def settled(self, value: Any) -> Any:
        """A value without drafts in it, as it is now."""
        return _Settling(self)(value, ABSENT)

    def refuse(self, value: Any, reason: str) -> Exception:
        return TypeError(f"{_path_to(value, self.draft)} is a {type(value).__name__}, and {reason}.")


_under_way: "ContextVar[Production | None]" = ContextVar("rxdux_recipe", default=None)


_OPEN: Any = object()
"""Stands for what is being settled."""


class _Settling:
    """One walk from drafts to values."""

    def __init__(self, production: Production) -> None:
        self._production = production
        self._adopted = production.has_adopted
        self._done: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any, before: Any) -> Any:
        kind = kind_of(type_of(value))
        if kind is None or value is before:
            return value
        if kind is not DRAFTS and self._adopted:
            adopted = self._production.adopted(value)
            if adopted is not None:
                value, kind = adopted, DRAFTS
        base, known = value, before
        if kind is DRAFTS:
            scope = value._draft_scope
            if scope is not self._production:
                return self._of_another(value, scope)
            base = original_of(value)
            known = before if value._draft_fresh else base  # what the recipe made may have drafts in it
            kind = kind_of_original(value)
        key = id(value)
        done = self._done.get(key)
        if done is None:
            self._done[key] = (_OPEN, value)  # the value is kept, so that its id is not used again
            done = self._done[key] = (kind.settle(value, base, known, self), value)
        elif done[0] is _OPEN:
            msg = f"A {type(base).__name__} was put into itself. A state is a tree."
            raise ValueError(msg)
        return done[0]

    def _of_another(self, draft: Draft, scope: Any) -> Any:
        """A draft of the recipe around this one, or of one that ran within it."""
        each: Production | None = scope
        while each is not None and each is not self._production:
            each = each.outer
        if scope.active or each is not None:
            return scope.settled(draft)
        msg = f"A draft of another recipe was put into this one: a {type(original_of(draft)).__name__}. Put a value there."
        raise ValueError(msg)


def _is_open(value: Any, seen: set[int]) -> bool:
    """Whether a value can be changed as it is, and so can all that is in it."""
    kind = kind_of(type_of(value))
    if kind is None or kind is DRAFTS or kind is OWN or id(value) in seen:
        return True
    seen.add(id(value))
    return kind.mutable and all(_is_open(part, seen) for _, part in kind.steps(value))


def _unshared(value: Any) -> Any:
    """A copy of all that can be changed where it is."""
    kind = kind_of(type_of(value))
    if kind is None or kind is OWN:
        return value
    new = kind.settle(value, value, ABSENT, lambda part, before: _unshared(part))
    return copy(value) if new is value and kind.mutable else new


def _path_to(value: Any, root: Any) -> str:
    """Where an object stands in the state, as `state.page['items'][2]`."""
    seen = set[int]()
    left: list[tuple[str, Any]] = [("state", root)]
    while left:
        path, each = left.pop()
        if each is value:
            return path
        kind = kind_of(type_of(each))
        if kind is not None and kind is not OWN and id(each) not in seen:
            seen.add(id(each))
            left.extend((path + step, part) for step, part in kind.steps(each))
    return "This"
