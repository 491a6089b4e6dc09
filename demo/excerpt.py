"""Finds the statement of a program that does what is spoken of: what is shown is what runs."""

import ast
import inspect
import textwrap
from types import FunctionType, ModuleType

MOST = 5  # lines


def excerpt(program: FunctionType | ModuleType, words: str) -> str:
    """The innermost statement with these words in its first or only line, or the one that a comment with them stands above.

    A function is cut after its first statement, and what is longer than a few lines after those.

    Raises:
        ValueError: when the words are not in the source.

    Examples:
        >>> from rxdux.demo.listen import listen
        >>> excerpt(listen, ".bind")
        'listening.bind(("127.0.0.1", port))'
    """
    lines, _ = inspect.getsourcelines(program)
    source = textwrap.dedent("".join(lines))
    lines = source.splitlines()
    at = next((number for number, line in enumerate(lines, start=1) if words in line), None)
    if at is None:
        msg = f"{words!r} is not in the source of {program.__name__}."
        raise ValueError(msg)
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    if lines[at - 1].lstrip().startswith("#"):
        found = min((each for each in statements if each.lineno > at), key=lambda each: (each.lineno, -_end(each)))
    else:
        found = min(
            (each for each in statements if each.lineno <= at <= _end(each)), key=lambda each: _end(each) - each.lineno
        )
    last = _end(found.body[0]) if isinstance(found, ast.FunctionDef) else _end(found)
    cut = lines[found.lineno - 1 : min(last, found.lineno - 1 + MOST)]
    return textwrap.dedent("\n".join(cut))


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
