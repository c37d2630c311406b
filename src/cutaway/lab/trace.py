"""One exchange of each variant, octet by octet: what was written, what was read, and when.

    4.88 µs   client writes       5 octets  48 45 41 44 3a            HEAD:
    24.4 µs   server reads        5 octets  48 45 41 44 3a            HEAD:
    32.4 µs   client writes       5 octets  62 6f 64 79 0a            body·
      44 ms   server reads        5 octets  62 6f 64 79 0a            body·

    log = Log()
    log.note("client writes", b"HEAD:")        from any thread
    told(log.moments)                          lines

It is made behind the runs that count, since whoever notes down also takes time.

Left out: what octets mean. Who knows their protocol gives `fields`, a line each.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .units import shown

MOST = 40  # moments of a variant that are kept
OCTETS = 8  # of a moment, in hexadecimal
KEPT = 400  # octets of a moment that are kept


@dataclass(frozen=True, slots=True)
class Moment:
    """at: seconds since the beginning. count: octets in all, of which `octets` are the first.

    fields   the octets by name, a line each, where a codec has read them
    """

    at: float
    who: str
    octets: bytes = b""
    count: int = 0
    means: str = ""
    fields: str = ""

    @property
    def text(self) -> str:
        """What it means, or else what of it can be printed."""
        return self.means or _printable(self.octets)

    @property
    def digits(self) -> str:
        """Its first octets in hexadecimal."""
        return self.octets[:OCTETS].hex(" ") + ("…" if self.count > OCTETS else "")


class Log:
    """Moments as they come, from any thread."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self._moments: list[Moment] = []

    def begin(self) -> None:
        """Forget what was; the time begins now."""
        self._moments.clear()
        self.began = time.perf_counter()

    def note(self, who: str, octets: bytes = b"", means: str = "", fields: str = "") -> None:
        self.put(time.perf_counter() - self.began, who, octets, means, fields)

    def put(
        self, at: float, who: str, octets: bytes = b"", means: str = "", fields: str = ""
    ) -> None:
        self._moments.append(Moment(at, who, octets[:KEPT], len(octets), means, fields))

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(sorted(self._moments, key=lambda moment: moment.at)[:MOST])


def told(moments: Iterable[Moment]) -> Iterator[str]:
    """A line for each moment, its fields below it."""
    known = list(moments)
    column = max((len(moment.who) for moment in known), default=0)
    for moment in known:
        count = shown(moment.count, "octets") if moment.count else ""
        at = shown(moment.at, "s")
        yield f"{at:>9}   {moment.who:<{column}}  {count:>13}  {moment.digits:<24}  {moment.text}".rstrip()
        yield from (f"{'':12}{line}" for line in moment.fields.splitlines())


def _printable(octets: bytes) -> str:
    text = "".join(chr(b) if 0x20 <= b < 0x7F else "·" for b in octets[: 2 * OCTETS])
    return text + ("…" if len(octets) > 2 * OCTETS else "")
