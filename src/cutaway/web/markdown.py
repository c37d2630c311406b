"""Markdown as blocks of words, for a page that never takes markup.

    read("A `Host` field is *one*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "http1")

    Paragraph([plain "A ", code "Host", plain " field is ", emphasis "one", plain "."])
    Grid([[plain "a"], [plain "b"]], [[[plain "1"], [plain "2"]]])

The comments in front of code say what was quoted there: `code: Connection.linger` a symbol,
`states: CONNECTION` a table of states, `exchange: …` what was sent and what came back. A command that
leads to a place of the page becomes a link to it.

Left out: what the lessons do not use: pictures, quotations, markup. It comes out as its text.
"""

from __future__ import annotations

import importlib
import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token as Mark

from ..topics import __name__ as TOPICS
from ..wire import States
from .shapes import learn as shapes

MARKDOWN = MarkdownIt("commonmark").enable("table")
TICKS = MarkdownIt("zero").enable("backticks")  # of what is not Markdown, only quoted words
COMMENT = re.compile(r"<!-- (?P<verb>[a-z]+): *(?P<argument>[^\n]*?) ?(?:-->|\n)")
PLACES = (
    (re.compile(r"cutaway lab ([a-z0-9]+/[a-z0-9-]+)"), "lab/{}"),
    (re.compile(r"cutaway lesson ([a-z0-9]+)"), "learn/{}"),
    (re.compile(r"cutaway lesson ([a-z0-9]+) --recall"), "learn/{}/recall"),
)
DRAWN = re.compile(r"[─│┌└├▶◀▲▼═]")
COVERED = "right column"  # what a paragraph says that has the learner guess it first

What = Literal["text", "code", "file", "exchange", "measured", "drawing"]
Colour = Literal["", "keyword", "string", "comment"]
COLOURS: dict[int, Colour] = {tokenize.STRING: "string", tokenize.COMMENT: "comment"}
KINDS: dict[str, Literal["strong", "emphasis", "link"]] = {
    "strong_open": "strong",
    "em_open": "emphasis",
    "link_open": "link",
}


def read(text: str, topic: str) -> list[shapes.Block]:
    """The blocks of a text. Sections, at level 1 and 2, are headings too."""
    return list(_Blocks(MARKDOWN.parse(text), topic).all())


def words(text: str) -> list[shapes.Words]:
    """A sentence that is no Markdown, but for what stands in backticks."""
    return _words(TICKS.parseInline(" ".join(text.split()))[0])


def plain(said: list[shapes.Words]) -> str:
    return "".join(one.text for one in said)


class _Blocks:
    """Walks over the marks once. verb, argument: of the last comment, until something is quoted."""

    def __init__(self, marks: list[Mark], topic: str) -> None:
        self.marks, self.topic = marks, topic
        self.at = 0
        self.verb = self.argument = ""
        self.covers = False

    def all(self) -> Iterator[shapes.Block]:
        while self.at < len(self.marks):
            mark = self.next()
            match mark.type:
                case "html_block":
                    if found := COMMENT.match(mark.content):
                        self.verb, self.argument = found["verb"], found["argument"]
                case "heading_open":
                    yield shapes.Heading(int(mark.tag[1:]), self.inline())
                case "paragraph_open":
                    yield self.paragraph()
                case "bullet_list_open" | "ordered_list_open":
                    yield self.listed(mark)
                case "table_open":
                    yield self.grid()
                case "fence" | "code_block":
                    yield self.quoted(mark)

    def next(self) -> Mark:
        self.at += 1
        return self.marks[self.at - 1]

    def inline(self) -> list[shapes.Words]:
        return _words(self.next())

    def until(self, end: str) -> Iterator[Mark]:
        while (mark := self.next()).type != end:
            yield mark

    def paragraph(self) -> shapes.Paragraph:
        said = self.inline()
        strong = [one.text for one in said if one.kind == "strong"]
        self.covers = COVERED in plain(said)
        if "Predict" in strong:
            return shapes.Paragraph(said, "predict")
        return shapes.Paragraph(said, "try" if strong[:1] == ["Try"] else "")

    def listed(self, opened: Mark) -> shapes.Listed:
        items: list[list[shapes.Words]] = []
        for mark in self.until(opened.type.replace("open", "close")):
            if mark.type == "list_item_open":
                items.append([])
            elif mark.type == "inline":
                if items[-1]:
                    items[-1].append(shapes.Words("plain", " "))
                items[-1] += _words(mark)
        return shapes.Listed(opened.type.startswith("ordered"), items)

    def grid(self) -> shapes.Grid:
        rows: list[list[list[shapes.Words]]] = []
        for mark in self.until("table_close"):
            if mark.type == "tr_open":
                rows.append([])
            elif mark.type == "inline":
                rows[-1].append(_words(mark))
        covered, self.covers = self.covers, False
        return shapes.Grid(rows[0], rows[1:], covered)

    def quoted(self, mark: Mark) -> shapes.Block:
        verb, argument, self.verb = self.verb, self.argument, ""
        text = mark.content.rstrip("\n")
        if verb == "states" and (table := _table(self.topic, argument)) is not None:
            return table
        language = mark.info.strip() or "text"
        tokens = list(coloured(text)) if language == "python" else [shapes.Token("", text)]
        symbol = argument if verb in ("code", "file") else ""
        return shapes.Quoted(_what(verb, text), language, tokens, symbol)


def _what(verb: str, text: str) -> What:
    match verb:
        case "code" | "file" | "exchange" | "measured":
            return verb
        case _:
            return "drawing" if DRAWN.search(text) else "text"


def _words(mark: Mark) -> list[shapes.Words]:
    """A line of words. Of two kinds that lie within each other the outer one is kept."""
    said: list[shapes.Words] = []
    kind: Literal["plain", "strong", "emphasis", "link"] = "plain"
    to, depth = "", 0
    for child in mark.children or ():
        if child.nesting == 1:
            depth += 1
            if depth == 1:
                kind = KINDS.get(child.type, "plain")
                to = _address(str(child.attrGet("href") or ""))
        elif child.nesting == -1:
            depth -= 1
            if depth == 0:
                kind, to = "plain", ""
        elif child.type == "code_inline":
            said.append(shapes.Words("code", child.content, to or place(child.content)))
        else:
            text = " " if child.type in ("softbreak", "hardbreak") else child.content
            if said and (said[-1].kind, said[-1].to) == (kind, to):
                said[-1].text += text
            elif text:
                said.append(shapes.Words(kind, text, to))
    return said


def _address(href: str) -> str:
    """Only what a browser may be led to."""
    return href if href.startswith(("https://", "http://")) else ""


def place(command: str) -> str:
    """Where in the page something is that a command shows; empty where nowhere."""
    for pattern, to in PLACES:
        if found := pattern.fullmatch(command):
            return to.format(found[1])
    return ""


def _table(topic: str, name: str) -> shapes.StateTable | None:
    try:
        found = getattr(importlib.import_module(f"{TOPICS}.{topic}.states"), name, None)
    except ModuleNotFoundError:
        return None
    if not isinstance(found, States):
        return None
    arrows = [shapes.Arrow(*pair, target) for pair, target in found.table.items()]
    return shapes.StateTable(name, found.start, list(found.states), arrows)


def coloured(text: str) -> Iterator[shapes.Token]:
    """Source code in Python, in stretches. What cannot be read as such comes out plain."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    past = 0
    for start, end, colour in _stretches(text):
        first, last = starts[start[0] - 1] + start[1], starts[end[0] - 1] + end[1]
        if first > past:
            yield shapes.Token("", text[past:first])
        yield shapes.Token(colour, text[first:last])
        past = last
    if past < len(text):
        yield shapes.Token("", text[past:])


def _stretches(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], Colour]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and keyword.iskeyword(token.string):
                yield token.start, token.end, "keyword"
            elif token.type in COLOURS:
                yield token.start, token.end, COLOURS[token.type]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return
