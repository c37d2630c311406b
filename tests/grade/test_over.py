"""A server may end each connection behind its answer, as long as it says so (RFC 9112 §9.3)."""

from __future__ import annotations

import socket
import threading

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import ONCE, Stage, case
from cutaway.grade.steps import expect, send
from cutaway.grade.verdict import Rule, Verdict
from cutaway.topics.http1.codec import Caller, Http1, Response, persists
from cutaway.wire import Codec

ASKED = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
LENGTH = ((b"Content-Length", b"2"),)


def verdict(codec: type[Codec]) -> Verdict:
    """Of two questions in a row, to a server that answers one on each connection."""
    rule = Rule("contract", "contract", "an answer comes")
    twice = (send(ASKED), expect(status=200, body=b"ok")) * 2
    stage = Stage(
        name="http1/over",
        title="",
        asks="",
        given="",
        goals=(),
        hints=("", "", ""),
        codec=codec,
        ways=ONCE,
        cases=(case("the case", rule, *twice),),
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        subject = Subject(target={"PORT": listener.getsockname()})
        return check("http1", [stage], subject, seed=1).verdict


def answer(listener: socket.socket) -> None:
    """One answer on each connection, until the listener is closed."""
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        with sock:
            if sock.recv(4096):
                sock.sendall(LAST)


def test_a_caller_asks_on_a_new_connection_once_the_server_has_said_close() -> None:
    assert verdict(Caller) is Verdict.PASS


def test_where_connections_are_the_matter_nothing_is_asked_anew() -> None:
    assert verdict(Http1) is Verdict.FAIL


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        (Response(status=200, fields=LENGTH, framing="length"), True),
        (Response(status=200, fields=((b"connection", b"x, Close"),), framing="length"), False),
        (Response(status=200, framing="close"), False),
        (Response(status=200, version=b"HTTP/1.0", framing="length"), False),
        (
            Response(
                status=200,
                version=b"HTTP/1.0",
                fields=((b"Connection", b"keep-alive"),),
                framing="length",
            ),
            True,
        ),
    ],
)
def test_whether_a_connection_goes_on_is_read_from_the_answer(
    answer: Response, goes_on: bool
) -> None:
    assert persists(answer) is goes_on
