"""The source as the tests of the house see it: modules, what each imports, and the topics."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
TOPICS = SRC / "cutaway" / "topics"


@dataclass(frozen=True)
class Module:
    name: str  # "cutaway.wire.reader"
    path: Path

    @property
    def tree(self) -> ast.Module:
        return parse(self.path)

    @property
    def shown(self) -> str:
        return str(self.path.relative_to(ROOT))


@dataclass(frozen=True)
class Import:
    module: Module
    line: int
    target: str  # the module that is imported, in full: "cutaway.topics.http1.codec"

    def __str__(self) -> str:
        return f"{self.module.shown}:{self.line} imports {self.target}"


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def modules() -> list[Module]:
    """Every module of ours. Starters are the learner's, in any language, and not among them."""
    paths = (p for p in sorted(SRC.rglob("*.py")) if "starters" not in p.parts)
    return [Module(module_name(p), p) for p in paths]


def module_name(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports() -> list[Import]:
    """Every import of something of ours, also those inside functions and for types only."""
    return [i for m in modules() for i in imports_of(m, {o.name for o in modules()})]


def imports_of(module: Module, ours: set[str]) -> Iterator[Import]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            # `from cutaway.wire import reader` may name a module or something inside one.
            inside = [f"{base}.{alias.name}" for alias in node.names]
            targets = [name if name in ours else base for name in inside]
        else:
            continue
        for target in dict.fromkeys(targets):
            if target.split(".")[0] == "cutaway":
                yield Import(module, node.lineno, target)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    package = module.name.split(".")
    if module.path.name != "__init__.py":
        package.pop()
    base = package[: len(package) - (node.level - 1)]
    return ".".join([*base, node.module] if node.module else base)


@cache
def topics() -> dict[str, dict[str, Any]]:
    """Each topic's slug and its topic.toml."""
    return {
        p.parent.name: tomllib.loads(p.read_text()) for p in sorted(TOPICS.glob("*/topic.toml"))
    }


def texts(*folders: str, ends: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Path and text of every file with one of the endings, under the folders that exist."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.name.endswith(ends) and "node_modules" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()
