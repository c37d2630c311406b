"""All commands: name, arity, flags, keys, function. One place.

    arity      words with the name; -3 is three or more
    flags      r reads · w writes · m may need more memory · q never put in line by MULTI
               s may be asked while subscribed · a about the server
    keys       which words are keys: the first, the last (-1: of all), the step

`COMMANDS` has every name twice, in capitals and in small letters, so that what clients send is found
without changing a letter; `find` takes the rest.

Left out: everything of Valkey that has no row here, foremost blocking commands, streams, scripts,
cluster and replication.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from . import about, hashes, keys, lists, publish, sets, sortedsets, strings, transactions
from .client import Client
from .replies import no_part, unknown, wrong_count

MANY = 1 << 40

Run = Callable[[Client, tuple[bytes, ...]], bytes]


@dataclass(frozen=True, slots=True)
class Command:
    """least, most: words with the name."""

    name: bytes
    arity: int
    flags: str
    keys: tuple[int, int, int]
    run: Run
    group: str
    least: int
    most: int
    writes: bool
    parts: Mapping[bytes, int]

    def check_part(self, words: tuple[bytes, ...]) -> None:
        """Whether the second word names a part of this command. Raises Failure.

        Done at once a part that there is not answers an error by itself; put in line it must not be.
        """
        if not self.parts or len(words) == 1:
            return
        part = words[1].upper()
        if part not in self.parts:
            raise no_part(self.name, part)
        arity = self.parts[part]
        if len(words) < abs(arity) or (arity > 0 and len(words) > arity):
            raise wrong_count(self.name + b"|" + part)


NO_KEY, ONE_KEY, ALL_KEYS, PAIRS, TWO_KEYS = (0, 0, 0), (1, 1, 1), (1, -1, 1), (1, -1, 2), (1, 2, 1)

ROWS: dict[str, Sequence[tuple[str, int, str, tuple[int, int, int], Run]]] = {
    "connection": (
        ("PING", -1, "s", NO_KEY, about.ping),
        ("ECHO", 2, "", NO_KEY, about.echo),
        ("QUIT", -1, "qs", NO_KEY, about.quit_),
        ("RESET", 1, "qs", NO_KEY, about.reset),
        ("SELECT", 2, "", NO_KEY, about.select),
        ("AUTH", -2, "", NO_KEY, about.auth),
        ("HELLO", -1, "", NO_KEY, about.hello),
        ("CLIENT", -2, "a", NO_KEY, about.client_),
    ),
    "string": (
        ("SET", -3, "wm", ONE_KEY, strings.set_),
        ("GET", 2, "r", ONE_KEY, strings.get),
        ("GETDEL", 2, "w", ONE_KEY, strings.getdel),
        ("GETSET", 3, "wm", ONE_KEY, strings.getset),
        ("SETNX", 3, "wm", ONE_KEY, strings.setnx),
        ("SETEX", 4, "wm", ONE_KEY, strings.setex),
        ("PSETEX", 4, "wm", ONE_KEY, strings.psetex),
        ("MGET", -2, "r", ALL_KEYS, strings.mget),
        ("MSET", -3, "wm", PAIRS, strings.mset),
        ("APPEND", 3, "wm", ONE_KEY, strings.append),
        ("STRLEN", 2, "r", ONE_KEY, strings.strlen),
        ("INCR", 2, "wm", ONE_KEY, strings.incr),
        ("DECR", 2, "wm", ONE_KEY, strings.decr),
        ("INCRBY", 3, "wm", ONE_KEY, strings.incrby),
        ("DECRBY", 3, "wm", ONE_KEY, strings.decrby),
    ),
    "generic": (
        ("DEL", -2, "w", ALL_KEYS, keys.del_),
        ("UNLINK", -2, "w", ALL_KEYS, keys.del_),
        ("EXISTS", -2, "r", ALL_KEYS, keys.exists),
        ("TYPE", 2, "r", ONE_KEY, keys.type_),
        ("RENAME", 3, "w", TWO_KEYS, keys.rename),
        ("KEYS", 2, "r", NO_KEY, keys.keys),
        ("SCAN", -2, "r", NO_KEY, keys.scan),
        ("DBSIZE", 1, "r", NO_KEY, keys.dbsize),
        ("FLUSHALL", -1, "w", NO_KEY, keys.flush),
        ("FLUSHDB", -1, "w", NO_KEY, keys.flush),
        ("EXPIRE", -3, "w", ONE_KEY, keys.expire),
        ("PEXPIRE", -3, "w", ONE_KEY, keys.pexpire),
        ("EXPIREAT", -3, "w", ONE_KEY, keys.expireat),
        ("PEXPIREAT", -3, "w", ONE_KEY, keys.pexpireat),
        ("TTL", 2, "r", ONE_KEY, keys.ttl),
        ("PTTL", 2, "r", ONE_KEY, keys.pttl),
        ("EXPIRETIME", 2, "r", ONE_KEY, keys.expiretime),
        ("PEXPIRETIME", 2, "r", ONE_KEY, keys.pexpiretime),
        ("PERSIST", 2, "w", ONE_KEY, keys.persist),
    ),
    "list": (
        ("LPUSH", -3, "wm", ONE_KEY, lists.lpush),
        ("RPUSH", -3, "wm", ONE_KEY, lists.rpush),
        ("LPOP", -2, "w", ONE_KEY, lists.lpop),
        ("RPOP", -2, "w", ONE_KEY, lists.rpop),
        ("LLEN", 2, "r", ONE_KEY, lists.llen),
        ("LRANGE", 4, "r", ONE_KEY, lists.lrange),
        ("LINDEX", 3, "r", ONE_KEY, lists.lindex),
        ("LSET", 4, "wm", ONE_KEY, lists.lset),
        ("LREM", 4, "w", ONE_KEY, lists.lrem),
        ("LTRIM", 4, "w", ONE_KEY, lists.ltrim),
    ),
    "hash": (
        ("HSET", -4, "wm", ONE_KEY, hashes.hset),
        ("HGET", 3, "r", ONE_KEY, hashes.hget),
        ("HMGET", -3, "r", ONE_KEY, hashes.hmget),
        ("HDEL", -3, "w", ONE_KEY, hashes.hdel),
        ("HLEN", 2, "r", ONE_KEY, hashes.hlen),
        ("HEXISTS", 3, "r", ONE_KEY, hashes.hexists),
        ("HGETALL", 2, "r", ONE_KEY, hashes.hgetall),
        ("HKEYS", 2, "r", ONE_KEY, hashes.hkeys),
        ("HVALS", 2, "r", ONE_KEY, hashes.hvals),
        ("HINCRBY", 4, "wm", ONE_KEY, hashes.hincrby),
    ),
    "set": (
        ("SADD", -3, "wm", ONE_KEY, sets.sadd),
        ("SREM", -3, "w", ONE_KEY, sets.srem),
        ("SCARD", 2, "r", ONE_KEY, sets.scard),
        ("SISMEMBER", 3, "r", ONE_KEY, sets.sismember),
        ("SMEMBERS", 2, "r", ONE_KEY, sets.smembers),
        ("SINTER", -2, "r", ALL_KEYS, sets.sinter),
        ("SUNION", -2, "r", ALL_KEYS, sets.sunion),
        ("SDIFF", -2, "r", ALL_KEYS, sets.sdiff),
        ("SPOP", -2, "w", ONE_KEY, sets.spop),
    ),
    "sorted-set": (
        ("ZADD", -4, "wm", ONE_KEY, sortedsets.zadd),
        ("ZREM", -3, "w", ONE_KEY, sortedsets.zrem),
        ("ZPOPMIN", -2, "w", ONE_KEY, sortedsets.zpopmin),
        ("ZPOPMAX", -2, "w", ONE_KEY, sortedsets.zpopmax),
        ("ZSCORE", 3, "r", ONE_KEY, sortedsets.zscore),
        ("ZCARD", 2, "r", ONE_KEY, sortedsets.zcard),
        ("ZRANK", -3, "r", ONE_KEY, sortedsets.zrank),
        ("ZREVRANK", -3, "r", ONE_KEY, sortedsets.zrevrank),
        ("ZINCRBY", 4, "wm", ONE_KEY, sortedsets.zincrby),
        ("ZCOUNT", 4, "r", ONE_KEY, sortedsets.zcount),
        ("ZRANGE", -4, "r", ONE_KEY, sortedsets.zrange),
        ("ZREVRANGE", -4, "r", ONE_KEY, sortedsets.zrevrange),
        ("ZRANGEBYSCORE", -4, "r", ONE_KEY, sortedsets.zrangebyscore),
        ("ZREMRANGEBYSCORE", 4, "w", ONE_KEY, sortedsets.zremrangebyscore),
    ),
    "transactions": (
        ("MULTI", 1, "q", NO_KEY, transactions.multi),
        ("EXEC", 1, "q", NO_KEY, transactions.exec_),
        ("DISCARD", 1, "q", NO_KEY, transactions.discard),
        ("WATCH", -2, "q", ALL_KEYS, transactions.watch),
        ("UNWATCH", 1, "", NO_KEY, transactions.unwatch),
    ),
    "pubsub": (
        ("SUBSCRIBE", -2, "s", NO_KEY, publish.subscribe),
        ("UNSUBSCRIBE", -1, "s", NO_KEY, publish.unsubscribe),
        ("PSUBSCRIBE", -2, "s", NO_KEY, publish.psubscribe),
        ("PUNSUBSCRIBE", -1, "s", NO_KEY, publish.punsubscribe),
        ("PUBLISH", 3, "", NO_KEY, publish.publish),
        ("PUBSUB", -2, "", NO_KEY, publish.pubsub),
    ),
    "server": (
        ("INFO", -1, "a", NO_KEY, about.info),
        ("CONFIG", -2, "a", NO_KEY, about.config),
        ("COMMAND", -1, "a", NO_KEY, about.command),
        ("CLOCK", 3, "a", NO_KEY, about.clock),
        ("TIME", 1, "", NO_KEY, about.time_),
    ),
}


#: Commands whose second word says what is meant, and the arity of each.
PARTS = {
    "CLIENT": {
        b"HELP": 2,
        b"ID": 2,
        b"GETNAME": 2,
        b"SETNAME": 3,
        b"SETINFO": 4,
        b"INFO": 2,
        b"LIST": -2,
    },
    "CONFIG": {b"HELP": 2, b"GET": -3, b"SET": -4, b"RESETSTAT": 2},
    "COMMAND": {b"HELP": 2, b"COUNT": 2, b"LIST": -2, b"INFO": -2, b"DOCS": -2},
    "PUBSUB": {b"HELP": 2, b"CHANNELS": -2, b"NUMSUB": -2, b"NUMPAT": 2},
    "CLOCK": {b"ADVANCE": 3},
}


def row(
    group: str, name: str, arity: int, flags: str, keys: tuple[int, int, int], run: Run
) -> Command:
    least, most = abs(arity), arity if arity > 0 else MANY
    writes, parts = "w" in flags, PARTS.get(name, {})
    return Command(name.encode(), arity, flags, keys, run, group, least, most, writes, parts)


TABLE = [row(group, *parts) for group, rows in ROWS.items() for parts in rows]
BY_NAME = {command.name: command for command in TABLE}
COMMANDS = BY_NAME | {command.name.lower(): command for command in TABLE}


def find(words: tuple[bytes, ...]) -> Command:
    """The command that the first word names, in any case. Raises Failure for one there is not."""
    found = BY_NAME.get(words[0].upper())
    if found is None:
        raise unknown(words)
    return found
