"""`cutaway serve TOPIC --bytes`: the reference part, with every byte that passes it opened here.

    curl ──▶ 127.0.0.1:8080 relay ──▶ reference part on a port of its own
                    │
                    ╰ each message annotated: offset, octets, name, meaning, section

    $ cutaway serve http1 --bytes
    http1 …
        0.000    1 ▸ GET /echo/alpha   0000 · 78 bytes
             0000  47 45 54        GET       method         what to do with the target …

Left out: disturbing a link, which is `cutaway tap`; more than one part, which is `cutaway up`.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack

from ..grade.reports.terminal import Look
from ..process import Program, free_ports
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from .interrupt import ending_programs
from .reference import USUAL, Printed, choose_ports, running
from .screen import look
from .serve import greeting
from .tap import HOST, WIDEST, codecs_of
from .tapping import Tapped, follow, opened
from .trouble import say

FAILED = 1


def run(topic: Topic, options: Namespace) -> int:
    codecs = codecs_of(topic.slug)
    outside = choose_ports(topic, options.port)
    inside = dict(zip(outside, free_ports(len(outside)), strict=True))
    settings, out = dict(options.set), look(most=WIDEST)
    with (
        ending_programs(),
        running(topic, inside, options.data_dir, options.fault, settings) as program,
        ExitStack() as stack,
    ):
        tapped = [
            Tapped(
                stack.enter_context(opened((HOST, port), (HOST, inside[name]), [])),
                codecs.get(name),
                out,
                octets=True,
            )
            for name, port in outside.items()
        ]
        for line in greeting(topic, outside, program, options.fault, settings):
            print(line, flush=True)
        first = next(iter(outside.values()))
        if options.port is None and first != USUAL:
            say(f"Port {USUAL} is in use by another program, so this is port {first}.")
        follow(tapped, meanwhile=_watching(program, out))
    return 0


def _watching(program: Program, out: Look) -> Callable[[], None]:
    """Shows what the reference prints; raises Trouble when it ends."""
    printed = Printed(program)

    def watch() -> None:
        if news := printed.news():
            sys.stderr.write(out.paint(news.rstrip("\n"), "dim") + "\n")
        if not program.alive:
            raise Trouble(
                f"The reference ended by itself, with status {program.status}.", "", FAILED
            )

    return watch
