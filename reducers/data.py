"""What the API gave: one resource for each key, with its status."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import immutables
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..actions import (
    ApiError,
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    LoginSuccess,
    Logout,
    RefreshFailure,
    SignIn,
)
from ..actions.codec import Way, register
from .reducer import Reducer
from .state import State

ResourceStatus = Literal["idle", "loading", "success", "failure"]
SessionStage = Literal["unknown", "signing_in", "open", "ended"]


class Resource(State):
    """One thing that the API gives.

    Attributes:
        status: `idle` before the first fetch.
        data: parsed JSON; while loading and after a failure still that of the last success.
        error: why the last fetch failed.
    """

    status: ResourceStatus = "idle"
    data: Any = None
    error: ApiError | None = None


_IDLE = Resource()
_NONE: "immutables.Map[str, Resource]" = immutables.Map()
_NOBODY: "immutables.Map[str, str]" = immutables.Map()
_UNKNOWN: "immutables.Map[str, SessionStage]" = immutables.Map()


class DataState(Mapping[str, Resource]):
    """A read-only mapping of keys to resources. A key that was never fetched reads as an idle resource.

    Examples:
        >>> DataState()["users"].status, "users" in DataState()
        ('idle', False)
    """

    __slots__ = ("_before", "_owners", "_resources", "_stages")

    def __init__(
        self,
        resources: Mapping[str, Resource] | None = None,
        before: "immutables.Map[str, Resource] | None" = None,
        stages: "immutables.Map[str, SessionStage]" = _UNKNOWN,
        owners: "immutables.Map[str, str]" = _NOBODY,
    ) -> None:
        is_map = isinstance(resources, immutables.Map)
        self._resources: immutables.Map[str, Resource] = resources if is_map else immutables.Map(resources or {})
        self._before = _NONE if before is None else before
        self._stages = stages
        self._owners = owners  # of what belongs to another session than `auth`

    def __getitem__(self, key: str) -> Resource:
        return self._resources.get(key, _IDLE)

    def get(self, key: str, default: Any = None) -> Any:
        return self._resources.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._resources

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)

    def __repr__(self) -> str:
        return f"DataState({dict(self._resources)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_mapping = core_schema.no_info_after_validator_function(cls, handler(dict[str, Resource]))
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), from_mapping],
            serialization=core_schema.plain_serializer_function_ser_schema(
                dict, return_schema=handler(dict[str, Resource])
            ),
        )

    def started(self, key: str, session: str = "auth") -> "DataState":
        resource = self[key]
        before = self._before if resource.status == "loading" else self._before.set(key, resource)
        loading = resource.replace(status="loading", error=None)
        owners = self._owners
        if session != self.owner(key):
            owners = owners.delete(key) if session == "auth" else owners.set(key, session)
        return DataState(self._resources.set(key, loading), before, self._stages, owners)

    def ended(self, key: str, resource: Resource) -> "DataState":
        return DataState(self._resources.set(key, resource), _without(self._before, key), self._stages, self._owners)

    def cancelled(self, key: str) -> "DataState":
        if self[key].status != "loading":
            return self
        before = self._before.get(key, _IDLE)
        if before.status == "idle":
            resources, waiting = _without(self._resources, key), _without(self._before, key)
            return DataState(resources, waiting, self._stages, self._owners)
        return self.ended(key, before)

    def expects(self, key: str, session: str = "auth") -> bool:
        """Whether an answer for `key` is of this session: while nobody is signed in any more, only what is loading is."""
        if key in self._resources and self.owner(key) != session:
            return False
        return self.stage(session) in ("unknown", "open") or self[key].status == "loading"

    def owner(self, key: str) -> str:
        """The session in which it was fetched."""
        return self._owners.get(key, "auth")

    def stage(self, session: str = "auth") -> SessionStage:
        """Whose data these are, as far as the actions told."""
        return self._stages.get(session, "unknown")

    def at_stage(self, session: str, stage: SessionStage) -> "DataState":
        return DataState(self._resources, self._before, self._stages.set(session, stage), self._owners)

    def only(self, session: str, kept: Mapping[str, Resource], stage: SessionStage) -> "DataState":
        """With nothing of this session but what is `kept`; what others have stays."""
        others = {key: resource for key, resource in self._resources.items() if self.owner(key) != session}
        before = {key: resource for key, resource in self._before.items() if self.owner(key) != session}
        owners = {key: self.owner(key) for key in (*others, *kept) if self.owner(key) != "auth"}
        return DataState(
            immutables.Map({**others, **kept}),
            immutables.Map(before),
            self._stages.set(session, stage),
            immutables.Map(owners),
        )

    def restored(self) -> "DataState":
        """The resources after a restart: nobody loads what was loading any more."""
        loading = [key for key, kept in self._resources.items() if kept.status == "loading"]
        resources = self._resources
        for key in loading:
            kept = self[key]
            known = kept.data is not None
            resources = resources.set(key, kept.replace(status="success")) if known else resources.delete(key)
        return DataState(resources)


def _without(resources: "immutables.Map[str, Resource]", key: str) -> "immutables.Map[str, Resource]":
    return resources.delete(key) if key in resources else resources


def _pairs(data: DataState) -> list[list[Any]]:
    return [[key, resource] for key, resource in data.items()]


def _of_pairs(pairs: list[Any]) -> DataState:
    return DataState(dict(pairs))


register(DataState, Way("DataState", _pairs, _of_pairs, (Resource,)))

data_reducer = Reducer(DataState())


@data_reducer.on(FetchData)
def _started(data: DataState, action: FetchData) -> DataState:
    return data.started(action.key, action.session)


@data_reducer.on(FetchSuccess)
def _succeeded(data: DataState, action: FetchSuccess) -> DataState:
    if not data.expects(action.key, action.session):
        return data
    return data.ended(action.key, Resource(status="success", data=action.data))


@data_reducer.on(FetchFailure)
def _failed(data: DataState, action: FetchFailure) -> DataState:
    is_own = data.owner(action.key) == action.session
    if not data.expects(action.key, action.session) and not (is_own and action.error.kind == "session_expired"):
        return data
    return data.ended(action.key, data[action.key].replace(status="failure", error=action.error))


@data_reducer.on(CancelFetch)
def _cancelled(data: DataState, action: CancelFetch) -> DataState:
    return data.cancelled(action.key) if data.owner(action.key) == action.session else data


@data_reducer.on(SignIn)
def _other_user(data: DataState, action: SignIn) -> DataState:
    return data.only(action.session, {}, "signing_in")


@data_reducer.on(LoginSuccess)
def _signed_in(data: DataState, action: LoginSuccess) -> DataState:
    if data.stage(action.session) == "signing_in":  # what is loading waited for this login
        return data.at_stage(action.session, "open")
    return data.only(action.session, {}, "open")


@data_reducer.on(Logout)
def _signed_out(data: DataState, action: Logout) -> DataState:
    return _ended(data, action.session, action.reason)


@data_reducer.on(RefreshFailure)
def _not_refreshed(data: DataState, action: RefreshFailure) -> DataState:
    is_over = action.permanent and data.stage(action.session) in ("unknown", "open")
    return _ended(data, action.session, str(action.error)) if is_over else data


def _ended(data: DataState, session: str, reason: str | None) -> DataState:
    """Nothing that the session gave stays; why fetches failed does, for the user to read.

    What was loading is cancelled. When it was not the user who ended the session, it has failed.
    """
    own = {key: resource for key, resource in data.items() if data.owner(key) == session}
    failures = {key: resource.replace(data=None) for key, resource in own.items() if resource.status == "failure"}
    if reason is not None:
        error = ApiError(kind="session_expired", message=reason)
        loading = [key for key, resource in own.items() if resource.status == "loading"]
        failures |= {key: Resource(status="failure", error=error) for key in loading}
    return data.only(session, failures, "ended")
