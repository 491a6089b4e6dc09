"""Nodes and engines that die, stop and forget: ten seeds for Redis, some for the others. `python -m tests.epics.shared.chaos` for more."""

from pathlib import Path

import pytest

from .chaos import Chaos


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(6))
def test_redis(tmp_path: Path, seed: int) -> None:
    """All converge; each living node's actions are there once, in order, and were heard once."""
    Chaos("redis", seed, tmp_path).run()


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("engine", ["nats", "sqlite"])
def test_others(tmp_path: Path, engine: str, seed: int) -> None:
    """The same."""
    Chaos(engine, seed, tmp_path).run()
