"""The state of an api as JSON, and as a state again: each entry by the type of its endpoint, and for itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol, cast

from pydantic import ValidationError

from ...actions import ApiError
from ...actions.codec import CannotWriteError, Codec, FormatError, Secrets, Written
from ...store.slice_format import packed, unpacked
from .entries import put
from .layers import begun, waiting
from .mutation import Mutation
from .query import Query
from .result import Run
from .signature import has_secrets
from .state import QueryState

Saved = dict[str, Any]


class SavedEndpoint(Protocol):
    """An endpoint, as far as saving needs it."""

    action_class: Any
    data_class: Any
    name: str
    holds_secrets: bool


class Endpoints(Protocol):
    """An api, as far as saving needs it."""

    @property
    def name(self) -> str: ...
    @property
    def endpoints(self) -> Mapping[str, Any]: ...


class QueryFormat:
    """How the slice of an api becomes JSON, and the slice again.

    What no longer fits the type of its endpoint is dropped alone, and so is what cannot be written. Entries
    of endpoints with secrets in their types, and mutations with secret arguments, are written only with
    secrets revealed: for a storage that is made for them.
    """

    has_secrets = False  # the slice as a whole can go anywhere

    def __init__(self, name: str, api: Endpoints) -> None:
        self._name = name
        self._api = api
        self._codecs: dict[tuple[int, str], Codec | None] = {}

    def dump(self, value: QueryState, secrets: Secrets = "masked") -> Written:
        """The slice as JSON; entries with secrets only where they are `revealed`."""
        entries = [saved for key in value.records if (saved := self._entry(value, key, secrets)) is not None]
        runs = sorted((run for run in value.mutations.values() if _waits(run)), key=lambda run: run.order)
        mutations = [saved for run in runs if (saved := self._run(run, secrets)) is not None]
        return Written({"entries": entries, "mutations": mutations}, {})

    def show(self, value: QueryState) -> Any:
        """The slice as JSON to look at."""
        return self.dump(value).data

    def load(self, data: Any, types: Mapping[str, str] | None = None) -> QueryState:
        """The slice that this JSON is.

        Raises:
            FormatError: for what `dump` has not written.
        """
        match data:
            case {"entries": list(), "mutations": list()}:
                found = cast("dict[str, list[Saved]]", data)
            case _:
                msg = f"it does not fit at {self._name}: entries and mutations of an api are wanted"
                raise FormatError(msg)
        state = QueryState(self._api.name)
        for query, saved in self._known(found["entries"], "query"):
            state = self._with_entry(state, query, saved)
        for mutation, _ in self._known(found["mutations"], "mutation"):
            state = _with_run(state, mutation)
        return state

    # --- writing ---------------------------------------------------------------------------------

    def _entry(self, state: QueryState, key: str, secrets: Secrets) -> Saved | None:
        record, result = state.records[key], state.result(key)
        endpoint: SavedEndpoint = record.query.endpoint
        if result.fetched_at is None or (endpoint.holds_secrets and secrets != "revealed"):
            return None
        arguments, data = self._codec(endpoint, "arguments"), self._codec(endpoint, "data")
        if arguments is None or data is None:
            return None
        try:
            return {
                "query": endpoint.name,
                "arguments": packed(arguments.dump(record.query, secrets)),
                "data": packed(data.dump(record.base, secrets)),
                "fetched_at": result.fetched_at,
                "invalidated": result.invalidated,
                "error": None if result.error is None else result.error.model_dump(mode="json"),
                "tags": list(record.tags),
            }
        except CannotWriteError:
            return None  # it is asked for again

    def _run(self, run: Run[Any], secrets: Secrets) -> Saved | None:
        endpoint: SavedEndpoint = run.mutation.endpoint
        if has_secrets(endpoint.action_class) and secrets != "revealed":
            return None
        arguments = self._codec(endpoint, "arguments")
        if arguments is None:
            return None
        return {"mutation": endpoint.name, "arguments": packed(arguments.dump(run.mutation, secrets))}

    def _codec(self, endpoint: SavedEndpoint, part: Literal["arguments", "data"]) -> Codec | None:
        """What writes a part of an entry; None where nothing can."""
        known = (id(endpoint), part)
        if known not in self._codecs:
            kind = endpoint.action_class if part == "arguments" else endpoint.data_class
            try:
                self._codecs[known] = Codec(f"{self._name}.{endpoint.name}", kind)
            except CannotWriteError:
                self._codecs[known] = None
        return self._codecs[known]

    # --- reading ---------------------------------------------------------------------------------

    def _known(self, saved: list[Saved], kind: str) -> Iterator[tuple[Any, Saved]]:
        """What endpoints that are still there have asked; the rest is dropped."""
        for each in saved:
            endpoint = self._api.endpoints.get(str(each.get(kind)))
            codec = None if endpoint is None else self._codec(endpoint, "arguments")
            if codec is not None:
                try:
                    yield codec.load(*unpacked(each["arguments"])), each
                except (FormatError, KeyError):
                    continue  # its function takes other arguments now

    def _with_entry(self, state: QueryState, query: Query[Any], saved: Saved) -> QueryState:
        codec = self._codec(query.endpoint, "data")
        if codec is None:
            return state
        try:
            data = codec.load(*unpacked(saved["data"]))
            error = None if saved["error"] is None else ApiError.model_validate(saved["error"])
            state = put(state, query, data, float(saved["fetched_at"]), tuple(saved["tags"]))
        except (FormatError, KeyError, TypeError, ValueError, ValidationError):
            return state  # it no longer fits
        result = state.result(query.cache_key)
        status = "success" if error is None else "failure"
        result = result.replace(invalidated=bool(saved["invalidated"]), error=error, status=status)
        return state.replace(entries=state.entries.set(query.cache_key, result))


def _waits(run: Run[Any]) -> bool:
    """Whether a mutation is to be sent after a restart: it may wait for a network, and is not over."""
    return run.status in ("loading", "paused") and run.mutation.endpoint.offline


def _with_run(state: QueryState, mutation: Mutation[Any]) -> QueryState:
    try:
        state = begun(state, mutation)
    except Exception:  # its patch does not fit the data any more: it is sent without
        run = Run[Any](run_id=mutation.run_id, order=state.runs + 1).replace(mutation=mutation)
        state = state.replace(mutations=state.mutations.set(mutation.run_id, run), runs=run.order)
    return waiting(state, mutation.run_id, "paused")
