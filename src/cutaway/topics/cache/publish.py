"""Publish and subscribe: a message goes to who listens now, and nowhere else.

    SUBSCRIBE news            ["subscribe", "news", 1]
                              ["message", "news", "hello"]        when somebody says PUBLISH news hello
    PSUBSCRIBE n*             ["psubscribe", "n*", 2]
                              ["pmessage", "n*", "news", "hello"]

A client with a channel and a pattern that both fit gets the message twice. One that does not read is cut
off once too much waits for it (connection.py): the others do not wait.

Left out: shards, and any memory of messages.
"""

from __future__ import annotations

from collections.abc import Iterable

from .client import Client
from .glob import matching
from .hints import helped
from .messages import write_aggregate
from .replies import array, bulk, bulks, integer, no_part, wrong_count
from .states import NORMAL, SUBSCRIBED

Words = tuple[bytes, ...]
Listeners = dict[bytes, dict[Client, None]]


class Hub:
    """Who listens to what, in the order in which they came."""

    def __init__(self) -> None:
        self.channels: Listeners = {}
        self.patterns: Listeners = {}

    def publish(self, channel: bytes, message: bytes, by: Client) -> tuple[int, bytes]:
        """How many times it was sent, and what of it goes to the one who publishes."""
        parts = [bulk(channel), bulk(message)]
        count, own = send(self.channels.get(channel, ()), [bulk(b"message"), *parts], by)
        for pattern, clients in list(self.patterns.items()):
            if matching(pattern)(channel):
                more, again = send(clients, [bulk(b"pmessage"), bulk(pattern), *parts], by)
                count, own = count + more, own + again
        return count, own

    def forget(self, client: Client) -> None:
        for listeners, own in (
            (self.channels, client.channels),
            (self.patterns, client.patterns),
        ):
            for name in own or ():
                leave(listeners, name, client)


def send(clients: Iterable[Client], items: list[bytes], by: Client) -> tuple[int, bytes]:
    """The octets are made once for each version, however many listen."""
    made: dict[bool, bytes] = {}
    listening, own = list(clients), b""
    for client in listening:
        if client.resp3 not in made:
            made[client.resp3] = write_aggregate(b">" if client.resp3 else b"*", items)
        if client is by:
            own = made[client.resp3]
        else:
            client.push_out(made[client.resp3])
    return len(listening), own


def leave(listeners: Listeners, name: bytes, client: Client) -> None:
    clients = listeners.get(name)
    if clients is not None:
        clients.pop(client, None)
        if not clients:
            del listeners[name]


def subscribe(client: Client, words: Words) -> bytes:
    """Listen to channels"""
    if client.channels is None:
        client.channels = {}
    return listen(client, words, client.server.hub.channels, client.channels)


def psubscribe(client: Client, words: Words) -> bytes:
    """Listen to all channels that match a pattern"""
    if client.patterns is None:
        client.patterns = {}
    return listen(client, words, client.server.hub.patterns, client.patterns)


def listen(client: Client, words: Words, listeners: Listeners, own: dict[bytes, None]) -> bytes:
    out = []
    for name in words[1:]:
        own[name] = None
        listeners.setdefault(name, {})[client] = None
        out.append(said(client, words[0], name))
    if not client.resp3 and client.state in (NORMAL, SUBSCRIBED):
        client.happens("SUBSCRIBE")
    return b"".join(out)


def unsubscribe(client: Client, words: Words) -> bytes:
    """Listen to channels no more, or to none at all"""
    return listen_no_more(client, words, client.server.hub.channels, client.channels)


def punsubscribe(client: Client, words: Words) -> bytes:
    """Listen to patterns no more, or to none at all"""
    return listen_no_more(client, words, client.server.hub.patterns, client.patterns)


def listen_no_more(
    client: Client, words: Words, listeners: Listeners, own: dict[bytes, None] | None
) -> bytes:
    out = []
    for name in words[1:] or list(own or ()):
        if own is not None:
            own.pop(name, None)
        leave(listeners, name, client)
        out.append(said(client, words[0], name))
    if not count(client) and client.state is SUBSCRIBED:
        client.happens("last UNSUBSCRIBE")
    return b"".join(out) or said(client, words[0], None)


def said(client: Client, verb: bytes, name: bytes | None) -> bytes:
    items = [bulk(verb.lower()), client.bulk(name), integer(count(client))]
    return client.push(items)


def count(client: Client) -> int:
    """How many channels and patterns a client listens to."""
    return len(client.channels or ()) + len(client.patterns or ())


def publish(client: Client, words: Words) -> bytes:
    """Send a message to who listens to a channel"""
    count, own = client.server.hub.publish(words[1], words[2], by=client)
    if client.held is None:
        return integer(count) + own  # behind the answers that this client still waits for
    client.held += own
    return integer(count)


def pubsub(client: Client, words: Words) -> bytes:
    """Who listens to what"""
    hub = client.server.hub
    match words[1].upper(), words[2:]:
        case b"CHANNELS", []:
            return bulks(hub.channels)
        case b"CHANNELS", [pattern]:
            return bulks([name for name in hub.channels if matching(pattern)(name)])
        case b"NUMSUB", names:
            pairs = [(bulk(name), integer(len(hub.channels.get(name, ())))) for name in names]
            return array([part for pair in pairs for part in pair])
        case b"NUMPAT", []:
            return integer(len(hub.patterns))
        case b"HELP", []:
            return helped(b"PUBSUB")
        case ((b"CHANNELS" | b"NUMPAT" | b"HELP"), _):
            raise wrong_count(b"pubsub|" + words[1])
    raise no_part(b"PUBSUB", words[1])
