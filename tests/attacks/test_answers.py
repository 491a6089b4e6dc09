"""The attacks on what servers answer, for a moment each; `python -m tests.attacks` goes on for as long as wanted."""

from types import ModuleType

import pytest

from . import retry_after, token_answers


@pytest.mark.parametrize("module", [retry_after, token_answers], ids=lambda module: module.__name__.rpartition(".")[2])
def test_whatever_a_server_answers(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """All that was tried was survived."""
    tried, survived = module.attack(0.5, 1)
    assert tried == survived > 0, capsys.readouterr().err
