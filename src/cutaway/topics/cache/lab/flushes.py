"""What a program wrote and when it flushed it, seen at its system calls by strace.

    1718 1700000000.250103 write(9</d/a.aof>, ""..., 62)          = 62 <0.000012>
    1721 1700000000.254411 fdatasync(9</d/a.aof> <unfinished ...>
    1718 1700000000.254900 write(9</d/a.aof>, ""..., 62)          = 62 <0.000011>
    1721 1700000000.255903 <... fdatasync resumed>) = 0 <0.001492>

    seen = read(lines, folder="/d")
    seen.written(since)       octets, 124 here
    seen.at_risk()            62: the second write came when the flush had begun already

A flush counts for what had been written when it began. What was written later may be on the disk or
not; nobody promised it.

Left out: what a kernel writes back by itself, after half a minute or when memory is short; and whether
the disk keeps what it acknowledges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WRITES, FLUSHES = ("write", "writev", "pwrite64", "pwritev"), ("fsync", "fdatasync")
#: Nothing else is stopped at, so the program runs nearly as fast as without.
WORDS = ("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-ttt", "-T", "-s", "0")
TRACE = ("-e", "trace=" + ",".join((*WRITES, *FLUSHES)), "-e", "signal=none", "-o")
CALL = re.compile(
    r"(?P<who>\d+) +(?P<at>\d+\.\d+) (?:(?P<call>\w+)\(\d+<(?P<path>[^>]*)>|<\.\.\. (?P<again>\w+) resumed>)"
)
RESULT = re.compile(r"= (\d+)(?: <([\d.]+)>)?$")


def watched(words: Sequence[str], notes: str) -> tuple[str, ...]:
    """The words that run a program so that its writes and flushes are noted in a file."""
    return *WORDS, *TRACE, notes, "--", *words


@dataclass(frozen=True, slots=True)
class Call:
    """began: seconds since 1970. took: seconds. octets: of a write."""

    path: str
    began: float
    took: float
    octets: int

    @property
    def ended(self) -> float:
        return self.began + self.took


@dataclass(slots=True)
class Seen:
    """In the order in which they ended."""

    writes: list[Call] = field(default_factory=list)
    flushes: list[Call] = field(default_factory=list)

    def written(self, since: float) -> int:
        return sum(call.octets for call in self.writes if call.began >= since)

    def at_risk(self) -> int:
        """Octets that no flush of their file had begun for and ended."""
        latest: dict[str, float] = {}
        for flush in self.flushes:
            latest[flush.path] = max(flush.began, latest.get(flush.path, 0.0))
        return sum(c.octets for c in self.writes if c.ended > latest.get(c.path, 0.0))


def read(lines: Iterable[str], folder: str) -> Seen:
    """Calls on files in the folder that came back without an error."""
    seen, begun = Seen(), dict[str, tuple[str, str, float]]()
    for line in lines:
        if match := CALL.match(line):
            who, at = match["who"], float(match["at"])
            if match["call"]:
                begun[who] = match["call"], match["path"], at
            result = RESULT.search(line.rstrip())
            if result and who in begun:
                call, path, began = begun.pop(who)
                took = float(result[2] or 0)
                done = Call(path, began, took, int(result[1]) if call in WRITES else 0)
                if path.startswith(folder):
                    (seen.writes if call in WRITES else seen.flushes).append(done)
    return seen
