"""A cache that is filled without a server."""

import time
from collections.abc import Mapping
from typing import Any

from ..epics.query import Query, Seeded
from ..epics.session import ApiCallError
from ..store import Store


def seed(store: Store[Any], data: Mapping[Query[Any], Any]) -> None:
    """Put data into the cache of a store, fresh: who asks gets them without a request.

    Args:
        data: what the server would have answered, by query.

    Raises:
        TypeError: for a key that is no query, for data that do not fit its endpoint, for a state without the slice.

    Examples:
        ```python
        seed(store, {get_user(7): User(id=7, name="Ada")})
        ```
    """
    for query, answer in data.items():
        if not isinstance(query, Query):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"seed takes queries with their data: seed(store, {{get_user(7): User(...)}}), not {query!r:.100}."
            raise TypeError(msg)
        query.api.find_state(store.state)
        store.dispatch(_seeded(query, answer))


def _seeded(query: Query[Any], answer: Any) -> Seeded:
    endpoint = query.endpoint
    try:
        checked = endpoint.seed_of(answer, query.arguments)
    except ApiCallError as error:
        msg = f"The data for {query} are not what its endpoint answers. {error}"
        raise TypeError(msg) from None
    tags = tuple(dict.fromkeys(endpoint.tags_of(checked, query.arguments)))
    return Seeded.model_construct(query=query, data=checked, at=time.time(), tags=tags)
