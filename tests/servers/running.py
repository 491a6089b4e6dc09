"""Starts a server as a process of its own, and is the test's hand on it."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent


class RunningServer:
    """A server under test: where it is, what it counted, and what the test may do to it.

    Attributes:
        url: its origin, without a slash at its end.
        facts: what else it said when it started, such as its clients' secrets.
    """

    def __init__(self, facts: dict[str, Any], hand: httpx.Client) -> None:
        self.url: str = facts["url"]
        self.facts = facts
        self._hand = hand

    @property
    def counts(self) -> dict[str, int]:
        """Calls so far by kind: `login`, `refresh`, `service`, `revoke`, `api`; `unauthorized` is a part of `api`."""
        return self._hand.get("/_/counts").raise_for_status().json()

    def reset(self) -> None:
        """Count anew."""
        self._do("reset")

    def expire(self) -> None:
        """From now on the API refuses each access token that was issued so far."""
        self._do("expire")

    def end(self) -> None:
        """From now on the refresh tokens that were issued so far are refused, as after an administrator's sign-out."""
        self._do("end")

    def life(self, seconds: float) -> None:
        """How long the access tokens live that are issued from now on."""
        self._do("life", seconds=seconds)

    def hold(self, when: str) -> None:
        """Keep the next token request: `before` it is acted upon (it never will be), or `after`, without its answer."""
        self._do("hold", when=when)

    def release(self) -> None:
        """Answer what is held."""
        self._do("release")

    def answer(self, user_code: str, status: str) -> None:
        """Let the user of django-oauth-toolkit say `authorized` or `denied` to a device."""
        self._do("answer", user_code=user_code, status=status)

    def _do(self, what: str, **query: Any) -> None:
        self._hand.post(f"/_/{what}", params=query).raise_for_status()


@contextmanager
def running(*command: str, options: dict[str, Any] | None = None) -> Iterator[RunningServer]:
    """A server for as long as the block lasts. It ends by itself when whoever started it is gone: its input ends."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [*command, json.dumps(options or {})],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                raise RuntimeError(f"{command} did not start:\n{log.read()}")
            facts = json.loads(line)
            with httpx.Client(base_url=facts["url"], trust_env=False, timeout=10) as hand:
                yield RunningServer(facts, hand)
        finally:
            process.kill()
