"""Lifetimes: a value that is only true for a while.

    SET page … PX 100      set for 100 ms
    ────────┬───────────────────────── time
            GET page       ← $-1          lazily: whoever comes too late finds nothing
                           (DBSIZE)       actively: and if nobody comes, it goes all the same

A lifetime is a moment at which the key ends, not a timer: it is replaced with the value, moves with
it, and is compared with the clock by every command. A timer that is still running for an old value
removes the new one.

Left out: lifetimes across a restart. See durability.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ....grade.byhand import Act
from ....grade.enduring import eventually
from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.verdict import Reached
from .. import rules
from ..codec import Resp
from ..messages import Integer
from .clock import later
from .messages import ANY_NUMBER, ERR, OK, Exchange, ask, cmd, counted, number, talk, together
from .replies import replies, told

FAR = 4102444800  # 2100-01-01, in seconds
SHORT = "PX 100"
LONG = "PX 100000"
GIVEN_BACK = 2.0  # seconds, by contract
OVER = 150  # milliseconds after which SHORT is over
TRYING = (
    1.0  # seconds for what a stall of this machine can spoil, since two commands have to meet a key
)

# Each command meets a key of its own whose time is over: the first look may remove it.
TOO_LATE: tuple[Exchange, ...] = (
    ("GET over:get", None),
    ("MGET over:mget", [None]),
    ("EXISTS over:exists", 0),
    ("TTL over:ttl", -2),
    ("PTTL over:pttl", -2),
    ("STRLEN over:strlen", 0),
    ("DEL over:del", 0),
    ("GETDEL over:getdel", None),
    ("EXPIRE over:expire 100", 0),
    ("PERSIST over:persist", 0),
    ("SET over:xx new XX", None),
)
BEGUN_ANEW: tuple[Exchange, ...] = (
    ("INCR anew:incr", 1),
    ("APPEND anew:append x", 1),
    ("SET anew:nx new NX", OK),
    ("SET anew:get new GET", None),
    ("SETNX anew:setnx new", 1),
    ("GETSET anew:getset new", None),
)


def keys_of(exchanges: tuple[Exchange, ...]) -> list[str]:
    return [str(words).split(" ")[1] for words, _ in exchanges]


@dataclass(frozen=True, slots=True)
class GivenBack(Step):
    """So many keys end, and are soon no longer counted, though nobody asks for any of them.

    count  keys with a lifetime, of which a fifth may still be counted; 900 at most
    stay   keys without one, which all stay
    """

    count: int
    stay: int
    milliseconds: int

    def run(self, play: Play) -> None:
        play.running.own()  # of one that is used by others, too, the count is not ours
        before = self._counted(play)
        ends = f"*5\r\n$3\r\nSET\r\n$8\r\nends:%d\r\n$1\r\nx\r\n$2\r\nPX\r\n{self._lifetime()}\r\n"
        stays = "*3\r\n$3\r\nSET\r\n$9\r\nstays:%d\r\n$1\r\nx\r\n"
        counted("", ends, range(100, 100 + self.count)).run(play)
        counted("", stays, range(100, 100 + self.stay)).run(play)
        for _ in range(self.count + self.stay):
            replies(OK, to="SET").run(play)
        later(2 * self.milliseconds).run(play)
        began, most = time.monotonic(), before + self.stay + self.count // 5
        while (now := self._counted(play)) > most:
            if not play.still_patient(began, GIVEN_BACK):
                play.acts.insert(-1, Act("main", "pause", seconds=GIVEN_BACK))
                raise Failed(
                    Reached.AS_ASKED,
                    f"DBSIZE of {most} at most: {before} before, {self.stay} that stay, and a"
                    f" fifth of {self.count} that ended",
                    f"{told(Integer(now))}, {time.monotonic() - began:.1f} s after they ended",
                    line=play.line(),
                )
            play.running.go_on()
            time.sleep(0.02)
        if now < before + self.stay:
            raise Failed(
                Reached.AS_ASKED,
                f"DBSIZE of {before + self.stay} at least: what has no lifetime stays",
                told(Integer(now)),
                line=play.line(),
            )

    def _lifetime(self) -> str:
        return f"${len(str(self.milliseconds))}\r\n{self.milliseconds}"

    def _counted(self, play: Play) -> int:
        if play.acts and play.acts[-1].data == bytes(cmd("DBSIZE")):
            play.acts.pop()
        ask("DBSIZE").run(play)
        replies(ANY_NUMBER, kept_as="counted", to="DBSIZE").run(play)
        return int(play.kept["counted"])

    def sketch(self) -> str:
        return (
            f"of {self.count} keys that end after {self.milliseconds} ms at most a fifth is still"
            f" counted by DBSIZE within {GIVEN_BACK:g} s"
        )


STAGE = Stage(
    name="cache/expiry",
    title="lifetimes: lazy and active",
    asks="Let keys end. Whoever looks after that moment finds nothing, and what nobody looks at is "
    "given back all the same.",
    given="SET with EX, PX, EXAT, PXAT, KEEPTTL; SETEX, PSETEX, EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, "
    "PERSIST; TTL, PTTL, EXPIRETIME, PEXPIRETIME; DBSIZE. CLOCK ADVANCE milliseconds, answered with "
    "OK, moves the clock on; a program that answers an error is checked by waiting. Within 2 s, four "
    "in five of the keys that ended are no longer counted by DBSIZE.",
    goals=(
        "parse it: a lifetime is a positive integer; of EX, PX, EXAT, PXAT and KEEPTTL one at most",
        "decide: before a command sees a key, compare its end with the clock",
        "act: keep the moment it ends beside the value; replace both together",
        "act: look at some keys with a lifetime several times a second, and remove what is over",
        "answer: -2 where nothing is, -1 where there is no lifetime",
    ),
    hints=(
        "Which of your commands look at the clock? What happens to the lifetime when SET replaces the "
        "value, and when INCR changes it?",
        "Keep the end of a key as a moment in milliseconds. One function finds a key for all commands, "
        "and removes it when its moment has come. SET forgets the lifetime unless KEEPTTL is said; "
        "what only changes the value leaves it. A timer for each key would have to be cancelled each "
        "time; a moment needs no cancelling.",
        "find(key): if ends.get(key, never) <= now(): remove key\n"
        "           return store.get(key)\n"
        "ten times a second: for 20 keys of ends, at random: remove those that are over;\n"
        "                    again while more than a quarter of them were\n"
        "CLOCK ADVANCE n: offset += n; remove all that is over; +OK",
    ),
    codec=Resp,
    ways=ONCE,
    cases=(
        case(
            "EX counts seconds, PX milliseconds",
            rules.SET_EX,
            *talk(
                ("SET unit v EX 100", OK),
                ("PTTL unit", number(90_000, 100_000)),
                ("SET unit v PX 100000", OK),
                ("TTL unit", number(90, 100)),
                ("SETEX unit 200 v", OK),
                ("PTTL unit", number(190_000, 200_000)),
                ("PSETEX unit 200000 v", OK),
                ("TTL unit", number(190, 200)),
                ("GET unit", "v"),
            ),
        ),
        case(
            "EXPIRE counts seconds, PEXPIRE milliseconds",
            rules.EXPIRE,
            *talk(
                ("SET given v", OK),
                ("EXPIRE given 100", 1),
                ("PTTL given", number(90_000, 100_000)),
                ("PEXPIRE given 200000", 1),
                ("TTL given", number(190, 200)),
                ("GET given", "v"),
            ),
        ),
        case(
            "without a lifetime it is -1, without a key -2",
            rules.TTL,
            *talk(
                ("SET ttl:none v", OK),
                *(
                    (f"{name} ttl:none", -1)
                    for name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME")
                ),
                ("DEL ttl:none", 1),
                *(
                    (f"{name} ttl:none", -2)
                    for name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME")
                ),
                ("EXPIRE ttl:none 100", 0),
                ("EXISTS ttl:none", 0),
            ),
        ),
        case(
            "a moment is kept as it was said",
            rules.EXPIRETIME,
            *talk(
                (f"SET moment v EXAT {FAR}", OK),
                ("EXPIRETIME moment", FAR),
                ("PEXPIRETIME moment", FAR * 1000),
                (f"SET moment v PXAT {FAR * 1000 + 123}", OK),
                ("PEXPIRETIME moment", FAR * 1000 + 123),
                ("EXPIRETIME moment", FAR),
                (f"EXPIREAT moment {FAR + 60}", 1),
                ("EXPIRETIME moment", FAR + 60),
                (f"PEXPIREAT moment {FAR * 1000 + 456}", 1),
                ("PEXPIRETIME moment", FAR * 1000 + 456),
            ),
        ),
        case(
            "the time left goes down while time passes",
            rules.TTL,
            *talk(("SET passing v PX 1000", OK)),
            later(300),
            *talk(("PTTL passing", number(-2, 700))),
        ),
        case(
            "a key whose time is over is gone for every command",
            rules.LAZY,
            *talk(*((f"SET {key} old {SHORT}", OK) for key in keys_of(TOO_LATE))),
            later(OVER),
            *talk(*TOO_LATE),
        ),
        case(
            "what is written to it then begins anew, without a lifetime",
            rules.LAZY,
            *talk(*((f"SET {key} 7 {SHORT}", OK) for key in keys_of(BEGUN_ANEW))),
            later(OVER),
            *talk(*BEGUN_ANEW),
            *talk(*((f"TTL {key}", -1) for key in keys_of(BEGUN_ANEW))),
        ),
        case(
            "the old lifetime does not end a new value",
            rules.REPLACED,
            *talk(
                (f"SET renewed:set old {SHORT}", OK),
                ("SET renewed:set new", OK),
                (f"SET renewed:del old {SHORT}", OK),
                ("DEL renewed:del", ANY_NUMBER),
                ("SET renewed:del new", OK),
                (f"SET renewed:mset old {SHORT}", OK),
                ("MSET renewed:mset new", OK),
                (f"SET renewed:long old {SHORT}", OK),
                (f"SET renewed:long new {LONG}", OK),
            ),
            later(OVER),
            *talk(
                ("GET renewed:set", "new"),
                ("GET renewed:del", "new"),
                ("GET renewed:mset", "new"),
                ("GET renewed:long", "new"),
            ),
        ),
        case(
            "EXPIRE shortens what is left",
            rules.EXPIRE,
            *talk((f"SET shorter v {LONG}", OK), ("PEXPIRE shorter 100", 1)),
            later(OVER),
            *talk(("GET shorter", None)),
        ),
        case(
            "EXPIRE prolongs what is left",
            rules.EXPIRE,
            eventually(
                *together(("SET longer v PX 200", OK), ("PEXPIRE longer 100000", 1)),
                later(250),
                *talk(("GET longer", "v")),
                seconds=TRYING,
            ),
        ),
        case(
            "PERSIST takes the lifetime away",
            rules.PERSIST,
            eventually(
                *together(("SET kept v PX 200", OK), ("PERSIST kept", 1), ("TTL kept", -1)),
                later(250),
                *talk(("GET kept", "v")),
                seconds=TRYING,
            ),
            *talk(("PERSIST kept", 0), ("DEL kept", 1), ("PERSIST kept", 0)),
        ),
        case(
            "what replaces a value takes its lifetime away",
            rules.REPLACED,
            *talk(
                (f"SET ttl:over v {LONG}", OK),
                ("SET ttl:over w", OK),
                ("TTL ttl:over", -1),
                (f"SET ttl:over v {LONG}", OK),
                ("GETSET ttl:over w", "v"),
                ("TTL ttl:over", -1),
            ),
        ),
        case(
            "what changes a value leaves its lifetime",
            rules.CHANGED,
            *talk(
                (f"SET still 10 {LONG}", OK),
                ("INCR still", 11),
                ("APPEND still 0", 3),
                ("PTTL still", number(50_000, 100_000)),
                ("DECRBY still 100", 10),
                ("PTTL still", number(50_000, 100_000)),
            ),
        ),
        case(
            "KEEPTTL keeps the lifetime, also when there is none",
            rules.KEEPTTL,
            *talk(
                (f"SET ttl v {LONG}", OK),
                ("SET ttl w KEEPTTL", OK),
                ("GET ttl", "w"),
                ("PTTL ttl", number(50_000, 100_000)),
                ("SET ttl x", OK),
                ("SET ttl y KEEPTTL", OK),
                ("TTL ttl", -1),
            ),
        ),
        case(
            "a SET that does not write leaves the lifetime",
            rules.REPLACED,
            *talk(
                (f"SET unwritten v {LONG}", OK),
                ("SET unwritten w NX", None),
                ("PTTL unwritten", number(50_000, 100_000)),
                ("GET unwritten", "v"),
            ),
        ),
        case(
            "a lifetime of 0 or less, or a moment that has passed, removes the key",
            rules.EXPIRE_PAST,
            *talk(
                ("SET past v", OK),
                ("EXPIRE past 0", 1),
                ("EXISTS past", 0),
                ("SET past v", OK),
                ("PEXPIRE past -1", 1),
                ("GET past", None),
                ("SET past v", OK),
                ("EXPIREAT past 1", 1),
                ("TTL past", -2),
                ("SET past v", OK),
                ("PEXPIREAT past 1", 1),
                ("GET past", None),
            ),
        ),
        case(
            "what nobody asks for is given back",
            rules.ACTIVE,
            GivenBack(500, 100, 100),
            alone=True,
            owns_time=0.2,
        ),
        case(
            "SET refuses a lifetime that is not positive, or no integer",
            rules.EX_POSITIVE,
            *talk(
                (f"SET ttl:bad old {LONG}", OK),
                ("SET ttl:bad v EX 0", ERR),
                ("SET ttl:bad v PX -5", ERR),
                ("SET ttl:bad v EX alpha", ERR),
                ("SET ttl:bad v PX 1.5", ERR),
                ("SET ttl:bad v EX", ERR),
                ("SETEX ttl:bad 0 v", ERR),
                ("PSETEX ttl:bad -1 v", ERR),
                ("GET ttl:bad", "old"),
                ("PTTL ttl:bad", number(50_000, 100_000)),
            ),
        ),
        case(
            "two lifetimes in one SET are refused",
            rules.SYNTAX,
            *talk(
                ("SET two old", OK),
                ("SET two v EX 10 PX 10000", ERR),
                ("SET two v EX 10 KEEPTTL", ERR),
                (f"SET two v EX 10 EXAT {FAR}", ERR),
                ("GET two", "old"),
                ("TTL two", -1),
            ),
        ),
        case(
            "EXPIRE refuses what is no integer",
            rules.NOT_INTEGER,
            *talk(
                ("SET when v", OK),
                ("EXPIRE when soon", ERR),
                ("PEXPIRE when 1.5", ERR),
                ("EXPIREAT when", ERR),
                ("TTL when", -1),
            ),
        ),
    ),
)
