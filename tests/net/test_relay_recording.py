"""Recordings are bounded in octets, kept by reference, and survive the way through a file."""

import contextlib
import random
import socket
import struct
import subprocess
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event, Recording, Relay
from cutaway.net.relay.pcap import BadFile, PcapFile, checksum, datagram, read
from cutaway.net.relay.recording import OVERHEAD
from cutaway.net.relay.replay import replay

HOST = "127.0.0.1"
WITHIN = 5
SERVER = (HOST, 8080)


class Lane:
    """As much of one as a recording sees."""

    def __init__(self, number=1, way=TO_SERVER):
        self.number, self.way = number, way

    @property
    def connection(self):
        return self


def filled(keep, limit, sizes):
    recording, lane, offset = Recording(limit, keep), Lane(), 0
    for size in sizes:
        recording.note((0.0, lane, offset, bytes(size)))
        offset += size
    return recording


@given(
    keep=st.sampled_from(["newest", "oldest"]),
    limit=st.integers(0, 20_000),
    sizes=st.lists(st.integers(1, 5000), max_size=40),
)
def test_a_recording_never_holds_more_than_its_limit(keep, limit, sizes):
    recording = filled(keep, limit, sizes)
    kept = recording.events()
    assert recording.size == sum(len(e.data) + OVERHEAD for e in kept) <= limit
    assert recording.dropped.octets + sum(len(e.data) for e in kept) == sum(sizes)
    assert recording.dropped.events + len(kept) == len(sizes)
    offsets = [e.offset for e in kept]
    for event, following in zip(kept, offsets[1:], strict=False):
        assert keep == "oldest" or event.offset + len(event.data) == following


def test_the_newest_or_the_oldest_stay():
    sizes = [1000] * 100
    assert filled("newest", 20_000, sizes).events()[-1].offset == 99_000
    assert filled("oldest", 20_000, sizes).events()[0].offset == 0


def test_octets_are_kept_by_reference():
    recording, data = Recording(), bytes(1000)
    recording.note((0.0, Lane(), 0, data))
    assert recording.events()[0].data is data


def test_what_is_taken_makes_room():
    recording = filled("oldest", 5 * (1000 + OVERHEAD), [1000] * 8)
    assert [e.offset for e in recording.take()] == [0, 1000, 2000, 3000, 4000]
    assert recording.size == 0
    recording.note((0.0, Lane(), 8000, b"x"))
    assert [e.offset for e in recording.take()] == [8000]


def test_who_waits_is_woken():
    recording = Recording()
    assert not recording.wait(0.01)
    threading.Timer(0.05, recording.note, [(0.0, Lane(), 0, b"x")]).start()
    assert recording.wait(20)
    assert recording.wait(0)


def test_what_else_there_is_to_look_at_is_not_slept_over():
    recording = Recording()
    recording.call()  # and nobody waits yet
    began = time.monotonic()
    recording.wait(2 * WITHIN, unless=lambda: True)
    assert time.monotonic() - began < WITHIN


# Through a file.

A_TALK = [
    Event(10.0, 1, TO_SERVER, 0, b"", "opened"),
    Event(10.1, 1, TO_SERVER, 0, b"hello", None),
    Event(10.2, 2, TO_SERVER, 0, b"", "refused"),
    Event(10.3, 1, TO_CLIENT, 0, b"hi", None),
    Event(10.4, 1, TO_SERVER, 5, b", you", None),
    Event(10.5, 1, TO_SERVER, 10, b"", "closed"),
    Event(10.6, 1, TO_CLIENT, 2, b"", "reset"),
    Event(10.7, 300, TO_SERVER, 0, b"", "opened"),
    Event(10.8, 300, TO_CLIENT, 0, b"x", None),
    Event(10.9, 300, TO_SERVER, 0, b"", "cut"),
]


def written(path, events, upstream=SERVER):
    with PcapFile(path, upstream) as file:
        for event in events:
            file.write(event)
    return path


def untimed(events):
    return [event._replace(at=0.0) for event in events]


def test_what_is_written_is_read_again(tmp_path):
    events = list(read(written(tmp_path / "f", A_TALK)))
    assert untimed(events) == untimed(A_TALK)
    assert [e.at - events[0].at for e in events] == pytest.approx(
        [e.at - 10.0 for e in A_TALK], abs=1e-6
    )


def test_large_reads_are_several_segments_and_the_same_octets(tmp_path):
    data = random.Random(1).randbytes(200_001)
    talk = [A_TALK[0], Event(1.0, 1, TO_SERVER, 0, data, None)]
    events = list(read(written(tmp_path / "f", talk)))
    assert b"".join(e.data for e in events) == data
    assert [e.offset for e in events[2:]] == [e.offset + len(e.data) for e in events[1:-1]]


def test_a_recording_that_begins_in_the_middle_keeps_its_offsets(tmp_path):
    talk = [
        Event(1.0, 7, TO_CLIENT, 5_000_000_000, b"late", None),
        Event(1.0, 7, TO_CLIENT, 5_000_000_100, b"r", None),
    ]
    events = list(read(written(tmp_path / "f", talk)))
    assert [e.number for e in events] == [7, 7]
    assert events[1].offset - events[0].offset == 100


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([TO_SERVER, TO_CLIENT]),
            st.binary(min_size=1, max_size=99),
        ),
        max_size=20,
    )
)
def test_any_talk_is_read_as_it_was_written(tmp_path_factory, said):
    at: dict[tuple[int, str], int] = {}
    talk = [Event(1.0, number, TO_SERVER, 0, b"", "opened") for number in (1, 2, 3)]
    for number, way, data in said:
        talk.append(Event(2.0, number, way, at.get((number, way), 0), data, None))
        at[number, way] = at.get((number, way), 0) + len(data)
    file = written(tmp_path_factory.mktemp("talk") / "f", talk)
    assert untimed(read(file)) == untimed(talk)


def packets_by_hand(path):
    """(source, sink, flags, seq, ack, data) of each packet, read without the code under test."""
    data, found = path.read_bytes(), []
    while data:
        kind, size = struct.unpack(">II", data[:8])
        assert struct.unpack(">I", data[size - 4 : size])[0] == size
        if kind == 6:
            (length,) = struct.unpack(">I", data[20:24])
            frame = data[28 : 28 + length]
            ip, tcp = frame[14:34], frame[34:]
            assert frame[12:14] == b"\x08\x00"
            assert ones_complement(ip) == 0xFFFF
            assert struct.unpack(">H", ip[2:4])[0] == length - 14
            assert (
                ones_complement(ip[12:20] + b"\0\6" + struct.pack(">H", len(tcp)) + tcp) == 0xFFFF
            )
            from_port, to_port, seq, ack, _, flags = struct.unpack(">HHIIBB", tcp[:14])
            found.append(((ip[12:16], from_port), (ip[16:20], to_port), flags, seq, ack, tcp[20:]))
        data = data[size:]
    return found


def ones_complement(data):
    """The sum of RFC 1071, word by word."""
    data += b"\0" * (len(data) % 2)
    total = 0
    for (word,) in struct.iter_unpack(">H", data):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_packets_have_the_right_numbers_and_checksums(tmp_path):
    client, server = (b"\x0a\0\0\1", 40000), (b"\x7f\0\0\1", 8080)
    found = packets_by_hand(written(tmp_path / "f", A_TALK[:2] + A_TALK[3:6]))
    assert found == [
        (client, server, 0x02, 0, 0, b""),
        (server, client, 0x12, 0, 1, b""),
        (client, server, 0x10, 1, 1, b""),
        (client, server, 0x18, 1, 1, b"hello"),
        (server, client, 0x18, 1, 6, b"hi"),
        (client, server, 0x18, 6, 3, b", you"),
        (client, server, 0x11, 11, 3, b""),
    ]


@given(st.binary(min_size=1, max_size=70))
def test_the_checksum_is_that_of_rfc_1071(data):
    assert checksum(data) == 0xFFFF - ones_complement(data) or not any(data)


@pytest.mark.real
def test_tcpdump_reads_it_and_finds_every_checksum_right(tmp_path, require_tool):
    tcpdump = require_tool("tcpdump", "apt install tcpdump")
    file = written(tmp_path / "f", A_TALK)
    done = subprocess.run([tcpdump, "-vvnr", str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.count("(correct)") == 16
    assert "incorrect" not in done.stdout
    assert "10.0.1.44.40000 > 127.0.0.1.8080" in done.stdout


@pytest.mark.parametrize("order", "<>")
def test_what_tcpdump_wrote_is_read_too(tmp_path, order):
    """Classic pcap: the frames of a talk whose client has a port of its own, one sent twice."""
    client, server = (b"\x7f\0\0\1", 50123), (b"\x7f\0\0\1", 8080)
    segments = [
        (client, server, 0x02, 999, 0, b""),
        (server, client, 0x12, 4_294_967_290, 1000, b""),
        (client, server, 0x18, 1000, 1, b"hello"),
        (client, server, 0x18, 1000, 1, b"hello"),
        (client, server, 0x18, 1003, 1, b"lo!"),
        (server, client, 0x18, 4_294_967_291, 1, b"across"),
        (server, client, 0x18, 1, 1, b" the end"),
        (client, server, 0x11, 1006, 1, b""),
    ]
    data = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, segment in enumerate(segments):
        frame = bytes(12) + b"\x08\0" + datagram(*segment)
        data += struct.pack(order + "IIII", 1_700_000_000, number, len(frame), len(frame)) + frame
    (tmp_path / "f").write_bytes(data)
    assert untimed(read(tmp_path / "f")) == [
        Event(0.0, 1, TO_SERVER, 0, b"", "opened"),
        Event(0.0, 1, TO_SERVER, 0, b"hello", None),
        Event(0.0, 1, TO_SERVER, 5, b"!", None),
        Event(0.0, 1, TO_CLIENT, 0, b"across", None),
        Event(0.0, 1, TO_CLIENT, 6, b" the end", None),
        Event(0.0, 1, TO_SERVER, 6, b"", "closed"),
    ]


WRONG = [
    (b"", None),
    (b"GET / HTTP/1.1\r\n\r\n", "is no capture, pcapng or pcap"),
    (b"\x0a\x0d\x0d\x0a\0\0\0\x1cabcd", "byte order"),
    (b"\x0a\x0d\x0d\x0a\0\0\0\x07\x1a\x2b\x3c\x4d", "a block of 7 octets"),
]


@pytest.mark.parametrize(("data", "why"), WRONG)
def test_a_file_that_is_none_is_a_sentence(tmp_path, data, why):
    file = tmp_path / "f"
    file.write_bytes(data)
    if why is None:
        assert list(read(file)) == []
        return
    with pytest.raises(BadFile, match=why):
        list(read(file))


def test_a_file_that_was_cut_off_or_mangled_raises_nothing_else(tmp_path):
    whole, draws = written(tmp_path / "f", A_TALK).read_bytes(), random.Random(2)
    for _ in range(300):
        data = bytearray(whole[: draws.randrange(len(whole) + 1)])
        for _ in range(draws.randrange(3)):
            if data:
                data[draws.randrange(len(data))] = draws.randrange(256)
        (tmp_path / "g").write_bytes(data)
        with contextlib.suppress(BadFile):
            list(read(tmp_path / "g"))


def test_a_recording_is_played_again_at_its_pace():
    heard = []
    with socket.create_server((HOST, 0)) as listener:

        def serve():
            sock, _ = listener.accept()
            with sock:
                while data := sock.recv(100):
                    heard.append((time.monotonic(), data))
                    sock.sendall(b"ok")

        thread = threading.Thread(target=serve)
        thread.start()
        talk = [
            A_TALK[0]._replace(at=1.0),
            Event(1.0, 1, TO_SERVER, 0, b"one", None),
            Event(1.2, 1, TO_SERVER, 3, b"two", None),
            Event(1.3, 1, TO_SERVER, 6, b"", "closed"),
        ]
        with Relay((HOST, 0), listener.getsockname()[:2]) as relay:
            replay(talk, relay.address)
            thread.join(20)
            assert relay.recording.sent(1) == b"onetwo"
    assert [data for _, data in heard] == [b"one", b"two"]
    assert heard[1][0] - heard[0][0] >= 0.15
