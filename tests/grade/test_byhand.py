"""Commands by hand: what they send, how long they get, and what else has to be open."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading

import pytest

from cutaway.grade.byhand import LONG, TAIL, Act, by_hand, printed
from tests.grade.toy import Peer, serving

HELLO = Act("main", "send", b"hello\n")
MAIN, OTHER = Act("main", "connect"), Act("other", "connect", port="LINES_PORT")
PORTS = {"PORT": ("127.0.0.1", 8080), "LINES_PORT": ("127.0.0.1", 8081)}


def output(command: str) -> bytes:
    return subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout


SHORT = [
    b"",
    bytes(range(256)),
    b"it's 100% \\ \r\n",
    b"a" * 5000,
    b"\0" * 70 + b"b" * 100 + b"end",
    b"head" + b"-" * 100_000 + b"\r\n",
]


@pytest.mark.parametrize("data", SHORT)
def test_what_is_short_or_a_run_is_printed_to_the_octet(data: bytes) -> None:
    assert output(printed(data)) == data


LONGER = [
    random.Random(1).randbytes(1 << 20),
    b"".join(b"%0255d\n" % number for number in range(4096)) + b"GET / HTTP/1.1\r\n\r\n",
    b"".join(b"%d\n" % number for number in range(100_000)),
]


@pytest.mark.parametrize("data", LONGER, ids=["random", "padded numbers", "numbers"])
def test_what_is_long_is_as_long_and_alike_at_both_ends(data: bytes) -> None:
    command = printed(data)
    assert len(command) < 2500
    made = output(command)
    assert len(made) == len(data)
    assert made[:LONG] == data[:LONG]
    assert made[-TAIL:] == data[-TAIL:]


def test_what_a_shorter_command_prints_is_printed_by_that() -> None:
    many = Act("main", "send", b"x" * 2000, shell="printf 'x%.0s' $(seq 2000)")
    assert by_hand([MAIN, many, HELLO]) == (
        f"({many.shell}; printf 'hello\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd"
    )


def test_the_last_connection_of_a_name_is_shown_and_those_before_it_are_made() -> None:
    hello = "(printf 'hello\\n'; sleep 1) | nc -w 2 127.0.0.1 8080"
    assert by_hand([MAIN, MAIN, HELLO]) == f"{hello} | xxd"
    half = "(printf 'x'; sleep 1) | nc -w 2 127.0.0.1 8080 > /dev/null; "
    assert by_hand([MAIN, Act("main", "send", b"x"), MAIN, HELLO]) == f"{half}{hello} | xxd"


def test_octets_that_drip_in_are_a_loop() -> None:
    drips = [
        Act("main", kind, bytes((octet,)), seconds=0.5)
        for octet in b"GET /\r"
        for kind in ("send", "pause")
    ]
    assert by_hand([MAIN, *drips]).startswith(
        "(for c in G E T ' ' / '\\r'; do printf \"$c\"; sleep 0.5; done; sleep 1) | nc "
    )
    assert by_hand([MAIN, *drips[:4]]).startswith("(printf 'G'; sleep 0.5; printf 'E'; sleep")


def test_many_clients_are_as_many_by_hand() -> None:
    assert by_hand([MAIN, HELLO, Act("", "crowd", b"wc -c", times=50)]) == (
        "for i in $(seq 50); do (printf 'hello\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | wc -c"
        " & done; wait"
    )


def test_what_was_open_beside_it_is_held_open() -> None:
    acts = [OTHER, MAIN, HELLO]
    assert by_hand(acts, "main", PORTS) == (
        "sleep 9 | nc 127.0.0.1 8081 > /dev/null & sleep 1; "
        "(printf 'hello\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd"
    )
    assert "8081" not in by_hand([*acts, Act("other", "close")], "main", PORTS)
    half = [OTHER, Act("other", "send", b"half"), MAIN, HELLO]
    assert by_hand(half, "main", PORTS).startswith("(printf 'half'; sleep 9) | nc 127.0.0.1 8081 >")
    crowd = [Act(f"{number}", "connect") for number in range(40)]
    assert by_hand([*crowd, MAIN, HELLO]) == by_hand([MAIN, HELLO])


def test_what_is_poured_in_is_not_read() -> None:
    push = Act("main", "push", b"yes", times=1 << 20)
    assert by_hand([MAIN, push]) == "yes | head -c 1048576 | nc 127.0.0.1 8080 | sleep 20"
    read_later = by_hand([MAIN, push, Act("main", "half-close")])
    assert read_later.endswith(" 127.0.0.1 8080 | (sleep 3; wc -c)")
    ended = [MAIN, push, Act("", "signal", b"TERM")]
    assert by_hand(ended).endswith(f" 8080 | sleep 20 & sleep 5; {TERM}")
    late = by_hand([*ended, Act("main", "read")])
    assert late.endswith(f" 8080 | (sleep 3; wc -c) & sleep 2.5; {TERM}; wait")


TERM = "kill -TERM $(lsof -t -i tcp:8080 -s tcp:listen)"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Those that this machine has."""
    has = {"lsof", "fuser"}
    monkeypatch.setattr("shutil.which", lambda name: name if name in has else None)
    return has


def test_a_signal_comes_where_it_came() -> None:
    acts = [MAIN, HELLO, Act("", "signal", b"TERM"), HELLO]
    assert by_hand(acts, run=("./server",)) == (
        f"(printf 'hello\\n'; sleep 1; {TERM}; printf 'hello\\n'; sleep 1)"
        " | nc -w 2 127.0.0.1 8080 | xxd"
    )
    twice = [MAIN, HELLO, Act("", "signal", b"STOP"), Act("", "signal", b"CONT")]
    assert by_hand(twice).count("sleep 1") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="fuser of other systems knows no ports")
def test_a_signal_goes_to_whoever_listens_there_as_far_as_a_tool_tells(tools: set[str]) -> None:
    acts, run = [MAIN, Act("", "signal", b"TERM")], ("node", "a b.js")
    assert TERM in by_hand(acts, run=run)
    tools.remove("lsof")
    assert "(fuser -k -TERM 8080/tcp; " in by_hand(acts, run=run)
    tools.clear()
    assert "pkill -TERM -n -f 'node '\"'\"'a b.js'\"'\"''" in by_hand(acts, run=run)


def test_who_does_not_read_does_not_read_by_hand_either() -> None:
    joined = Act("other", "send", b"/join red\n")
    acts = [OTHER, joined, MAIN, Act("other", "deaf"), Act("main", "send", b"hello\n", times=9)]
    said = (
        "(printf '/join red\\n'; sleep 9) | nc 127.0.0.1 8081 | sleep 9 & sleep 1; "
        "(for i in $(seq 9); do printf 'hello\\n'; done; sleep 1) | nc -w 2 127.0.0.1 8080 | wc -c"
    )
    assert by_hand(acts, "main", PORTS) == by_hand(acts, "other", PORTS) == said


def test_a_reset_is_a_command_of_python() -> None:
    data = bytes(range(256))
    heard: list[tuple[bytes, str]] = []
    ended = threading.Event()

    def server(peer: Peer) -> None:
        got = b""
        try:
            while more := peer.sock.recv(1000):
                got += more
            heard.append((got, "closed"))
        except ConnectionResetError:
            heard.append((got, "reset"))
        ended.set()

    acts = [MAIN, Act("main", "send", data), Act("main", "reset")]
    with serving(server) as address:
        assert output(by_hand(acts, "main", {"PORT": address})) == b""
        assert ended.wait(10)
    assert heard == [(data, "reset")]
    beside = by_hand([OTHER, Act("other", "reset"), MAIN, HELLO], "main", PORTS)
    assert re.fullmatch(r"python3 -c '.*8081.*'; \(printf 'hello.*8080 \| xxd", beside)


def test_what_is_sent_again_and_again_is_a_loop() -> None:
    acts = [MAIN, Act("main", "send", b"x", times=66)]
    assert by_hand(acts).startswith("(for i in $(seq 66); do printf 'x'; done; sleep 1) | nc")


def test_who_speaks_in_turn_waits_for_the_others_by_the_clock() -> None:
    joined, asked = Act("other", "send", b"/join red\n"), Act("main", "send", b"/who\n")
    acts = [MAIN, HELLO, OTHER, joined, asked]
    assert by_hand(acts, "main", PORTS) == (
        "(sleep 1; printf '/join red\\n'; sleep 9) | nc 127.0.0.1 8081 > /dev/null & "
        "(printf 'hello\\n'; sleep 2; printf '/who\\n'; sleep 1) | nc -w 4 127.0.0.1 8080 | xxd"
    )
    poured = Act("other", "push", b"yes GET", times=900)
    assert by_hand([MAIN, HELLO, OTHER, poured], "main", PORTS) == (
        "(sleep 1; yes GET | head -c 900; sleep 9) | nc 127.0.0.1 8081 | sleep 9 & "
        "(printf 'hello\\n'; sleep 1; sleep 1) | nc -w 3 127.0.0.1 8080 | xxd"
    )
