"""What somebody wants an app to import: a file of the DevTools, looked at before the app is told."""

from typing import Any, cast

from ..devtools import parse_exported
from .lifted import began, lifted_of

MOST = 16_000_000  # characters of a file


def importable(text: str) -> str:
    """The history or the list of actions in a text, as every app understands it.

    JavaScript's apps do not look at what they import, and some end of a history with a part missing.

    Args:
        text: as the DevTools export it: a lifted state, a list of actions, or either as the `payload` beside a `preloadedState`.

    Raises:
        ValueError: for a text that is none of these, saying what is wrong.

    Examples:
        >>> importable('{"payload": "[{\\\\"type\\\\": \\\\"todos/added\\\\"}]"}')
        '[{"type": "todos/added"}]'
    """
    if len(text) > MOST:
        msg = f"The file has {len(text) / 1e6:.0f} MB; {MOST / 1e6:.0f} is the most that an app is sent."
        raise ValueError(msg)
    text, content, preloaded = parse_exported(text, "The file")
    if not isinstance(content, list):
        lifted_of(content, len(text), began(None))
        return text
    actions = cast("list[Any]", content)
    for number, action in enumerate(actions):
        if not (isinstance(action, dict) and isinstance(cast("dict[str, Any]", action).get("type"), str)):
            msg = f"Action {number} of the file has no type that is a text."
            raise ValueError(msg)  # noqa: TRY004 -- it came from elsewhere
    if preloaded is None:
        return text
    lifted = began(preloaded)
    for action in actions:  # the app computes the states
        lifted.append({"action": action}, preloaded, 0, id=lifted.next_id, most=len(actions))
    return lifted.text()
