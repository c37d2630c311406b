"""`cutaway explain STAGE`: what it asks, and each case with its rule and how it is played.

    tcp/lines · a line is what ends with LF
      asks         …
      given        …
      sub-goals    frame it: …
    Cases
      ✓ a line in two pieces is one line
          contract, contract: lines end with LF
          send "hel", send "lo\\n", expect …  · played whole and in pieces

Left out: whether they pass. That is `cutaway check`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..grade.reports.terminal import Look
from ..grade.reports.text import escaped
from ..workshop.explaining import listeners, played, steps
from .here import here
from .screen import labelled, look

if TYPE_CHECKING:
    from ..grade.stage import Case, Stage


def run(options: Namespace) -> int:
    with here() as place:
        stage = place.stage(options.stage)
    for line in explained(stage, look()):
        print(line)
    return 0


def explained(stage: Stage, out: Look) -> Iterator[str]:
    yield out.paint(f"{stage.name} · {stage.title}", "bold")
    yield from labelled("asks", _flat(stage.asks), out)
    yield from labelled("given", _flat(stage.given), out)
    for number, goal in enumerate(stage.goals):
        yield from labelled("" if number else "sub-goals", _flat(goal), out)
    yield from labelled("listens", ", ".join(listeners(stage)), out)
    for name, value in stage.environment.items():
        yield from labelled("with", f"{name}={value}", out)
    yield ""
    count = len(stage.cases)
    how = ", played side by side" if stage.side_by_side else ""
    yield out.paint(f"{count} {'case' if count == 1 else 'cases'}{how}", "bold")
    for case in stage.cases:
        yield from _case(stage, case, out)
    yield ""
    yield out.paint(f"cutaway check {stage.name} · cutaway hint {stage.name}", "dim")


def _case(stage: Stage, case: Case, out: Look) -> Iterator[str]:
    first, *more = out.wrapped(escaped(case.name), 4)
    yield f"  · {first}"
    yield from (f"    {line}" for line in more)
    rule = case.rule
    level = "" if rule.level == "contract" else f"{rule.level}, "
    yield from labelled("rule", f"{level}{rule}", out, 14, 6)
    yield from labelled("steps", " · ".join(steps(case)), out, 14, 6)
    yield from labelled("played", ", ".join(played(stage, case)), out, 14, 6)


def _flat(text: str) -> str:
    return " ".join(text.split())
