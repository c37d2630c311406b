"""The reference where the stages do not look: its settings, its refusals, its end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys

import pytest

from cutaway.net.settings import Address, BadSetting
from cutaway.process import free_ports
from cutaway.topics.cachepatterns.items import Items
from cutaway.topics.cachepatterns.link import Away, Link
from cutaway.topics.cachepatterns.settings import read_settings
from cutaway.topics.http1.codec import Request

BOTH = {"ORIGIN": "127.0.0.1:9001", "CACHE": "127.0.0.1:9002"}


def test_what_is_not_set_has_the_value_of_the_contract() -> None:
    settings = read_settings(BOTH)
    assert settings.origin == Address("127.0.0.1", 9001)
    times = (settings.ttl, settings.negative, settings.behind, settings.refresh, settings.early)
    assert times == (10_000, 1_000, 200, 5_000, 500)
    assert (settings.stale, settings.patience, settings.pause) == (10_000, 200, 500)


def test_a_404_is_never_remembered_for_longer_than_a_value() -> None:
    assert read_settings({**BOTH, "TTL_MS": "50"}).negative == 50


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ORIGIN": ""}, "ORIGIN is ''"),
        ({"CACHE": "127.0.0.1"}, "CACHE is '127.0.0.1'"),
        ({"CACHE": "127.0.0.1:99999"}, "write HOST:PORT"),
        ({"TTL_MS": "0"}, "TTL_MS is '0'"),
        ({"TTL_MS": "-5"}, "write a whole number from 1"),
        ({"BREAK_MS": "1e3"}, "BREAK_MS is '1e3'"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_one_sentence(change: dict[str, str], says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        read_settings({**BOTH, **change})


def server(port: int, **settings: str) -> subprocess.Popen[str]:
    words = (sys.executable, "-m", "cutaway.topics.cachepatterns.server")
    environment = {**os.environ, **BOTH, "PORT": str(port), **settings}
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)


def test_a_bad_setting_ends_the_program_with_status_2() -> None:
    process = server(free_ports(1)[0], TTL_MS="soon")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said == "TTL_MS is 'soon': write a whole number from 1, as in TTL_MS=10000\n"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GET /aside/k1 HTTP/1.1\r\nHost: a\r\n\r\n", b"502"),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
        (b"PUT /aside/k1 HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n" + b"x" * 140_000, b"413"),
    ],
)  # fmt: skip
def test_a_client_is_always_answered(asked: bytes, status: bytes) -> None:
    port, origin, cache = free_ports(3)
    process = server(port, ORIGIN=f"127.0.0.1:{origin}", CACHE=f"127.0.0.1:{cache}")
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"http://127.0.0.1:{port}/\n"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(asked)
            assert sock.makefile("rb").readline().split()[1] == status
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert said == ""
    finally:
        process.kill()
        process.communicate()


def test_a_cache_that_fails_three_times_is_left_alone_for_a_while() -> None:
    async def tries() -> list[float]:
        [port] = free_ports(1)
        link = Link(Address("127.0.0.1", port), 1.0, 0.2)
        until = []
        for _ in range(4):
            with pytest.raises(Away):
                await link.ask((b"PING",))
            until.append(link.closed_until)
        return until

    first, second, third, fourth = asyncio.run(tries())
    assert first == second == 0.0
    assert third == fourth > 0.0


def test_a_connection_on_which_an_answer_is_owed_is_not_used_again() -> None:
    async def asks() -> tuple[int, int]:
        made, gone = 0, asyncio.Semaphore(0)

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal made
            made += 1
            await reader.read()
            writer.close()
            gone.release()

        listener = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with listener:
            link = Link(Address(*listener.sockets[0].getsockname()), 0.05, 0.2)
            for _ in range(2):
                with pytest.raises(Away):
                    await link.ask((b"GET", b"k1"))
                await gone.acquire()
            await asyncio.sleep(0)  # what was closed is gone a round later
            return made, len(link.idle)

    assert asyncio.run(asks()) == (2, 0)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ((b"GET", b"/items/k1"), (404, b"")),
        ((b"PUT", b"/items/k1", b"new"), (204, b"")),
        ((b"GET", b"/items/kept"), (200, b"value")),
        ((b"DELETE", b"/items/kept"), (204, b"")),
        ((b"DELETE", b"/items/k1"), (204, b"")),
        ((b"POST", b"/items/k1"), (405, b"")),
        ((b"GET", b"/items/"), (404, b"")),
    ],
)
def test_the_origin_to_try_things_with_does_as_the_contract_says(
    asked: tuple[bytes, ...], answered: tuple[int, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    items = Items(0.0)
    items.kept[b"kept"] = b"value"
    method, target, *body = asked
    answer = items.answer(Request(method=method, target=target, body=b"".join(body)))
    assert (answer.status, answer.body) == answered
    assert capsys.readouterr().out == f"{method.decode()} {target.decode()} {answered[0]}\n"
