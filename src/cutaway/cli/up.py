"""`cutaway up`: the reference part, with every byte that passes it opened in the terminal.

    curl ──▶ 127.0.0.1:8080 relay ──▶ reference part on a port of its own
                    │
                    ╰ each message annotated: offset, octets, name, meaning, section

    $ cutaway up
    http1 …
    ── connection 1 ▸ to the server · 78 bytes
    0000  47 45 54                 GET       method         what to do with the target …

Left out: the page, slots for parts of yours, disturbing a link.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable

from ..grade.reports.terminal import Look
from ..process import Program, free_ports
from ..wire import Codec
from ..workshop import catalog
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from .interrupt import ending_programs
from .reference import Printed, choose_ports, running
from .screen import look
from .serve import greeting
from .tap import Tap

TOPIC = "http1"
FAILED = 1
WIDEST = 160  # columns: a row of bytes, its name and its meaning


def run(options: Namespace) -> int:
    topic = catalog.topic(options.topic or TOPIC)
    codecs = codecs_of(topic)
    outside = choose_ports(topic, options.port)
    inside = dict(zip(outside, free_ports(len(outside)), strict=True))
    try:
        with ending_programs(), running(topic, inside, options.data_dir, None) as program:
            hello = greeting(topic, outside, program, None)
            asyncio.run(_relay(codecs, outside, inside, program, list(hello)))
    except KeyboardInterrupt:
        print()
    return 0


def codecs_of(topic: Topic) -> dict[str, Callable[[], Codec]]:
    """Listener → how what passes there is read, as the stages that talk to it say."""
    found: dict[str, Callable[[], Codec]] = {}
    for stage in catalog.stages(topic.slug):
        found.setdefault(stage.port, stage.codec)
    return found


async def _relay(
    codecs: dict[str, Callable[[], Codec]],
    outside: dict[str, int],
    inside: dict[str, int],
    program: Program,
    hello: list[str],
) -> None:
    """Relay until the program ends. `hello` is said once every port is listened on."""
    out = look(most=WIDEST)
    tap = Tap(lambda line: print(line), out)
    servers = []
    for name, port in outside.items():
        try:
            codec = codecs.get(name)
            servers.append(await tap.listen(port, inside[name], codec, name))
        except OSError as error:
            raise Trouble(
                f"Port {port} cannot be listened on: {error.strerror}.",
                "Name another one with --port.",
            ) from None
    print("\n".join(hello), flush=True)
    await _until_it_ends(program, out)


async def _until_it_ends(program: Program, out: Look) -> None:
    printed = Printed(program)
    while program.alive:
        await asyncio.sleep(0.1)
        if news := printed.news():
            sys.stderr.write(out.paint(news.rstrip("\n"), "dim") + "\n")
        sys.stdout.flush()
    raise Trouble(f"The reference ended by itself, with status {program.status}.", "", FAILED)
