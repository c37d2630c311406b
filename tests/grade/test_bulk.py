"""Steps that move much, and what is kept of an answer for a later request."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade.bulk import begins, lays, pour, sip, taken
from cutaway.grade.matchers import holds, kept, shown, unlike
from cutaway.grade.play import Failed, Play
from cutaway.grade.running import Running, Subject
from cutaway.grade.stage import Stage, Step, case
from cutaway.grade.steps import expect, send
from cutaway.grade.verdict import Rule, Way
from cutaway.topics.http1.codec import Http1

RULE = Rule("toy §1", "MUST", "it does")
MIB = 1 << 20
ASK = b"GET / HTTP/1.1\r\nHost: a\r\nIf-Match: {tag}, x-{inside tag}\r\n\r\n"


def played(serve: Callable[[socket.socket], Any], *steps: Step, folder: Path | None = None) -> Play:
    """The steps against a server that is one function of one connection."""
    one = case("one", RULE, *steps)
    stage = Stage(
        name="toy/one", title="", asks="", given="", goals=(), hints=("", "", ""),
        codec=Http1, cases=(one,),
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                sock, _ = listener.accept()
                with sock:
                    sock.settimeout(5)
                    serve(sock)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        address = {"PORT": listener.getsockname()}
        subject = Subject(target=address, data_dir=folder)
        play = Play(
            stage, one, Way.WHOLE, Running(subject, address, Path(), folder), random.Random(1)
        )
        try:
            for step in steps:
                step.run(play)
        finally:
            play.close()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
    return play


def test_a_file_that_is_laid_has_its_size(tmp_path: Path) -> None:
    played(lambda sock: None, lays("big", 5 * MIB), folder=tmp_path)
    assert (tmp_path / "big").stat().st_size == 5 * MIB


def test_all_of_a_stream_is_sent_and_nothing_of_it_is_kept() -> None:
    seen = []

    def count(sock: socket.socket) -> None:
        while data := sock.recv(MIB):
            seen.append(len(data))

    play = played(count, pour(b"x" * MIB, 8), taken())
    assert sum(seen) == 8 * MIB
    assert not any(line.recorded.sent for line in play.lines.values())


def test_a_sip_stops_where_it_should_and_the_server_is_held_back() -> None:
    sent = []

    def flood(sock: socket.socket) -> None:
        while True:
            sent.append(sock.send(b"y" * MIB))

    played(flood, sip(4 * MIB))
    assert 4 * MIB <= sum(sent) < 64 * MIB


def test_a_sip_of_an_answer_that_ends_too_early_fails() -> None:
    with pytest.raises(Failed, match=r"1000, then the connection ended"):
        played(lambda sock: sock.sendall(b"z" * 1000), sip(1001))


def test_what_begins_is_left_for_the_next_step() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    played(lambda sock: sock.sendall(answer), begins(), expect(status=200, body=b"hi"))


def test_what_an_answer_had_is_sent_again_and_expected_again() -> None:
    asked = []

    def serve(sock: socket.socket) -> None:
        for tag in (b'"one"', b'"one"', b'"two"'):
            asked.append(sock.recv(4096))
            sock.sendall(b"HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: 0\r\n\r\n" % tag)

    played(
        serve,
        send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        expect(status=200, keep={"tag": "header etag"}),
        send(ASK, fill=True),
        expect(header={"etag": kept("tag")}),
        send(ASK, fill=True),
        expect(header={"etag": kept("tag", unlike)}),
    )
    assert b'If-Match: "one", x-one\r\n' in asked[1]


def test_what_is_absent_cannot_be_kept() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(Failed, match="header etag: something of that name"):
        played(lambda sock: sock.sendall(answer), begins(), expect(keep={"tag": "header etag"}))


def test_a_kept_value_has_words() -> None:
    assert shown(kept("tag")) == "the tag that came before"
    assert holds(kept("tag", unlike).turn(b"a"), b"b")
