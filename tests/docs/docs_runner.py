"""Runs the blocks of a page one after the other, in one namespace, and prints what each printed, as JSON.

python docs_runner.py < blocks.json
"""

import contextlib
import io
import json
import sys


def main() -> None:
    page = json.load(sys.stdin)
    namespace = {"__name__": "__main__"}
    outputs: list[str] = []
    for block in page["blocks"]:
        printed = io.StringIO()
        source = "\n" * block["line"] + block["source"]
        with contextlib.redirect_stdout(printed):
            exec(compile(source, page["name"], "exec"), namespace)
        outputs.append(printed.getvalue())
    print(json.dumps(outputs))


if __name__ == "__main__":
    main()
