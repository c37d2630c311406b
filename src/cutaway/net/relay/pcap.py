"""A recording as a file that Wireshark opens and that is read again here: pcapng.

    with PcapFile(path, upstream) as file:
        for event in relay.take(within=1.0):
            file.write(event)
    events = read(path)                     the same events, to be decoded or played again

What tcpdump captured on loopback can be read too: `tcpdump -i lo -w FILE`.

A relay sees streams, not packets: what went over the wire were other packets on other connections.
So Ethernet, IP and TCP headers are made up around the octets, with sequence numbers that are the
offsets in the stream, acknowledgements of what had come the other way, and right checksums.

    10.0.0.1:40000 ──▶ 127.0.0.1:8080      the client of connection 1; number 258 is 10.0.1.2

    opened   SYN, SYN ACK, ACK          closed   FIN ACK            reset   RST ACK
    refused  SYN, RST ACK               cut      FIN ACK both ways, with a comment
    octets   PSH ACK, as many segments as it takes

What the recording had to drop is a gap in the sequence numbers, here as in Wireshark.

    spec  draft-ietf-opsawg-pcapng, RFC 791, RFC 9293 §3.1

Left out: the checksum of Ethernet, which captures never hold; captures with segments out of order
or sent twice, as a real network has them: the later one is dropped; datagrams of udp.py.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .recording import TO_CLIENT, TO_SERVER, Event, Happened, Way
from .relay import Address

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
MAGIC = 0x1A2B3C4D
ETHERNET, NANOSECONDS = 1, 9
COMMENT, TSRESOL = 1, 9
SEGMENT = 32 << 10  # octets of one made-up segment
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT_PORT = 40000
ELSEWHERE = "192.0.2.1"  # RFC 5737: stands for an upstream that has no IPv4 address
LONGEST = 16 << 20  # octets of a block that are believed

MACS = {TO_SERVER: bytes.fromhex("020000000002020000000001 0800"),
        TO_CLIENT: bytes.fromhex("020000000001020000000002 0800")}  # fmt: skip
IP = struct.Struct(">BBHHHBBH4s4s")
TCP = struct.Struct(">HHIIBBHHH")
OTHER = {TO_SERVER: TO_CLIENT, TO_CLIENT: TO_SERVER}


class BadFile(ValueError):
    """One sentence about a file that cannot be read."""


class PcapFile:
    """Writes events as they come. Raises OSError."""

    def __init__(self, path: str | Path, upstream: Address) -> None:
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115, closed by `close`
        host = upstream[0] if upstream[0].count(".") == 3 else ELSEWHERE
        self._server = bytes(map(int, host.split("."))), upstream[1]
        self._epoch = time.time() - time.monotonic()
        self._passed: dict[tuple[int, Way], int] = {}
        self._file.write(_block(SECTION, struct.pack(">IHHq", MAGIC, 1, 0, -1)))
        options = struct.pack(">HHB3x", TSRESOL, 1, NANOSECONDS) + bytes(4)
        self._file.write(_block(INTERFACE, struct.pack(">HHI", ETHERNET, 0, 0) + options))
        self.flush()  # so that whoever opens it meanwhile finds a capture

    def __enter__(self) -> PcapFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def flush(self) -> None:
        self._file.flush()

    def write(self, event: Event) -> None:
        number, way, at = event.number, event.way, event.offset
        if event.happened is None:
            for start in range(0, len(event.data), SEGMENT):
                piece = event.data[start : start + SEGMENT]
                self._packet(event, way, PSH | ACK, at + start + 1, piece)
            self._passed[number, way] = at + len(event.data)
            return
        for towards, flags, before in PACKETS.get(event.happened, ()):
            there = way if towards == "same" else OTHER[way]
            offset = at if there == way else self._passed.get((number, there), 0)
            comment = event.happened if event.happened == "cut" else ""
            self._packet(event, there, flags, offset + 1 - before, b"", comment)
        if event.happened in ("closed", "cut"):
            self._passed[number, way] = at + 1
        if event.happened in ("refused", "reset", "cut"):
            for both in (TO_SERVER, TO_CLIENT):
                self._passed.pop((number, both), None)

    def _packet(
        self, event: Event, way: Way, flags: int, seq: int, data: bytes, comment: str = ""
    ) -> None:
        number = event.number
        client = struct.pack(">I", 10 << 24 | number & 0xFFFFFF), CLIENT_PORT
        source, sink = (client, self._server) if way == TO_SERVER else (self._server, client)
        ack = self._passed.get((number, OTHER[way]), 0) + 1 if flags & ACK else 0
        frame = MACS[way] + datagram(source, sink, flags, seq, ack, data)
        stamp = int((event.at + self._epoch) * 1e9)
        head = struct.pack(">IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame))
        options = b""
        if comment:
            said = comment.encode()
            options = struct.pack(">HH", COMMENT, len(said)) + _padded(said) + bytes(4)
        self._file.write(_block(PACKET, head + _padded(frame) + options))


#: What happened → (which way, flags, octets that the sequence number goes back).
PACKETS: dict[Happened, list[tuple[str, int, int]]] = {
    "opened": [("same", SYN, 1), ("other", SYN | ACK, 1), ("same", ACK, 0)],
    "refused": [("same", SYN, 1), ("other", RST | ACK, 1)],
    "closed": [("same", FIN | ACK, 0)],
    "reset": [("same", RST | ACK, 0)],
    "cut": [("same", FIN | ACK, 0), ("other", FIN | ACK, 0)],
}


def datagram(
    source: tuple[bytes, int], sink: tuple[bytes, int], flags: int, seq: int, ack: int, data: bytes
) -> bytes:
    """An IPv4 datagram with one TCP segment.

    spec  RFC 791 §3.1, RFC 9293 §3.1
    """
    seq, ack = seq & 0xFFFFFFFF, ack & 0xFFFFFFFF
    size = TCP.size + len(data)
    bare = TCP.pack(source[1], sink[1], seq, ack, 5 << 4, flags, 65535, 0, 0)
    pseudo = source[0] + sink[0] + struct.pack(">HH", 6, size)
    check = checksum(pseudo + bare + data)
    tcp = TCP.pack(source[1], sink[1], seq, ack, 5 << 4, flags, 65535, check, 0)
    around = (0x45, 0, IP.size + size, 0, 0x4000, 64, 6)
    ip = IP.pack(*around, checksum(IP.pack(*around, 0, source[0], sink[0])), source[0], sink[0])
    return ip + tcp + data


def checksum(data: bytes) -> int:
    """The one's complement of the one's complement sum of all 16-bit words.

    One large number modulo 65535 is that sum, since 65536 leaves 1: a hundred times faster here
    than a loop over the words.

    spec  RFC 1071 §1
    """
    if len(data) % 2:
        data += b"\0"
    left = int.from_bytes(data, "big") % 0xFFFF
    return 0xFFFF - (left or 0xFFFF)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack(">II", kind, size) + body + struct.pack(">I", size)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def read(path: str | Path) -> Iterator[Event]:
    """The events of a file; `at` is in seconds since 1970. Raises BadFile, OSError."""
    with open(path, "rb") as file:
        streams = Streams()
        for stamp, frame, comment in packets(file):
            if (segment := _segment(frame)) is not None:
                yield from streams.hear(stamp, *segment, comment)


Packet = tuple[float, bytes, str]


def packets(file: BinaryIO) -> Iterator[Packet]:
    """Seconds, frame and comment of each packet. A last one that is cut off is left out."""
    magic = file.read(4)
    file.seek(0)
    if magic in CLASSIC:
        yield from _classic(file, *CLASSIC[magic])
    else:
        yield from _blocks(file)


#: First octets of the older format, which tcpdump writes → its byte order, and its unit of time.
CLASSIC = {
    bytes.fromhex("a1b2c3d4"): (">", 1e-6),
    bytes.fromhex("d4c3b2a1"): ("<", 1e-6),
    bytes.fromhex("a1b23c4d"): (">", 1e-9),
    bytes.fromhex("4d3cb2a1"): ("<", 1e-9),
}


def _classic(file: BinaryIO, order: str, unit: float) -> Iterator[Packet]:
    file.seek(24)
    while len(head := file.read(16)) == 16:
        seconds, parts, captured, _ = struct.unpack(order + "IIII", head)
        if captured > LONGEST:
            raise BadFile(f"has a packet of {captured} octets, which cannot be")
        frame = file.read(captured)
        if len(frame) == captured:
            yield seconds + parts * unit, frame, ""


def _blocks(file: BinaryIO) -> Iterator[Packet]:
    order, unit = ">", 1e-6
    while len(head := file.read(8)) == 8:
        if head[:4] == SECTION.to_bytes(4, "big"):
            magic = file.read(4)
            order = ">" if magic == MAGIC.to_bytes(4, "big") else "<"
            if magic not in (MAGIC.to_bytes(4, "big"), MAGIC.to_bytes(4, "little")):
                raise BadFile("is no capture: its byte order cannot be told")
            file.seek(-4, 1)
        elif file.tell() == 8:
            raise BadFile("is no capture, pcapng or pcap")
        kind, size = struct.unpack(order + "II", head)
        if size < 12 or size % 4 or size > LONGEST:
            raise BadFile(f"has a block of {size} octets, which cannot be")
        body = file.read(size - 8)
        if len(body) < size - 8:
            return
        if kind == INTERFACE:
            unit = 1e-9 if struct.pack(order + "HHB", TSRESOL, 1, NANOSECONDS) in body else 1e-6
        elif kind == PACKET and size >= 32:
            _, high, low, captured, _ = struct.unpack_from(order + "IIIII", body)
            frame = body[20 : 20 + captured]
            comment = _comment(body[20 + captured + (-captured % 4) : -4], order)
            yield (high << 32 | low) * unit, frame, comment


def _comment(options: bytes, order: str) -> str:
    if len(options) < 4:
        return ""
    code, size = struct.unpack_from(order + "HH", options)
    return options[4 : 4 + size].decode("utf-8", "replace") if code == COMMENT else ""


Ends = tuple[tuple[bytes, int], tuple[bytes, int]]


def _segment(frame: bytes) -> tuple[Ends, int, int, bytes] | None:
    """Source and sink, flags, sequence number and octets, of a frame that holds TCP in IPv4."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 14 + IP.size + TCP.size:
        return None
    start = 14 + (frame[14] & 15) * 4
    _, _, total, _, _, _, protocol, _, source, sink = IP.unpack_from(frame, 14)
    if protocol != 6 or len(frame) < start + TCP.size:
        return None
    from_port, to_port, seq, _, size, flags, _, _, _ = TCP.unpack_from(frame, start)
    data = frame[start + (size >> 4) * 4 : 14 + total]
    return ((source, from_port), (sink, to_port)), flags, seq, data


class Streams:
    """Packets back into events."""

    def __init__(self) -> None:
        self._known: dict[Ends, tuple[int, Way]] = {}
        self._first: dict[tuple[int, Way], int] = {}  # sequence number of the first octet
        self._heard: dict[tuple[int, Way], int] = {}
        self._open: set[int] = set()
        self._count = 0

    def hear(
        self, at: float, ends: Ends, flags: int, seq: int, data: bytes, comment: str
    ) -> Iterator[Event]:
        if flags & (SYN | ACK) == SYN or ends not in self._known:
            self._new(ends, flags)
        number, way = key = self._known[ends]
        first = self._first.setdefault(key, seq)
        if flags & SYN:
            self._first[key] = seq + 1
            if flags & ACK:
                self._open.add(number)
                yield Event(at, number, OTHER[way], 0, b"", "opened")
            return
        offset = max(0, self._offset(key, seq - first))
        fresh = data[max(0, self._heard.get(key, 0) - offset) :]
        if fresh:
            begin = offset + len(data) - len(fresh)
            yield Event(at, number, way, begin, fresh, None)
            self._heard[key] = begin + len(fresh)
        if happened := self._end(key, flags, comment):
            yield Event(
                at, number, way if happened != "refused" else OTHER[way], offset, b"", happened
            )

    def _offset(self, key: tuple[int, Way], apart: int) -> int:
        """The offset nearest to what has been heard: sequence numbers begin again at 2**32."""
        heard = self._heard.get(key, 0)
        return heard + ((apart - heard + (1 << 31)) % (1 << 32)) - (1 << 31)

    def _end(self, key: tuple[int, Way], flags: int, comment: str) -> Happened | None:
        if flags & RST:
            began = key in self._heard or (key[0], OTHER[key[1]]) in self._heard
            return "reset" if began or key[0] in self._open else "refused"
        if flags & FIN and comment == "cut":
            return "cut" if key[1] == TO_SERVER else None
        return "closed" if flags & FIN else None

    def _new(self, ends: Ends, flags: int) -> None:
        """A connection; its client is who sent the SYN, or who has the made-up address."""
        self._count += 1
        source, sink = ends
        if sink[1] == CLIENT_PORT and not flags & SYN:
            source, sink = sink, source
        ours = source[1] == CLIENT_PORT and source[0][0] == 10
        number = int.from_bytes(source[0][1:], "big") if ours else self._count
        self._known[source, sink] = number, TO_SERVER
        self._known[sink, source] = number, TO_CLIENT
        self._open.discard(number)
        for way in (TO_SERVER, TO_CLIENT):
            self._heard.pop((number, way), None)
            self._first.pop((number, way), None)
            if ours:  # which may begin in the middle, and numbers from 1
                self._first[number, way] = 1
