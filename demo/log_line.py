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
from rxdux.oauth import BrowserWanted, DeviceCodeIssued, DevicePolled
from rxdux.query import Failed, Invalidate, MutationFailed, MutationSucceeded, Succeeded

from .actions import HttpAnswer, MakeTrouble, NaiveRefresh, NaiveReplay, SignedInAs, TroubleMade, TroubleRefused
from .queries import asked_in, short

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
            return LogLine("  rejected", f"{decision}: {request}", "wire")
        case RequestReplayed(request=request, waited=waited):
            return LogLine("  start over", f"waited {waited * 1000:.0f} ms: {request}", "wire")
        case NaiveRefresh(request=request):
            return LogLine(action.type, f"for itself: {request}", "bad")
        case NaiveReplay(request=request):
            return LogLine("  start over", request, "wire")
        case RefreshSuccess() | LoginSuccess():
            return LogLine(action.type, "new tokens", "session")
        case RefreshFailure(error=error) | LoginFailure(error=error):
            return LogLine(action.type, str(error), "bad")
        case Login(username=username):
            return LogLine(action.type, username, "session")
        case SignedInAs(name=name):
            return LogLine(action.type, name, "session")
        case DeviceCodeIssued(verification_uri=address):  # the code is for the user alone
            return LogLine(action.type, f"to type at {address}", "session")
        case BrowserWanted(url=url):  # without its parameters: the state in it is a secret until it has come back
            return LogLine(action.type, url.partition("?")[0], "session")
        case DevicePolled(answer=answer):
            return LogLine(action.type, answer, "wire")
        case Logout(reason=reason):
            return LogLine(action.type, reason or "", "session")
        case MakeTrouble(words=words) | TroubleMade(words=words) | TroubleRefused(words=words):
            return LogLine(action.type, words, "plain")
        case Invalidate(tags=tags):
            return LogLine(action.type, ", ".join(tags), "plain")
        case _:
            asked = asked_in(action)
            return LogLine(action.type, "", "plain") if asked is None else _of_question(action, short(asked))


def _of_question(action: Action, asked: str) -> LogLine:
    """What has become of a question to the server, or of a change."""
    match action:
        case Succeeded() | MutationSucceeded():
            return LogLine(action.type, asked, "good")
        case Failed(error=error) | MutationFailed(error=error):
            return LogLine(action.type, f"{asked}: {error}", "bad")
        case _:
            return LogLine(action.type, asked, "plain")
