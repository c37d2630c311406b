"""Forward: one request to one upstream.

    →

Left out: streaming.
"""

from ....grade.asking import answers, asked
from ....grade.stage import BOTH, Stage, case
from ....grade.steps import expect, send
from .. import rules
from .messages import A, Wire, alpha, bravo, exchange, ok, post

STAGE = Stage(
    name="proxy/forward",
    title="one request to one upstream, and its answer back",
    asks="",
    given="",
    goals=(),
    hints=("", "", ""),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    cases=(
        case(
            "a request reaches the upstream, and its answer the client",
            rules.FORWARD,
            send(alpha),
            asked("a", method=b"GET", target=b"/echo/alpha"),
            answers("a", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "post",
            rules.FORWARD,
            *exchange(
                post(b"hello"),
                ok(b"x"),
                wanted={"body": b"hello", "header": {"host": b"localhost"}},
            ),
            *exchange(bravo, ok(b"y")),
        ),
    ),
)
