"""Find the blocks of a lesson and fill them again.

    <!-- VERB: ARGUMENT          the first line says what to make
    INPUT                        any further lines, up to the arrow, say of what
    -->
    ```text
    what was made
    ```
    <!-- end -->

`filled` replaces what stands between the comment and its end. It knows nothing of what the verbs
do: they come as a table, name → function of a Block.

Left out: blocks inside blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"<!-- (?P<verb>[a-z]+): *(?P<argument>[^\n]*?)(?P<input>\n.*?\n)? ?-->\n"
    r"(?P<made>.*?)<!-- end -->",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One place of a lesson that is made. `line` is where its comment begins, from 1."""

    topic: str
    verb: str
    argument: str
    input: str
    line: int

    def __str__(self) -> str:
        return f"{self.topic}/LESSON.md:{self.line} ({self.verb}: {self.argument})"


class Wrong(Exception):
    """A block asks for what cannot be made: one sentence."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a verb returns. `language` names the colours of a code block."""

    text: str
    language: str = "text"

    def fenced(self) -> str:
        return f"```{self.language}\n{self.text.rstrip()}\n```\n"


Verbs = Mapping[str, Callable[[Block], Made | None]]


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a lesson, in order."""
    text = path.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield _block(path, text, found)


def filled(path: Path, verbs: Verbs, at_once: int = 6) -> str:
    """The text of a lesson with every block made anew.

    A verb that returns None leaves what stands there.

    at_once  blocks that are made side by side; most of the time they wait for a server
    raises   Wrong
    """
    text = path.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    with ThreadPoolExecutor(at_once) as pool:
        made = list(pool.map(lambda one: _make(_block(path, text, one), verbs), found))
    parts, past = [], 0
    for one, new in zip(found, made, strict=True):
        if new is not None:
            parts += [text[past : one.start("made")], new.fenced()]
            past = one.end("made")
    return "".join([*parts, text[past:]])


def _make(block: Block, verbs: Verbs) -> Made | None:
    if block.verb not in verbs:
        raise Wrong(f"{block}: there is no such verb; there are {', '.join(verbs)}")
    return verbs[block.verb](block)


def _block(path: Path, text: str, found: re.Match[str]) -> Block:
    line = text.count("\n", 0, found.start()) + 1
    given = (found["input"] or "\n")[1:]
    return Block(path.parent.name, found["verb"], found["argument"].strip(), given, line)
