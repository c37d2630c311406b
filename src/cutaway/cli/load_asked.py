"""What `cutaway load` was asked for: a plan, a request, and an address of this machine.

    --rate 500 --for 20s                            Plan.steady(500, 20)
    --shape ramp:10..500 --for 20s                  Plan.ramp(10, 500, 20)
    --shape steps:100,200,400 --for 30s             ten seconds of each
    --shape steps:100x5s,0x1s,200x5s+poisson        steps that say their own time, at random

Everything that makes no sense is a Trouble, before anything is sent.

Left out: the protocol. A topic's plug knows what a method is.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import socket
from argparse import Namespace
from pathlib import Path
from urllib.parse import urlsplit

from ..net.load import Asked, Plan, Segment
from ..workshop.errors import Trouble

FASTEST = 1_000_000.0
LONGEST = 24 * 3600.0
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
TIME = re.compile(r"([0-9]*\.?[0-9]+)(ms|s|m|h)?")
NUMBER = re.compile(r"[0-9]*\.?[0-9]+")
PICTURES = (".png", ".svg")
HELP = "See: cutaway load --help"
WITHIN = 2.0  # seconds for the first connection


def plan_of(options: Namespace) -> Plan:
    """Raises Trouble."""
    shape, poisson, _ = (options.shape or "steady").partition("+poisson")
    kind, _, rest = shape.partition(":")
    whole = seconds_of("--for", options.seconds, 10.0, most=LONGEST)
    if options.closed is not None:
        if options.rate is not None or options.shape is not None:
            raise Trouble("--closed has no rate: its clients wait for answers.", HELP)
        return Plan.steady(0.0, whole)
    segments = _segments(kind, rest, whole, options)
    random = kind == "poisson" or bool(poisson)
    if options.seed is not None and not random:
        raise Trouble("--seed goes with a shape that is poisson.", "Add --shape poisson.")
    plan = Plan(segments)
    if plan.seconds > LONGEST:
        raise Trouble("A run lasts a day at most.", HELP)
    if not random:
        return plan
    return plan.at_random(secrets.randbelow(1 << 31) if options.seed is None else options.seed)


def _segments(kind: str, rest: str, whole: float, options: Namespace) -> tuple[Segment, ...]:
    match kind:
        case "steady" | "poisson" if not rest:
            rate = _rate(options)
            return (Segment(whole, rate, rate),)
        case "ramp":
            first, dots, last = rest.partition("..")
            begin = _number(first, "ramp")
            end = _number(last, "ramp") if dots else _rate(options)
            _no_rate_besides(options, dots != "")
            return (Segment(whole, begin, end),)
        case "steps":
            _no_rate_besides(options, True)
            return _steps(rest, whole, options.seconds is not None)
    raise Trouble(
        f"--shape {options.shape!r} is none.", "There are: steady, poisson, ramp:A..B, steps:A,B,C."
    )


def _steps(text: str, whole: float, said: bool) -> tuple[Segment, ...]:
    parts = [part.partition("x") for part in text.split(",")]
    timed = [bool(x) for _, x, _ in parts]
    if any(timed) and not all(timed):
        raise Trouble("Of steps either all have a time or none.", "As in steps:100x5s,200x5s.")
    if all(timed) and said:
        raise Trouble("These steps have times of their own.", "Leave --for away.")
    segments = []
    for rate_text, _, time_text in parts:
        rate = _number(rate_text, "steps")
        seconds = seconds_of("steps", time_text, 0.0) if time_text else whole / len(parts)
        segments.append(Segment(seconds, rate, rate))
    return tuple(segments)


def _rate(options: Namespace) -> float:
    if options.rate is None:
        raise Trouble("How many requests a second?", "Add --rate, as in --rate 100.")
    rate = _number(options.rate, "--rate")
    if rate == 0:
        raise Trouble("--rate 0 sends nothing.", "As in --rate 100.")
    return rate


def _no_rate_besides(options: Namespace, told: bool) -> None:
    if told and options.rate is not None:
        raise Trouble(f"--shape {options.shape} says its rates itself.", "Leave --rate away.")


def _number(text: str, what: str) -> float:
    if not NUMBER.fullmatch(text) or float(text) > FASTEST:
        raise Trouble(f"{what}: {text!r} is no rate, which is requests a second.", HELP)
    return float(text)


def seconds_of(
    name: str, text: str | None, otherwise: float, least: float = 0.001, most: float = LONGEST
) -> float:
    """A time such as 10s, 500ms, 2m; without a unit it is seconds. Raises Trouble."""
    if text is None:
        return otherwise
    found = TIME.fullmatch(text)
    if found is None:
        raise Trouble(f"{name}: {text!r} is no time.", "As in 500ms, 10s, 2m.")
    seconds = float(found[1]) * UNITS[found[2] or "s"]
    if not least <= seconds <= most:
        raise Trouble(f"{name} {text} is not from {least:g} to {most:g} seconds.", HELP)
    return seconds


def whole_of(name: str, text: str | None, otherwise: int) -> int:
    """From 1 on. Raises Trouble."""
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 60_000):
        raise Trouble(f"{name}: {text!r} is no number from 1 to 60000.", HELP)
    return int(text)


def asked_of(options: Namespace) -> Asked:
    """Raises Trouble."""
    headers = []
    for line in options.header:
        name, colon, value = line.partition(":")
        if not colon:
            raise Trouble(f"--header {line!r} has no colon.", "As in --header 'Accept: text/html'.")
        headers.append((name.strip(), value.strip()))
    return Asked(options.url, options.method or "", tuple(headers), _body(options.body))


def _body(text: str | None) -> bytes:
    if text is None or not text.startswith("@"):
        return (text or "").encode("utf-8", "surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise Trouble(f"--body {text} cannot be read: {error.strerror}.", HELP) from None


def address_of(url: str, port: int, anywhere: bool) -> tuple[str, int]:
    """Numbers, once something there has taken a connection. Raises Trouble."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or port
    except ValueError:
        raise Trouble(f"{url!r} is no address.", "As in http://127.0.0.1:8080/") from None
    if not host:
        raise Trouble(f"{url!r} names no host.", "As in http://127.0.0.1:8080/")
    try:
        found = [f[4][:2] for f in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Trouble(f"There is no host {host!r}.", "As in http://127.0.0.1:8080/") from None
    places = [(str(name), int(number)) for name, number in found]
    away = [name for name, _ in places if not ipaddress.ip_address(name).is_loopback]
    if away and not anywhere:
        raise Trouble(
            f"{host} is {away[0]}, which is not loopback; load harms machines of others.",
            "If it is yours, add --anywhere.",
        )
    return _reached(places)


def _reached(places: list[tuple[str, int]]) -> tuple[str, int]:
    problem: OSError | None = None
    for place in places:
        try:
            socket.create_connection(place, timeout=WITHIN).close()
            return place
        except OSError as error:
            problem = problem or error
    host, port = places[0]
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    why = "in time" if isinstance(problem, TimeoutError) else f"({problem and problem.strerror})"
    raise Trouble(f"Nothing takes a connection on {shown} {why}.", "Start it first.")


def picture_file(text: str | None) -> Path | None:
    """Raises Trouble where no picture can be written there."""
    if text is None:
        return None
    path = Path(text)
    if path.suffix.lower() not in PICTURES:
        raise Trouble(f"--plot {text} is neither .png nor .svg.", "Name such a file.")
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise Trouble(f"--plot {text}: it {what}.", "Name a file.")
    if not os.access(path.parent, os.W_OK):
        raise Trouble(f"--plot {text} cannot be written.", "Name another file.")
    return path
