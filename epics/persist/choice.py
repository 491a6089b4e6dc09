"""Which slices are saved, and how."""

from collections.abc import Collection, Mapping
from typing import Any

from ...actions.codec import FormatError, Secrets
from ...reducers import ReducerFn
from ...store.slice_format import Format, format_of, slices_of, types_of
from .storage import Storage
from .transform import Transform, TransformedFormat, check_transforms


class Choice:
    """What the caller of `persist` wants saved."""

    def __init__(
        self,
        storage: Storage,
        include: Collection[str] | None,
        exclude: Collection[str] | None,
        transforms: Mapping[str, Transform],
    ) -> None:
        for option, names in (("include", include), ("exclude", exclude)):
            if isinstance(names, str):
                msg = (
                    f"persist({option}=...) takes a list of slices' names, as in {option}=[{names!r:.100}], not a text."
                )
                raise TypeError(msg)
        check_transforms(transforms)
        self._storage = storage
        self._include = include
        self._exclude = exclude or ()
        self._transforms = transforms

    def formats(self, reducer: ReducerFn[Any], state: Any) -> dict[str, Format]:
        """The slices to save, each with its format.

        Raises:
            TypeError: for a slice whose type has no JSON form.
            ValueError: for a name that no slice has, and for a secret slice that is asked for by name.
        """
        types = types_of(reducer, state)
        for option in ("include", "exclude", "transforms"):
            for name in getattr(self, f"_{option}") or ():
                if name not in types:
                    msg = f"persist({option}=...) names {name!r}, which is no slice of the state. Its slices: {', '.join(types)}."
                    raise ValueError(msg)
        formats = {name: self._format(name, its) for name, its in types.items() if self._is_wanted(name)}
        secret = [] if self._storage.for_secrets else [name for name, each in formats.items() if each.has_secrets]
        if self._include is not None and secret:
            msg = (
                f"The slice {secret[0]!r} holds secrets, and {self._storage!r} is not made for them. "
                "Use KeyringStorage for it, or do not include it."
            )
            raise ValueError(msg)
        return {name: each for name, each in formats.items() if name not in secret}

    def check(self, formats: Mapping[str, Format], state: Any, secrets: Secrets) -> None:
        """Refuse at the door what no save could write.

        Raises:
            TypeError: naming the slice.
        """
        slices = slices_of(state)
        for name, each in formats.items():
            try:
                each.dump(slices[name], secrets)
            except FormatError as error:
                msg = f"The slice {name!r} cannot be written as JSON: {error}"
                raise TypeError(msg) from error.__cause__

    def late_formats(
        self, reducer: ReducerFn[Any], state: Any, before: Collection[str], secrets: Secrets
    ) -> tuple[dict[str, Format], list[TypeError]]:
        """The slices to save of a state that has other slices than before, and what is wrong with those that cannot be."""
        formats: dict[str, Format] = {}
        refused: list[TypeError] = []
        for name, its in types_of(reducer, state).items():
            if not self._is_wanted(name):
                continue
            try:
                each = self._format(name, its)
                if each.has_secrets and not self._storage.for_secrets:
                    continue
                if name not in before:
                    self.check({name: each}, state, secrets)
                formats[name] = each
            except TypeError as error:
                refused.append(error)
        return formats, refused

    def _is_wanted(self, name: str) -> bool:
        return (self._include is None or name in self._include) and name not in self._exclude

    def _format(self, name: str, type: Any) -> Format:
        transform = self._transforms.get(name)
        return format_of(name, type) if transform is None else TransformedFormat(name, transform, type)
