"""MULTI and EXEC: several commands in one go. WATCH: only if nothing has changed since.

    MULTI          OK
    INCR a         QUEUED       put in line, not done
    EXEC           [1]          all of it, and nobody else's command in between

Nothing else has to be done for "nobody in between" where one thread does all commands: EXEC is one
command. There is no way back either. A command that could not be put in line spoils the transaction; one
that fails when it is done leaves the others as they are.

WATCH notes the client at the key, and every change of the key notes that at the client; see keyspace.py.

Left out: rollback, which there is none of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import Client
from .replies import OK, QUEUED, Failure, array
from .states import QUEUEING, SPOILT, SUBSCRIBED

if TYPE_CHECKING:
    from .commands import Command

Words = tuple[bytes, ...]


def in_state(client: Client, command: Command, words: Words) -> bytes:
    """A command of a client that is not in the normal state."""
    if client.state is SUBSCRIBED:
        if "s" not in command.flags:
            raise Failure(
                b"ERR Can't execute '%b': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / RESET"
                b" are allowed in this context" % command.name.lower()
            )
        return command.run(client, words)
    if "q" not in command.flags:
        return put_in_line(client, command, words)
    if command.name in (b"MULTI", b"WATCH"):
        name = command.name.lower()
        raise Failure(b"ERR Command '%b' not allowed inside a transaction" % name)
    return command.run(client, words)


def put_in_line(client: Client, command: Command, words: Words) -> bytes:
    command.check_part(words)
    if "m" in command.flags:
        client.server.make_room()
    if client.queue is not None:
        client.queue.append(words)
    return QUEUED


def failed(client: Client) -> None:
    """A command could not be put in line."""
    if client.state is QUEUEING or client.state is SPOILT:
        client.happens("wrong command")
        client.queue = None


def multi(client: Client, words: Words) -> bytes:
    """Put the commands that follow in line"""
    client.happens("MULTI")
    client.queue = []
    return OK


def exec_(client: Client, words: Words) -> bytes:
    """Do what was put in line, all of it in one go"""
    if client.state is not QUEUEING and client.state is not SPOILT:
        raise Failure("ERR EXEC without MULTI")
    spoilt, queue, disturbed = client.state is SPOILT, client.queue or [], client.disturbed
    over = any(client.space.is_over(key) for key in client.watched or ())
    end(client, "EXEC")
    if spoilt:
        raise Failure("EXECABORT Transaction discarded because of previous errors.")
    if disturbed or over:
        return client.nil_array()
    client.held = bytearray()
    answer = array(client.server.together(client, queue))
    messages, client.held = client.held, None
    return answer + messages


def discard(client: Client, words: Words) -> bytes:
    """Forget what was put in line"""
    if client.state is not QUEUEING and client.state is not SPOILT:
        raise Failure("ERR DISCARD without MULTI")
    end(client, "DISCARD")
    return OK


def end(client: Client, event: str) -> None:
    client.happens(event)
    client.queue = None
    forget_watched(client)


def watch(client: Client, words: Words) -> bytes:
    """EXEC only if these keys are not changed until then"""
    if client.watched is None:
        client.watched = set()
    for key in words[1:]:
        client.space.find(key)  # one that is over goes now, which is no change any more
        client.watched.add(key)
        client.space.watchers.setdefault(key, set()).add(client)
    return OK


def unwatch(client: Client, words: Words) -> bytes:
    """EXEC whatever has changed"""
    forget_watched(client)
    return OK


def forget_watched(client: Client) -> None:
    watchers = client.space.watchers
    for key in client.watched or ():
        watchers[key].discard(client)
        if not watchers[key]:
            del watchers[key]
    client.watched, client.disturbed = None, False
