"""What `python -m rxdux.devtools` is given."""

import socket
import sys

import pytest

from rxdux.devtools.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "many"], "a port is a number from 0 to 65535, not 'many'"),
        (["--port", "70000"], "a port is a number from 0 to 65535, not '70000'"),
        (["--origin", "localhost:3000"], "an origin is a scheme, a host and a port, as in http://localhost:3000"),
        (["--origin", "http://localhost:3000/"], "not 'http://localhost:3000/'"),
        (["--host", "no.such.host.invalid"], "nobody can listen at no.such.host.invalid, port 8000"),
        (["--host", "x" * 100], "nobody can listen at xxx"),
        (["extra"], "unrecognized arguments: extra"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, before anything is shown."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert (end.value.code, words in capsys.readouterr().err) == (2, True)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said that another one can be chosen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit):
            main([f"--port={taken.getsockname()[1]}"])
    assert "Choose others: --host, --port." in capsys.readouterr().err


@pytest.mark.parametrize("extra", ["textual", "websockets"])
def test_an_extra_that_is_missing(
    extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said how to install it."""
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(SystemExit):
        main([])
    assert (
        f"{extra} is not installed. Install the extras: pip install 'rxdux[devtools,textual]'"
        in capsys.readouterr().err
    )
