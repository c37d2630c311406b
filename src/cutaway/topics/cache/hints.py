"""What may stand behind the name of a command: the text that an interactive redis-cli shows in grey.

    FORMS[b"SETEX"]                "key seconds value"
    read("key [NX|XX] [EX seconds]")
        key                         a value
        [NX|XX]                     optional, one of two words
        [EX seconds]                optional, a word with a value behind it

The texts are the headlines of the command documentation. COMMAND DOCS answers them taken apart, as the
documentation of that command has it: an argument with a name, a type, and what it is made of.

Left out: which arguments are keys; COMMAND INFO says that. Complexities, and what changed when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .replies import array

SCORES = "key min max"
LIMIT = "[LIMIT offset count]"
CONDITION = "[NX|XX|GT|LT]"
FORMS = {
    b"PING": "[message]",
    b"ECHO": "message",
    b"SELECT": "index",
    b"AUTH": "[username] password",
    b"HELLO": "[protover] [AUTH username password] [SETNAME clientname]",
    b"CLIENT": "ID|GETNAME|SETNAME name|SETINFO attribute value|INFO|LIST|HELP",
    b"SET": "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|"
    "PXAT unix-time-milliseconds|KEEPTTL]",
    b"GETSET": "key value",
    b"SETNX": "key value",
    b"SETEX": "key seconds value",
    b"PSETEX": "key milliseconds value",
    b"MGET": "key [key ...]",
    b"MSET": "key value [key value ...]",
    b"APPEND": "key value",
    b"INCRBY": "key increment",
    b"DECRBY": "key decrement",
    b"DEL": "key [key ...]",
    b"UNLINK": "key [key ...]",
    b"EXISTS": "key [key ...]",
    b"RENAME": "key newkey",
    b"KEYS": "pattern",
    b"SCAN": "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    b"FLUSHALL": "[ASYNC|SYNC]",
    b"FLUSHDB": "[ASYNC|SYNC]",
    b"EXPIRE": f"key seconds {CONDITION}",
    b"PEXPIRE": f"key milliseconds {CONDITION}",
    b"EXPIREAT": f"key unix-time-seconds {CONDITION}",
    b"PEXPIREAT": f"key unix-time-milliseconds {CONDITION}",
    b"LPUSH": "key element [element ...]",
    b"RPUSH": "key element [element ...]",
    b"LPOP": "key [count]",
    b"RPOP": "key [count]",
    b"LRANGE": "key start stop",
    b"LINDEX": "key index",
    b"LSET": "key index element",
    b"LREM": "key count element",
    b"LTRIM": "key start stop",
    b"HSET": "key field value [field value ...]",
    b"HGET": "key field",
    b"HMGET": "key field [field ...]",
    b"HDEL": "key field [field ...]",
    b"HEXISTS": "key field",
    b"HINCRBY": "key field increment",
    b"SADD": "key member [member ...]",
    b"SREM": "key member [member ...]",
    b"SISMEMBER": "key member",
    b"SINTER": "key [key ...]",
    b"SUNION": "key [key ...]",
    b"SDIFF": "key [key ...]",
    b"SPOP": "key [count]",
    b"ZADD": "key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]",
    b"ZREM": "key member [member ...]",
    b"ZPOPMIN": "key [count]",
    b"ZPOPMAX": "key [count]",
    b"ZSCORE": "key member",
    b"ZRANK": "key member [WITHSCORE]",
    b"ZREVRANK": "key member [WITHSCORE]",
    b"ZINCRBY": "key increment member",
    b"ZCOUNT": SCORES,
    b"ZRANGE": f"key start stop [BYSCORE] [REV] {LIMIT} [WITHSCORES]",
    b"ZREVRANGE": "key start stop [WITHSCORES]",
    b"ZRANGEBYSCORE": f"{SCORES} [WITHSCORES] {LIMIT}",
    b"ZREMRANGEBYSCORE": SCORES,
    b"WATCH": "key [key ...]",
    b"SUBSCRIBE": "channel [channel ...]",
    b"UNSUBSCRIBE": "[channel [channel ...]]",
    b"PSUBSCRIBE": "pattern [pattern ...]",
    b"PUNSUBSCRIBE": "[pattern [pattern ...]]",
    b"PUBLISH": "channel message",
    b"PUBSUB": "CHANNELS [pattern]|NUMSUB [channel [channel ...]]|NUMPAT|HELP",
    b"INFO": "[section [section ...]]",
    b"CONFIG": "GET parameter [parameter ...]|SET parameter value [parameter value ...]|"
    "RESETSTAT|HELP",
    b"COMMAND": "[COUNT|DOCS [command-name [command-name ...]]|INFO [command-name "
    "[command-name ...]]|LIST|HELP]",
    b"CLOCK": "ADVANCE milliseconds",
}
#: Of these nothing but the key.
ONE_KEY = (
    b"GET GETDEL STRLEN INCR DECR TYPE TTL PTTL EXPIRETIME PEXPIRETIME PERSIST LLEN HLEN HGETALL "
    b"HKEYS HVALS SCARD SMEMBERS ZCARD"
)
FORMS.update(dict.fromkeys(ONE_KEY.split(), "key"))

TOKEN = re.compile(r"\[|\]|\||\.\.\.|[^\s\[\]|]+")


@dataclass(slots=True)
class Argument:
    """kind: string, pure-token, block or oneof. token: the word that stands ahead of it."""

    kind: str
    name: str
    token: str = ""
    parts: tuple[Argument, ...] = ()
    optional: bool = False
    multiple: bool = False


def read(text: str) -> tuple[Argument, ...]:
    """The arguments of one of these texts."""
    tokens = TOKEN.findall(text)
    found = ways(iter(tokens))
    return (found,) if found.kind == "oneof" else found.parts


def ways(tokens: Iterator[str]) -> Argument:
    """Up to the end of a bracket: one of several ways, or a block."""
    every: list[list[Argument]] = [[]]
    for token in tokens:
        row = every[-1]
        if token == "]":
            break
        if token == "|":
            every.append([])
        elif token == "...":
            return Argument("again", "again", parts=tuple(row))
        elif token == "[":
            bracket(row, ways(tokens), tokens)
        elif token.isupper():
            row.append(Argument("pure-token", token.lower(), token))
        elif row and row[-1].kind == "pure-token" and not row[-1].optional:
            row[-1] = Argument("string", token, row[-1].token)
        else:
            row.append(Argument("string", token))
    if len(every) == 1:
        return Argument("block", "block", parts=tuple(every[0]))
    return Argument("oneof", "oneof", parts=tuple(single(row) for row in every))


def bracket(row: list[Argument], inside: Argument, tokens: Iterator[str]) -> None:
    """What stands in brackets: the same once more, or something that may be left out."""
    if inside.kind == "again":
        next(tokens)  # the bracket behind the dots
        first = len(row) - len(inside.parts)
        token, row[first].token = row[first].token, ""
        row[first:] = [single(row[first:])]
        row[first].token, row[first].multiple = token, True
        return
    chosen = inside if inside.kind == "oneof" else single(list(inside.parts))
    chosen.optional = True
    row.append(chosen)


def single(row: list[Argument]) -> Argument:
    return row[0] if len(row) == 1 else Argument("block", "block", parts=tuple(row))


def helped(name: bytes) -> bytes:
    """What HELP answers: the parts of a command, a line each."""
    text = FORMS[name]
    parts = (text[1:-1] if text.startswith("[") else text).split("|")
    lines = [f"{name.decode()} and one of", *(f"  {part}" for part in parts)]
    return array([b"+%b\r\n" % line.encode() for line in lines])
