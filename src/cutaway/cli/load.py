"""`cutaway load URL --rate R`: requests at their own times, and what became of each of them.

    $ cutaway load http://127.0.0.1:8080/echo/a --rate 1000 --for 10s
           asked  answered   failed   open    p50     p99
      1 s  1,001     1,001        0      0  61 µs  1.2 ms
      …
    GET http://127.0.0.1:8080/echo/a
      latency p50 61 µs, p99 1.2 ms
      …
      p50       61 µs  ██████
      p99      1.2 ms  ███████████████████████
      …

Latency counts from the moment at which a request was meant to be sent, so a server that stands still
cannot hide it by being asked less. Nothing but loopback is loaded unless --anywhere says that it is
meant: a rate that a laptop makes with ease can end somebody's server.

Status 0: the figures hold; 1: nothing was answered; 3: the machine or the generator was too slow
to be on time, and it says what then holds; 130: interrupted, with the figures so far.

Left out: making the load (net/load), and the pages that tell of it (load_show, load_json, load_chart).
"""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

from ..grade.reports.text import escaped
from ..net.load import Result
from ..net.load import run as generate
from ..workshop import catalog
from .load_asked import address_of, asked_of, picture_file, plan_of, seconds_of, whole_of
from .load_show import LABEL, Watching, picture_of
from .screen import look

ANSWERED, NOTHING, BOTTLENECK, STOPPED = 0, 1, 3, 130


def run(options: Namespace) -> int:
    asked, file = asked_of(options), picture_file(options.plot)
    plug, port = catalog.plug(asked)
    plan = plan_of(options)
    start = partial(
        generate,
        plan,
        plug,
        connections=whole_of("--connections", options.connections, 256),
        timeout=seconds_of("--timeout", options.timeout, 10.0),
        grace=seconds_of("--grace", options.grace, 5.0, least=0.0),
        warmup=seconds_of("--warmup", options.warmup, 0.0, least=0.0, most=plan.seconds),
        closed=whole_of("--closed", options.closed, 0),
    )
    address = address_of(asked.url, port, options.anywhere)
    with _stop_at_interrupt() as stop, Watching(sys.stderr) as watching:
        result = start(address, progress=watching.tell, stop=stop)
    _say(result, options)
    if file is not None:
        from .load_chart import draw

        draw(result, file)
        told = sys.stderr if options.json else sys.stdout
        print(f"  {'picture':<{LABEL}}{escaped(str(file))}", file=told)
    return status_of(result)


def status_of(result: Result) -> int:
    if result.stopped:
        return STOPPED
    if result.asked and not result.answered:
        return NOTHING
    return ANSWERED if result.own.kept_up else BOTTLENECK


def _say(result: Result, options: Namespace) -> None:
    if options.json:
        import json

        from .load_json import as_json

        print(json.dumps(as_json(result)))
    else:
        print("\n".join(picture_of(result, look())))


@contextmanager
def _stop_at_interrupt() -> Iterator[threading.Event]:
    """The first Ctrl-C ends the run, which then tells what it has; the second ends the program."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def heard(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, heard)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
