"""Durability: what was acknowledged is there again, however the program ended.

    SET k v   ← +OK     ┃ SIGKILL ┃     start again     GET k   ← v

A cache may forget; a cache that promised to remember may not. The usual way is a log: each command that
changes something is written to a file before it is acknowledged, and read from there at the next start.
A crash can come in the middle of a write, so the log may end in half a command. And a log of commands
has to say what came of them: the moment at which a lifetime ends, the member that was drawn.

Left out: snapshots and rewriting of the log, which only change how long it is; what a machine loses that
crashes itself (flushing.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from signal import SIGTERM
from typing import Any

from ....grade.crash import crash_under_load, torn
from ....grade.drastic import exits, kill, restart, signals
from ....grade.enduring import eventually
from ....grade.matchers import Matcher
from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, pause, send
from ....grade.verdict import Reached, Rule
from .. import rules
from ..codec import Resp
from ..messages import Array, Bulk, Error, Value
from .clock import later
from .messages import OK, PONG, Exchange, cmd, number, talk, together
from .replies import listed, matching, replies, told
from .transactions import QUEUED

ALWAYS = {"APPENDONLY": "yes", "APPENDFSYNC": "always"}
EVERYSEC = {"APPENDONLY": "yes", "APPENDFSYNC": "everysec"}
NO = {"APPENDONLY": "yes", "APPENDFSYNC": "no"}
CLIENTS, WRITES = 4, 400
OVER = 60  # milliseconds: a lifetime
DOWN = 300  # milliseconds: enough for commands that come in one write
FAR = 4102444800000  # 2100-01-01, in milliseconds
BINARY = bytes(range(256))
LARGE = b"large" * 20000

#: What is written, with its answer, and what is asked for behind the crash.
WRITTEN: tuple[Exchange, ...] = (
    ("SET du:flushed 1", OK),
    ("FLUSHALL", OK),
    ("SET du:a 1", OK),
    (("SET", "du:binary", BINARY), OK),
    (("SET", "du:large", LARGE), OK),
    (("SET", "du:empty", ""), OK),
    ("MSET du:b 1 du:c 2", OK),
    ("DEL du:b", 1),
    ("SET du:d old", OK),
    ("SET du:d new", OK),
    ("RENAME du:c du:e", OK),
    ("HSET du:hash f 1 g 2", 2),
    ("HDEL du:hash g", 1),
    ("SADD du:set x y", 2),
    ("SREM du:set y", 1),
    ("ZADD du:sorted 1.5 one 2 two", 2),
    ("ZREM du:sorted two", 1),
    ("RPUSH du:list 1 2 3", 3),
    ("LPOP du:list", "1"),
    ("LSET du:list 0 two", OK),
)
THERE: tuple[Exchange, ...] = (
    ("GET du:a", "1"),
    ("GET du:binary", BINARY),
    ("GET du:large", LARGE),
    ("GET du:empty", ""),
    ("EXISTS du:flushed du:b du:c", 0),
    ("GET du:d", "new"),
    ("GET du:e", "2"),
    ("HGETALL du:hash", ["f", "1"]),
    ("SMEMBERS du:set", ["x"]),
    ("ZRANGE du:sorted 0 -1", ["one"]),
    ("LRANGE du:list 0 -1", ["two", "3"]),
)
COUNTED: tuple[Exchange, ...] = (
    ("INCR du:n", 1),
    ("INCRBY du:n 10", 11),
    ("APPEND du:s ab", 2),
    ("APPEND du:s cd", 4),
    ("RPUSH du:l 1", 1),
    ("RPUSH du:l 2", 2),
    ("HINCRBY du:h f 5", 5),
    ("ZINCRBY du:z 5 m", "5"),
)
COUNTED_THERE: tuple[Exchange, ...] = (
    ("GET du:n", "11"),
    ("GET du:s", "abcd"),
    ("LRANGE du:l 0 -1", ["1", "2"]),
    ("HGET du:h f", "5"),
    ("ZSCORE du:z m", "5"),
    ("DBSIZE", 5),
)
SHORT_KEYS = "du:short:n du:short:s du:short:l du:short:h"
#: A lifetime, and then changes that keep it: done again too late, they make a key without one.
SHORT: tuple[Exchange, ...] = (
    (f"SET du:short:n 5 PX {DOWN}", OK),
    ("INCR du:short:n", 6),
    (f"SET du:short:s a PX {DOWN}", OK),
    ("APPEND du:short:s b", 2),
    ("RPUSH du:short:l 1", 1),
    (f"PEXPIRE du:short:l {DOWN}", 1),
    ("RPUSH du:short:l 2", 2),
    ("HSET du:short:h f 1", 1),
    (f"PEXPIRE du:short:h {DOWN}", 1),
    ("HSET du:short:h g 2", 1),
)
ENDED: tuple[Exchange, ...] = (
    (f"SET du:end:n 5 PX {OVER}", OK),
    ("RPUSH du:end:l old", 1),
    (f"PEXPIRE du:end:l {OVER}", 1),
    (f"SET du:end:over 1 PX {OVER}", OK),
)
ANEW: tuple[Exchange, ...] = (
    ("INCR du:end:n", 1),
    ("RPUSH du:end:l new", 1),
)
ANEW_THERE: tuple[Exchange, ...] = (
    ("GET du:end:n", "1"),
    ("TTL du:end:n", -1),
    ("LRANGE du:end:l 0 -1", ["new"]),
    ("TTL du:end:l", -1),
    ("EXISTS du:end:over", 0),
)


def crash() -> tuple[Step, ...]:
    return kill(), restart(), *READY


#: A server may take clients before it has read its files, and answers them LOADING meanwhile.
READY = (eventually(*talk(("PING", PONG), on="ready")), close("ready"))


def lasting(name: str, rule: Rule, *steps: Step, **options: Any) -> Case:
    return case(name, rule, *steps, environment=ALWAYS, **options)


def written(client: int, at: int) -> tuple[bytes, bytes]:
    return bytes(cmd(("SET", key(client, at), value(client, at)))), bytes(OK)


def read(client: int, at: int) -> tuple[bytes, bytes]:
    return bytes(cmd(("GET", key(client, at)))), bytes(Bulk(value(client, at)))


def key(client: int, at: int) -> bytes:
    return b"load:%d:%d" % (client, at)


def value(client: int, at: int) -> bytes:
    return b"value %d of client %d" % (at, client) + b"." * (at % 50)


def under_load(name: str, settings: dict[str, str]) -> Case:
    return case(
        name,
        rules.UNDER_LOAD,
        crash_under_load(CLIENTS, written, read, after=WRITES, ready=READY),
        environment=settings,
    )


def gone_or_whole(data: bytes) -> Matcher:
    wanted = (Bulk(None), Bulk(data))
    return matching("$-1, or the whole value", lambda found: found in wanted)


@dataclass(frozen=True, slots=True)
class Unchanged(Step):
    """The answer to a command is the same behind the steps as ahead of them, whatever it is."""

    words: str
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        before = self._answer(play)
        for step in self.steps:
            step.run(play)
        after = self._answer(play)
        if after == before:
            return
        found = told(after)
        if isinstance(before, Array) and isinstance(after, Array):
            gone = set(before.items or ()) - set(after.items or ())
            found = f"{found}; gone: {listed([*gone])}"
        raise Failed(Reached.AS_ASKED, f"the same as before: {told(before)}", found)

    def _answer(self, play: Play) -> Value:
        """An array is put in order: members of a set come in any."""
        send(cmd(self.words)).run(play)
        found, _ = play.message(play.line())
        replies(matching("no error", lambda found: not isinstance(found, Error))).run(play)
        if isinstance(found, Array):
            return Array(tuple(sorted(found.items or (), key=bytes)))
        value: Value = found
        return value

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"{self.words} is answered as before, after: {inner}"


TWO_WORDS = b"the last words\r\n*3\r\n$3\r\nSET"
BEFORE_THE_END: tuple[Exchange, ...] = (
    ("SET torn:a first", OK),
    ("RPUSH torn:b 1 2", 2),
    (("SET", "torn:c", b"\x00\r\n\xff"), OK),
)
LAST = (*talk((("SET", "torn:last", TWO_WORDS), OK)),)
STILL_THERE: tuple[Exchange, ...] = (
    ("GET torn:a", "first"),
    ("LRANGE torn:b 0 -1", ["1", "2"]),
    ("GET torn:c", b"\x00\r\n\xff"),
)
TEN = matching(
    "an array of 10", lambda found: isinstance(found, Array) and len(found.items or ()) == 10
)
ALL_OR_NOTHING = matching(
    "an array of two nulls, or of both values",
    lambda found: found in (Array((Bulk(None), Bulk(None))), Array((Bulk(b"1"), Bulk(b"2")))),
)

STAGE = Stage(
    name="cache/durability",
    title="it survives a crash",
    asks="With APPENDONLY=yes, keep what was acknowledged through SIGKILL and a new start.",
    given="$DATA_DIR, in any format and any files; APPENDONLY, APPENDFSYNC. The program is killed with "
    "SIGKILL, its files may lose their last octets as by a crash in the middle of a write, and it is "
    "started again with the same settings.",
    goals=(
        "frame it: a record says where it ends, so that half of one is known as such",
        "decide: what changes something is written, in the order in which it was executed",
        "act: hand it to the kernel ahead of the acknowledgement: what the program still holds is lost",
        "recover: read record for record; cut off what is left of the last one; go on behind it",
    ),
    hints=(
        "Where are the octets of a write at the moment of its +OK: in a variable of your program, or in "
        "the kernel? Only the latter survives SIGKILL.",
        "Write each changing command as RESP to a file, with one write and no buffer of your own, then "
        "answer. At the start run the file through the same parser and the same commands. Write EXPIRE "
        "as PEXPIREAT, SPOP as SREM, and a transaction with MULTI and EXEC around it.",
        "execute(command):\n"
        "    reply = command.run()\n"
        "    if it changed something: os.write(log, what came of it as RESP)\n"
        "    connection.write(reply)\n"
        "start: read commands; at the first that is not whole: os.ftruncate(log, where it begins)",
    ),
    codec=Resp,
    ways=ONCE,
    insight=True,
    cases=(
        lasting(
            "what was written is there after SIGKILL",
            rules.SURVIVES,
            *together(*WRITTEN),
            *crash(),
            *talk(*THERE),
        ),
        lasting(
            "everything is there once, and again after the next crash",
            rules.SURVIVES_ONCE,
            *talk(*COUNTED),
            *crash(),
            *talk(*COUNTED_THERE, ("INCR du:n", 12)),
            *crash(),
            *talk(("GET du:n", "12"), *COUNTED_THERE[1:]),
        ),
        lasting(
            "a lifetime survives as the moment at which it ends",
            rules.SURVIVES_MOMENT,
            *talk(
                ("SET du:moment 1", OK),
                (f"PEXPIREAT du:moment {FAR}", 1),
                ("SET du:while 1 EX 1000", OK),
                ("SET du:ever 1 EX 1000", OK),
                ("PERSIST du:ever", 1),
            ),
            Unchanged("PEXPIRETIME du:while", crash()),
            *talk(
                ("PEXPIRETIME du:moment", FAR),
                ("TTL du:while", number(1, 1000)),
                ("TTL du:ever", -1),
                ("GET du:ever", "1"),
            ),
        ),
        lasting(
            "a key that ended and was made anew is there",
            rules.SURVIVES_END,
            *together(*ENDED),
            later(2 * OVER),
            *talk(*ANEW),
            *crash(),
            *talk(*ANEW_THERE),
        ),
        lasting(
            "a key that changed, and ended while the program was down, is not",
            rules.SURVIVES_MOMENT,
            *together(*SHORT),
            kill(),
            pause(DOWN / 1000),
            restart(),
            *READY,
            *talk((f"EXISTS {SHORT_KEYS}", 0)),
        ),
        lasting(
            "what SPOP drew stays drawn",
            rules.SURVIVES_CHOICE,
            *talk((("SADD", "du:lots", *range(40)), 40)),
            *talk(*[("SPOP du:lots 10", TEN)] * 2),
            Unchanged("SMEMBERS du:lots", crash()),
            *talk(("SCARD du:lots", 20)),
        ),
        lasting(
            "a transaction is there as a whole",
            rules.SURVIVES_EXEC,
            *together(
                ("MULTI", OK), ("SET du:t 1", QUEUED), ("INCR du:t", QUEUED), ("EXEC", [OK, 2])
            ),
            *together(("MULTI", OK), ("SET du:u 1", QUEUED), ("DISCARD", OK)),
            *crash(),
            *talk(("GET du:t", "2"), ("GET du:u", None), ("SET du:t 3", OK), ("DBSIZE", 1)),
        ),
        under_load("every acknowledged write of several clients is there, with always", ALWAYS),
        under_load("and with everysec, for the kernel has it", EVERYSEC),
        lasting(
            "an end that is torn is cut off, and what stands ahead of it is there",
            rules.TORN_TAIL,
            *talk(*BEFORE_THE_END),
            torn(
                LAST,
                (
                    *READY,
                    *talk(*STILL_THERE),
                    *talk(("GET torn:last", gone_or_whole(TWO_WORDS))),
                ),
                cuts=2,
            ),
        ),
        lasting(
            "what is written behind a torn end is there, too",
            rules.BEHIND_TORN,
            *talk(*BEFORE_THE_END),
            torn(
                LAST,
                (
                    *READY,
                    *talk(("SET torn:d 1", OK), ("RPUSH torn:b 3", 3)),
                    *crash(),
                    *talk(("GET torn:a", "first"), ("GET torn:d", "1")),
                    *talk(("LRANGE torn:b 0 -1", ["1", "2", "3"])),
                ),
                cuts=1,
            ),
        ),
        lasting(
            "a transaction that is torn is not there in part",
            rules.SURVIVES_EXEC,
            *talk(("SET torn:a first", OK)),
            torn(
                together(
                    ("MULTI", OK),
                    ("SET torn:x 1", QUEUED),
                    ("SET torn:y 2", QUEUED),
                    ("EXEC", [OK, OK]),
                ),
                (*READY, *talk(("MGET torn:x torn:y", ALL_OR_NOTHING), ("GET torn:a", "first"))),
                cuts=2,
            ),
        ),
        case(
            "after SIGTERM everything is there, whatever APPENDFSYNC says",
            rules.STOPPED,
            *together(*WRITTEN),
            close(),
            signals(SIGTERM),
            exits(0),
            restart(),
            *READY,
            *talk(*THERE),
            environment=NO,
        ),
    ),
)
