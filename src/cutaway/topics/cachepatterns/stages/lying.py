"""The cache lies: what it has under a key is not what the program put there.

    aside:k1 is a list            another program uses the name, or an older version did
    aside:k1 is half an entry     somebody wrote it in two steps, or copied it
    aside:k1 is that of k2        somebody made a mistake with names, or of another pattern
    $1000 and then nothing        the connection ended in the middle

What comes out of a cache is input like any other. The remedy is at hand, since the truth is one
question away: what cannot be believed is a miss, and is repaired by what a miss does anyway.

Left out: lies that nobody can tell from the truth, such as an old entry that somebody put back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ....grade.asking import not_asked
from ....grade.linked import over
from ....grade.outcomes import CannotTell
from ....grade.play import Play
from ....grade.ruled import by_rule
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, send
from ....net.relay import CLEAR, Link
from ...cache.codec import Bulk, Command
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, ORIGIN, PATIENT, Items, cached, entry, get, hit, miss, writes

PATH = "aside/k1"
READERS = ("aside", "read-through", "write-through", "write-around", "single-flight")
VALUE = b"the value of this item, " * 40


@dataclass(frozen=True, slots=True)
class Spoils(Step):
    """The entry is read and put back changed, past the relay."""

    path: str
    how: str
    change: Callable[[bytes], bytes]
    to: str = ""

    def run(self, play: Play) -> None:
        name, other = entry(self.path), entry(self.to or self.path)
        found = said(play, b"GET", name)
        if not isinstance(found, Bulk) or not found.data:
            raise CannotTell(f"{name.decode()} is not a string with something in it")
        said(play, b"SET", other, self.change(found.data), b"PX", b"10000")
        play.notes_once(self.sketch())

    def sketch(self) -> str:
        return f"the entry {entry(self.to or self.path).decode()} is now {self.how}"


def said(play: Play, *words: bytes) -> object:
    """What the cache answers, asked directly."""
    send(Command(words), on="cache").run(play)
    line = play.line("cache")
    message, reader = play.message(line)
    line.read = reader.pos
    line.answers += 1
    return message


def spoilt(how: str, change: Callable[[bytes], bytes]) -> tuple[Step, ...]:
    """An entry that was spoilt is a miss, and behind it all is well."""
    return (
        *miss(PATH, VALUE),
        Spoils(PATH, how, change),
        *miss(PATH, b"true"),
        *hit(PATH, b"true"),
    )


def planted(path: str, value: bytes) -> tuple[Step, ...]:
    """Something that the program did not write."""
    return cached(b"SET", entry(path), value, b"PX", b"10000", text=b"OK")


def flipped(octets: bytes) -> bytes:
    """One bit of the last third."""
    at = len(octets) * 2 // 3
    return octets[:at] + bytes((octets[at] ^ 1,)) + octets[at + 1 :]


GARBAGE = (
    b"",
    b"null",
    b"0",
    b"{}",
    b"[]",
    b"\xff\xfe\x00garbage",
    b'{"value": ',
    b"hello",
    b"\x80\x04.",
)

STAGE = Stage(
    name="cachepatterns/cache-lying",
    title="what cannot be believed is a miss",
    asks="Believe an entry only when it is one that the program stored under that key, whole. "
    "Everything else is a miss, and is repaired.",
    given="The check puts other things where the entries are: lists, garbage, an entry that is cut "
    "short or changed, the entry of another key or pattern. A cache that is full refuses to store "
    "(OOM).",
    goals=(
        "parse it: the entry as strictly as any other input",
        "decide: whose is it, is it whole, is it as it was written?",
        "recover: the origin has the truth; it takes the entry's place",
        "answer: what the origin says",
    ),
    hints=(
        "Half of your entry: does anything in it tell that the rest is missing?",
        "Write into the entry whose it is, how long it is, and a checksum over all of it; compare "
        "each when reading. GET of a list answers an error: that is a miss, too. SET replaces "
        "whatever kind of thing is there.",
        "entry = [key, status, len(value), value, crc32(all before)]\n"
        "try: read it, compare key, length and checksum\nexcept anything: miss",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment=PATIENT,
    cases=(
        case(
            "an entry of another kind is a miss, and is repaired",
            rules.LYING,
            *(
                step
                for name in READERS
                for step in (
                    *cached(b"RPUSH", entry(f"{name}/k1"), b"a", b"b", integer=2),
                    *miss(f"{name}/k1", b"true"),
                    *hit(f"{name}/k1", b"true"),
                )
            ),
        ),
        case(
            "garbage is a miss, and is repaired",
            rules.LYING_REPAIRED,
            *(
                step
                for at, garbage in enumerate(GARBAGE)
                for step in (
                    *planted(f"aside/g{at}", garbage),
                    *miss(f"aside/g{at}", b"true"),
                    *hit(f"aside/g{at}", b"true"),
                )
            ),
        ),
        case(
            "half an entry is none",
            rules.LYING,
            *spoilt("half of what it was", lambda octets: octets[: len(octets) // 2]),
        ),
        case(
            "one without its last octet is none",
            rules.LYING,
            *spoilt("without its last octet", lambda octets: octets[:-1]),
        ),
        case(
            "one with an octet more is none",
            rules.LYING,
            *spoilt("one octet longer", lambda octets: octets + b"x"),
        ),
        case(
            "one of which a bit has changed is none",
            rules.LYING,
            *spoilt("changed in one bit", flipped),
        ),
        case(
            "the entry of another key is none",
            rules.LYING,
            *miss("aside/k2", b"of another"),
            Spoils("aside/k2", "that of another key", lambda octets: octets, to=PATH),
            *miss(PATH, b"true"),
            *hit(PATH, b"true"),
            not_asked("origin"),
        ),
        case(
            "nor is that of another pattern",
            rules.LYING,
            *miss("read-through/k1", b"of another"),
            Spoils("read-through/k1", "that of read-through", lambda octets: octets, to=PATH),
            *miss(PATH, b"true"),
            *hit(PATH, b"true"),
        ),
        case(
            "an answer that is cut off is none",
            rules.LYING_CUT,
            *miss(PATH, VALUE),
            by_rule(origin=Items(VALUE)),
            over("cache", to_client=Link(cut_after=20)),
            *(send(get(PATH)), expect(status=200, body=VALUE)) * 2,
            over("cache", CLEAR),
            send(get(PATH)),
            expect(status=200, body=VALUE),
        ),
        case(
            "a cache that is full does not keep the value from the client",
            rules.FULL,
            *cached(b"CONFIG", b"SET", b"maxmemory", b"1", text=b"OK"),
            *miss(PATH, b"v1"),
            *miss("read-through/k1", b"v1"),
            *writes("write-through/k1", b"v1"),
            *cached(b"CONFIG", b"SET", b"maxmemory", b"0", text=b"OK"),
            alone=True,
        ),
    ),
)
