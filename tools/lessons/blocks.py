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


def filled(path: Path, verbs: Verbs) -> str:
    """The text of a lesson with every block made anew.

    A verb that returns None leaves what stands there.
    raises   Wrong
    """
    text = path.read_text(encoding="utf-8")

    def fill(found: re.Match[str]) -> str:
        block = _block(path, text, found)
        if block.verb not in verbs:
            raise Wrong(f"{block}: there is no such verb; there are {', '.join(verbs)}")
        made = verbs[block.verb](block)
        if made is None:
            return found[0]
        return text[found.start() : found.start("made")] + made.fenced() + "<!-- end -->"

    return BLOCK.sub(fill, text)


def _block(path: Path, text: str, found: re.Match[str]) -> Block:
    line = text.count("\n", 0, found.start()) + 1
    given = (found["input"] or "\n")[1:]
    return Block(path.parent.name, found["verb"], found["argument"].strip(), given, line)
