r"""Limits: what a client may cost that means harm, or is broken.

    *1⏎$536870912⏎      half a GiB is announced, in 16 octets
    *1⏎*1⏎*1⏎*1⏎…       arrays in arrays, as deep as anybody likes
    GET large GET large …   and nothing is ever read

Whoever can reach the port can send anything. What is announced costs nothing until it comes; what is no
command ends the connection with an error; and whoever does not take answers is let go before they fill
the memory. The others are served meanwhile.

Left out: passwords, and limits on how often somebody may ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....grade.bulk import pour
from ....grade.byhand import Act
from ....grade.crowd import open_idle
from ....grade.drastic import memory_within, push, send_until_answered
from ....grade.matchers import matching
from ....grade.noise import noise
from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.stage import ALL, ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, expect, pause, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Resp
from ..messages import Integer
from .messages import NEIGHBOUR, OK, PONG, Exchange, cmd, talk
from .publish import listens
from .replies import replies, told
from .room import Client

MIB = 1 << 20
WORDS = 1 << 18  # of one command
INLINE = 1024  # octets of a line that is taken
TOO_LONG = (64 << 10) + 1024  # octets of a line that has no end
UNFINISHED = 100  # clients
EACH = 64 << 10  # octets that each of them may cost beside what it sent
RUNTIME = 8 * MIB  # what a runtime may take for reasons of its own
LARGE = b"x" * (256 << 10)
ASKED = 32 << 10  # octets of GET, which are answered with some 250 MiB
#: More than 120 MiB. Of messages of 16 KiB Valkey 9.1 does not count what waits for a subscriber.
MESSAGES, SIZE, TOGETHER = 9000, 15000, 60
PUBLISHED = bytes(cmd(("PUBLISH", "lim:deaf", b"m" * SIZE)))
GARBAGE = 40 * MIB  # of messages that were sent to it and let go, for which a runtime keeps room
WORD = b"$1\r\nk\r\n"
SET = b"*3\r\n$3\r\nSET\r\n$5\r\nlim:k\r\n"

REFUSED = matching(rb"ERR Protocol error.*", "an error that begins ERR Protocol error")

WRONG: tuple[tuple[str, Rule, bytes], ...] = (
    ("a count that is no number", rules.COUNT_LIMITS, b"*x\r\n"),
    ("no count at all", rules.COUNT_LIMITS, b"*\r\n"),
    ("a count that ends in a letter", rules.COUNT_LIMITS, b"*1x\r\n"),
    ("a count above 2147483647", rules.COUNT_LIMITS, b"*2147483648\r\n"),
    ("a count that no integer can hold", rules.COUNT_LIMITS, b"*99999999999999999999\r\n"),
    ("a length that is no number", rules.LENGTH_LIMITS, b"*1\r\n$x\r\n"),
    ("a length below 0", rules.LENGTH_LIMITS, b"*1\r\n$-1\r\n"),
    ("a length above 512 MiB", rules.LENGTH_LIMITS, b"*1\r\n$536870913\r\n"),
    ("a length that no integer can hold", rules.LENGTH_LIMITS, b"*1\r\n$99999999999999999999\r\n"),
    ("a wrong length behind a right one", rules.LENGTH_LIMITS, b"*2\r\n$4\r\nECHO\r\n$-1\r\n"),
    ("an integer in a command", rules.ONLY_BULK, b"*1\r\n:5\r\n"),
    ("an array in a command", rules.ONLY_BULK, b"*1\r\n*1\r\n$4\r\nPING\r\n"),
)


def refused(name: str, rule: Rule, data: bytes) -> Case:
    """Answered with an error, and closed; and the next client is served."""
    return case(
        f"{name} is a protocol error",
        rule,
        send(data),
        *ends_in_error(),
        *talk(("PING", PONG), on="next"),
    )


def ends_in_error() -> tuple[Step, ...]:
    return expect(kind="error", text=REFUSED), closes(), close()


def goes_on(*exchanges: Exchange) -> tuple[Step, ...]:
    return talk(*exchanges, on="next")


@dataclass(frozen=True, slots=True)
class Publishes(Step):
    """Many messages, each answered, for one subscriber at the most."""

    def run(self, play: Play) -> None:
        play.acts.append(Act("other", "connect", port=play.stage.port))
        play.acts.append(Act("other", "send", PUBLISHED, times=MESSAGES))
        client = Client(play)
        try:
            for _ in range(MESSAGES // TOGETHER):
                for answer in client.ask(PUBLISHED * TOGETHER, count=TOGETHER):
                    if answer not in (Integer(0), Integer(1)):
                        raise Failed("as asked", ":0 or :1 to PUBLISH", told(answer))
        finally:
            client.sock.close()

    def sketch(self) -> str:
        return f"publish {MESSAGES} messages of {SIZE} octets, reading the answers"


STAGE = Stage(
    name="cache/limits",
    title="clients that mean harm",
    asks="Refuse what is no command, and let no client take more memory than it has sent.",
    given="The limits of the contract: 1024 octets in a line are taken and 64 KiB plus 1024 without an end "
    "refused; up to 262144 arguments, 536870912 octets in one, 64 MiB of answers or messages that "
    "nobody reads.",
    goals=(
        "bound it: keep what has come, not what was announced",
        "parse it: digits and nothing else, within limits, ahead of using the number",
        "decide: is it RESP? If not, there is no telling where the next command begins",
        "answer: what went ahead, then one error, then the end",
        "recover: whoever does not read is held back, or let go",
    ),
    hints=(
        "Which numbers in a command come from the client? What does your program do with each of them "
        "ahead of the octets?",
        "Read a length, check it, and wait until as many octets are in the buffer; let the buffer grow as "
        "they come. Read no more commands from a connection while much of its output waits, or close it. "
        "A count of words is no reason to make a list of that size.",
        "line = digits up to CR LF, at most 64 KiB\n"
        "if not all digits, or number > limit:  -ERR Protocol error: …  and close\n"
        "if len(connection.out) > 32 MiB:       close, or stop reading from it",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    side_by_side=True,
    cases=(
        case(
            f"a line of {INLINE} octets is taken",
            rules.INLINE_TAKEN,
            send(b"ECHO ".ljust(INLINE - 2, b"x") + b"\r\n"),
            expect(kind="bulk", text=b"x" * (INLINE - 7)),
        ),
        case(
            "a line without an end is refused",
            rules.INLINE_TOO_LONG,
            send_until_answered(b"x" * TOO_LONG, 4 * TOO_LONG),
            # What it has not read makes the close a reset, and a reset may take the error with it.
            expect(kind="error", text=REFUSED, or_close=True),
            close(),
            *goes_on(("PING", PONG)),
            ways=ONCE,
        ),
        *(refused(name, rule, data) for name, rule, data in WRONG),
        case(
            "what went ahead is answered first",
            rules.PROTOCOL_ERROR,
            send(cmd("SET lim:a 1"), cmd("GET lim:a"), b"*1\r\n$-5\r\n"),
            replies(OK),
            expect(text=b"1"),
            *ends_in_error(),
            *goes_on(("GET lim:a", "1")),
        ),
        case(
            "what stands behind it is not executed",
            rules.PROTOCOL_ERROR,
            *goes_on(("SET lim:b 1", OK)),
            send(b"*1\r\n$-5\r\n", cmd("SET lim:b 2")),
            # As above: octets that nobody reads may turn the close into a reset.
            expect(kind="error", text=REFUSED, or_close=True),
            close(),
            *goes_on(("GET lim:b", "1")),
        ),
        case(
            "arrays in arrays are refused at the second one",
            rules.ONLY_BULK,
            send_until_answered(b"*1\r\n" * 1000, 4 * MIB),
            expect(kind="error", text=REFUSED, or_close=True),
            close(),
            *goes_on(("PING", PONG)),
            ways=ONCE,
        ),
        case(
            "a count of 0 or -1 is passed over",
            rules.NO_COMMAND,
            send(b"*0\r\n*-1\r\n", cmd("PING"), b"*-1\r\n", cmd("PING")),
            replies(PONG),
            replies(PONG),
        ),
        case(
            f"a command of {WORDS} words is taken",
            rules.MANY_WORDS,
            send(b"*%d\r\n$3\r\nDEL\r\n" % WORDS + WORD * 1023),
            pour(WORD * 1024, WORDS // 1024 - 1),
            replies(Integer(0), seconds=10.0),
            *talk(("PING", PONG)),
            ways=ONCE,
        ),
        case(
            "lengths that are announced cost nothing",
            rules.ANNOUNCED,
            *talk(("PING", PONG)),
            memory_within(
                20 * EACH + RUNTIME,
                open_idle(10, says=SET + b"$536870912\r\nx"),
                open_idle(10, says=b"*2147483647\r\n$3\r\nDEL\r\n"),
                *talk(*[("PING", PONG)] * 3),
            ),
            alone=True,
            ways=ONCE,
        ),
        case(
            f"{UNFINISHED} clients that do not finish cost what they sent",
            rules.UNFINISHED,
            *talk(("PING", PONG)),
            memory_within(
                UNFINISHED * (EACH + len(LARGE) // 4) + RUNTIME,
                open_idle(UNFINISHED, says=SET + b"$8388608\r\n" + LARGE[: len(LARGE) // 4]),
                *talk(*[("PING", PONG)] * 3),
            ),
            alone=True,
            ways=ONCE,
        ),
        case(
            "a client that never reads is held back, or let go",
            rules.NEVER_READS,
            *talk((("SET", "lim:large", LARGE), OK)),
            memory_within(
                64 * MIB + RUNTIME,
                push(
                    bytes(cmd("GET lim:large")) * 500,
                    ASKED,
                    on="deaf",
                    by_hand="yes 'GET lim:large'",
                ),
                *talk(("PING", PONG)),
                pause(0.1),
                *talk(("PING", PONG)),
            ),
            close("deaf"),
            *talk(("PING", PONG)),
            alone=True,
            ways=ONCE,
        ),
        case(
            "a subscriber that never reads is held back, or let go",
            rules.DEAF_SUBSCRIBER,
            *listens("lim:deaf", on="deaf"),
            *talk(("PING", PONG)),
            memory_within(
                64 * MIB + GARBAGE,
                Publishes(),
                *talk(("PING", PONG)),
            ),
            close("deaf"),
            *talk(("PING", PONG)),
            alone=True,
            ways=ONCE,
        ),
        case(
            "nonsense ends nothing but its own connection",
            rules.ANY_OCTETS,
            *talk(("SET lim:c 1", OK)),
            noise(
                40,
                2000,
                starts=(b"", b"*", SET, b"*2\r\n$4\r\nECHO\r\n$", b"SET lim:d ", b"*1\r\n$4\r\n"),
                letters=b"*$:+-0123456789\r\n\"'\\ x",
            ),
            *talk(("GET lim:c", "1")),
            alone=True,
            ways=ONCE,
        ),
    ),
)
