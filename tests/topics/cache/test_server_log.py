"""What survives: the append-only file of the reference, its torn end, and when it is on disk."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutaway.topics.cache.codec import Array, Bulk, Integer, Simple
from cutaway.topics.cache.log import NAME
from tests.topics.cache.test_server import SOON, Running


@pytest.fixture
def lives(tmp_path: Path) -> Iterator["Lives"]:
    lives = Lives(tmp_path)
    yield lives
    lives.end()


class Lives:
    """One server after the other on the same folder. policy: of flushing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / NAME
        self.policy = "always"
        self.begin()

    def begin(self) -> None:
        self.running = Running(self.folder, APPENDONLY="yes", APPENDFSYNC=self.policy)
        self.line = self.running.line()

    def end(self) -> None:
        self.line.close()
        self.running.end()

    def again(self, number: int = signal.SIGKILL) -> None:
        self.line.close()
        self.running.process.send_signal(number)
        self.running.process.communicate(timeout=SOON)
        self.begin()


def test_every_kind_of_value_survives_a_kill(lives: Lives) -> None:
    lives.line.ask(
        "SET a 1", "APPEND a 23", "INCR a", "RPUSH l x y z", "LPOP l", "HSET h f 1 g 2", "HDEL h g",
        "SADD s x y z", "ZADD z 1 x 2 y", "ZINCRBY z 5 x", "RENAME a b", "MSET c 1 d 2", "DEL d",
        "SET e 1 PX 100000000", "PERSIST e", "SET f 1 EX 100000",
    )  # fmt: skip
    [popped] = lives.line.ask("SPOP s")
    assert isinstance(popped, Bulk)
    lives.again()
    left = lives.line.ask(
        "GET b", "LRANGE l 0 -1", "HGETALL h", "SCARD s", "ZRANGE z 0 -1", "TTL e"
    )
    assert left == [
        Bulk(b"124"),
        Array((Bulk(b"y"), Bulk(b"z"))),
        Array((Bulk(b"f"), Bulk(b"1"))),
        Integer(2),
        Array((Bulk(b"y"), Bulk(b"x"))),
        Integer(-1),
    ]
    [gone, time, size] = lives.line.ask((b"SISMEMBER", b"s", popped.data or b""), "TTL f", "DBSIZE")
    assert gone == Integer(0)
    assert isinstance(time, Integer)
    assert 99_000 < time.value <= 100_000
    assert size == Integer(8)


def test_a_key_that_ended_stays_away(lives: Lives) -> None:
    lives.line.ask("SET a 1 PX 5000", "SET b 1", "CLOCK ADVANCE 10000", "GET a")
    lives.again()
    assert lives.line.ask("EXISTS a", "EXISTS b") == [Integer(0), Integer(1)]


def test_a_lifetime_that_was_taken_away_in_time_does_not_end_while_it_is_read_again(
    lives: Lives,
) -> None:
    lives.line.ask("SET a 1 PX 300", "PERSIST a", "SET b 1 PX 300", "CLOCK ADVANCE 400")
    lives.again()
    assert lives.line.ask("EXISTS a", "EXISTS b") == [Integer(1), Integer(0)]


def test_evicted_keys_stay_away(lives: Lives) -> None:
    lives.line.ask("CONFIG SET maxmemory 20000 maxmemory-policy allkeys-lru")
    lives.line.ask(*[(b"SET", b"%d" % n, b"x" * 1000) for n in range(50)])
    [before] = lives.line.ask("DBSIZE")
    lives.again()
    assert lives.line.ask("DBSIZE") == [before]


@pytest.mark.parametrize("cut", [1, 3, 20])
def test_a_torn_end_is_cut_off_and_writing_goes_on(lives: Lives, cut: int) -> None:
    lives.line.ask("SET a 1", "SET b 2")
    lives.running.process.send_signal(signal.SIGKILL)
    lives.running.process.wait(SOON)
    os.truncate(lives.file, lives.file.stat().st_size - cut)
    lives.again()
    assert lives.line.ask("GET a", "EXISTS b", "SET c 3") == [
        Bulk(b"1"), Integer(0), Simple(b"OK"),
    ]  # fmt: skip
    lives.again()
    assert lives.line.ask("GET a", "GET c") == [Bulk(b"1"), Bulk(b"3")]


def test_half_a_transaction_is_none(lives: Lives) -> None:
    lives.line.ask("SET a 1", "MULTI", "SET a 2", "SET b 2", "EXEC")
    lives.running.process.send_signal(signal.SIGKILL)
    lives.running.process.wait(SOON)
    os.truncate(lives.file, lives.file.stat().st_size - 1)
    lives.again()
    assert lives.line.ask("GET a", "EXISTS b") == [Bulk(b"1"), Integer(0)]


def test_a_log_that_is_broken_in_the_middle_is_not_read_past_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"*1\r\n$8\r\nFLUSHALL\r\n*x\r\n*1\r\n$4\r\nPING\r\n")
    with pytest.raises(AssertionError, match="is broken behind byte 18"):
        Running(tmp_path, APPENDONLY="yes")


@pytest.mark.parametrize(
    ("name", "value"), [("APPENDONLY", "perhaps"), ("APPENDFSYNC", "sometimes"), ("PORT", "x")]
)
def test_a_setting_that_is_none_is_said(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(AssertionError, match=f"{name} is '{value}': set it to"):
        Running(tmp_path, **{name: value})


def test_what_arrived_before_the_end_is_answered_and_kept(lives: Lives) -> None:
    lives.line.send(*[f"INCR a{n % 7}" for n in range(5000)])
    assert lives.running.stop() == 0
    assert [lives.line.next() for _ in range(5000)][-1] == Integer(715)
    lives.again()
    assert lives.line.ask("GET a0") == [Bulk(b"715")]


def test_answers_of_one_connection_keep_their_order_while_the_disk_is_waited_for(
    lives: Lives,
) -> None:
    assert lives.line.ask("GET a", "SET a 1", "GET a", "SUBSCRIBE c", "PING") == [
        Bulk(None),
        Simple(b"OK"),
        Bulk(b"1"),
        Array((Bulk(b"subscribe"), Bulk(b"c"), Integer(1))),
        Array((Bulk(b"pong"), Bulk(b""))),
    ]
    other = lives.running.line()
    other.send("SET b 1", "QUIT")
    assert [other.next(), other.next()] == [Simple(b"OK"), Simple(b"OK")]
    with pytest.raises(EOFError):
        other.next()
    other.close()


@pytest.mark.parametrize("policy", ["everysec", "no"])
def test_what_was_acknowledged_survives_the_end_of_the_program_under_any_policy(
    tmp_path: Path, policy: str
) -> None:
    lives = Lives(tmp_path)
    lives.policy = policy
    lives.again()
    lives.line.ask(*[f"SET {n} x" for n in range(200)])
    lives.again()
    assert lives.line.ask("DBSIZE") == [Integer(200)]
    lives.end()
