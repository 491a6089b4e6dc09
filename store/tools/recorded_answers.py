"""What the server of a session must have answered, out of the actions that tell what came of it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from ...actions import (
    ApiError,
    FetchData,
    FetchFailure,
    FetchSuccess,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    SignIn,
    TokenAccepted,
)
from .entry import Entry
from .literal import literal

TOO_LONG = 3_600_000  # milliseconds: longer than anybody waits
OUTCOMES = (RefreshSuccess, RefreshFailure, LoginSuccess, LoginFailure, SignIn, Logout)


class Answered(NamedTuple):
    """An answer: when its request was sent, its status (None: none came), its body, and when it came. Times in ms."""

    sent: int
    status: int | None
    json: Any
    came: int

    @property
    def code(self) -> str:
        body = "" if self.json is None else f", json={literal(self.json, 16)}"
        return f"Answer({self.status}{body}, after={(self.came - self.sent) / 1000:g})"


def answers_of(thread: Sequence[tuple[int, Entry[Any], bool]]) -> list[Answered]:
    """The answers that an epic of the session got, in the order of its requests.

    Args:
        thread: entries with their times in milliseconds, and whether the epic answered with them.
    """
    sent: dict[str, int | None] = {}
    token_sent: int | None = None
    accepted: dict[str, int] = {}
    outcome_at = 0
    found: list[Answered] = []
    for at, entry, is_answer in thread:
        action = entry.action
        if isinstance(action, OUTCOMES):
            outcome_at = at
        if isinstance(action, FetchData):
            sent[action.key] = None if _is_busy(entry.state) else at
        if isinstance(action, RefreshToken | SignIn):
            token_sent = at
        if not is_answer:
            continue
        match action:
            case RequestRejected(request=request, decision=decision):
                began = sent.get(request)
                if began is not None:
                    found.append(Answered(began, 401, None, at))
                sent[request] = at if decision == "replay" else None
            case RequestReplayed(request=request):
                sent[request] = outcome_at
            case TokenAccepted(request=request):
                accepted[request] = at
            case FetchSuccess(key=key, data=data):
                began, came = sent.get(key), accepted.pop(key, at)
                found.append(Answered(came if began is None else began, 200, data, came))
            case FetchFailure(key=key, error=error):
                began, came = sent.get(key), accepted.pop(key, at)
                if began is not None:
                    found.append(_refused(began, error, came))
            case RefreshSuccess(tokens=tokens) | LoginSuccess(tokens=tokens) if token_sent is not None:
                kept = tokens.model_dump(mode="json", exclude={"issued_at", "others"}, exclude_none=True)
                found.append(Answered(token_sent, 200, kept, at))
            case RefreshFailure(error=error) | LoginFailure(error=error) if token_sent is not None:
                found.append(_refused(token_sent, error, at))
            case _:
                pass
    return sorted(found, key=lambda each: each.sent)


def _refused(sent: int, error: ApiError, at: int) -> Answered:
    if error.kind == "timeout":
        return Answered(sent, 200, None, sent + TOO_LONG)
    body = error.data
    if body is None and error.code is not None:
        body = {"error": error.code}
    return Answered(sent, error.status, body, at)


def _is_busy(state: Any) -> bool:
    auth = cast("Mapping[str, Any]", state).get("auth") if isinstance(state, Mapping) else getattr(state, "auth", None)
    return getattr(auth, "status", "") in ("signing_in", "refreshing")
