"""A real terminal for tests."""

import subprocess
import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds: another test may be starting a browser


class Terminal:
    """A tmux session of its own."""

    def __init__(self, name: str, command: str, size: tuple[int, int] = (80, 24)) -> None:
        self._name = name
        width, height = (str(cells) for cells in size)
        self._tmux(
            "new-session", "-d", "-s", name, "-x", width, "-y", height, f"{command}; echo exit code $?; sleep 600"
        )

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-L", self._name, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or arguments[0] == "kill-server", done.stderr
        return done.stdout

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", "-t", self._name, key)
            time.sleep(0.05)  # as a person does: a terminal may take quick keys for a paste

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", self._name)

    def wait_for(self, *words: str) -> str:
        return wait_until(lambda: self.screen(), lambda screen: all(each in screen for each in words), str(words))

    def close(self) -> None:
        self._tmux("kill-server")


def wait_until(look: Callable[[], str], is_there: Callable[[str], bool], what: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while not is_there(seen := look()):
        assert time.monotonic() < deadline, f"{what} did not come. The screen:\n{seen}"
        time.sleep(0.1)
    return seen
