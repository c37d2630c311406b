"""Sets: each member once, in no order, and what two sets have in common.

    SADD odd 1 3 5      SADD prime 2 3 5
    SINTER odd prime    3 5
    SDIFF odd prime     1

A key that is not there is an empty set, in every one of these commands.

Left out: storing the result under a key, SSCAN, SRANDMEMBER.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.stage import ALL, ONCE, Stage, Step, case
from ....grade.verdict import Reached
from ....wire import quoted
from .. import rules
from ..codec import Resp
from ..messages import Array, Bulk, Set, Simple
from .hello import greeting
from .messages import (
    ANY_NUMBER,
    ERR,
    NEIGHBOUR,
    NULL,
    OK,
    WRONGTYPE,
    Words,
    ask,
    called,
    counted,
    number,
    reply,
    talk,
)
from .replies import matching, members, replies

NUMBERS = range(1000, 2000)
MANY = [b"member-%d" % at for at in NUMBERS]
TEN = tuple(b"%d" % at for at in range(10))


@dataclass(frozen=True, slots=True)
class Pops(Step):
    """The command takes `count` members of those under `left`, and each only once in a play.

    Which ones is the server's choice. alone: one member comes as a bulk string, not in an array.
    """

    command: Words
    count: int
    of: tuple[bytes, ...]
    alone: bool = False

    def run(self, play: Play) -> None:
        ask(self.command).run(play)
        found, _ = play.message(play.line())
        replies(self._wanted(), to=called(self.command)).run(play)
        items = [found] if self.alone else found.items
        before = play.kept.get("popped", b"").split()
        for item in items:
            if item.data in before:
                raise Failed(
                    Reached.AS_ASKED,
                    "a member that is still there",
                    f"{quoted(item.data)} came for the second time",
                )
            before.append(item.data)
        play.kept["popped"] = b" ".join(before)

    def _wanted(self) -> Any:
        if self.alone:
            return matching(
                "one of the members (a bulk string)",
                lambda found: isinstance(found, Bulk) and found.data in self.of,
            )
        return matching(f"*{self.count} [that many of the members, each once]", self._fits)

    def _fits(self, found: Any) -> bool:
        if not isinstance(found, Array) or found.items is None or len(found.items) != self.count:
            return False
        texts = {item.data for item in found.items if isinstance(item, Bulk)}
        return len(texts) == self.count and texts <= set(self.of)

    def sketch(self) -> str:
        return f"{self.command}: {self.count} of the members come, none for the second time"


STAGE = Stage(
    name="cache/sets",
    title="sets: members without an order",
    asks="Keep sets of members, and tell what several have in common, together, or apart.",
    given="SADD, SREM, SCARD, SISMEMBER, SMEMBERS, SINTER, SUNION, SDIFF, SPOP with a count. Members "
    "come in any order. A key that is not there is an empty set.",
    goals=(
        "decide: every key that is named has to be a set or nothing",
        "act: a member is there once, however often it is added",
        "answer: a set in RESP3, an array in RESP2",
    ),
    hints=(
        "What is the intersection with a key that does not exist?",
        "Look up all keys first, an empty set where nothing is, and WRONGTYPE for any other kind. "
        "SDIFF is the first one without all the others. SPOP removes what it tells.",
        "SADD key m ...: new = members not there before; reply :new\n"
        "SPOP key         one member as $, or $-1\n"
        "SPOP key count   up to count of them as *",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "SADD counts the members that are new",
            rules.SADD,
            *talk(
                ("SADD s a b", 2),
                ("SADD s b c b", 1),
                ("SADD s a", 0),
                ("SCARD s", 3),
                ("SMEMBERS s", members(b"a", b"b", b"c")),
                ("TYPE s", Simple(b"set")),
                fresh="s",
            ),
        ),
        case(
            "a member that is said twice is added once",
            rules.SADD,
            *talk(("SADD s:twice a a a", 1), ("SMEMBERS s:twice", members(b"a")), fresh="s:twice"),
        ),
        case(
            "SISMEMBER is 1 or 0",
            rules.SISMEMBER,
            *talk(
                ("SADD is a", 1),
                ("SISMEMBER is a", 1),
                ("SISMEMBER is A", 0),
                ("SISMEMBER is:none a", 0),
                fresh="is is:none",
            ),
        ),
        case(
            "a number is a member as it is written",
            rules.OCTETS,
            *talk(
                ("SADD s:digits 1 01 1.0 +1", 4),
                ("SISMEMBER s:digits 01", 1),
                ("SREM s:digits 1", 1),
                ("SMEMBERS s:digits", members(b"01", b"1.0", b"+1")),
                (("SADD", "s:digits", b"\r\n\x00\xff", ""), 2),
                ("SMEMBERS s:digits", members(b"01", b"1.0", b"+1", b"\r\n\x00\xff", b"")),
                fresh="s:digits",
            ),
        ),
        case(
            "SREM counts what it removed, and the last member takes the key",
            rules.SREM,
            *talk(
                ("SADD s:rem a b c", 3),
                ("SREM s:rem a none b a", 2),
                ("SREM s:rem c", 1),
                ("EXISTS s:rem", 0),
                ("SREM s:rem c", 0),
                ("TYPE s:rem", Simple(b"none")),
                fresh="s:rem",
            ),
        ),
        case(
            "where no set is, there are no members",
            rules.SMEMBERS,
            *talk(
                ("SMEMBERS s:none", []),
                ("SCARD s:none", 0),
                ("SPOP s:none", None),
                ("SPOP s:none 3", []),
                ("EXISTS s:none", 0),
                fresh="s:none",
            ),
        ),
        case(
            "SINTER has what is in all of them",
            rules.SINTER,
            *talk(
                ("SADD inter:a 1 2 3 4", 4),
                ("SADD inter:b 2 3 4 5", 4),
                ("SADD inter:c 3 4 9", 3),
                ("SINTER inter:a inter:b", members(b"2", b"3", b"4")),
                ("SINTER inter:a inter:b inter:c", members(b"3", b"4")),
                ("SINTER inter:a", members(b"1", b"2", b"3", b"4")),
                ("SINTER inter:a inter:none", []),
                ("SINTER inter:none inter:a", []),
                fresh="inter:a inter:b inter:c inter:none",
            ),
        ),
        case(
            "SUNION has what is in any of them, once",
            rules.SUNION,
            *talk(
                ("SADD union:a 1 2", 2),
                ("SADD union:b 2 3", 2),
                ("SUNION union:a union:none union:b", members(b"1", b"2", b"3")),
                ("SUNION union:none", []),
                fresh="union:a union:b union:none",
            ),
        ),
        case(
            "SDIFF has what is in the first and in s:none of the others",
            rules.SDIFF,
            *talk(
                ("SADD diff:a 1 2 3 4", 4),
                ("SADD diff:b 2 9", 2),
                ("SADD diff:c 4", 1),
                ("SDIFF diff:a diff:b diff:c", members(b"1", b"3")),
                ("SDIFF diff:b diff:a", members(b"9")),
                ("SDIFF diff:none diff:a", []),
                ("SDIFF diff:a diff:none", members(b"1", b"2", b"3", b"4")),
                fresh="diff:a diff:b diff:c diff:none",
            ),
        ),
        case(
            "the sets stay as they were",
            rules.SINTER,
            *talk(
                ("SADD stay:a 1 2", 2),
                ("SADD stay:b 2 3", 2),
                ("SINTER stay:a stay:b", members(b"2")),
                ("SUNION stay:a stay:b", members(b"1", b"2", b"3")),
                ("SDIFF stay:a stay:b", members(b"1")),
                ("SMEMBERS stay:a", members(b"1", b"2")),
                ("SMEMBERS stay:b", members(b"2", b"3")),
                fresh="stay:a stay:b",
            ),
        ),
        case(
            "in RESP3 members come as a set",
            rules.RESP3_SET,
            *talk(
                ("HELLO 3", greeting(3)),
                ("SADD s:three a b", 2),
                ("SMEMBERS s:three", members(b"a", b"b", kind=Set)),
                ("SINTER s:three s:three", members(b"a", b"b", kind=Set)),
                ("SUNION s:three three:none", members(b"a", b"b", kind=Set)),
                ("SDIFF s:three s:three", members(kind=Set)),
                ("SMEMBERS three:none", members(kind=Set)),
                ("SPOP three:none", NULL),
                fresh="s:three three:none",
            ),
        ),
        case(
            "SPOP takes one member after the other, until none is left",
            rules.SPOP,
            *talk((("SADD", "s:pop", *TEN), 10), fresh="s:pop"),
            *[Pops("SPOP s:pop", 1, TEN, alone=True)] * 4,
            *talk(("SPOP s:pop 0", []), ("SCARD s:pop", 6)),
            Pops("SPOP s:pop 4", 4, TEN),
            Pops("SPOP s:pop 100", 2, TEN),
            *talk(("EXISTS s:pop", 0)),
        ),
        case(
            "a thousand members are all there",
            rules.SMEMBERS,
            *talk(("DEL s:many", ANY_NUMBER)),
            counted("SADD s:many", "$11\r\nmember-%d\r\n", NUMBERS),
            replies(reply(1000), to="SADD s:many …"),
            *talk(("SMEMBERS s:many", members(*MANY))),
            ways=ONCE,
        ),
        case(
            "adding and removing leave the lifetime",
            rules.CHANGED,
            *talk(
                ("SADD s:timed a", 1),
                ("PEXPIRE s:timed 100000", 1),
                ("SADD s:timed b", 1),
                ("SREM s:timed a", 1),
                ("PTTL s:timed", number(50_000, 100_000)),
                fresh="s:timed",
            ),
        ),
        case(
            "another kind of value is refused, wherever it stands",
            rules.WRONGTYPE,
            *talk(
                ("SET s:wrong alpha", OK),
                ("SADD s:wrong a", WRONGTYPE),
                ("SMEMBERS s:wrong", WRONGTYPE),
                ("SISMEMBER s:wrong a", WRONGTYPE),
                ("SPOP s:wrong", WRONGTYPE),
                ("SADD wrong:set a", 1),
                ("SINTER wrong:set s:wrong", WRONGTYPE),
                ("SUNION wrong:set s:wrong", WRONGTYPE),
                ("SDIFF wrong:set s:wrong", WRONGTYPE),
                ("GET wrong:set", WRONGTYPE),
                ("HGET wrong:set a", WRONGTYPE),
                ("GET s:wrong", "alpha"),
                fresh="wrong:set",
            ),
        ),
        case(
            "a wrong number of arguments, or a negative count, is refused",
            rules.ARITY,
            *talk(
                ("SADD s:refused", ERR),
                ("SREM s:refused", ERR),
                ("SINTER", ERR),
                ("SISMEMBER s:refused", ERR),
                ("SADD s:refused a", 1),
                ("SPOP s:refused -1", ERR),
                ("SPOP s:refused x", ERR),
                ("SCARD s:refused", 1),
                fresh="s:refused",
            ),
        ),
    ),
)
