"""What the shared slices do with actions: which they handle, how they reduce, and how an action is made of an entry."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ...actions import Action
from ...actions.action import read_fields
from ...actions.registry import action_classes, classes_of_type
from ...reducers import ReducerError, ReducerFn
from ...reducers.reducer import initial_state, is_routed, returned_none, route_of
from .entries import Entry
from .errors import SharedError

Slices: TypeAlias = dict[str, Any]
"""Slices by their names."""

Upcast: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes a serialised action of the next version out of one of an older version."""

Step: TypeAlias = tuple[str, ReducerFn[Any]]


class OutdatedError(SharedError):
    """The log has something that this program cannot read: it is of a newer version."""


class InvalidEntryError(SharedError):
    """An entry that no node applies."""


class Rules:
    """The reducers of the shared slices, by action class.

    Args:
        parts: the reducer of each slice.
        version: of the shape of the slices and actions.
        upcast: for each older version what makes the next one's actions of its actions.
    """

    def __init__(self, parts: Mapping[str, ReducerFn[Any]], version: int, upcast: Mapping[int, Upcast]) -> None:
        self.version = version
        self._upcast = upcast
        self._steps: dict[type[Action], tuple[Step, ...]] = {}
        self._names: dict[type[Action], frozenset[str]] = {}
        self._classes: dict[str, type[Action] | None] = {}
        self.use(parts)

    def use(self, parts: Mapping[str, ReducerFn[Any]]) -> None:
        """Let other reducers take the place of those of the slices."""
        self.parts = dict(parts)
        for part in self.parts.values():
            if is_routed(part):
                part.add_dependent(self)
        self.routes_changed()

    def routes_changed(self) -> None:
        """A handler was added: what was known of action classes may have changed."""
        self._steps.clear()
        self._names.clear()
        self._classes.clear()

    # --- reducing --------------------------------------------------------------------------------

    def steps(self, action_class: type[Action]) -> tuple[Step, ...]:
        """The slices that handle this class, and what each does; none for what is not shared."""
        found = self._steps.get(action_class)
        if found is None:
            routes = ((name, route_of(part, action_class)) for name, part in self.parts.items())
            found = self._steps[action_class] = tuple((name, step) for name, step in routes if step is not None)
        return found

    def names(self, action_class: type[Action]) -> frozenset[str]:
        """The slices that handle this class."""
        found = self._names.get(action_class)
        if found is None:
            found = self._names[action_class] = frozenset(name for name, _ in self.steps(action_class))
        return found

    def known_classes(self) -> list[type[Action]]:
        """The action classes of today that are shared."""
        return [cls for cls in action_classes() if self.steps(cls)]

    def reduce(self, slices: Mapping[str, Any], action: Action) -> Slices:
        """The slices that an action changes; nothing is changed where it raises.

        Raises:
            Exception: what a reducer raised.
        """
        changes: Slices = {}
        for name, step in self.steps(type(action)):
            before = slices[name]
            after = step(before, action)
            if after is not before:
                if after is None and initial_state(self.parts[name]) is not None:
                    raise ReducerError(returned_none(f"The reducer of slice {name!r}", action))
                changes[name] = after
        return changes

    # --- reading ---------------------------------------------------------------------------------

    def read(self, entry: Entry) -> Action:
        """The action of an entry.

        Raises:
            OutdatedError: for one of a newer version, or of a type that no shared slice handles here.
            InvalidEntryError: for one whose fields do not fit. It does not show them.
        """
        if entry.version > self.version:
            msg = f"The log has an action of version {entry.version}, and this program knows versions up to {self.version}. Update it."
            raise OutdatedError(msg)
        fields = entry.action
        for version in range(entry.version, self.version):
            if (upcast := self._upcast.get(version)) is not None:
                fields = self._raised(upcast, version, fields)
        kind = fields.get("type")
        cls = self._class_of(kind) if isinstance(kind, str) else None
        if cls is None:
            msg = (
                f"The log has an action of type {kind!r:.100}, which no shared slice handles here. Update this program."
            )
            raise OutdatedError(msg)
        try:
            return read_fields(cls, {name: value for name, value in fields.items() if name != "type"})
        except (ValueError, TypeError) as error:
            problem = type(error).__name__
        msg = f"an action of type {kind!r:.100} whose fields do not fit ({problem})"
        raise InvalidEntryError(msg)

    @staticmethod
    def _raised(upcast: Upcast, version: int, fields: dict[str, Any]) -> dict[str, Any]:
        try:
            return upcast(fields)
        except Exception as error:
            msg = f"an action of version {version} that upcast[{version}] does not take ({type(error).__name__})"
            raise InvalidEntryError(msg) from None

    def _class_of(self, kind: str) -> type[Action] | None:
        if kind not in self._classes:
            handled = [cls for cls in classes_of_type(kind) if self.steps(cls)]
            if len(handled) > 1:
                names = ", ".join(sorted(f"{cls.__module__}.{cls.__qualname__}" for cls in handled))
                msg = f"The action type {kind!r} is ambiguous: {names} share it. Give one another type."
                raise OutdatedError(msg)
            self._classes[kind] = handled[0] if handled else None
        return self._classes[kind]
