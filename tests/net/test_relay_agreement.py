"""Any octets, any links, any ends: what arrives is exactly what the links let through.

What a link lets through is counted here a second time, from the definition alone (`allowed`): a
fault behind N octets fires once N octets have passed since its link took effect, and not before.
"""

import random
import socket
import threading
import time
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutaway.net.relay import CLEAR, TO_CLIENT, TO_SERVER, Link, Relay
from tests.net.test_relay import HOST, WITHIN, Pair, reset, until

#: How many octets behind a reset arrive surely: what the kernel takes in one go. Of more, what the
#: reader was too slow for is dropped with the connection.
AT_ONCE = 8_000

COUNTS = st.one_of(st.integers(0, 10), st.integers(11, 60_000))
LINKS = st.builds(
    Link,
    latency=st.sampled_from([0.0, 0.0, 0.002]),
    jitter=st.sampled_from([0.0, 0.0, 0.002]),
    rate=st.sampled_from([None, None, 5e6]),
    pieces=st.sampled_from([None, None, 1000, 4096]),
    gap=st.sampled_from([None, 0.0]),
)
ENDS = st.one_of(
    st.just({}),
    st.just({}),
    st.just({"stalled": True}),
    st.sampled_from(["cut_after", "reset_after", "half_close_after", "stall_after"]).flatmap(
        lambda name: COUNTS.map(lambda count: {name: count})
    ),
)
FAULTY = st.builds(lambda link, end: link.but(**end), LINKS, ENDS)
FIRST = FAULTY.filter(lambda link: not link.end or link.end[0] > 0)  # else nobody is accepted
CHUNKS = st.lists(st.one_of(st.integers(1, 20), st.integers(1, 20_000)), max_size=5)


class Talk(NamedTuple):
    """What each side of one connection sends."""

    there: list[int]
    back: list[int]
    finish: str


class Change(NamedTuple):
    """Links for one connection or for all, so many seconds after the one before."""

    which: int | None
    there: Link | None
    back: Link | None
    after: float


TALKS = st.lists(
    st.builds(Talk, CHUNKS, CHUNKS, st.sampled_from(["close", "close", "reset"])),
    min_size=1,
    max_size=3,
)
CHANGES = st.lists(
    st.builds(
        Change,
        st.sampled_from([None, 1, 2, 3]),
        st.one_of(st.none(), FAULTY),
        st.one_of(st.none(), FAULTY),
        st.sampled_from([0.0, 0.001, 0.004]),
    ),
    max_size=3,
)


class Reading(threading.Thread):
    """Reads to the end."""

    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock, self.came, self.how = sock, bytearray(), None

    def run(self):
        try:
            while data := self.sock.recv(1 << 16):
                self.came += data
            self.how = "closed"
        except ConnectionError:
            self.how = "reset"
        except TimeoutError:
            self.how = "nothing more"


class Sending(threading.Thread):
    """Sends in chunks, as far as the other side takes them; and its FIN, where it closes."""

    def __init__(self, sock, octets, chunks, close):
        super().__init__(daemon=True)
        self.sock, self.octets, self.chunks, self.close = sock, octets, chunks, close
        self.broke = False

    def run(self):
        at = 0
        try:
            for count in self.chunks:
                self.sock.sendall(self.octets[at : at + count])
                at += count
                time.sleep(0.001)
            if self.close:
                self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.broke = True


class Direction:
    """One way of one connection, and the links that it had: (octets passed before it, link)."""

    def __init__(self, octets, link):
        self.octets, self.links = octets, [(0, link)]

    def change(self, passed, link):
        self.links.append((passed, link))

    def allowed(self):
        """How many octets the links let through, and what ends the direction behind them."""
        until_now = [passed for passed, _ in self.links[1:]] + [len(self.octets)]
        for (began, link), most in zip(self.links, until_now, strict=True):
            if link.end and link.end[1] != "stalled" and began + link.end[0] <= most:
                return began + link.end[0], link.end[1]
        return len(self.octets), None


class Conversation:
    """One connection that is talked on, both ways."""

    def __init__(self, number, talk, relay, listener, octets):
        self.number, self.talk, self.relay = number, talk, relay
        cut = sum(talk.there)
        self.ways = {
            TO_SERVER: Direction(octets[:cut], relay.links.to_server),
            TO_CLIENT: Direction(octets[cut:], relay.links.to_client),
        }
        self.pair = Pair(relay, listener)
        assert until(lambda: relay.counts().taken == number)
        self.readers = {TO_SERVER: Reading(self.pair.server)}
        if talk.finish == "close":  # who is about to reset reads nothing
            self.readers[TO_CLIENT] = Reading(self.pair.client)
        there, back = self.ways.values()
        self.senders = [
            Sending(self.pair.client, there.octets, talk.there, talk.finish == "close"),
            Sending(self.pair.server, back.octets, talk.back, True),
        ]
        for thread in (*self.readers.values(), *self.senders):
            thread.start()

    def change(self, there, back):
        """In the loop's thread: what passed until now is known. A way that has ended stays so."""
        lanes = self.relay.connections.get(self.number)
        if lanes is not None:
            for way, lane, link in (
                (TO_SERVER, lanes.to_server, there),
                (TO_CLIENT, lanes.to_client, back),
            ):
                if link is not None and not lane.deaf:
                    self.ways[way].change(lane.passed, link)

    def finish(self):
        for sender in self.senders:
            sender.join(WITHIN)
            assert not sender.is_alive()
        if self.talk.finish == "reset":
            count, _ = self.ways[TO_SERVER].allowed()
            reader = self.readers[TO_SERVER]
            assert until(lambda: len(reader.came) >= count or reader.how is not None)
            reset(self.pair.client)
        for reader in self.readers.values():
            reader.join(WITHIN)
            assert not reader.is_alive()
            assert reader.how != "nothing more"

    def judge(self):
        ends = {way: direction.allowed() for way, direction in self.ways.items()}
        exact = {}
        for way, (count, _) in ends.items():
            octets, kept = self.ways[way].octets, self.relay.recording._stream(self.number, way)
            assert octets[:count].startswith(kept)
            if way in self.readers:
                came = bytes(self.readers[way].came)
                assert kept.startswith(came)
                exact[way] = came == kept == octets[:count]
        final = [way for way, (_, end) in ends.items() if end in ("cut", "reset")]
        if not final and self.talk.finish == "close":
            assert all(exact.values())
            assert {reader.how for reader in self.readers.values()} == {"closed"}
        elif not final:
            assert exact[TO_SERVER]
            halved = ends[TO_SERVER][1] == "closed"
            assert halved or self.was_reset(TO_SERVER)
        elif len(final) == 1 or self.talk.finish == "close":
            assert any(self.ended_as_told(way, *ends[way], exact) for way in final)

    def ended_as_told(self, way, count, end, exact):
        """The one that came first let through all that it allows, then ended as its link says."""
        if way not in self.readers:
            return True
        if end == "cut":
            return exact[way] and self.readers[way].how == "closed"
        kept = self.relay.recording._stream(self.number, way)
        whole = len(kept) == count and (exact[way] or count > AT_ONCE)
        return whole and self.was_reset(way)

    def was_reset(self, way):
        """The kernel tells a reset once, to who asks first: who reads, or who writes."""
        writer = self.senders[0 if way == TO_CLIENT else 1]
        return self.readers[way].how == "reset" or writer.broke


def without_stall(link):
    return link.but(stalled=False, stall_after=None)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(talks=TALKS, there=FIRST, back=FIRST, changes=CHANGES, seed=st.integers(0, 9))
def test_what_arrives_is_what_the_links_let_through(talks, there, back, changes, seed):
    with (
        socket.create_server((HOST, 0)) as listener,
        Relay(
            (HOST, 0), listener.getsockname()[:2], to_server=there, to_client=back, seed=seed
        ) as relay,
    ):
        made = [
            Conversation(
                number,
                talk,
                relay,
                listener,
                random.Random(seed + number).randbytes(sum(talk.there) + sum(talk.back)),
            )
            for number, talk in enumerate(talks, 1)
        ]

        def change(which, there, back):
            for conversation in made:
                if which in (None, conversation.number):
                    conversation.change(there, back)
            relay.change(to_server=there, to_client=back, number=which)

        for which, to_server, to_client, after in changes:
            time.sleep(after)
            relay.loop.ask(lambda w=which, t=to_server, b=to_client: change(w, t, b))
        for conversation in made:  # what is stalled goes on at last, with a fault or without
            last = (way.links[-1][1] for way in conversation.ways.values())
            links = [without_stall(link) for link in last]
            relay.loop.ask(lambda n=conversation.number, links=links: change(n, *links))
        for conversation in made:
            conversation.finish()
        assert until(lambda: relay.counts().open == 0)
        for conversation in made:
            conversation.judge()
            conversation.pair.close()
        assert relay.loop.defect is None


@pytest.mark.parametrize("count", [0, 1, 40_000])
def test_a_stall_lets_exactly_so_many_through_and_then_the_rest(count):
    octets = random.Random(count).randbytes(50_000)
    with (
        socket.create_server((HOST, 0)) as listener,
        Relay((HOST, 0), listener.getsockname()[:2], Link(stall_after=count)) as relay,
    ):
        conversation = Conversation(1, Talk([50_000], [], "close"), relay, listener, octets)
        came = conversation.readers[TO_SERVER].came
        assert until(lambda: relay.counts().to_server == len(octets) and len(came) >= count)
        assert len(came) == count
        relay.link = CLEAR
        conversation.finish()
        assert came == octets
        conversation.pair.close()


def test_a_stall_under_way_does_not_outlive_its_link():
    with (
        socket.create_server((HOST, 0)) as listener,
        Relay((HOST, 0), listener.getsockname()[:2]) as relay,
    ):
        pair = Pair(relay, listener)
        relay.change(to_server=Link(stall_after=3, latency=0.05))
        pair.client.sendall(b"abcdef")
        assert until(lambda: relay.counts().to_server == 6)
        relay.link = CLEAR
        reader = Reading(pair.server)
        pair.client.shutdown(socket.SHUT_WR)
        reader.start()
        reader.join(WITHIN)
        assert (bytes(reader.came), reader.how) == (b"abcdef", "closed")
        pair.close()
