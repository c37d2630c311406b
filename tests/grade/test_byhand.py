"""Commands by hand: what they send, how long they get, and what else has to be open."""

from __future__ import annotations

import random
import subprocess

import pytest

from cutaway.grade.byhand import LONG, TAIL, Act, by_hand, printed

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


def test_the_last_connection_of_a_name_is_meant() -> None:
    acts = [MAIN, Act("main", "send", b"x"), MAIN, HELLO]
    assert by_hand(acts) == "(printf 'hello\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd"


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
    ended = by_hand([MAIN, push, Act("", "signal", b"TERM")], run=("node", "a b.js"))
    assert ended.endswith(" | sleep 20 & sleep 5; pkill -TERM -n -f 'node '\"'\"'a b.js'\"'\"''")


def test_a_signal_comes_where_it_came() -> None:
    acts = [MAIN, HELLO, Act("", "signal", b"TERM"), HELLO]
    assert by_hand(acts, run=("./server",)) == (
        "(printf 'hello\\n'; sleep 1; pkill -TERM -n -f ./server; printf 'hello\\n'; sleep 1)"
        " | nc -w 2 127.0.0.1 8080 | xxd"
    )


def test_what_is_sent_again_and_again_is_a_loop() -> None:
    acts = [MAIN, Act("main", "send", b"x", times=66)]
    assert by_hand(acts).startswith("(for i in $(seq 66); do printf 'x'; done; sleep 1) | nc")
