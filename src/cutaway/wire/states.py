"""A protocol's states as one table, from which the lesson's picture is drawn.

    CONNECTION = States(
        "idle",
        {
            ("idle", "request"): "busy",
            ("busy", "answer"): "idle",
            ("busy", "SaidClose"): "closing",
        },
    )
    CONNECTION.after("idle", "request") == "busy"

What is not in the table cannot happen: `after` raises Misuse. A condition becomes an event of its
own rather than an `if` beside the table, so that a test can visit every pair.

Left out: actions. The table says where one is, the code around it what is done there.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import Misuse


class States:
    """`table` maps (state, event) to the next state; `start` is where a new one begins."""

    def __init__(self, start: str, table: Mapping[tuple[str, str], str]) -> None:
        self.start, self.table = start, dict(table)
        self.states = tuple(dict.fromkeys([start, *(s for s, _ in table), *table.values()]))
        self.events = tuple(dict.fromkeys(event for _, event in table))

    def after(self, state: str, event: str) -> str:
        """Raises Misuse when `event` cannot happen in `state`."""
        try:
            return self.table[state, event]
        except KeyError:
            raise Misuse(f"{event!r} cannot happen in state {state!r}") from None

    def draw(self) -> str:
        """The table as text, one arrow a line, the states in the order of the table."""
        wide = max(len(state) for state in self.states)
        long = max((len(event) for event in self.events), default=0) + 2
        lines = []
        for state in self.states:
            shown = state
            for (origin, event), target in self.table.items():
                if origin == state:
                    arrow = f" {event} ".center(long, "─")
                    lines.append(f"{shown:<{wide}} ──{arrow}─▶ {target}")
                    shown = ""
            if shown:
                lines.append(f"{state:<{wide}}  (the end)")
        return "\n".join(lines)
