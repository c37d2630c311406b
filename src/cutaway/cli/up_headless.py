"""The machine without a page: a line a second, or with --json an object.

       12 s    49.8/s   p50   4.1 ms   p99   11.9 ms   0 failed   all up
       13 s    49.9/s   p50   4.0 ms   p99   12.3 ms   3 failed   app-1 crashed

    {"at": 12.0, "rate": 49.8, "p50": 0.0041, "p99": 0.0119, "asked": 598, "answered": 597, …}

Latency counts from the moment that a request was meant for. Failed is said of all since the start.

Left out: single requests. Those are the page's, or `cutaway tap`'s.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ..system.machine import Machine
from ..system.traffic import Picture
from ..workshop.errors import Trouble
from .screen import look
from .up import FAILED, by_hand

EVERY = 1.0  # seconds
HINT = "  latency counts from the moment that a request was meant for · Ctrl-C ends it"


def follow(machine: Machine, as_json: bool) -> int:
    """Until somebody ends it. Raises Trouble when it ends by itself."""
    out = look()
    if not as_json:
        print(out.paint(f"By hand: {by_hand(machine)}", "dim"))
        print(out.paint(HINT, "dim"), flush=True)
    began = due = time.monotonic()
    while machine.supervisor.relays.alive:
        due += EVERY
        time.sleep(max(0.0, due - time.monotonic()))
        at, picture = time.monotonic() - began, machine.traffic.look()
        if picture.why:
            raise Trouble(picture.why, "", FAILED)
        said = json.dumps(data(machine, picture, at)) if as_json else line(machine, picture, at)
        print(said, flush=True)
    raise Trouble("The process with all the wires ended.", "Start the machine again.", FAILED)


def line(machine: Machine, picture: Picture, at: float) -> str:
    return (
        f"{at:5.0f} s {picture.offered:7.1f}/s   p50 {milliseconds(picture.p50)}"
        f"   p99 {milliseconds(picture.p99)}   {failed(picture)}   {parts(machine)}"
    )


def milliseconds(seconds: float | None) -> str:
    return f"{seconds * 1000:7.1f} ms" if seconds is not None else "         –"


def failed(picture: Picture) -> str:
    explained = f", {picture.explained} explained" if picture.explained else ""
    return f"{picture.failed} failed{explained}"


def parts(machine: Machine) -> str:
    """Those that are not up, each with its state."""
    other = [f"{part.name} {part.state}" for part in machine.parts() if part.state != "up"]
    return " · ".join(other) or "all up"


def data(machine: Machine, picture: Picture, at: float) -> dict[str, Any]:
    """Times in seconds."""
    return {
        "at": round(at, 3),
        "rate": round(picture.offered, 1),
        "p50": picture.p50,
        "p99": picture.p99,
        "asked": picture.asked,
        "answered": picture.answered,
        "failed": picture.failed,
        "explained": picture.explained,
        "under_way": picture.under_way,
        "parts": {
            part.name: {"state": part.state, "filling": str(part.filling), "starts": part.starts}
            for part in machine.parts()
        },
    }
