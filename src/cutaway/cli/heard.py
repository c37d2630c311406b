"""What a tap heard, as lines for a terminal: a conversation, and on request its bytes.

       0.000   1 ▸ GET /echo/alpha
       0.001   1 ◂ 200 OK · 5 bytes
       2.114   2 ▸ opened

Seconds since the tap began, the number of the connection, the direction (▸ to the server, ◂ to the
client), and one line of meaning as the codec says it. With `octets` each message is followed by its
annotated dump.

Whatever came over the wire is text of somebody else: it is escaped, cut to the width, and limited
to LINES lines.

Left out: what to do with it. tap.py and up.py print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..grade.reports.terminal import Look
from ..grade.reports.text import escaped
from ..net.hearing import Heard
from ..net.relay import TO_SERVER
from ..wire import Malformed, annotated, dump, quoted

HINDERED = ("stalled", "lost", "too long", "corrupted", "doubled", "held back")
LINES = 60
INDENT = 9  # of a dump


class Telling:
    """octets: annotated dumps too. says: one line for a message. dumped: octets of a way that are
    shown as they are; the rest is counted."""

    def __init__(
        self,
        look: Look,
        began: float,
        octets: bool = False,
        says: Callable[[Any], str] | None = None,
        connections: bool = True,
        upstream: str = "",
    ) -> None:
        self.upstream, self.taken = upstream, "connection"
        self.look, self.began, self.octets, self.connections = look, began, octets, connections
        self._says = says or plainly

    def lines(self, heard: Heard) -> Iterator[str]:
        """What is to be printed for it; possibly nothing."""
        if heard.kind == "happened" and heard.what in ("opened", "closed") and not self.connections:
            return
        first = self._first(heard)
        if first:
            yield self._titled(heard, first)
        if heard.kind == "message":
            yield from self._labelled(heard)
        elif heard.data and (self.octets or heard.kind == "broken"):
            mark = (heard.mark, heard.mark + 1) if heard.kind == "broken" else None
            around = 1 if not self.octets else LINES
            rows = dump(heard.data, mark, around=around, base=heard.offset).splitlines()
            yield from self._indented(rows)

    def order(self, at: float, line: str) -> str:
        """What was done to the link, with its time."""
        when = self.look.paint(f"{max(0.0, at - self.began):9.3f}", "dim")
        held = ": what comes from now on is held back" if "stall" in line.split() else ""
        return f"{when}    · {self.look.paint(escaped(line) + held, 'yellow')}"

    def _first(self, heard: Heard) -> str:
        match heard.kind:
            case "message":
                where = f"   {heard.offset:04x} · {count(heard.size)}" if self.octets else ""
                return str(self._says(heard.what)) + where
            case "broken":
                error = heard.what
                why = f"{error.field.name}: {error.why}" if isinstance(error, Malformed) else error
                return f"{heard.offset + heard.mark:04x} cannot be read · {why}"
            case "lost":
                return f"{count(heard.size)} not recorded"
            case "skipped":
                return (
                    f"a message of {count(heard.size)} or more, not kept: {quoted(heard.data, 40)}"
                )
            case "waits":
                what = f"{count(heard.size)} of a message, and nothing more for {heard.what:g} s"
                return f"{what}: {quoted(heard.data, 40)}"
            case "octets" if heard.what == "skipped":
                return f"{count(heard.size)} skipped: no message begins in them"
            case "octets" if heard.what:
                return f"{count(heard.size)} that are no whole message: {heard.what}"
            case "octets":
                return f"{count(heard.size)}   {quoted(heard.data, 48)}"
        if heard.what == "refused" and self.upstream:
            return f"refused · {self.upstream} takes no {self.taken}: does anything listen there?"
        if heard.what == "stalled":
            side = "server" if heard.way == TO_SERVER else "client"
            return f"stalled · what came is held back, and the {side} does not get it"
        if heard.what == "resumed":
            return "resumed · what was held back goes on"
        return str(heard.what)

    def _titled(self, heard: Heard, text: str) -> str:
        there = heard.way == TO_SERVER
        arrow = "▸" if there else "◂"
        line = escaped(text)
        room = max(20, self.look.width - 18)
        line = line if len(line) <= room else line[: room - 1] + "…"
        how = {"broken": "red", "lost": "yellow", "skipped": "yellow", "waits": "yellow"}
        how |= {"happened": "yellow" if heard.what in HINDERED else "dim"}
        at = self.look.paint(f"{max(0.0, heard.at - self.began):9.3f}", "dim")
        return f"{at} {heard.number:4d} {arrow} " + self.look.paint(line, how.get(heard.kind, ""))

    def _labelled(self, heard: Heard) -> Iterator[str]:
        if self.octets and heard.view is not None:
            rows = annotated(heard.view, heard.base, self.look.width - INDENT).splitlines()
            yield from self._indented(rows)

    def _indented(self, rows: list[str]) -> Iterator[str]:
        for row in rows[:LINES]:
            yield " " * INDENT + escaped(row)
        if len(rows) > LINES:
            yield f"{'':{INDENT}}… {len(rows) - LINES} more lines"


def plainly(message: Any) -> str:
    """A message whose codec says nothing: its kind and its first octets."""
    return f"{type(message).__name__}   {quoted(bytes(message), 48)}"


def count(octets: int) -> str:
    return f"{octets} byte{'s' * (octets != 1)}"
