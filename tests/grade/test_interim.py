"""An answer ahead of the answer: waited through, unless a case forbids it."""

from __future__ import annotations

import socket
import threading

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import ONCE, Stage, Step, case
from cutaway.grade.steps import expect, send
from cutaway.grade.verdict import Rule, Verdict
from cutaway.topics.http1.stages.messages import Patient, alpha

ANSWERS = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RULE = Rule("contract", "contract", "an answer comes")


def verdict(*steps: Step) -> Verdict:
    """What becomes of these steps against a server that says 100 and then 200."""
    stage = Stage(
        name="http1/interim",
        title="",
        asks="",
        given="",
        goals=(),
        hints=("", "", ""),
        codec=Patient,
        ways=ONCE,
        cases=(case("the case", RULE, send(alpha), *steps),),
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_once, args=(listener,), daemon=True)
        thread.start()
        subject = Subject(target={"PORT": listener.getsockname()})
        result = check("http1", [stage], subject, seed=1)
        thread.join(5)
    return result.verdict


def answer_once(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sock.recv(4096)
        sock.sendall(ANSWERS)
        sock.recv(1)


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ((expect(status=200, body=b"ok"),), Verdict.PASS),
        ((expect(status=100), expect(status=200)), Verdict.PASS),
        ((expect(status=200, interim=False),), Verdict.FAIL),
        ((expect(status=100), expect(status=200, interim=False)), Verdict.PASS),
    ],
    ids=["waited through", "asked for", "forbidden", "asked for, then no more"],
)
def test_an_interim_answer_is_waited_through_unless_it_is_forbidden(
    steps: tuple[Step, ...], wanted: Verdict
) -> None:
    assert verdict(*steps) is wanted
