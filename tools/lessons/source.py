"""What a lesson shows of the code: a symbol, a file, a table of states.

    code: has_no_body                the function, from the module of the topic that defines it
    code: Connection.close           a method, moved to the left margin
    code: Row.draw in memory         where several modules define it: that of memory.py
    file: tools/lessons/streams.py   all of it but the docstring
    states: CONNECTION               CONNECTION.draw() of topics/TOPIC/states.py

A symbol is found by its name in the syntax tree, never by a line number, so a lesson follows the
code when it moves and fails when it is gone.

Left out: parts of a function. What is too long to be quoted whole is too long.
"""

from __future__ import annotations

import ast
import importlib
import textwrap
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from cutaway.workshop.quoting import inside

from .blocks import Block, Made, Wrong

ROOT = Path(__file__).parents[2]
TOPICS = ROOT / "src" / "cutaway" / "topics"
PARSING = Lock()  # Python 3.11 counts the depth of its tree over all threads together


def code(block: Block) -> Made:
    """The symbol that `block.argument` names, from whichever module of the topic defines it."""
    found = [
        textwrap.dedent("\n".join(text.splitlines()[first - 1 : last]))
        for text, node in _definitions(block)
        for first, last in [_lines(node)]
    ]
    if len(found) != 1:
        raise Wrong(f"{block}: {len(found)} modules of this topic define it, and one has to")
    return Made(found[0], "python")


def _definitions(block: Block) -> Iterator[tuple[str, ast.stmt]]:
    symbol, _, module = block.argument.partition(" in ")
    for path in sorted((TOPICS / block.topic).glob(f"{module or '*'}.py")):
        text = path.read_text(encoding="utf-8")
        with PARSING:
            node = inside(ast.parse(text), symbol.split("."))
        if node is not None:
            yield text, node


def _lines(node: ast.stmt) -> tuple[int, int]:
    """First and last line, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return first, node.end_lineno or node.lineno


def file(block: Block) -> Made:
    """A whole file of this repository, without the docstring that opens it."""
    path = ROOT / block.argument
    if not path.is_file():
        raise Wrong(f"{block}: there is no such file")
    text = path.read_text(encoding="utf-8")
    with PARSING:
        essay = ast.parse(text).body[0]
    return Made("\n".join(text.splitlines()[essay.end_lineno :]).strip("\n"), "python")


def states(block: Block) -> Made:
    """A table of states, drawn."""
    module = importlib.import_module(f"cutaway.topics.{block.topic}.states")
    table = getattr(module, block.argument, None)
    if table is None:
        raise Wrong(f"{block}: states.py has no such table")
    return Made(table.draw())
