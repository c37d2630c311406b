r"""The keyspace: what is there, of which kind, under which name.

    → KEYS user:*          ← all at once, however many
    → SCAN 0 COUNT 10      ← *2  $2 17  *10 …       some, and where to go on
    → SCAN 17 COUNT 10     ← *2  $1 0   *4 …        0: that was all

SCAN holds nothing in the server between two calls. Its promise is small and hard to keep: a key that
is there from the first call to the last is told at least once, whatever comes and goes meanwhile. A
cursor that counts keys breaks it, as soon as keys before it are removed.

Left out: kinds other than strings, which come one by one behind this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.stage import ALL, ONCE, Stage, Step, case
from ....grade.verdict import Reached
from ....wire import quoted
from .. import rules
from ..codec import Resp
from ..messages import Array, Bulk, Simple, plain
from .clock import later
from .messages import (
    ANY_NUMBER,
    ERR,
    NEIGHBOUR,
    OK,
    PONG,
    Words,
    ask,
    called,
    counted,
    number,
    talk,
    together,
)
from .replies import matching, members, replies

TURNS = 2000  # calls after which an iteration is taken for endless

PAGE = matching(
    "*2 [a cursor as a bulk string of digits, an array of keys]",
    lambda found: is_page(found),
)


def is_page(found: Any) -> bool:
    if not isinstance(found, Array) or found.items is None or len(found.items) != 2:
        return False
    cursor, keys = found.items[0], found.items[1]
    digits = isinstance(cursor, Bulk) and (cursor.data or b"").isdigit()
    if not isinstance(keys, Array) or keys.items is None:
        return False
    return digits and all(isinstance(key, Bulk) for key in keys.items)


@dataclass(frozen=True, slots=True)
class Scans(Step):
    """A full iteration tells each of `told` at least once, and none of `never`.

    behind   done behind one call after the other, from the first on that tells one with `prefix`:
             of other keys there may be any number, ahead of these or behind them
    """

    options: str
    told: tuple[bytes, ...]
    never: tuple[bytes, ...] = ()
    behind: tuple[tuple[Step, ...], ...] = ()
    prefix: bytes = b""

    def run(self, play: Play) -> None:
        line = play.line()
        cursor, seen, turns, behind = b"0", set[bytes](), 0, list(self.behind)
        while turns == 0 or cursor != b"0":
            turns += 1
            command: Words = ("SCAN", cursor, *self.options.split())
            ask(command).run(play)
            page, _ = play.message(line)
            replies(PAGE, to=called(command)).run(play)
            answer: Any = plain(page)
            cursor, keys = answer
            seen.update(keys)
            if behind and any(key.startswith(self.prefix) for key in seen):
                for step in behind.pop(0):
                    step.run(play)
            if turns == TURNS:
                self._fail(f"the cursor 0 after fewer than {TURNS} calls", f"cursor {cursor!r}")
        self._judge(seen, turns)

    def _judge(self, seen: set[bytes], turns: int) -> None:
        missing = sorted(set(self.told) - seen)
        strange = sorted(set(self.never) & seen)
        if missing:
            named = ", ".join(quoted(key) for key in missing[:3])
            self._fail(
                f"each of {len(self.told)} keys that were there all the time",
                f"in {turns} calls {len(missing)} of them were never told: {named}",
            )
        if strange:
            self._fail("only what was asked for", f"{quoted(strange[0])} was told, too")

    def _fail(self, expected: str, found: str) -> None:
        raise Failed(Reached.AS_ASKED, expected, found)

    def sketch(self) -> str:
        options = f" {self.options}" if self.options else ""
        first = ", ".join(step.sketch() for step in self.behind[0]) if self.behind else ""
        when = "each call" if len(self.behind) > 1 else "a call"
        return (
            f"SCAN{options} from the cursor 0 until it is 0 again: all {len(self.told)} keys are told"
            + f", though behind {when}: {first}" * bool(first)
        )


@dataclass(frozen=True, slots=True)
class Emptied(Step):
    """Nothing is there; of a server that somebody else has started, nothing is removed."""

    def run(self, play: Play) -> None:
        play.running.own()
        for step in talk(("FLUSHALL", OK)):
            step.run(play)

    def sketch(self) -> str:
        return "ask FLUSHALL"


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of three digits behind one prefix."""

    prefix: str
    numbers: range

    def __iter__(self) -> Iterator[bytes]:
        return (f"{self.prefix}{number}".encode() for number in self.numbers)

    def put(self) -> tuple[Step, ...]:
        each = f"{self._word()}$1\r\nx\r\n"
        return counted("MSET", each, self.numbers), replies(OK, to=f"MSET {self.prefix}… x …")

    def remove(self) -> tuple[Step, ...]:
        sent = counted("DEL", self._word(), self.numbers)
        return sent, replies(ANY_NUMBER, to=f"DEL {self.prefix}… …")

    def _word(self) -> str:
        return f"${len(self.prefix) + 3}\r\n{self.prefix}%d\r\n"


def globs(name: str, *patterns: tuple[str, str]) -> tuple[Step, ...]:
    """Among these words, the patterns find those that stand behind them."""
    words = ["hello", "hallo", "hxllo", "hllo", "heeeello", "hillo", "hbllo", "Hello", "h-llo"]
    put = [(f"SET {name}:{each} x", OK) for each in words]
    asked = [
        (f"KEYS {name}:{pattern}", members(*(f"{name}:{each}".encode() for each in found.split())))
        for pattern, found in patterns
    ]
    return talk(*put, *asked)


COUNT = range(100, 200)
STAYS, GOES, COMES = (Names(f"scan:{what}:", COUNT) for what in ("stay", "go", "come"))
#: Whatever the order of a server, some of those that go are told ahead of those that remain.
LEAVES, REMAINS, YIELDS = (Names(f"some:{what}:", COUNT) for what in ("leave", "remain", "yield"))
LEAVING = tuple(
    tuple(
        step
        for names in (LEAVES, YIELDS)
        for step in Names(names.prefix, range(at, at + 10)).remove()
    )
    for at in range(100, 200, 10)
)
PAGES, MATCHES = Names("page:", range(100, 160)), Names("match:", range(100, 160))
FIFTIES = tuple(MATCHES)[50:]
OTHERS = (b"other:1", b"other:2")

STAGE = Stage(
    name="cache/keys",
    title="the keyspace: kinds, names, and what is there",
    asks="Tell what a key holds and which keys there are, all at once or a few at a time, and rename "
    "them.",
    given="TYPE, RENAME, KEYS, SCAN with MATCH, COUNT and TYPE, DBSIZE, FLUSHALL, FLUSHDB. Patterns: "
    "? * [ae] [^e] [a-b] and \\ before a sign that stands for itself.",
    goals=(
        "parse it: a pattern matches octets, the whole key, and no other sign has a meaning",
        "decide: keys whose time is over are not there",
        "act: RENAME moves the value with its lifetime",
        "answer: SCAN gives a cursor as text and an array; 0 ends it",
    ),
    hints=(
        "If your cursor counts keys: what does it point to after a hundred keys before it are gone?",
        "The cursor has to name a place that does not move when keys come and go. Give every key a "
        "number that never changes, such as a hash of it or the order of its creation, walk in the "
        "order of these numbers, and let the cursor be the number to go on from. Or answer everything "
        "at once with the cursor 0, which is allowed, and slow where there is much.",
        "SCAN cursor COUNT n:\n"
        "    page = the n keys with the smallest numbers >= cursor\n"
        "    next = number of the key behind them, or 0\n"
        "    reply *2: $ next as text, * those of the page that match",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "TYPE tells the kind, and none where nothing is",
            rules.TYPE,
            *talk(
                ("TYPE kind", Simple(b"none")),
                ("SET kind v", OK),
                ("TYPE kind", Simple(b"string")),
                ("INCR kind:number", 1),
                ("TYPE kind:number", Simple(b"string")),
                fresh="kind kind:number",
            ),
        ),
        case(
            "RENAME moves the value with its lifetime",
            rules.RENAME,
            *talk(
                ("SET moved:from v PX 100000", OK),
                ("RENAME moved:from moved:to", OK),
                ("GET moved:to", "v"),
                ("PTTL moved:to", number(50_000, 100_000)),
                ("EXISTS moved:from", 0),
                ("TTL moved:from", -2),
                fresh="moved:to",
            ),
        ),
        case(
            "RENAME replaces what was there, and its lifetime",
            rules.RENAME,
            *talk(
                ("SET onto:old old PX 100000", OK),
                ("SET onto:new new", OK),
                ("RENAME onto:new onto:old", OK),
                ("GET onto:old", "new"),
                ("TTL onto:old", -1),
                ("EXISTS onto:new", 0),
            ),
        ),
        case(
            "RENAME to the same name changes nothing",
            rules.RENAME,
            *talk(("SET same v", OK), ("RENAME same same", OK), ("GET same", "v")),
        ),
        case(
            "RENAME of what is not there is refused, and the other key stays",
            rules.RENAME_MISSING,
            *talk(
                ("SET safe v", OK),
                ("RENAME safe:none safe", ERR),
                ("GET safe", "v"),
                ("RENAME safe", ERR),
                fresh="safe:none",
            ),
        ),
        case(
            "in a pattern ? is one octet, * any number of them",
            rules.KEYS,
            *globs(
                "glob",
                ("h?llo", "hello hallo hxllo hillo hbllo h-llo"),
                ("h*llo", "hello hallo hxllo hllo heeeello hillo hbllo h-llo"),
                ("h*l?o", "hello hallo hxllo hllo heeeello hillo hbllo h-llo"),
                ("hello", "hello"),
                ("hell", ""),
                ("*x*", "hxllo"),
            ),
        ),
        case(
            "in brackets stand octets, ranges, or with ^ what must not be there",
            rules.KEYS,
            *globs(
                "class",
                ("h[ae]llo", "hello hallo"),
                ("h[^e]llo", "hallo hxllo hillo hbllo h-llo"),
                ("h[a-b]llo", "hallo hbllo"),
                ("[hH]ello", "hello Hello"),
                ("h[ae]l*", "hello hallo"),
            ),
        ),
        case(
            "behind a backslash a sign stands for itself, and other signs always do",
            rules.KEYS,
            *talk(
                (("MSET", "sign:a*c", "1", "sign:abc", "2", "sign:a.c", "3", "sign:a?c", "4"), OK),
                (("KEYS", "sign:a\\*c"), members(b"sign:a*c")),
                (("KEYS", "sign:a\\?c"), members(b"sign:a?c")),
                ("KEYS sign:a.c", members(b"sign:a.c")),
                ("KEYS sign:a[*]c", members(b"sign:a*c")),
                ("KEYS sign:(abc|none)", members()),
            ),
        ),
        case(
            "a pattern finds octets of any kind, line ends too",
            rules.KEYS,
            *talk(
                (("SET", b"any:\r\n\xff!", "v"), OK),
                (("KEYS", b"any:*!"), members(b"any:\r\n\xff!")),
                (("KEYS", b"any:???!"), members(b"any:\r\n\xff!")),
            ),
        ),
        case(
            "keys whose time is over are in no list",
            rules.LAZY,
            *together(("SET late:one v PX 50", OK), ("SET late:two v", OK)),
            later(80),
            *talk(("KEYS late:*", members(b"late:two")), ("TYPE late:one", Simple(b"none"))),
            Scans("MATCH late:* COUNT 100", (b"late:two",), never=(b"late:one",)),
            ways=ONCE,
        ),
        case(
            "SCAN tells every key, a few at a time",
            rules.SCAN,
            Emptied(),
            *PAGES.put(),
            Scans("COUNT 7", tuple(PAGES)),
            Scans("", tuple(PAGES)),
            Scans("COUNT 1000", tuple(PAGES)),
            ways=ONCE,
        ),
        case(
            "SCAN with MATCH tells those that match",
            rules.SCAN_MATCH,
            *MATCHES.put(),
            *talk(("MSET other:1 x other:2 x", OK)),
            Scans("MATCH match:* COUNT 10", tuple(MATCHES), never=OTHERS),
            Scans("COUNT 1000 MATCH other:*", OTHERS, never=tuple(MATCHES)),
            Scans("match match:15? type string", FIFTIES, never=tuple(MATCHES)[:50]),
            Scans("MATCH match:15* TYPE list", (), never=tuple(MATCHES)),
            ways=ONCE,
        ),
        case(
            "what is there from the first call to the last is told, whatever comes and goes",
            rules.SCAN_GUARANTEE,
            *COMES.remove(),
            *GOES.put(),
            *STAYS.put(),
            Scans(
                "COUNT 20", tuple(STAYS), behind=((*GOES.remove(), *COMES.put()),), prefix=b"scan:"
            ),
            ways=ONCE,
        ),
        case(
            "what stays is told, though others go behind each call",
            rules.SCAN_GUARANTEE,
            *LEAVES.put(),
            *REMAINS.put(),
            *YIELDS.put(),
            Scans("COUNT 10", tuple(REMAINS), behind=LEAVING, prefix=b"some:"),
            ways=ONCE,
        ),
        case(
            "DBSIZE counts the keys",
            rules.DBSIZE,
            Emptied(),
            *talk(
                ("DBSIZE", 0),
                ("MSET size:a 1 size:b 2", OK),
                ("SET size:a 3", OK),
                ("DBSIZE", 2),
                ("DEL size:a", 1),
                ("DBSIZE", 1),
            ),
            ways=ONCE,
        ),
        case(
            "FLUSHALL and FLUSHDB leave nothing",
            rules.FLUSH,
            Emptied(),
            *talk(
                ("MSET flush:a 1 flush:b 2", OK),
                ("SET flush:c 3 PX 100000", OK),
                ("FLUSHALL", OK),
                ("MGET flush:a flush:b flush:c", [None, None, None]),
                ("TTL flush:c", -2),
                ("DBSIZE", 0),
                ("SET flush:c 4", OK),
                ("TTL flush:c", -1),
                ("FLUSHDB", OK),
                ("DBSIZE", 0),
                ("KEYS *", []),
            ),
            ways=ONCE,
        ),
        case(
            "an option of SCAN that is not known, or lacks its value, is refused",
            rules.SCAN_SYNTAX,
            *talk(
                ("SCAN 0 NOPE x", ERR),
                ("SCAN 0 MATCH", ERR),
                ("SCAN", ERR),
                ("KEYS", ERR),
                ("PING", PONG),
            ),
        ),
    ),
)
