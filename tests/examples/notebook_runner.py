"""Runs cells as a notebook does, in one namespace and on one loop, and prints what each showed, as JSON.

python notebook_runner.py plain|ipython < cells.json
"""

import ast
import asyncio
import contextlib
import inspect
import io
import json
import sys
from types import ModuleType
from typing import Any


async def run_plain(cells: list[str]) -> list[str]:
    """As IPython does: `await` at the top, and the value of the last line is shown."""
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    shown: list[str] = []
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        name = f"<cell {hash(cell)}>"  # IPython names a cell after its content
        with contextlib.redirect_stdout(printed):
            await _evaluate(compile(tree, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), module)
            if isinstance(last, ast.Expr):
                expression = ast.Expression(last.value)
                value = await _evaluate(compile(expression, name, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), module)
                if value is not None:
                    print(repr(value))
        shown.append(printed.getvalue())
    return shown


async def _evaluate(code: Any, module: ModuleType) -> Any:
    value = eval(code, module.__dict__)
    return await value if inspect.iscoroutine(value) else value


async def run_in_ipython(cells: list[str]) -> list[str]:
    """In the shell that is inside of Jupyter's kernel."""
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance()
    shell.display_formatter.active_types = ["text/plain"]
    shown: list[str] = []
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()):  # it shows results itself, with their numbers
            result = await shell.run_cell_async(cell, store_history=False, transformed_cell=cell)
        result.raise_error()
        shown.append("" if result.result is None else f"{result.result!r}\n")
    return shown


if __name__ == "__main__":
    run = {"plain": run_plain, "ipython": run_in_ipython}[sys.argv[1]]
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
