"""The demo: a Textual app on a store, against a real server."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Generator, Iterable
from typing import Any, ClassVar

from reactivex.abc import DisposableBase
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from rxdux import (
    Action,
    ApiState,
    FetchData,
    Login,
    Logout,
    RefreshPolicy,
    Store,
    StoreError,
    create_api_store,
)

from .script import run_script
from .server import DemoServer
from .traffic import new_client, watch
from .trouble_epic import MakeTrouble, TroubleMade, TroubleRefused, trouble_epic
from .widgets import ActionLog, LoginDialog, PeopleTable, SessionPanel

ERRORS = {True: "Server errors are on.", False: "Server errors are off."}
SCRIPT_TOKEN_LIFE = 1.5  # seconds: the script waits for the expiry


class DemoApp(App[None]):
    """Sign in, fetch, and make trouble; the token refresh goes unnoticed."""

    TITLE = "rxdux"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sign_in", "Sign in"),
        Binding("f", "fetch", "Fetch"),
        Binding("m", "fetch_many", "50x"),
        Binding("e", "expire", "Expire"),
        Binding("r", "revoke", "Revoke"),
        Binding("x", "errors", "5xx"),
        Binding("o", "sign_out", "Sign out"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, store: Store[ApiState]) -> None:
        super().__init__()
        self.store = store
        self._page = 0
        self._session = SessionPanel()
        self._people = PeopleTable()
        self._actions = ActionLog()
        self._connections: list[DisposableBase] = []

    def compose(self) -> ComposeResult:
        yield self._session
        with Horizontal():
            yield self._people
            yield self._actions
        yield Footer(compact=True)

    def on_mount(self) -> None:
        session, people = self._session, self._people
        self._connections = [
            self.store.select(lambda state: state.auth).subscribe(lambda auth: setattr(session, "auth", auth)),
            self.store.select(lambda state: state.data).subscribe(lambda data: setattr(people, "data", data)),
            self.store.select(lambda state: state.auth.error).subscribe(self._tell),
            self.store.actions.subscribe(self._actions.show),
            self.store.actions.subscribe(self._follow),
        ]
        people.focus()

    def on_unmount(self) -> None:
        for connection in self._connections:
            connection.dispose()

    def _tell(self, error: str | None) -> None:
        if error:
            self.notify(error, severity="error")

    def _follow(self, action: Action) -> None:
        match action:
            case Login(username=username):
                self._session.user = username
            case TroubleMade(words=words):
                self.notify(words)
                if words in ERRORS.values():
                    self._session.errors_on = words == ERRORS[True]
            case TroubleRefused(words=words):
                self.notify(words, severity="warning")
            case _:
                pass

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType] -- of any screen
        yield SystemCommand("Sign in", "Ask for a name and a password", self.action_sign_in)
        yield SystemCommand("Fetch", "Fetch the next page of people", self.action_fetch)
        yield SystemCommand("Fetch 50", "Fetch fifty pages at once", self.action_fetch_many)
        yield SystemCommand("Expire", "Let the server expire all access tokens now", self.action_expire)
        yield SystemCommand("Revoke", "Let the server revoke all refresh tokens", self.action_revoke)
        yield SystemCommand("Errors", "Switch the server's errors on or off", self.action_errors)
        yield SystemCommand("Sign out", "End the session", self.action_sign_out)

    def action_sign_in(self) -> None:
        self.push_screen(LoginDialog(), self._sign_in)

    def _sign_in(self, login: Login | None) -> None:
        if login is not None:
            self.store.dispatch(login)

    def action_fetch(self) -> None:
        self._page = self._page % 50 + 1
        self._fetch(self._page)

    def action_fetch_many(self) -> None:
        for page in range(1, 51):
            self._fetch(page)

    def _fetch(self, page: int) -> None:
        self.store.dispatch(FetchData(key=f"people {page}", path="/people", params={"page": page, "size": 6}))

    def action_expire(self) -> None:
        self.store.dispatch(MakeTrouble(path="/admin/expire", words="The access token is expired now."))

    def action_revoke(self) -> None:
        self.store.dispatch(MakeTrouble(path="/admin/revoke", words="The refresh token is revoked."))

    def action_errors(self) -> None:
        on = not self._session.errors_on
        self.store.dispatch(MakeTrouble(path=f"/admin/fail?seconds={3600 if on else 0}", words=ERRORS[on]))

    def action_sign_out(self) -> None:
        self.store.dispatch(Logout())


async def run_app(url: str) -> None:
    """Run the app on a server."""
    errors: list[StoreError] = []
    policy = RefreshPolicy()
    async with (
        new_client(policy) as client,
        create_api_store(url, client=client, policy=policy, epics=[trouble_epic], on_error=errors.append) as store,
    ):
        watch(client, store.dispatch)
        await DemoApp(store).run_async()
    for error in errors:  # not on the screen while it was the app's
        print(error, file=sys.stderr)


@contextlib.contextmanager
def server_at(url: str | None, token_life: float) -> Generator[str]:
    """The URL of a server: the given one, or that of one started here."""
    if url is not None:
        yield url
        return
    with DemoServer(token_life=token_life) as server:
        yield server.url


def main() -> None:
    """The command line of the demo."""
    parser = argparse.ArgumentParser(description="rxdux's token refresh at work, against a real server.")
    parser.add_argument("--url", help="a server to use instead of starting one")
    parser.add_argument("--script", action="store_true", help="run without a screen, print the action log, check it")
    arguments = parser.parse_args()
    life = SCRIPT_TOKEN_LIFE if arguments.script else 15.0
    try:
        with server_at(arguments.url, life) as url:
            if arguments.script:
                sys.exit(0 if asyncio.run(run_script(url)) else 1)
            asyncio.run(run_app(url))
    except ValueError as error:
        sys.exit(f"{parser.prog}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
