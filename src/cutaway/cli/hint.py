"""`cutaway hint [STAGE]`: one rung of the ladder more each time: point, explain, show.

    $ cutaway hint
    tcp/lines · hint 1 of 3: point
      Look at what one read returned, and at what you took it for.
    Again for the next one.

Left out: the hints. They stand in the stages.
"""

from __future__ import annotations

from argparse import Namespace

from ..workshop.progress import RUNGS
from .here import here
from .screen import indented, look

RUNG_NAMES = ("point", "explain", "show")


def run(options: Namespace) -> int:
    with here() as place:
        stage = place.stage(options.stage)
        rung = place.progress.take_hint(place.folder, stage.name)
    out = look()
    head = f"{stage.name} · hint {rung} of {RUNGS}: {RUNG_NAMES[rung - 1]}"
    print(out.paint(head, "bold"))
    for line in indented(stage.hints[rung - 1], out):
        print(line)
    more = "`cutaway hint` again for a plainer one" if rung < RUNGS else "That was the last hint"
    print(out.paint(f"{more}; `cutaway explain {stage.name}` for what is asked.", "dim"))
    return 0
