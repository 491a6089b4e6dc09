"""Optimistic patches: layers over the server's last answer, in the order of their mutations."""

from collections.abc import Iterable
from typing import Any, Protocol

from ...actions import ApiError
from .mutation import Mutation
from .result import Run, RunStatus
from .state import Layer, QueryState
from .structural_sharing import share


class PatchingEndpoint(Protocol):
    """What a mutation's endpoint changes at once, and what by its answer."""

    @property
    def name(self) -> str: ...
    def patched(self, mutation: Mutation[Any], key: str, data: Any) -> Any: ...
    def patched_keys(self, mutation: Mutation[Any]) -> Iterable[str]: ...
    def updated_keys(self, answer: Any) -> Iterable[str]: ...
    def updated(self, data: Any, answer: Any) -> Any: ...


def shown_data(state: QueryState, key: str) -> Any:
    """The server's answer with the patches on it."""
    data = state.records[key].base
    for layer in state.layers.get(key, ()):
        data = _apply(state, layer, key, data)
    return data


def settle(state: QueryState, key: str) -> QueryState:
    """Put into the answer what is certain, and show the answer with the rest on it."""
    state = _bake(state, key)
    if not state.has_data(key):
        return state
    result = state.result(key)
    data = share(result.data, shown_data(state, key))
    if data is result.data:
        return state
    return state.replace(entries=state.entries.set(key, result.replace(data=data)))


def begun(state: QueryState, mutation: Mutation[Any]) -> QueryState:
    """A mutation, with its patches. Each runs once."""
    run_id = mutation.run_id
    if run_id in state.mutations:
        return state
    endpoint: PatchingEndpoint = mutation.endpoint
    keys = tuple(endpoint.patched_keys(mutation))
    run = Run[Any](status="loading", run_id=run_id, order=state.runs + 1).replace(mutation=mutation, keys=keys)
    before = state.latest.get(endpoint.name)
    state = state.replace(
        mutations=state.mutations.set(run_id, run), runs=run.order, latest=state.latest.set(endpoint.name, run_id)
    )
    for key in keys:
        layers = (*state.layers.get(key, ()), Layer(run_id))
        state = settle(state.replace(layers=state.layers.set(key, layers)), key)
    return state if before is None else _forget_if_over(state, before)


def done(state: QueryState, run_id: str, answer: Any) -> QueryState:
    """A mutation has succeeded: its patches stay until an answer comes that was asked for later."""
    run = state.mutations.get(run_id)
    if run is None:
        return state
    endpoint: PatchingEndpoint = run.mutation.endpoint
    updated = state.keys_about(endpoint.updated_keys(answer))
    keys = tuple(dict.fromkeys((*run.keys, *updated)))
    run = run.replace(status="success", data=answer, error=None, keys=keys)
    state = state.replace(mutations=state.mutations.set(run_id, run))
    for key in keys:
        state = _end_layer(state, run_id, key)
    for key in keys:
        state = settle(state, key)
    return _forget_if_over(state, run_id)


def failed(state: QueryState, run_id: str, error: ApiError) -> QueryState:
    """A mutation has failed: its own patches are taken out, and no others."""
    run = state.mutations.get(run_id)
    if run is None:
        return state
    over = run.replace(status="failure", error=error, keys=())
    state = state.replace(mutations=state.mutations.set(run_id, over))
    for key in run.keys:
        layers = tuple(layer for layer in state.layers.get(key, ()) if layer.run_id != run_id)
        state = settle(_with_layers(state, key, layers), key)
    return _forget_if_over(state, run_id)


def waiting(state: QueryState, run_id: str, status: RunStatus) -> QueryState:
    """A mutation waits for a network, or does so no more."""
    run = state.mutations.get(run_id)
    return state if run is None else state.replace(mutations=state.mutations.set(run_id, run.replace(status=status)))


def without_layers(state: QueryState) -> QueryState:
    """The server's answers alone."""
    keys = list(state.layers)
    state = state.replace(layers=state.layers.__class__())
    for key in keys:
        state = settle(state, key)
    return state


def _end_layer(state: QueryState, run_id: str, key: str) -> QueryState:
    record = state.records.get(key)
    until = 0 if record is None else record.request
    layers = state.layers.get(key, ())
    if any(layer.run_id == run_id for layer in layers):
        layers = tuple(layer._replace(until=until) if layer.run_id == run_id else layer for layer in layers)
    else:
        layers = (*layers, Layer(run_id, until))
    return _with_layers(state, key, layers)


def _bake(state: QueryState, key: str) -> QueryState:
    """Put the lowest layers into the answer for as long as their mutations are over, and no older answer can come."""
    layers = state.layers.get(key, ())
    while layers and layers[0].until is not None and not _may_be_undone(state, key, layers[0].until):
        first, layers = layers[0], layers[1:]
        if state.has_data(key):
            record = state.records[key]
            base = share(record.base, _apply(state, first, key, record.base))
            state = state.replace(records=state.records.set(key, record._replace(base=base)))
        state = _forget_if_over(_with_layers(state, key, layers), first.run_id)
    return state


def _may_be_undone(state: QueryState, key: str, until: int) -> bool:
    return state.is_fetching(key) and state.records[key].request <= until


def _apply(state: QueryState, layer: Layer, key: str, data: Any) -> Any:
    run = state.mutations[layer.run_id]
    endpoint: PatchingEndpoint = run.mutation.endpoint
    data = endpoint.patched(run.mutation, key, data)
    return endpoint.updated(data, run.data) if run.status == "success" else data


def _with_layers(state: QueryState, key: str, layers: tuple[Layer, ...]) -> QueryState:
    if layers:
        return state.replace(layers=state.layers.set(key, layers))
    return state.replace(layers=state.layers.delete(key)) if key in state.layers else state


def _forget_if_over(state: QueryState, run_id: str) -> QueryState:
    """Drop a run that is over, that is not the last of its endpoint, and that no entry has a layer of."""
    run = state.mutations.get(run_id)
    if run is None or run.status not in ("success", "failure"):
        return state
    is_last = state.latest.get(run.mutation.endpoint.name) == run_id
    left = reversed(run.keys)  # the last ones keep their layers for the longest
    has_layers = any(layer.run_id == run_id for key in left for layer in state.layers.get(key, ()))
    return state if is_last or has_layers else state.replace(mutations=state.mutations.delete(run_id))
