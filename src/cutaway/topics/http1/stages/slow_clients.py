"""Slow clients: some of them mean harm, and some only have a bad line.

    0 s  G … 1 s  E … 2 s  T … 3 s …     a head that never ends: a byte now and then keeps the
                                         connection, and a thousand of them keep the program
    0 s  POST /echo … 1 s  a … 2 s  b …  a body that keeps coming: somebody uploads from a train

A time limit for each read does not see the first, since every read gets something. A limit for
the whole connection ends the second. What has to be bounded is the time for one request head.

All cases run at the same time, and last as long as the longest of them.
"""

import time
from dataclasses import dataclass

from ....grade.play import Failed, Play
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import drip, expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .messages import alpha, get, post

LIMIT = 7.0  # seconds; the contract's 5 and some patience
EVERY = 0.25
HEAD = bytes(get(b"/echo/alpha", (b"X-Slow", b"a" * 100)))
FIELDS = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 30
SLOW_BODY = b"this body takes its time"
SLOW_POST = bytes(post(SLOW_BODY))
HEAD_LENGTH = len(SLOW_POST) - len(SLOW_BODY)


@dataclass(frozen=True, slots=True)
class HeadEnds(Step):
    """A head begins with `step` and never ends: 408 or a close comes at most `seconds` behind it."""

    step: Step
    seconds: float

    def run(self, play: Play) -> None:
        began = time.monotonic()
        self.step.run(play)
        try:
            expect(status=408, or_close=True, seconds=self.seconds).run(play)
        except Failed as failed:
            if not play.line().unread and play.line().recorded.ended is None:
                failed.expected = f"408 or a close within {LIMIT:g} s after the head began"
                since = f"still open {time.monotonic() - began:.1f} s after the head began"
                failed.found = play.told(f"{since}, and silence")
            raise

    def sketch(self) -> str:
        return f"{self.step.sketch()} · expect status: 408, or a close, {LIMIT:g} s after it began"


def ended(name: str, rule: Rule, *steps: Step, seconds: float) -> Case:
    """The last step begins a head that never ends; 408 or a close follows within so many seconds."""
    return case(name, rule, *steps[:-1], HeadEnds(steps[-1], seconds), owns_time=LIMIT)


STAGE = Stage(
    name="http1/slow-clients",
    title="slow clients, the harmful and the honest",
    asks="End a connection whose request head does not get complete, and bear with one that is only "
    "slow.",
    given="A request head that is not complete 5 s after it began is answered with 408, or the "
    "connection is closed (looked at after 7 s). A body may take as long as it keeps coming, and "
    "so may an answer.",
    goals=(
        "bound it: one deadline for a whole head, set when it begins, not moved by what comes",
        "decide: which deadline holds now: for the head, for the body, for none",
        "answer: 408 where it is easy, then close",
        "recover: what was kept for that client is given back",
    ),
    hints=(
        "What does your time limit measure: one read, one request head, or the connection?",
        "Note the time when a head begins. Before each read compute what is left of its 5 s, and "
        "wait no longer than that. When the head is complete the deadline ends: the body has none, "
        "or one for each read. Do not forget the second head on a connection.",
        "deadline = now + 5\n"
        "while head is not complete:\n"
        "    wait for bytes until deadline; none: send 408, close\n"
        "    buffer += read()\n"
        "body: wait up to 30 s for each read",
    ),
    codec=Http1,
    ways=ONCE,
    side_by_side=True,
    cases=(
        ended(
            "a head that drips in is ended",
            rules.HEAD_TIME,
            drip(HEAD[: int(LIMIT / EVERY)], EVERY),
            seconds=0.25,
        ),
        ended(
            "so is one that drips in quickly, field after field",
            rules.HEAD_TIME,
            drip(FIELDS[: int(LIMIT / 0.05)], 0.05),
            seconds=0.25,
        ),
        ended(
            "a head that stops in the request line is ended",
            rules.HEAD_TIME,
            send(b"GET /echo/al"),
            seconds=LIMIT,
        ),
        ended(
            "so is one that stops between its fields",
            rules.HEAD_TIME,
            send(HEAD[:-2]),
            seconds=LIMIT,
        ),
        ended(
            "the second head on a connection has a limit too",
            rules.HEAD_TIME,
            send(alpha),
            expect(status=200, body=b"alpha"),
            send(HEAD[:20]),
            seconds=LIMIT,
        ),
        case(
            "a head that takes three seconds is served",
            rules.HEAD_PATIENCE,
            drip(bytes(alpha), 3.0 / len(bytes(alpha))),
            expect(status=200, body=b"alpha"),
            owns_time=3.0,
        ),
        case(
            "a body that takes six seconds is taken",
            rules.BODY_TIME,
            send(SLOW_POST[:HEAD_LENGTH]),
            drip(SLOW_BODY, 6.0 / len(SLOW_BODY)),
            expect(status=200, body=SLOW_BODY),
            owns_time=6.0,
        ),
        case(
            "an answer may take six seconds",
            rules.ANSWER_TIME,
            send(get(b"/slow?ms=6000")),
            expect(status=200, seconds=9.0),
            owns_time=6.0,
        ),
    ),
)
