"""What clients ask about the connection and about the server itself.

    HELLO 3              the version of RESP, and who is there
    COMMAND DOCS         what an interactive redis-cli asks first, for its hints
    CLIENT SETINFO …     what client libraries say first
    INFO memory          figures, a line each
    CONFIG SET maxmemory 100mb
    CLOCK ADVANCE 5000   not a command of Valkey's: the clock is five seconds later

Left out: everything that a single server for one person has no use for; it answers an error.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from . import transactions
from .client import Client
from .glob import matching
from .hints import FORMS, Argument, helped, read
from .replies import (
    EMPTY,
    OK,
    PONG,
    SYNTAX,
    Failure,
    array,
    bulk,
    bulks,
    integer,
    no_part,
    number,
    wrong_count,
)
from .states import NORMAL, QUEUEING, SPOILT, SUBSCRIBED

if TYPE_CHECKING:
    from .commands import Command

Words = tuple[bytes, ...]

VERSION = b"7.2.4"  # of Redis, whose commands these are; clients decide by it what they may ask
PRINTABLE = range(33, 127)
LATEST = (1 << 62) - 1


def ping(client: Client, words: Words) -> bytes:
    """Whether anybody is there"""
    if len(words) > 2:
        raise wrong_count(words[0])
    if client.state is SUBSCRIBED:
        return bulks([b"pong", words[1] if len(words) == 2 else b""])
    return bulk(words[1]) if len(words) == 2 else PONG


def echo(client: Client, words: Words) -> bytes:
    """The same octets back"""
    return bulk(words[1])


def quit_(client: Client, words: Words) -> bytes:
    """End the connection"""
    client.happens("QUIT")
    return OK


def reset(client: Client, words: Words) -> bytes:
    """Make the connection as it was when it was new"""
    client.server.hub.forget(client)
    client.channels = client.patterns = client.queue = None
    transactions.forget_watched(client)
    if client.state is SUBSCRIBED:
        client.happens("last UNSUBSCRIBE")
    elif client.state in (QUEUEING, SPOILT):
        client.happens("DISCARD")
    client.resp3, client.name = False, b""
    return b"+RESET\r\n"


def select(client: Client, words: Words) -> bytes:
    """Choose a database; there is number 0"""
    if number(words[1]) != 0:
        raise Failure("ERR DB index is out of range")
    return OK


def auth(client: Client, words: Words) -> bytes:
    """Say who one is; here everybody may do everything"""
    if len(words) == 2:
        raise Failure("ERR AUTH <password> called without any password configured")
    if len(words) > 3:
        raise SYNTAX
    check_user(words[1])
    return OK


def check_user(name: bytes) -> None:
    if name != b"default":
        raise Failure("WRONGPASS invalid username-password pair or user is disabled.")


def hello(client: Client, words: Words) -> bytes:
    """Choose the version of RESP, and learn who is there"""
    if len(words) > 1:
        client.resp3 = greeting(client, words) == 3
        if client.state is NORMAL and not client.resp3 and (client.channels or client.patterns):
            client.happens("SUBSCRIBE")
    about = [
        (b"server", bulk(b"cutaway")),
        (b"version", bulk(VERSION)),
        (b"proto", integer(3 if client.resp3 else 2)),
        (b"id", integer(client.id)),
        (b"mode", bulk(b"standalone")),
        (b"role", bulk(b"master")),
        (b"modules", EMPTY),
    ]
    return client.map((bulk(key), value) for key, value in about)


def greeting(client: Client, words: Words) -> int:
    """The version that HELLO asks for. Nothing is done unless all of it is right."""
    if not words[1].isdigit():
        raise Failure("ERR Protocol version is not an integer or out of range")
    version, name, at = int(words[1][:9]), None, 2
    if version not in (2, 3):
        raise Failure("NOPROTO unsupported protocol version")
    while at < len(words):
        match words[at].upper():
            case b"AUTH" if at + 2 < len(words):
                check_user(words[at + 1])
                at += 3
            case b"SETNAME" if at + 1 < len(words):
                name = words[at + 1]
                check_name(name)
                at += 2
            case _:
                raise Failure(b"ERR Syntax error in HELLO option '%b'" % words[at][:128])
    if name is not None:
        client.name = name
    return version


def check_name(name: bytes, what: str = "Client names") -> None:
    if not all(octet in PRINTABLE for octet in name):
        raise Failure(f"ERR {what} cannot contain spaces, newlines or special characters.")


def client_(client: Client, words: Words) -> bytes:
    """About this connection: ID, GETNAME, SETNAME, SETINFO, INFO, LIST"""
    match words[1].upper(), words[2:]:
        case b"ID", []:
            return integer(client.id)
        case b"GETNAME", []:
            return client.bulk(client.name or None)
        case b"SETNAME", [name]:
            check_name(name)
            client.name = name
            return OK
        case b"SETINFO", [option, value]:
            return set_info(client, option, value)
        case b"INFO", []:
            return client.text(line_of(client))
        case b"LIST", []:
            return client.text(b"".join(line_of(c) for c in client.server.clients.values()))
        case b"HELP", []:
            return helped(b"CLIENT")
        case ((b"HELP" | b"ID" | b"GETNAME" | b"SETNAME" | b"SETINFO" | b"INFO" | b"LIST"), _):
            raise wrong_count(b"client|" + words[1])
    raise no_part(b"CLIENT", words[1])


def set_info(client: Client, option: bytes, value: bytes) -> bytes:
    if option.upper() not in (b"LIB-NAME", b"LIB-VER"):
        raise Failure(b"ERR Unrecognized option '%b'" % option[:128])
    check_name(value, option.decode("latin-1"))
    client.library = {**(client.library or {}), option.lower(): value}
    return OK


def line_of(client: Client) -> bytes:
    """One client as CLIENT LIST has it."""
    library = client.library or {}
    parts = {
        b"id": b"%d" % client.id,
        b"name": client.name,
        b"db": b"0",
        b"sub": b"%d" % len(client.channels or ()),
        b"psub": b"%d" % len(client.patterns or ()),
        b"multi": b"%d" % len(client.queue) if client.queue is not None else b"-1",
        b"watch": b"%d" % len(client.watched or ()),
        b"resp": b"3" if client.resp3 else b"2",
        b"lib-name": library.get(b"lib-name", b""),
        b"lib-ver": library.get(b"lib-ver", b""),
    }
    return b" ".join(b"%b=%b" % part for part in parts.items()) + b"\n"


def command(client: Client, words: Words) -> bytes:
    """Which commands there are: COUNT, DOCS, INFO, LIST"""
    from .commands import BY_NAME, TABLE

    if len(words) == 1:
        return array([described(each) for each in TABLE])
    named = [BY_NAME.get(word.upper()) for word in words[2:]]
    match words[1].upper():
        case b"COUNT" if len(words) == 2:
            return integer(len(TABLE))
        case b"LIST" if len(words) == 2:
            return bulks([each.name.lower() for each in TABLE])
        case b"HELP" if len(words) == 2:
            return helped(b"COMMAND")
        case b"INFO":
            if not named:
                return array([described(each) for each in TABLE])
            return array([described(e) if e is not None else client.nil_array() for e in named])
        case b"DOCS":
            found = [each for each in named if each is not None] if named else TABLE
            return client.map((bulk(each.name.lower()), documented(client, each)) for each in found)
        case b"COUNT" | b"LIST" | b"HELP":
            raise wrong_count(b"command|" + words[1])
    raise no_part(b"COMMAND", words[1])


def described(each: Command) -> bytes:
    """A command as COMMAND has it: name, arity, flags, keys, and four lists that are empty here."""
    flags = [name for letter, name in FLAGS.items() if letter in each.flags]
    parts = [bulk(each.name.lower()), integer(each.arity), array([b"+%b\r\n" % f for f in flags])]
    parts += [integer(number) for number in each.keys]
    return array([*parts, EMPTY, EMPTY, EMPTY, EMPTY])


FLAGS = {"r": b"readonly", "w": b"write", "m": b"denyoom", "a": b"admin", "s": b"pubsub"}


def documented(client: Client, each: Command) -> bytes:
    """A command as COMMAND DOCS has it."""
    summary = (each.run.__doc__ or "").partition("\n")[0].encode()
    parts = [(b"summary", bulk(summary)), (b"since", bulk(b"1.0.0"))]
    parts.append((b"group", bulk(each.group.encode())))
    if each.name in FORMS:
        wanted = [argument(client, part) for part in read(FORMS[each.name])]
        parts.append((b"arguments", array(wanted)))
    return client.map((bulk(key), value) for key, value in parts)


def argument(client: Client, of: Argument) -> bytes:
    """One argument as COMMAND DOCS has it."""
    parts = [(b"name", bulk(of.name.encode())), (b"type", bulk(of.kind.encode()))]
    if of.kind == "string":
        parts.append((b"display_text", bulk(of.name.encode())))
    if of.token:
        parts.append((b"token", bulk(of.token.encode())))
    flags = [b"+optional\r\n"] * of.optional + [b"+multiple\r\n"] * of.multiple
    if flags:
        parts.append((b"flags", array(flags)))
    if of.parts:
        parts.append((b"arguments", array([argument(client, part) for part in of.parts])))
    return client.map((bulk(key), value) for key, value in parts)


def info(client: Client, words: Words) -> bytes:
    """Figures of the server, by section"""
    wanted = {word.lower() for word in words[1:]} or {b"default"}
    every = wanted & {b"default", b"all", b"everything"}
    parts = [
        b"# %b\r\n" % name + b"".join(b"%b:%b\r\n" % line for line in lines.items())
        for name, lines in sections(client).items()
        if every or name.lower() in wanted
    ]
    return client.text(b"\r\n".join(parts))


def sections(client: Client) -> dict[bytes, dict[bytes, bytes]]:
    server, space = client.server, client.space
    with_end = len(space.ends)
    keyspace = {b"db0": b"keys=%d,expires=%d,avg_ttl=0" % (len(space.values), with_end)}
    return {
        b"Server": {
            b"redis_version": VERSION,
            b"server_name": b"cutaway",
            b"redis_mode": b"standalone",
            b"process_id": b"%d" % os.getpid(),
            b"uptime_in_seconds": b"%d" % (time.monotonic() - server.began),
        },
        b"Clients": {b"connected_clients": b"%d" % len(server.clients)},
        b"Memory": {
            b"used_memory": b"%d" % space.used,
            b"maxmemory": b"%d" % server.settings.maxmemory,
            b"maxmemory_policy": server.settings.policy,
        },
        b"Persistence": {
            b"loading": b"0",
            b"aof_enabled": b"%d" % (server.log is not None),
        },
        b"Stats": {
            b"expired_keys": b"%d" % space.expired,
            b"evicted_keys": b"%d" % server.evicted,
            b"pubsub_channels": b"%d" % len(server.hub.channels),
            b"pubsub_patterns": b"%d" % len(server.hub.patterns),
        },
        b"Replication": {b"role": b"master", b"connected_slaves": b"0"},
        b"Keyspace": keyspace if space.values else {},
    }


def config(client: Client, words: Words) -> bytes:
    """Settings: GET, SET, RESETSTAT"""
    settings = client.server.settings
    match words[1].upper(), words[2:]:
        case b"GET", [_, *_] as patterns:
            tests = [matching(pattern.lower()) for pattern in patterns]
            shown = {k: v for k, v in settings.shown().items() if any(t(k) for t in tests)}
            return client.map((bulk(key), bulk(value)) for key, value in shown.items())
        case b"SET", [_, _, *_] as pairs if len(pairs) % 2 == 0:
            settings.change(dict(zip(pairs[::2], pairs[1::2], strict=True)))
            client.server.settings_changed()
            return OK
        case b"RESETSTAT", []:
            client.server.evicted = client.space.expired = 0
            return OK
        case b"HELP", []:
            return helped(b"CONFIG")
        case ((b"GET" | b"SET" | b"RESETSTAT" | b"HELP"), _):
            raise wrong_count(b"config|" + words[1])
    raise no_part(b"CONFIG", words[1])


def clock(client: Client, words: Words) -> bytes:
    """CLOCK ADVANCE milliseconds: make it later, and do what is due by then"""
    if words[1].upper() != b"ADVANCE":
        raise no_part(b"CLOCK", words[1])
    milliseconds = number(words[2])
    if not 0 <= milliseconds <= LATEST or client.space.clock.now() + milliseconds > LATEST:
        raise Failure("ERR a clock goes forwards, by so many milliseconds")
    client.space.clock.advance(milliseconds)
    client.server.do_what_is_due()
    return OK


def time_(client: Client, words: Words) -> bytes:
    """The time of day: seconds since 1970, and microseconds"""
    now = client.space.clock.now()
    return bulks([b"%d" % (now // 1000), b"%d" % (now % 1000 * 1000)])
