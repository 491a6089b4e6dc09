"""What the API gave: one resource for each key, with its status."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import immutables
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..actions import ApiError, CancelFetch, FetchData, FetchFailure, FetchSuccess, Login, LoginSuccess, Logout
from .reducer import Reducer
from .state import State

ResourceStatus = Literal["idle", "loading", "success", "failure"]
Session = Literal["unknown", "signing_in", "open", "ended"]


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


class DataState(Mapping[str, Resource]):
    """A read-only mapping of keys to resources. A key that was never fetched reads as an idle resource.

    Examples:
        >>> DataState()["users"].status, "users" in DataState()
        ('idle', False)
    """

    __slots__ = ("_before", "_resources", "_session")

    def __init__(
        self,
        resources: Mapping[str, Resource] | None = None,
        before: "immutables.Map[str, Resource] | None" = None,
        session: Session = "unknown",
    ) -> None:
        is_map = isinstance(resources, immutables.Map)
        self._resources: immutables.Map[str, Resource] = resources if is_map else immutables.Map(resources or {})
        self._before = _NONE if before is None else before
        self._session: Session = session

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

    def started(self, key: str) -> "DataState":
        resource = self[key]
        before = self._before if resource.status == "loading" else self._before.set(key, resource)
        loading = resource.replace(status="loading", error=None)
        return DataState(self._resources.set(key, loading), before, self._session)

    def ended(self, key: str, resource: Resource) -> "DataState":
        return DataState(self._resources.set(key, resource), _without(self._before, key), self._session)

    def cancelled(self, key: str) -> "DataState":
        if self[key].status != "loading":
            return self
        before = self._before.get(key, _IDLE)
        if before.status == "idle":
            return DataState(_without(self._resources, key), _without(self._before, key), self._session)
        return self.ended(key, before)

    def expects(self, key: str) -> bool:
        """Whether an answer for `key` is of this session: while nobody is signed in any more, only what is loading is."""
        return self._session in ("unknown", "open") or self[key].status == "loading"

    def with_session(self, session: Session) -> "DataState":
        return DataState(self._resources, self._before, session)

    def restored(self) -> "DataState":
        """The resources after a restart: nobody loads what was loading any more."""
        loading = [key for key, kept in self._resources.items() if kept.status == "loading"]
        resources = self._resources
        for key in loading:
            kept = self[key]
            known = kept.data is not None
            resources = resources.set(key, kept.replace(status="success")) if known else resources.delete(key)
        return DataState(resources)

    @property
    def session(self) -> Session:
        """Whose data these are, as far as the actions told."""
        return self._session


def _without(resources: "immutables.Map[str, Resource]", key: str) -> "immutables.Map[str, Resource]":
    return resources.delete(key) if key in resources else resources


data_reducer = Reducer(DataState())


@data_reducer.on(FetchData)
def _started(data: DataState, action: FetchData) -> DataState:
    return data.started(action.key)


@data_reducer.on(FetchSuccess)
def _succeeded(data: DataState, action: FetchSuccess) -> DataState:
    if not data.expects(action.key):
        return data
    return data.ended(action.key, Resource(status="success", data=action.data))


@data_reducer.on(FetchFailure)
def _failed(data: DataState, action: FetchFailure) -> DataState:
    if not data.expects(action.key) and action.error.kind != "session_expired":
        return data
    return data.ended(action.key, data[action.key].replace(status="failure", error=action.error))


@data_reducer.on(CancelFetch)
def _cancelled(data: DataState, action: CancelFetch) -> DataState:
    return data.cancelled(action.key)


@data_reducer.on(Login)
def _other_user(data: DataState, action: Login) -> DataState:
    return DataState(session="signing_in")


@data_reducer.on(LoginSuccess)
def _signed_in(data: DataState, action: LoginSuccess) -> DataState:
    if data.session == "signing_in":  # what is loading waited for this login
        return data.with_session("open")
    return DataState(session="open")


@data_reducer.on(Logout)
def _signed_out(data: DataState, action: Logout) -> DataState:
    """Nothing that the session gave stays; why fetches failed does, for the user to read.

    What was loading is cancelled. When it was not the user who ended the session, it has failed.
    """
    failures = {key: kept.replace(data=None) for key, kept in data.items() if kept.status == "failure"}
    if action.reason is not None:
        error = ApiError(kind="session_expired", message=action.reason)
        failures |= {
            key: Resource(status="failure", error=error) for key, kept in data.items() if kept.status == "loading"
        }
    return DataState(failures, session="ended")
