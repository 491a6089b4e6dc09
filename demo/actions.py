"""The demo's own actions: who came in, trouble, traffic, and what the naive epic does."""

from rxdux import Action, SignIn


class SignInByBrowser(SignIn, defer_build=True):
    """Begin a new session in a browser on this machine."""


class SignedInAs(Action, defer_build=True):
    """Who has come in, where the user gave their name to the server and not to the demo."""

    name: str


class MakeTrouble(Action, defer_build=True):
    """Ask the server for trouble, at one of its admin routes.

    Attributes:
        path: the route.
        words: what is so when it is done, for the user.
        switch: which switch of the view that turns, and to what.
    """

    path: str
    words: str
    switch: str | None = None
    on: bool = False


class TroubleMade(Action, defer_build=True):
    """The server does as it was asked."""

    words: str
    switch: str | None = None
    on: bool = False


class TroubleRefused(Action, defer_build=True):
    """The server does not know how to make trouble, or cannot be reached."""

    words: str


class HttpAnswer(Action, defer_build=True):
    """The server answered.

    Attributes:
        replay: whether the same request had met a 401 before.
        requests: how many the server has got up to now, where it tells.
    """

    method: str
    url: str
    status: int
    replay: bool = False
    requests: int | None = None


class NaiveRefresh(Action, defer_build=True):
    """One fetch refreshes the token for itself, whatever the others do."""

    request: str


class NaiveReplay(Action, defer_build=True):
    """One fetch starts over with the token that it got."""

    request: str
