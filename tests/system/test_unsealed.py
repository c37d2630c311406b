"""TLS opened with the client's keys: what comes out is what went in, and nothing without them."""

import random
import socket
import ssl
import threading
from pathlib import Path

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event, Recording, Relay
from cutaway.system.unsealed import Keys, Unsealed
from cutaway.topics.proxy.stages.certificates import lay

HOST = "127.0.0.1"


@pytest.fixture
def talk(tmp_path):
    """Plays a conversation over TLS through a relay; the events, and the file of keys."""
    lay(tmp_path)
    certificates = tmp_path / "certificates"

    def play(said, ciphers=None, connections=1):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificates / "default.crt", certificates / "default.key")
        client = ssl.create_default_context(cafile=str(certificates / "default.crt"))
        client.check_hostname = False
        client.minimum_version = ssl.TLSVersion.TLSv1_3
        client.keylog_filename = str(tmp_path / "keys.log")
        recording = Recording()

        def serve(listener):
            for _ in range(connections):
                with server.wrap_socket(listener.accept()[0], server_side=True) as sock:
                    for question, answer in said:
                        left = len(question)
                        while left:
                            left -= len(sock.recv(left))
                        sock.sendall(answer)
                    sock.recv(1)

        with socket.create_server((HOST, 0)) as listener:
            serving = threading.Thread(target=serve, args=(listener,))
            serving.start()
            address = listener.getsockname()[:2]
            with Relay((HOST, 0), address, recording=recording) as relay:
                for _ in range(connections):
                    raw = socket.create_connection((HOST, relay.port))
                    with client.wrap_socket(raw, server_hostname="default.example") as sock:
                        for question, answer in said:
                            sock.sendall(question)
                            left = len(answer)
                            while left:
                                left -= len(sock.recv(left))
                serving.join(20)
        return recording.events(), tmp_path / "keys.log"

    return play


def opened(events, keys):
    unsealed = Unsealed(Keys(keys))
    plain = {}
    for event in events:
        for one in unsealed.receive(event):
            whole = plain.setdefault((one.number, one.way), bytearray())
            assert one.offset == len(whole)
            whole += one.data
    return {key: bytes(data) for key, data in plain.items()}


SAID = [(b"hello", b"hi"), (b"x" * 50_000, b"y" * 100_000), (b"bye", b"bye")]
SENT, ANSWERED = b"".join(q for q, _ in SAID), b"".join(a for _, a in SAID)


def test_what_comes_out_is_what_went_in(talk):
    events, keys = talk(SAID, connections=2)
    assert opened(events, keys) == {
        (number, way): data
        for number in (1, 2)
        for way, data in ((TO_SERVER, SENT), (TO_CLIENT, ANSWERED))
    }


def test_it_may_arrive_in_any_pieces(talk):
    events, keys = talk(SAID[:1] + SAID[2:])
    draws, pieces = random.Random(1), []
    for event in events:
        offset, data = event.offset, event.data
        while len(data) > 1:
            size = draws.randint(1, min(40, len(data)))
            pieces.append(Event(event.at, event.number, event.way, offset, data[:size], None))
            offset, data = offset + size, data[size:]
        pieces.append(Event(event.at, event.number, event.way, offset, data, event.happened))
    assert opened(pieces, keys) == {(1, TO_SERVER): b"hellobye", (1, TO_CLIENT): b"hibye"}


def test_without_keys_it_stays_sealed(talk, tmp_path):
    events, _ = talk(SAID)
    assert not any(opened(events, tmp_path / "none").values())


def test_with_octets_missing_it_stays_sealed_from_there_on(talk):
    events, keys = talk(SAID)
    at = next(i for i, e in enumerate(events) if e.way == TO_CLIENT and len(e.data) > 5000)
    plain = opened([e for i, e in enumerate(events) if i != at], keys)
    assert plain[1, TO_SERVER] == SENT
    assert ANSWERED.startswith(plain[1, TO_CLIENT])


def test_keys_that_are_written_late_open_what_came_before_them(talk, tmp_path):
    events, keys = talk(SAID)
    late = tmp_path / "late.log"
    unsealed, plain = Unsealed(Keys(late)), b""
    for number, event in enumerate(events):
        if number == 5:
            late.write_bytes(keys.read_bytes())
        plain += b"".join(e.data for e in unsealed.receive(event) if e.way == TO_SERVER)
    assert plain == SENT


def test_it_is_known_where_plain_octets_were_sealed(talk):
    events, keys = talk(SAID[:1])
    unsealed = Unsealed(Keys(keys))
    for event in events:
        if event.happened is None:
            list(unsealed.receive(event))
    piece = unsealed.sealed(1, TO_SERVER, 3)
    assert (piece.plain, piece.length) == (0, 5 + 5 + 1 + 16)
    sealed = b"".join(e.data for e in events if e.way == TO_SERVER)
    assert sealed[piece.sealed] == 23


def test_what_is_no_tls_comes_to_nothing():
    unsealed = Unsealed(Keys(Path("/nonexistent")))
    draws = random.Random(2)
    for number in range(200):
        data = draws.randbytes(draws.randint(1, 200))
        assert not [
            e for e in unsealed.receive(Event(0.0, number, TO_SERVER, 0, data, None)) if e.data
        ]


def test_of_a_connection_that_is_over_or_cannot_be_read_nothing_is_kept():
    unsealed = Unsealed(Keys(Path("/nonexistent")))
    record = bytes([23, 3, 3]) + (16_000).to_bytes(2, "big") + bytes(16_000)
    for at in range(100):
        list(unsealed.receive(Event(0.0, 1, TO_SERVER, at * len(record), record, None)))
    [talk] = unsealed._conversations.values()
    assert talk.to_server.given_up
    assert not talk.to_server.waiting
    list(unsealed.receive(Event(1.0, 1, TO_SERVER, 0, b"", "reset")))
    for what in ("passed", "resumed", "reset", "closed"):
        list(unsealed.receive(Event(2.0, 1, TO_CLIENT, 0, b"", what)))
    assert not unsealed._conversations
