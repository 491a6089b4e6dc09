"""An app of JavaScript's Redux as a process of its own."""

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

APP = Path(__file__).parent / "devtools" / "app.mjs"


class JavaScriptApp:
    """Runs until the end of the `with` block.

    Attributes:
        state: as the app wrote it last.
    """

    def __init__(self, node: str, url: str, name: str, *more: str) -> None:
        self.state: Any = None
        self._process = subprocess.Popen(
            [node, str(APP), url.rpartition(":")[2], name, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.state = json.loads(line)

    def dispatch(self, type: str, payload: Any = None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps({'type': type, 'payload': payload})}\n")
        self._process.stdin.flush()

    @property
    def count(self) -> int | None:
        return self.state["count"] if isinstance(self.state, dict) else self.state

    def close(self) -> None:
        with self._process:
            self._process.kill()
        self._thread.join()

    def __enter__(self) -> "JavaScriptApp":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
