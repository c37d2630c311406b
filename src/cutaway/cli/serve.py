"""`cutaway serve TOPIC`: the reference part, right or with a fault in it.

    $ cutaway serve http1 --fault body-cut-at-first-read
    http1 with the fault body-cut-at-first-read
      $PORT       127.0.0.1:8080
      pid         4711  (kill -STOP 4711 stops it, kill -CONT lets it go on)
      $DATA_DIR   /tmp/cutaway-data-x1
    Look at it from another terminal:
      curl -i http://127.0.0.1:8080/

Find the fault from outside, as one has to in production; `--diff` shows what was changed. What else
the part reads from its environment is given with `--set NAME=VALUE`.

With --bytes each message that passes is opened: serve_bytes.py.

Left out: disturbing what passes. That is `cutaway tap`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from ..process import Program
from ..topics import planted
from ..workshop import catalog
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from ..workshop.starting import addressed
from .interrupt import ending_programs
from .reference import choose_ports, fault_named, follow, running
from .screen import look


def run(options: Namespace) -> int:
    topic = catalog.topic(options.topic)
    if options.faults:
        return _list(topic)
    if options.diff and not options.fault:
        raise Trouble("--diff shows what a fault changes.", "Add --fault NAME.")
    if options.fault:
        fault = fault_named(topic.slug, options.fault)
        if options.diff:
            print(planted.diff(fault), end="")
            return 0
    try:
        if options.bytes:
            from .serve_bytes import run as run_with_bytes

            return run_with_bytes(topic, options)
        ports = choose_ports(topic, options.port)
        settings = dict(options.set)
        with (
            ending_programs(),
            running(topic, ports, options.data_dir, options.fault, settings) as program,
        ):
            for line in greeting(topic, ports, program, options.fault, settings):
                print(line, flush=True)
            return follow(program)
    except KeyboardInterrupt:
        print()
        return 0


def _list(topic: Topic) -> int:
    out = look()
    known = catalog.faults_by_stage(topic.slug)
    width = max((len(fault.name) for fault in known), default=0)
    for fault in known:
        first, *more = out.wrapped(f"{fault.sentence} · {fault.stage}", width + 4)
        print(f"  {fault.name:<{width}}  {first}")
        for line in more:
            print(" " * (width + 4) + line)
    return 0


def greeting(
    topic: Topic,
    ports: Mapping[str, int],
    program: Program,
    fault: str | None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Where it listens, what it was given, and how to look at it."""
    out = look()
    yield out.paint(f"{topic.slug}{f' with the fault {fault}' if fault else ''}", "bold")
    shown = {f"${name}": f"127.0.0.1:{port}" for name, port in ports.items()}
    shown["pid"] = f"{program.pid}  (kill -STOP {program.pid} stops it, kill -CONT lets it go on)"
    shown |= {f"${name}": value for name, value in (settings or {}).items()}
    if "DATA_DIR" in program.env:
        shown["$DATA_DIR"] = program.env["DATA_DIR"]
    for name, programs in topic.beside.items():
        if name in program.env and name not in (settings or {}):
            shown[f"${name}"] = f"{program.env[name]}  ({' and '.join(programs)}, beside it)"
    width = max(map(len, shown))
    for name, value in shown.items():
        yield f"  {name:<{width}}  {value}"
    if topic.by_hand:
        yield "Look at it from another terminal:"
        yield from (f"  {line}" for line in addressed(topic, dict(ports)))
    yield out.paint("Ctrl-C ends it.", "dim")
