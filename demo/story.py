"""The story of the token refresh, step by step: words, the keys that show it, and the code that does it."""

import inspect
import sys
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, cast

from rxdux import (
    Action,
    AuthState,
    Entry,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    login_epic,
    refresh_on_unauthorized,
)
from rxdux.query import Invalidate, Refetch
from rxdux.query import Succeeded as Rows

from .excerpt import excerpt
from .keys import COMMANDS
from .naive_client import NaiveClient


class Step(NamedTuple):
    """One step.

    Attributes:
        title: what it is about.
        words: what happens.
        keys: what shows it happening, pressed one after the other.
        program: where the code is, and
        line: what its line says, or the comment above it.
        moment: the first action of the last fetch at which there is something to see; None for the end.
        is_naive: whether single flight is off.
        does: the actions of the app that those keys call, without what every step begins with: to be signed in.
    """

    title: str
    words: str
    keys: tuple[str, ...]
    program: Callable[..., Any] | ModuleType
    line: str
    moment: type[Action] | None = None
    is_naive: bool = False

    @property
    def does(self) -> tuple[str, ...]:
        return tuple(each.action for key in self.keys for each in COMMANDS if each.key == key and key in "efm")

    @property
    def code(self) -> str:
        return excerpt(cast("FunctionType | ModuleType", inspect.unwrap(cast("Any", self.program))), self.line)


AUTH, REFRESH = (sys.modules[each.__module__] for each in (AuthState, refresh_on_unauthorized))

STEPS = (
    Step(
        "Before: sign in",
        "The server gives two tokens: an access token of a short life, the bar above, and a refresh token that is good "
        "for one use.",
        ("s", "enter"),
        login_epic,
        "api.sign_in(",
    ),
    Step(
        "Step 1 of 5: defer",
        "Every start of a fetch reads the token that is current then, and notes which one it is. While it is good, there "
        "is no more to it: ▸ and ✓.",
        ("f",),
        REFRESH,
        "# 1. ",
    ),
    Step(
        "Step 2 of 5: catch",
        "The token has expired. The answer is 401, ✗, and it is caught together with the source that failed. Nobody sees "
        "an error.",
        ("e", "f"),
        REFRESH,
        "# 2. ",
        RequestRejected,
    ),
    Step(
        "Step 3 of 5: ask for a refresh",
        "REFRESH_TOKEN goes out, R, after whoever waits for its answer has begun to listen.",
        ("e", "f"),
        REFRESH,
        "# 3. ",
        RefreshToken,
    ),
    Step(
        "Step 4 of 5: wait",
        "For the first REFRESH_SUCCESS, until a REFRESH_FAILURE: ┄. Then the new token is there, and generation one more.",
        ("e", "f"),
        REFRESH,
        "# 4. ",
        RequestReplayed,
    ),
    Step(
        "Step 5 of 5: start over",
        "The very stream that failed starts anew, ↻, reads the new token, and brings the rows, ✓.",
        ("e", "f"),
        REFRESH,
        "# 5. ",
        Rows,
    ),
    Step(
        "All at once",
        "Fifty fetches meet the expired token. The reducer is the lock: the first REFRESH_TOKEN wins, and there is one "
        "refresh for all.",
        ("e", "m"),
        AUTH,
        'auth.status != "signed_in"',
    ),
    Step(
        "Without it",
        "Each fetch refreshes for itself: fifty refreshes. The second use of a refresh token looks like theft, and the "
        "session ends.",
        ("t", "e", "m"),
        NaiveClient.exchange_anew,
        "client.refresh(",
        is_naive=True,
    ),
)


def moment_of(entries: Sequence[Entry[Any]], step: Step) -> int | None:
    """The place of the entry at which there is something to see of the step, in the last fetch; None where it was not."""
    if step.moment is None:
        return len(entries) - 1
    start = max(
        (place for place, entry in enumerate(entries) if isinstance(entry.action, Refetch | Invalidate)), default=0
    )
    return next((place for place in range(start, len(entries)) if isinstance(entries[place].action, step.moment)), None)
