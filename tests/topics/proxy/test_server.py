"""The reference proxy with a test on both of its sides: what each of them gets, in which case."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.topics.proxy.between import WITHIN, Between, Upstream, between, request

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def running() -> Iterator[Between]:
    with between(READ_MS="800", CONNECT_MS="400") as b:
        yield b


@pytest.fixture
def one(running: Between) -> Iterator[Between]:
    """One proxy for many tests, without a connection from any other."""
    yield running
    running.forget()


# Heads.


def test_a_request_goes_on_as_it_came_but_for_what_a_proxy_says(one: Between) -> None:
    got, answer = one.through(
        b"BREW /a%2Fb//c?x=%20&y HTTP/1.1\r\nhOST: Shop.example:81\r\nX-One: 1\r\nx-one:\t2 \r\n\r\n",
        b"HTTP/1.1 299 Well, well\r\nX-Two: 2\r\nDate: today\r\nContent-Length: 0\r\n\r\n",
    )
    assert (got.method, got.target) == (b"BREW", b"/a%2Fb//c?x=%20&y")
    assert got.fields == (
        (b"hOST", b"Shop.example:81"),
        (b"X-One", b"1"),
        (b"x-one", b"2"),
        (b"Via", b"1.1 cutaway"),
        (b"X-Forwarded-For", b"127.0.0.1"),
        (b"Forwarded", b'for=127.0.0.1;proto=http;host="Shop.example:81"'),
    )
    assert (answer.status, answer.reason) == (299, b"Well, well")
    assert answer.fields == (
        (b"X-Two", b"2"),
        (b"Date", b"today"),
        (b"Content-Length", b"0"),
        (b"Via", b"1.1 cutaway"),
    )


def test_fields_of_one_connection_are_taken_out_both_ways(one: Between) -> None:
    lines = (
        b"Connection: X-Mine, close, hOst, content-length\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n"
        b"TE: trailers\r\nProxy-Connection: keep-alive\r\nUpgrade: h2c\r\nX-Other: 2\r\n"
    )
    got, answer = one.through(
        b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: s\r\n" + lines + b"\r\n",
    )
    names = {name.lower() for name, _ in got.fields}
    assert names == {b"host", b"x-other", b"via", b"x-forwarded-for", b"forwarded"}
    names = {name.lower() for name, _ in answer.fields}
    assert names == {b"content-length", b"server", b"x-other", b"date", b"via", b"connection"}
    assert answer.value(b"Connection") == b"close"


def test_what_a_client_claims_about_itself_is_not_passed_on(one: Between) -> None:
    claims = ("Forwarded", "x-forwarded-for", "X-Forwarded-Proto", "X-Forwarded-Host")
    got, _ = one.through(request("/", *(f"{name}: for=evil" for name in claims)))
    assert b"evil" not in bytes(got)
    assert got.values(b"X-Forwarded-For") == [b"127.0.0.1"]
    assert got.values(b"Forwarded") == [b"for=127.0.0.1;proto=http;host=a"]


def test_via_is_added_behind_those_that_are_there(one: Between) -> None:
    got, answer = one.through(
        request("/", "Via: 1.0 fred"),
        b"HTTP/1.0 200 OK\r\nVia: 1.1 jim\r\nContent-Length: 0\r\n\r\n",
    )
    assert got.values(b"Via") == [b"1.0 fred", b"1.1 cutaway"]
    assert answer.values(b"Via") == [b"1.1 jim", b"1.0 cutaway"]
    assert answer.version == b"HTTP/1.1"


def test_max_forwards_is_counted_down_and_ends_here(one: Between) -> None:
    got, _ = one.through(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\n\r\n")
    assert (got.target, got.values(b"Max-Forwards")) == (b"*", [b"0"])
    got, _ = one.through(request("/", "Max-Forwards: 0"))
    assert got.values(b"Max-Forwards") == [b"0"]
    for method, status in (("OPTIONS", 200), ("TRACE", 501)):
        client = one.ask("/", "Max-Forwards: 0", method=method)
        assert client.answer().status == status
        assert one.up.untouched()


def test_an_absolute_target_says_the_host(one: Between) -> None:
    got, _ = one.through(b"GET http://b:1/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (got.target, got.values(b"Host")) == (b"http://b:1/x", [b"b:1"])


def test_http_1_0_gets_an_answer_that_it_can_read(one: Between) -> None:
    client = one.client(b"GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")
    peer = one.up.request()
    fields = dict(peer.head.fields)
    assert fields[b"Host"] == b"127.0.0.1:%d" % one.ports["PORT"]
    assert fields[b"Via"] == b"1.0 cutaway"
    assert b"Expect" not in fields
    peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    peer.send(b"2\r\nok\r\n0\r\nX: y\r\n\r\n")
    got = client.answer()
    assert (got.status, got.body, got.framing) == (200, b"ok", "close")
    assert got.value(b"Connection") == b"close"


def test_http_1_0_does_not_keep_its_connection(one: Between) -> None:
    client = one.client(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    one.up.request().send(OK)
    assert client.answer().value(b"Connection") == b"close"
    assert client.rest() == b""


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nalpha", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nalpha", 400),
        (CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (1 << 17) + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * (1 << 16) + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else str(value),
)
def test_what_a_server_refuses_never_reaches_an_upstream(
    one: Between, octets: bytes, status: int
) -> None:
    client = one.client(octets)
    assert client.answer().status == status
    client.close()
    assert one.up.untouched()


@pytest.mark.parametrize("chunks", [b"+2\r\nok\r\n0\r\n\r\n", b"2\r\nok0\r\n\r\n", b"2\nok\r\n"])
def test_a_broken_chunk_is_refused_and_the_upstream_gets_no_end(
    one: Between, chunks: bytes
) -> None:
    client = one.client(CHUNKED + b"2\r\nhi\r\n")
    peer = one.up.request()
    peer.exactly(b"2\r\nhi\r\n")
    client.send(chunks)
    assert client.answer().status == 400
    assert b"0\r\n\r\n" not in peer.rest()


def test_two_equal_lengths_are_passed_on_as_one(one: Between) -> None:
    client = one.client(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi"
    )
    peer = one.up.request()
    assert [v for n, v in peer.head.fields if n == b"Content-Length"] == [b"2"]
    peer.exactly(b"hi")
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok")
    assert client.answer().values(b"Content-Length") == [b"2"]


# Bodies.


def test_what_arrives_is_passed_on_as_it_arrives_both_ways(one: Between) -> None:
    client = one.client(CHUNKED)
    peer = one.up.request()
    for piece in (b"alpha", b"bravo"):
        client.send(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece))
        peer.exactly(b"5\r\n%s\r\n" % piece)
    client.send(b"0\r\nX-Sum: 1\r\nContent-Length: 7\r\n\r\n")
    peer.exactly(b"0\r\nX-Sum: 1\r\n\r\n")
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.exactly(b"HTTP/1.1 200 OK\r\n")
    for piece in (b"delta", b"gamma"):
        peer.send(b"5\r\n%s\r\n" % piece)
        while not client.data.endswith(piece + b"\r\n"):
            client.more()
    peer.send(b"0\r\nX-Sum: 2\r\n\r\n")
    while not client.data.endswith(b"0\r\nX-Sum: 2\r\n\r\n"):
        client.more()


def test_an_answer_without_an_end_gets_one(one: Between) -> None:
    client = one.ask()
    peer = one.up.request()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
    peer.close()
    got = client.answer()
    assert (got.body, got.framing) == (b"hello", "chunked")


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 10\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
)
def test_an_answer_that_breaks_off_is_not_ended(one: Between, head: bytes) -> None:
    client = one.ask()
    peer = one.up.request()
    peer.send(b"HTTP/1.1 200 OK\r\n" + head)
    while b"hello" not in client.data:
        client.more()
    peer.close()
    assert b"0\r\n\r\n" not in client.rest()


def test_for_http_1_0_an_answer_that_breaks_off_is_reset(one: Between) -> None:
    client = one.client(b"GET / HTTP/1.0\r\n\r\n")
    peer = one.up.request()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    while b"hello" not in client.data:
        client.more()
    peer.close()
    client.rest()
    assert client.was_reset


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
def test_an_answer_without_a_body_is_followed_by_the_next(
    one: Between, method: bytes, answer: bytes
) -> None:
    client = one.client(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n")
    one.up.request().send(answer)
    assert client.answer(method).body == b""
    client.send(request("/next"))
    one.up.request().send(OK)
    assert client.answer().body == b"ok"


def test_pipelined_requests_are_answered_in_order(one: Between) -> None:
    client = one.client(request("/1", body=b"hi") + request("/2") + request("/3"))
    for number in (b"1", b"2", b"3"):
        peer = one.up.request()
        assert peer.head.target == b"/" + number
        if number == b"1":
            peer.exactly(b"hi")
        assert one.up.untouched()
        peer.ok(number)
        assert client.answer().body == number


def test_100_continue_comes_from_the_upstream_once(one: Between) -> None:
    client = one.client(request("/", "Expect: 100-continue", "Content-Length: 2", method="POST"))
    peer = one.up.request()
    assert (b"Expect", b"100-continue") in peer.head.fields
    assert client.is_open()
    peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert client.answer(b"POST").status == 100
    client.send(b"hi")
    peer.exactly(b"hi")
    peer.send(OK)
    assert client.answer(b"POST").status == 200


def test_an_answer_before_the_request_is_whole_is_the_last(one: Between) -> None:
    client = one.client(request("/", "Content-Length: 5", method="POST") + b"al")
    peer = one.up.request()
    peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
    got = client.answer(b"POST")
    assert (got.status, got.value(b"Connection")) == (413, b"close")
    assert client.rest() == b""


def test_both_directions_may_stream_at_once(one: Between) -> None:
    client = one.client(CHUNKED + b"1\r\na\r\n")
    peer = one.up.request()
    peer.exactly(b"1\r\na\r\n")
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n")
    while not client.data.endswith(b"1\r\nA\r\n"):
        client.more()
    client.send(b"1\r\nb\r\n0\r\n\r\n")
    peer.exactly(b"1\r\nb\r\n0\r\n\r\n")
    peer.send(b"0\r\n\r\n")
    assert client.answer(b"POST").body == b"A"


@pytest.mark.parametrize("slow", ["client", "upstream"])
def test_while_one_side_does_not_read_the_other_is_not_read_on(one: Between, slow: str) -> None:
    size, piece = 64 << 20, bytes(1 << 16)
    if slow == "client":
        client = one.ask()
        sender = one.up.request()
        sender.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    else:
        sender = one.client(request("/", f"Content-Length: {size}", method="PUT"))
        client = one.up.request()
    sender.socket.settimeout(0.3)
    taken = 0
    with contextlib.suppress(TimeoutError):
        while taken < size:
            taken += sender.socket.send(piece)
    assert taken < 16 << 20
    sender.socket.settimeout(WITHIN)
    rest = threading.Thread(target=sender.send, args=(bytes(size - taken),))
    rest.start()
    got = len(client.data)
    while got < size:
        client.data = b""
        client.more()
        got += len(client.data)
    rest.join()


# The pool.


def test_a_connection_is_used_again_and_by_anyone(one: Between) -> None:
    first = one.ask("/1")
    peer = one.up.request()
    peer.ok()
    first.answer()
    second = one.ask("/2")
    assert one.up.request() is peer
    peer.ok()
    second.answer()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
)
def test_a_connection_whose_end_is_not_certain_is_closed(one: Between, answer: bytes) -> None:
    client = one.ask()
    peer = one.up.request()
    peer.send(answer)
    assert client.answer().body == b"ok"
    assert client.is_open()
    assert peer.rest() == b""


def test_what_an_upstream_says_unasked_answers_nobody(one: Between) -> None:
    client = one.ask()
    peer = one.up.request()
    peer.ok(b"1")
    client.answer()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    assert peer.rest() == b""
    client.send(request("/2"))
    one.up.request().ok(b"2")
    assert client.answer().body == b"2"


def test_a_kept_connection_that_ends_is_replaced_for_what_may_be_repeated() -> None:
    with between() as b:
        client = b.ask("/1")
        peer = b.up.request()
        peer.ok()
        client.answer()
        client.send(request("/2", method="PUT", body=b"hello"))
        assert b.up.request() is peer
        peer.reset()
        again = b.up.request()
        assert (again is not peer, again.head.target) == (True, b"/2")
        again.exactly(b"hello")
        again.ok(b"2")
        assert client.answer().body == b"2"


def test_a_post_is_not_sent_twice_when_a_kept_connection_ends() -> None:
    with between(RETRIES="3") as b:
        client = b.ask("/1")
        peer = b.up.request()
        peer.ok()
        client.answer()
        client.send(request("/2", method="POST", body=b"hello"))
        assert b.up.request() is peer
        peer.reset()
        assert client.answer(b"POST").status == 502
        assert b.up.untouched()


def test_at_most_sixteen_idle_connections_are_kept() -> None:
    with between() as b:
        clients = [b.ask("/") for _ in range(20)]
        peers = [b.up.request() for _ in clients]
        for peer in peers:
            peer.ok()
        for client in clients:
            client.answer()
        ended = [peer for peer in peers if not peer.is_open()]
        assert len(ended) == 4


# Errors.


def test_a_refused_connection_is_502_and_the_client_may_go_on() -> None:
    up = Upstream()
    up.listener.close()
    b = Between([up], {})
    client = b.ask("/1", method="POST")
    for _ in range(2):
        assert client.answer().status == 502
        client.send(request("/2"))
    assert b.end() == (0, "")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/3.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * (1 << 17) + b"\r\n\r\n",
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_no_answer_is_502(one: Between, answer: bytes) -> None:
    client = one.ask()
    peer = one.up.request()
    peer.send(answer)
    peer.finish()
    assert client.answer().status == 502
    assert client.is_open()


def test_a_silent_upstream_is_504_and_others_are_not_held_up(one: Between) -> None:
    slow = one.ask("/slow")
    one.up.request()
    quick = one.ask("/quick")
    one.up.request().ok(b"quick")
    assert quick.answer().body == b"quick"
    assert slow.answer().status == 504


def test_silence_in_the_middle_of_an_answer_breaks_it_off(one: Between) -> None:
    client = one.ask()
    one.up.request().send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    assert client.rest().endswith(b"2\r\nok\r\n")


def test_while_the_client_owes_the_rest_the_upstream_may_be_silent() -> None:
    with between(READ_MS="150") as b:
        client = b.client(request("/", "Content-Length: 2", method="POST"))
        peer = b.up.request()
        time.sleep(0.4)
        client.send(b"hi")
        peer.exactly(b"hi")
        peer.ok()
        assert client.answer(b"POST").status == 200


def test_the_whole_time_is_over_however_busy_the_upstream_is() -> None:
    with between(TOTAL_MS="300") as b:
        client = b.ask()
        peer = b.up.request()
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        assert client.answer().status == 103
        assert client.answer().status == 504


def test_a_connection_that_is_not_made_in_time_is_504() -> None:
    up = Upstream(backlog=0)
    fill = [socket.socket() for _ in range(4)]
    for sock in fill:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", up.port))
    b = Between([up], {"CONNECT_MS": "150"})
    assert b.ask().answer().status == 504
    for sock in fill:
        sock.close()
    assert b.end() == (0, "")


# Balancing.


def turns(b: Between, targets: list[str]) -> str:
    """The letters of the upstreams that answered, one after the other."""
    letters = []
    for target in targets:
        client = b.ask(target)
        up = b.asked()
        up.request().ok()
        client.answer()
        client.close()
        letters.append("abcdef"[b.ups.index(up)])
    return "".join(letters)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "abcabcabc"),
        ({"POLICY": "weighted", "WEIGHTS": "3,0,1"}, "aacaaaca"),
        ({"POLICY": "least_connections"}, "abcabcabc"),
    ],
)
def test_requests_are_shared_out(policy: dict[str, str], said: str) -> None:
    with between(3, **policy) as b:
        assert turns(b, ["/"] * len(said)) == said


@pytest.mark.parametrize("policy", ["least_connections", "two_choices"])
def test_who_is_busy_is_spared(policy: str) -> None:
    with between(2, POLICY=policy) as b:
        slow = b.ask("/slow")
        busy = b.asked()
        busy.request()
        other = "ba"[b.ups.index(busy)]
        assert turns(b, ["/"] * 6) == other * 6
        slow.close()


def test_a_path_stays_where_it_is_while_the_upstreams_do() -> None:
    targets = [f"/{n}" for n in range(30)]
    with between(3, POLICY="hash", EJECT_AFTER="1", EJECT_MS="60000") as b:
        before = turns(b, targets)
        assert set(before) == set("abc")
        assert turns(b, [f"{target}?x={n}" for n, target in enumerate(targets)]) == before
        gone = b.ups[0]
        gone.listener.close()
        for peer in gone.open:
            peer.reset()
        lost = [t for t, letter in zip(targets, before, strict=True) if letter == "a"]
        assert b.ask(lost[0]).answer().status == 502
        b.ups.remove(gone)
        after = turns(b, targets)
        moved = [
            t
            for t, x, y in zip(targets, before, after, strict=True)
            if x != "abc"["abc".index(y) + 1]
        ]
        assert moved == lost


def test_ejected_is_spared_and_comes_back() -> None:
    with between(2, EJECT_AFTER="2", EJECT_MS="400") as b:
        clients = [b.ask() for _ in range(4)]
        for _ in range(2):
            b.ups[0].request().send(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
            b.ups[1].request().ok()
        assert sorted(client.answer().status for client in clients) == [200, 200, 503, 503]
        assert turns(b, ["/"] * 3) == "bbb"
        time.sleep(0.5)
        assert set(turns(b, ["/"] * 2)) == set("ab")


def test_when_nobody_is_in_it_is_503() -> None:
    with between(1, EJECT_AFTER="1", EJECT_MS="60000") as b:
        client = b.ask()
        b.up.request().close()
        assert client.answer().status == 502
        client.send(request("/"))
        assert client.answer().status == 503


class Site(BaseHTTPRequestHandler):
    """Answers by itself: /health as well as it is, anything else with where it is."""

    protocol_version = "HTTP/1.1"
    sick: ClassVar[set[int]] = set()
    asked: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        health = self.path == "/health"
        if health:
            self.asked.append(port)
        body = b"%d" % port
        self.send_response(500 if health and port in self.sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_health_is_asked_and_two_answers_in_a_row_count() -> None:
    sites = [ThreadingHTTPServer(("127.0.0.1", 0), Site) for _ in range(2)]
    ports = [site.server_address[1] for site in sites]
    threads = [threading.Thread(target=site.serve_forever, args=(0.01,)) for site in sites]
    for thread in threads:
        thread.start()

    def asked(times: int) -> None:
        wanted = Site.asked.count(ports[0]) + times
        while Site.asked.count(ports[0]) < wanted:
            time.sleep(0.002)

    def answering(b: Between) -> set[int]:
        with contextlib.closing(b.client()) as client:
            found = set()
            for _ in range(4):
                client.send(request("/"))
                found.add(int(client.answer().body))
            return found

    upstreams = ",".join(f"127.0.0.1:{port}" for port in ports)
    try:
        with between(0, UPSTREAMS=upstreams, HEALTH_PATH="/health", HEALTH_MS="150") as b:
            asked(1)
            assert answering(b) == set(ports)
            Site.sick.add(ports[0])
            asked(1)
            assert answering(b) == set(ports)
            asked(2)
            assert answering(b) == {ports[1]}
            Site.sick.clear()
            asked(1)
            assert answering(b) == {ports[1]}
            asked(2)
            assert answering(b) == set(ports)
    finally:
        for site, thread in zip(sites, threads, strict=True):
            site.shutdown()
            site.server_close()
            thread.join()


# Retries.


def test_a_safe_request_is_tried_at_another_upstream() -> None:
    with between(2, RETRIES="1") as b:
        client = b.ask("/x", method="PUT", body=b"hello")
        first = b.ups[0].request()
        first.exactly(b"hello")
        first.close()
        again = b.ups[1].request()
        again.exactly(b"hello")
        again.ok(b"there")
        assert client.answer().body == b"there"


@pytest.mark.parametrize(
    ("method", "size", "answer"), [("POST", 5, b""), ("PUT", 70_000, b""), ("GET", 0, b"HTTP")]
)
def test_what_may_not_be_repeated_is_not(method: str, size: int, answer: bytes) -> None:
    with between(2, RETRIES="2") as b:
        client = b.ask("/x", method=method, body=b"x" * size)
        peer = b.ups[0].request()
        if size:
            peer.exactly(b"x" * size)
        peer.send(answer)
        time.sleep(0.05)
        peer.close()
        assert client.answer().status == 502
        assert b.ups[1].untouched()


def test_what_was_never_sent_may_be_tried_whatever_it_is() -> None:
    with between(2, RETRIES="1") as b:
        b.ups[0].listener.close()
        client = b.ask("/x", method="POST", body=b"hello")
        peer = b.ups[1].request()
        peer.exactly(b"hello")
        peer.ok()
        assert client.answer().status == 200


def test_the_budget_ends_a_storm() -> None:
    with between(1, RETRIES="3", RETRY_PERCENT="0", READ_MS="5000") as b:
        clients = [b.ask(f"/{n}") for n in range(5)]
        tries = 0
        statuses = []
        while len(statuses) < 5:
            if not b.up.untouched():
                b.up.request().close()
                tries += 1
            done = [client for client in clients if not client.is_open()]
            for client in done:
                statuses.append(client.answer().status)
                clients.remove(client)
        assert (tries, statuses) == (5 + 3, [502] * 5)


# Routes.

ROUTES = json.dumps(
    [
        {"path": "/", "to": [0]},
        {"path": "/api/", "to": [1], "replace": "/v2"},
        {"path": "/api/deep", "to": [2], "replace": "/"},
        {"host": "Shop.example", "path": "/", "to": [2]},
    ]
)


@pytest.fixture(scope="module")
def routed() -> Iterator[Between]:
    with between(3, ROUTES=ROUTES) as b:
        yield b


@pytest.mark.parametrize(
    ("host", "target", "place", "arrives"),
    [
        ("a", "/", 0, "/"),
        ("a", "/apix", 0, "/apix"),
        ("a", "/API", 0, "/API"),
        ("a", "/%61pi", 0, "/%61pi"),
        ("a", "/api", 1, "/v2"),
        ("a", "/api?x=/../y", 1, "/v2?x=/../y"),
        ("a", "/api/x//y%2Fz?q", 1, "/v2/x//y%2Fz?q"),
        ("a", "/api/deep", 2, "/"),
        ("a", "/api/deep?q", 2, "/?q"),
        ("a", "/api/deep/er", 2, "/er"),
        ("a", "/api/deeper", 1, "/v2/deeper"),
        ("sHOP.example:81", "/api", 2, "/api"),
        ("a", "http://shop.example/api/x", 2, "http://shop.example/api/x"),
        ("a", "/api/...", 1, "/v2/..."),
    ],
)
def test_a_request_goes_where_its_route_says(
    routed: Between, host: str, target: str, place: int, arrives: str
) -> None:
    client = routed.client(request(target, host=host))
    peer = routed.ups[place].request()
    peer.ok()
    assert client.answer().status == 200
    assert peer.head.target == (b"/api/x" if target.startswith("http") else arrives.encode())


@pytest.mark.parametrize(
    "target", ["/api/../x", "/.", "/a/%2e%2E/b", "/a/.%2e", "/%2e", "/api/..?x", "/../"]
)
def test_a_segment_that_may_mean_up_is_400(routed: Between, target: str) -> None:
    client = routed.ask(target)
    assert client.answer().status == 400
    assert all(up.untouched() for up in routed.ups)


def test_where_no_route_fits_it_is_404() -> None:
    with between(1, ROUTES='[{"path": "/a", "to": [0]}]') as b:
        client = b.ask("/b")
        assert client.answer().status == 404
        client.send(request("/a"))
        b.up.request().ok(b"a")
        assert client.answer().body == b"a"


# Other ways in.


def test_upgrade_makes_a_tunnel_whose_directions_end_apart(one: Between) -> None:
    client = one.client(request("/", "Connection: Upgrade, X", "Upgrade: x/1", "X: y") + b"early")
    peer = one.up.request()
    fields = {name.lower(): value for name, value in peer.head.fields}
    assert fields[b"connection"].lower() == b"upgrade"
    assert fields[b"upgrade"] == b"x/1"
    assert b"x" not in fields
    peer.send(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x/1\r\n\r\nfirst"
    )
    got = client.answer()
    assert (got.status, got.value(b"Upgrade"), got.value(b"Connection")) == (
        101,
        b"x/1",
        b"Upgrade",
    )
    client.exactly(b"first")
    peer.exactly(b"early")
    client.send(b"\x00question")
    client.finish()
    assert peer.rest() == b"\x00question"
    peer.send(b"\xffanswer")
    client.exactly(b"\xffanswer")
    peer.close()
    assert client.rest() == b""


def test_an_upgrade_that_is_not_granted_is_a_request_like_any_other(one: Between) -> None:
    client = one.client(request("/", "Connection: Upgrade", "Upgrade: x") + request("/2"))
    peer = one.up.request()
    peer.ok(b"1")
    assert client.answer().body == b"1"
    one.up.request().ok(b"2")
    assert client.answer().body == b"2"


@pytest.mark.parametrize(
    ("octets", "source"),
    [
        (b"PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\r\n", b"192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 ::1 56324 443\r\n", b"2001:db8::7"),
        (b"PROXY UNKNOWN whatever\r\n", b"127.0.0.1"),
        (
            bytes.fromhex("0d0a0d0a000d0a515549540a 2111 000f c0000207 cb007109 dc04 01bb 040000"),
            b"192.0.2.7",
        ),
        (bytes.fromhex("0d0a0d0a000d0a515549540a 2000 0003 010203"), b"127.0.0.1"),
    ],
)
def test_a_proxy_header_says_who_the_client_is(octets: bytes, source: bytes) -> None:
    with between(PROXY_PORT="") as b:
        client = b.client(port="PROXY_PORT")
        for at in range(len(octets)):
            client.send(octets[at : at + 1])
        client.send(request("/1") + request("/2"))
        for target in (b"/1", b"/2"):
            peer = b.up.request()
            fields = dict(peer.head.fields)
            assert (peer.head.target, fields[b"X-Forwarded-For"]) == (target, source)
            shown = b'"[%s]"' % source if b":" in source else source
            assert fields[b"Forwarded"].startswith(b"for=%s;" % shown)
            peer.ok()
            assert client.answer().status == 200


def test_without_a_proxy_header_there_is_no_answer_and_on_the_plain_port_it_is_none() -> None:
    with between(PROXY_PORT="") as b:
        assert b.client(request("/"), port="PROXY_PORT").rest() == b""
        assert b.client(b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n" + request()).answer().status == 400
        assert b.up.untouched()


def test_connect_reaches_what_is_allowed_and_nothing_else() -> None:
    with between(2) as b:
        allowed = f"127.0.0.1:{b.ups[1].port}"
    with between(2, CONNECT_ALLOW=allowed) as b:
        refused = b.client(b"CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n" % b"127.0.0.1:1")
        assert refused.answer(b"CONNECT").status == 403
        refused.send(b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\n\r\n")
        assert refused.answer().status == 403
        refused.send(request("/plain"))
        b.ups[0].request().ok(b"plain")
        assert refused.answer().body == b"plain"


def test_connect_is_a_tunnel_and_an_absolute_target_is_fetched() -> None:
    target = Upstream()
    name = b"127.0.0.1:%d" % target.port
    with between(1, CONNECT_ALLOW=f"example.com:80, {name.decode()}") as b:
        client = b.client(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\nearly" % (name, name))
        got = client.answer(b"CONNECT")
        assert (got.status, got.fields) == (200, ())
        peer = target.accept()
        peer.exactly(b"early")
        peer.send(b"\x00\x01")
        client.exactly(b"\x00\x01")
        client.finish()
        assert peer.rest() == b""
        peer.send(b"last")
        peer.close()
        assert client.rest() == b"last"
        client = b.client(b"GET http://%s/x?y HTTP/1.1\r\nHost: other\r\n\r\n" % name)
        peer = target.request()
        assert (peer.head.target, dict(peer.head.fields)[b"Host"]) == (b"/x?y", name)
        peer.ok(b"got")
        assert client.answer().body == b"got"
    target.close()


# The end.


def test_after_sigterm_what_was_begun_is_answered() -> None:
    b = Between([Upstream()], {})
    idle, busy = b.client(), b.ask("/busy")
    peer = b.up.request()
    tunnel = b.client(request("/", "Connection: Upgrade", "Upgrade: x"))
    b.up.request().send(b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n")
    tunnel.answer()
    b.stop()
    assert idle.rest() == b""
    assert tunnel.rest() == b""
    with pytest.raises(ConnectionRefusedError):
        b.client()
    peer.ok(b"still")
    got = busy.answer()
    assert (got.body, got.value(b"Connection")) == (b"still", b"close")
    assert b.end() == (0, "")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"UPSTREAMS": ""}, "UPSTREAMS is empty"),
        ({"UPSTREAMS": "nowhere"}, "write HOST:PORT"),
        ({"UPSTREAMS": "a:70000"}, "write HOST:PORT"),
        ({"POLICY": "best"}, "POLICY is 'best'"),
        ({"WEIGHTS": "1,2"}, "write 1 whole numbers"),
        ({"READ_MS": "soon"}, "READ_MS is 'soon'"),
        ({"RETRIES": "-1"}, "RETRIES is '-1'"),
        ({"ROUTES": "{"}, "ROUTES is no JSON"),
        ({"ROUTES": "{}"}, "has to be a list"),
        ({"ROUTES": '[{"path": "/"}]'}, "a route has path and to"),
        ({"ROUTES": '[{"path": "a", "to": [0]}]'}, "begins with a slash"),
        ({"ROUTES": '[{"path": "/", "to": [1]}]'}, "counted from 0"),
        ({"ROUTES": '[{"path": 1, "to": [0]}]'}, "path is no str"),
        ({"HEALTH_PATH": "x"}, "begins with a slash"),
        ({"TLS_PORT": "1"}, "CERTIFICATES is not"),
        ({"TLS_PORT": "1", "CERTIFICATES": "/nowhere"}, "no NAME.crt"),
        ({"CONNECT_ALLOW": "*"}, "write HOST:PORT"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_meant_is_one_sentence(
    environment: dict[str, str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cutaway.topics.proxy import server

    for name, value in {"PORT": "0", "UPSTREAMS": "a:1", **environment}.items():
        monkeypatch.setenv(name, value)
    assert server.main() == 2
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1
    assert re.search(r"[A-Z]", said)


def test_certificates_that_cannot_be_used_are_one_sentence(tmp_path: Path) -> None:
    from cutaway.net.settings import BadSetting
    from cutaway.topics.proxy.tls import listener_context

    (tmp_path / "default.crt").write_text("nothing")
    with pytest.raises(BadSetting, match=r"default.crt and default.key cannot be used"):
        listener_context(tmp_path)
