"""The same thing by hand: a command line that sends what a play sent.

    (printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd

A server that keeps the connection open would keep `nc` waiting, and `xxd` its last line with it:
`-w` ends the wait, after more seconds than any pause takes. `-N` is a half-close, which the `nc` of
macOS does without being told.

What a play did is kept as acts. `printf` knows octal escapes in every shell, so what is not plain
text is written as one. A long run of one octet is made by `tr`; of long data that is no run, what
follows the first 300 octets is replaced by as many x.

Left out: exact timing, and everything on other connections than the one that failed.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONG = 300  # octets of one send shown in full

USUAL = {"PORT": ("127.0.0.1", 8080)}

RUN = re.compile(rb"(.)\1{63}", re.DOTALL)
ESCAPES = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x5C: "\\\\", 0x27: "'\\''", 0x25: "%%"}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done on a connection: connect, send, pause, half-close, run."""

    line: str
    kind: str
    data: bytes = b""
    port: str = "PORT"
    seconds: float = 0.0


def by_hand(
    acts: Sequence[Act], line: str = "main", addresses: Mapping[str, tuple[str, int]] = USUAL
) -> str:
    """A command for a shell, against a program that listens at these addresses."""
    runs = [act.data.decode(errors="replace") for act in acts if act.kind == "run"]
    if runs:
        return " && ".join(runs)
    mine = [act for act in acts if act.line == line]
    port = next((act.port for act in mine if act.kind == "connect"), "PORT")
    host, number = addresses[port]
    at = f"{host} {number}"
    words = []
    for act in mine:
        if act.kind == "send":
            words.append(printed(act.data))
        elif act.kind == "pause":
            words.append(f"sleep {act.seconds:g}")
    if not words:
        return f"nc -v {at} < /dev/null | xxd"
    wait = f"-w {2 + math.floor(max(act.seconds for act in mine))}"
    if any(act.kind == "half-close" for act in mine):
        wait = wait if sys.platform == "darwin" else f"-N {wait}"
    else:
        words.append("sleep 1")
    return f"({'; '.join(words)}) | nc {wait} {at} | xxd"


def printed(data: bytes) -> str:
    """A shell command that prints exactly these octets."""
    parts = []
    at = 0
    while run := RUN.search(data, at):
        # One more expression finds the end: a back reference takes 80 octets of memory for each.
        start, same = run.start(), re.compile(re.escape(run[1]) + b"*", re.DOTALL)
        end = same.match(data, start).end()  # type: ignore[union-attr]
        parts += _literal(data[at:start])
        octet = _escaped(run[1]).replace("%%", "%")
        parts.append(f"head -c {end - start} /dev/zero | tr '\\0' '{octet}'")
        at = end
    parts += _literal(data[at:])
    return "; ".join(parts) or "printf ''"


def _literal(data: bytes) -> list[str]:
    if not data:
        return []
    rest = len(data) - LONG
    more = [f"head -c {rest} /dev/zero | tr '\\0' 'x'"] if rest > 0 else []
    return [f"printf '{_escaped(data[:LONG])}'", *more]


def _escaped(data: bytes) -> str:
    return "".join(
        ESCAPES.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03o}")
        for octet in data
    )
