"""The stream of others' actions: shown in the turn of the epics, after the state streams."""

from ...actions import Action
from ...actions.internal import OthersActed
from ...store.engine.action_stream import ActionIndex, ActionStream, Observation, Owner, Route


class NodesActed(OthersActed, type="@@rxdux/NODES_ACTED"):
    """Others' actions as this node has them from its log: a store may share slices through several."""

    node: str


class Remote:
    """Shows the others' actions that one node has from its log to those who subscribed to `stream`."""

    def __init__(self, node: str, owner: Owner) -> None:
        self._node = node
        self._owner = owner
        self._index = ActionIndex()
        self.stream = ActionStream(self._index, owner)

    def show(self, acted: NodesActed) -> None:
        if acted.node != self._node:
            return
        for action, _, _ in acted.entries:
            route = self._index.routes.setdefault(type(action), Route(None))
            known = route.observers
            for each in self._index.observers(type(action), route) if known is None else known:
                self._tell(each, action)

    def complete(self) -> None:
        for each in self._index.owned(self._owner):
            self._index.end(each)
            each.observer.on_completed()

    @staticmethod
    def _tell(observation: Observation, action: Action) -> None:
        if not observation.active:
            return
        try:
            observation.on_next(action)
        except Exception as error:
            observation.owner.failed(error)
