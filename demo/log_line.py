"""One action as one line of the log."""

from typing import Literal, NamedTuple

from rxdux import (
    Action,
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
)

from .actions import HttpAnswer, MakeTrouble, NaiveRefresh, NaiveReplay, TroubleMade, TroubleRefused

Tone = Literal["plain", "wire", "good", "bad", "session"]


class LogLine(NamedTuple):
    """What to show of an action: its name, what matters of it, and how it sounds."""

    name: str
    detail: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.name:<17} {self.detail}".rstrip()


def line_of(action: Action) -> LogLine:
    """The line of an action. It holds no secret: actions mask theirs, and only what is named here is shown.

    Examples:
        >>> str(line_of(HttpAnswer(method="GET", url="/people", status=401)))
        '  GET 401         /people'
    """
    match action:
        case HttpAnswer(method=method, url=url, status=status, replay=replay):
            tone: Tone = "bad" if status >= 400 else "wire"
            return LogLine(f"  {method} {status}{' replay' if replay else ''}", url, tone)
        case FetchData(key=key) | CancelFetch(key=key):
            return LogLine(action.type, key, "plain")
        case FetchSuccess(key=key):
            return LogLine(action.type, key, "good")
        case FetchFailure(key=key, error=error):
            return LogLine(action.type, f"{key}: {error}", "bad")
        case RefreshToken(generation=generation):
            return LogLine(action.type, f"generation {generation}", "session")
        case RequestRejected(request=request, decision=decision):
            return LogLine("  rejected", f"{request}: {decision}", "wire")
        case RequestReplayed(request=request, waited=waited):
            return LogLine("  start over", f"{request}, waited {waited * 1000:.0f} ms", "wire")
        case NaiveRefresh(request=request):
            return LogLine(action.type, f"{request}, for itself", "bad")
        case NaiveReplay(request=request):
            return LogLine("  start over", request, "wire")
        case RefreshSuccess() | LoginSuccess():
            return LogLine(action.type, "new tokens", "session")
        case RefreshFailure(error=error) | LoginFailure(error=error):
            return LogLine(action.type, str(error), "bad")
        case Login(username=username):
            return LogLine(action.type, username, "session")
        case Logout(reason=reason):
            return LogLine(action.type, reason or "", "session")
        case MakeTrouble(words=words) | TroubleMade(words=words) | TroubleRefused(words=words):
            return LogLine(action.type, words, "plain")
        case _:
            return LogLine(action.type, "", "plain")
