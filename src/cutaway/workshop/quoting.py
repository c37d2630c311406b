"""The code that a lesson quotes, found by name in the files of its topic.

    found = source("http1", "Connection.linger")
    found.file, found.first, found.last      connection.py, and its lines there, from 1
    source("cache", "SampledLru.victim in memory")      where several files define it

A symbol is looked for in the syntax tree, never by a line number, so it is found wherever it moves.

Left out: whether a lesson quotes it truly. A test compares.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import catalog
from .errors import Trouble


@dataclass(frozen=True, slots=True)
class Source:
    """file: below topics/. first, last: lines, decorators included."""

    file: str
    text: str
    first: int
    last: int


def source(slug: str, symbol: str) -> Source:
    """Raises Trouble where the topic does not define it, or more than once."""
    found = list(_definitions(catalog.topic(slug).folder, symbol))
    if len(found) != 1:
        raise Trouble(f"The code of {slug} does not define {symbol!r} once.", "See its folder.")
    return found[0]


def _definitions(folder: Path, symbol: str) -> Iterator[Source]:
    names, _, module = symbol.partition(" in ")
    wanted = names.split(".")
    if module and not module.isidentifier():
        return
    for path in sorted(folder.glob(f"{module or '*'}.py")):
        text = path.read_text(encoding="utf-8")
        if wanted[0] in text and (node := inside(ast.parse(text), wanted)) is not None:
            decorators: list[ast.expr] = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(d.lineno for d in decorators)])
            name = f"{folder.name}/{path.name}"
            yield Source(name, text, first, node.end_lineno or node.lineno)


def inside(node: ast.AST, names: list[str]) -> ast.stmt | None:
    """The definition reached by these names, one inside the other."""
    name, *rest = names
    for child in getattr(node, "body", ()):
        if name in _named(child):
            return inside(child, rest) if rest else child
    return None


def _named(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {getattr(node, "name", "")}
