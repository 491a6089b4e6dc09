"""What the Inspector says of the demo's actions: status and URL of an answer, and what the log says of others."""

from typing import Any

from rxdux.textual import describe as describe_fields

from .actions import HttpAnswer
from .log_line import line_of


def describe(action: Any) -> str:
    """Which of its kind an action is. It holds no secret.

    Examples:
        >>> describe(HttpAnswer(method="GET", url="/people?page=1", status=401))
        '401 GET /people?page=1'
    """
    match action:
        case HttpAnswer(method=method, url=url, status=status, replay=replay):
            return f"{status}{' replay' if replay else ''} {method} {url}"  # an address may be cut
        case _:
            return line_of(action).detail or describe_fields(action)
