"""No interrupt can take a store along, wherever it comes."""

import sys
import threading

import pytest

from . import interrupts


@pytest.fixture(autouse=True)
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt in a destructor or a weak reference's callback is nobody's error."""
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: None)


@pytest.mark.parametrize("opcodes", [False, True], ids=["lines", "opcodes"])
def test_some_places_of_each_case_bear_an_interrupt(opcodes: bool) -> None:
    """The next dispatch works, nothing queued is lost, and the store closes."""
    tried, wrong = interrupts.attack_all(opcodes=opcodes, step=151 if opcodes else 61, first=7)
    assert tried > 50
    assert wrong == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("opcodes", [False, True], ids=["lines", "opcodes"])
def test_every_place_bears_an_interrupt(opcodes: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line, and each opcode."""
    tried, wrong = interrupts.attack_all(opcodes=opcodes)
    with capsys.disabled():
        what = "opcode" if opcodes else "line"
        print(f"\nKeyboardInterrupt at each {what}: {tried} tried, {tried - len(wrong)} survived")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no timer that sends a signal")
def test_real_signals_by_the_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    """In the middle of whatever is going on."""
    assert threading.current_thread() is threading.main_thread()
    came, wrong = interrupts.storm(seconds=5.0)
    with capsys.disabled():
        print(f"\nreal signals: {came} came, and the store bore {wrong or 'all'}")
    assert came > 1000
    assert wrong == []
