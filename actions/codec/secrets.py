"""Which types hold secrets, and how those are taken out of their masks."""

from typing import Any, ClassVar, cast

from pydantic import Secret, SecretBytes, SecretStr, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema

from .reachable import walk

SECRETS: tuple[type[Any], ...] = (SecretStr, SecretBytes, Secret)


def holds_secrets(kind: Any, adapter: TypeAdapter[Any] | None = None) -> bool:
    """Whether values of this type can hold secrets, at any depth.

    Args:
        kind: the type.
        adapter: of the type, to be asked as well: what tells pydantic by itself how it is written shows its fields there.

    Examples:
        >>> holds_secrets(dict[str, tuple[SecretStr, ...]]), holds_secrets(dict[str, str])
        (True, False)
    """
    if any(issubclass(found.kind, SECRETS) for found in walk(kind, subclasses=False)):
        return True
    return adapter is not None and _is_write_only(_schema(adapter))


def _schema(adapter: TypeAdapter[Any]) -> Any:
    """The JSON Schema: it has secrets as `writeOnly`."""
    from pydantic.json_schema import GenerateJsonSchema  # noqa: PLC0415 -- loaded by who saves a state, and by nobody else

    class Quiet(GenerateJsonSchema):
        """Says nothing of what JSON Schema cannot tell; only the marks of secrets are looked at."""

        ignored_warning_kinds: ClassVar = {"skipped-choice", "non-serializable-default"}  # pyright: ignore[reportIncompatibleVariableOverride]

    try:
        return adapter.json_schema(schema_generator=Quiet)
    except PydanticInvalidForJsonSchema:
        return None


def _is_write_only(schema: Any) -> bool:
    match schema:
        case {"writeOnly": True}:
            return True
        case dict():
            return any(_is_write_only(each) for each in cast("dict[str, Any]", schema).values())
        case list():
            return any(_is_write_only(each) for each in cast("list[Any]", schema))
        case _:
            return False


def reveal(value: Any) -> Any:
    match value:
        case SecretStr() | SecretBytes() | Secret():
            return cast("Any", value).get_secret_value()
        case dict():
            return {key: reveal(each) for key, each in cast("dict[Any, Any]", value).items()}
        case list() | tuple() | set() | frozenset():
            return [reveal(each) for each in cast("list[Any]", value)]
        case _:
            return value
