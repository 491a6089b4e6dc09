"""A session file that cannot be read, or holds what is none, harms that one look and nothing else."""

import json
from pathlib import Path

import pytest

from rxdux import TokenSet
from rxdux.epics.session.sharing.file_session import FileSession

TOKENS = TokenSet(access_token="a", refresh_token="r")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 20_000,
        '{"serial": 1e999, "login": 1, "tokens": null}',
        '{"serial": "x"}',
        "null",
        "\x00",
        "",
    ],
    ids=["deep list", "deep object", "1e999", "a word", "null", "zero", "empty"],
)
def test_what_is_no_session_is_put_aside(tmp_path: Path, text: str) -> None:
    """Nobody is signed in, and the next sign-in is stored."""
    path = tmp_path / "session"
    path.write_text(text)
    session = FileSession(path, keyring=None)
    assert session.read().tokens is None
    session.write(TOKENS, is_login=True)
    assert session.read().tokens == TOKENS


class Keyring:
    """A keyring in memory that can be locked."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.locked = False

    def get_password(self, service_name: str, username: str) -> str | None:
        self._check()
        return self.kept.get(username)

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self._check()
        self.kept[username] = password

    def _check(self) -> None:
        if self.locked:
            raise PermissionError


def test_a_sign_out_elsewhere_is_noticed_after_a_read_error(tmp_path: Path) -> None:
    """The keyring was locked for a while: the tokens stay those that are known, and then the sign-out counts."""
    path, vault = tmp_path / "session", Keyring()
    here, there = FileSession(path, keyring=vault), FileSession(path, keyring=vault)
    here.write(TOKENS, is_login=True)
    there.news()
    vault.locked = True
    assert here.read().tokens == TOKENS
    vault.locked = False
    there.write(None)
    news = here.news()
    assert news is not None
    assert news[0].tokens is None


def test_a_file_that_cannot_be_read_now_is_no_news(tmp_path: Path) -> None:
    """It is looked at again; nobody is signed out for it."""
    path = tmp_path / "session"
    session = FileSession(path, keyring=None)
    session.write(TOKENS, is_login=True)
    text = path.read_text()
    path.unlink()
    path.mkdir()  # IsADirectoryError: an OSError that also root gets
    assert session.news() is None
    path.rmdir()
    path.write_text(text.replace('"serial": 1', '"serial": 2').replace(json.dumps("a"), json.dumps("b")))
    news = session.news()
    assert news is not None
    assert news[0].serial == 2
