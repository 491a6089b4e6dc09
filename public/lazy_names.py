"""Modules that load what they hand on from others when it is asked for, as PEP 562 has it."""

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class _Lazy(ModuleType):
    """A module whose names are looked up where they are defined, each once."""

    _homes: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        home = self.__dict__["_homes"].get(name)
        if home is None:
            msg = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(msg, name=name, obj=self)
        found = getattr(import_module(home, self.__package__), name)
        self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        """Whoever imports a module `undoable` puts it here, where the function of that name belongs."""
        is_in_the_way = isinstance(value, ModuleType) and name in self.__dict__["_homes"]
        super().__setattr__(name, self.__getattr__(name) if is_in_the_way else value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._homes})


def hand_on(module: str, names: Mapping[str, str]) -> None:
    """Let a module hand on names of others, each of which is loaded with the first of its names.

    For the type checker it imports them under `TYPE_CHECKING`, and lists them in `__all__`.

    Args:
        module: its `__name__`.
        names: by the module that defines them, relative to the package, with spaces between.
    """
    lazy = sys.modules[module]
    lazy.__dict__["_homes"] = {name: home for home, text in names.items() for name in text.split()}
    lazy.__class__ = _Lazy
