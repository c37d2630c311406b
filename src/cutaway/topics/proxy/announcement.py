"""The PROXY protocol: who the client of a connection is, said once, ahead of its first octet.

    PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\\r\\n

    0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a    signature, which no other protocol begins with
    21 11 00 0c                            version 2, PROXY; IPv4, stream; 12 octets follow
    c0 00 02 07 cb 00 71 09 dc 04 01 bb    source, destination, their ports

Version 1 is a line for people, version 2 is fixed fields and then what the sender wants to add, as
type, length and value. Both are read whole or not at all: what does not begin like one of the two
is refused at its first wrong octet, so a client that sends none is not waited for.

    spec    PROXY protocol §2.1 (version 1), §2.2 (version 2)

Left out: the checksum that version 2 may carry. It is shown, not checked.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from ...wire import Annotator, Field, Layout, Malformed, NeedMore, Reader, Shape

V1, V2 = "PROXY protocol §2.1", "PROXY protocol §2.2"
LONGEST_LINE = 107  # octets, the line end included

ANNOUNCEMENT = Field("PROXY-header", "who opened this connection, and to whom", "PROXY protocol §2")
WORD = Field("PROXY", "a PROXY header of version 1", V1)
SPACE = Field("SP", "one space", V1)
FAMILY = Field(
    "family", {b"TCP4": "TCP over IPv4", b"TCP6": "TCP over IPv6", b"UNKNOWN": "not told"}, V1
)
SOURCE = Field("source", "the address of the client", V1)
DESTINATION = Field("destination", "the address that the client connected to", V1)
SOURCE_PORT = Field("source-port", "the port of the client", V1)
DESTINATION_PORT = Field("destination-port", "the port that the client connected to", V1)
LINE_END = Field("line-end", "CR LF ends the header", V1)
IGNORED = Field("ignored", "behind UNKNOWN: whatever it is, it is not read", V1)

SIGNATURE = Field("signature", "a PROXY header of version 2", V2)
SKIPPED = Field("skipped", "addresses of a kind that is not used here", V2)
SOURCE_PATH = Field("source-path", "the socket of the client, in the file system", V2)
DESTINATION_PATH = Field("destination-path", "the socket that the client connected to", V2)
COMMANDS = {0: "LOCAL: the sender speaks for itself", 1: "PROXY: the sender speaks for a client"}
FAMILIES = {0: "unspecified", 1: "IPv4", 2: "IPv6", 3: "UNIX"}
TRANSPORTS = {0: "unspecified", 1: "stream", 2: "datagram"}
TYPES = {
    0x01: "ALPN: the protocol that was agreed on in TLS",
    0x02: "AUTHORITY: the host that the client named, as SNI does",
    0x03: "CRC32C: a checksum of the header",
    0x04: "NOOP: padding",
    0x05: "UNIQUE_ID: a name for this connection",
    0x20: "SSL: what the TLS of the client was like",
    0x21: "SSL_VERSION",
    0x22: "SSL_CN: the common name in the client's certificate",
    0x23: "SSL_CIPHER",
    0x24: "SSL_SIG_ALG",
    0x25: "SSL_KEY_ALG",
    0x30: "NETNS: the name of a network namespace",
}
TLV = Field("TLV", "something that the sender adds", V2)
TLV_VALUE = Field("value", "as its type says", V2)
SSL = 0x20

HEADER = Layout(
    V2,
    ("version", 4, "2"),
    ("command", 4, COMMANDS),
    ("family", 4, FAMILIES),
    ("transport", 4, TRANSPORTS),
    ("length", 16, "octets of the header that follow"),
)
ADDRESSES = {
    1: Layout(
        V2,
        ("source", 32, "the address of the client"),
        ("destination", 32, "the address that the client connected to"),
        ("source-port", 16, "the port of the client"),
        ("destination-port", 16, "the port that the client connected to"),
    ),
    2: Layout(
        V2,
        ("source", 128, "the address of the client"),
        ("destination", 128, "the address that the client connected to"),
        ("source-port", 16, "the port of the client"),
        ("destination-port", 16, "the port that the client connected to"),
    ),
}
TLV_HEADER = Layout(V2, ("type", 8, TYPES), ("length", 16, "octets of the value"))
SSL_HEADER = Layout(
    V2,
    ("client", 8, "bits: 1 over TLS, 2 with a certificate, 4 with one earlier in the session"),
    ("verify", 32, "0: the certificate was verified"),
)
UNIX, UNIX_PATH = 3, 108

NUMBER = rb"(?:0|[1-9][0-9]{0,2})"
PORT = rb"(?:0|[1-9][0-9]{0,4})"
ADDRESS = {
    b"TCP4": rb"%s(?:\.%s){3}" % (NUMBER, NUMBER),
    b"TCP6": rb"[0-9A-Fa-f:]{2,39}",
}
START = b"\r\n\r\n\x00\r\nQUIT\n"
STARTS = (START, b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN")


def line(family: bytes) -> Shape:
    """The line of version 1 for one family."""
    parts = (family, ADDRESS[family], ADDRESS[family], PORT, PORT)
    return Shape(
        rb"(PROXY)( )(%s)( )(%s)( )(%s)( )(%s)( )(%s)(\r\n)" % parts,
        *(WORD, SPACE, FAMILY, SPACE, SOURCE, SPACE, DESTINATION),
        *(SPACE, SOURCE_PORT, SPACE, DESTINATION_PORT, LINE_END),
        keep=(5, 7, 9, 11),
    )


LINES = {b"TCP4": line(b"TCP4"), b"TCP6": line(b"TCP6")}
UNKNOWN_LINE = Shape(
    rb"(PROXY)( )(UNKNOWN)([^\r\n]*+)(\r\n)", WORD, SPACE, FAMILY, IGNORED, LINE_END, keep=(4,)
)
SIGNATURE_SHAPE = Shape(rb"(\r\n\r\n\x00\r\nQUIT\n)", SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a header says. `source` is None where it names nobody: the connection itself counts.

    family, transport  as version 2 has them; version 1 knows 0, 1 and 2, and streams
    tlvs   type and value of each addition; those inside of SSL stay in its value
    rest   octets that are not read: behind UNKNOWN, or addresses that are not used
    """

    version: int = 1
    command: int = 1
    family: int = 1
    transport: int = 1
    source: str | None = None
    destination: str | None = None
    source_port: int = 0
    destination_port: int = 0
    tlvs: tuple[tuple[int, bytes], ...] = ()
    rest: bytes = b""

    def __bytes__(self) -> bytes:
        return write_line(self) if self.version == 1 else write_binary(self)


def read_announcement(r: Reader) -> Announcement:
    """A header of either version.

    raises  NeedMore; Malformed at the first octet that fits none of the two
    """
    start = r.pos
    read = read_binary if r.ahead(1) == START[:1] else read_line
    found = read(r)
    r.group(ANNOUNCEMENT, start, found)
    return found


def is_announced(data: bytes) -> bool:
    """Whether octets begin as a header does, or may still come to. No request does."""
    return any(data[: len(start)] == start[: len(data)] for start in STARTS)


# Version 1.


def read_line(r: Reader) -> Announcement:
    start = r.pos
    expect(r, b"PROXY ", WORD)
    end = r.where(b"\r\n")
    if end < 0 and len(r.data) - start < LONGEST_LINE and b"\n" not in r.data[start:]:
        raise NeedMore(LINE_END, len(r.data) + 1)
    if end < 0 or end + 2 - start > LONGEST_LINE:
        raise r.fail(LINE_END, start, LONGEST_LINE, "CR LF has to end the header in 107 octets")
    found = r.match(UNKNOWN_LINE)
    if found is not None:
        return Announcement(family=0, transport=0, rest=found[0])
    for number, shape in enumerate(LINES.values(), 1):
        found = r.match(shape)
        if found is not None:
            return named(r, start, number, *found)
    raise r.fail(
        FAMILY, start + 6, end - start - 6, "this is not a family, two addresses, two ports"
    )


def named(
    r: Reader, start: int, family: int, source: bytes, destination: bytes, *ports: bytes
) -> Announcement:
    """The line whose parts have the right form. Raises Malformed where they say nothing."""
    for text in (source, destination):
        try:
            ipaddress.ip_address(text.decode())
        except ValueError:
            raise r.fail(SOURCE, start + 11, len(text), "this is no address") from None
    if any(int(port) > 65535 for port in ports):
        raise r.fail(SOURCE_PORT, start + 11, 16, "a port is at most 65535")
    return Announcement(
        family=family,
        source=source.decode(),
        destination=destination.decode(),
        source_port=int(ports[0]),
        destination_port=int(ports[1]),
    )


def write_line(one: Announcement) -> bytes:
    if one.family == 0:
        return b"PROXY UNKNOWN%s\r\n" % one.rest
    ports = f"{one.source_port} {one.destination_port}"
    family = "TCP4" if one.family == 1 else "TCP6"
    return f"PROXY {family} {one.source} {one.destination} {ports}\r\n".encode()


# Version 2.


def read_binary(r: Reader) -> Announcement:
    expect(r, START, SIGNATURE)
    r.match(SIGNATURE_SHAPE)
    start = r.pos
    version, command, family, transport, length = r.fixed(HEADER)
    if version != 2 or command > 1 or family > 3 or transport > 2:
        raise r.fail(HEADER.rows[0][0], start, 2, "this version, command or family is not defined")
    end = r.pos + length
    if len(r.data) < end:
        raise NeedMore(HEADER.rows[4][0], end)
    said = Announcement(version=2, command=command, family=family, transport=transport)
    if command == 0 or family == 0 or transport == 0:
        return replace(said, rest=r.take(length, SKIPPED))
    least = 2 * UNIX_PATH if family == UNIX else ADDRESSES[family].size
    if length < least:
        raise r.fail(HEADER.rows[4][0], start + 2, 2, "the addresses of this family do not fit")
    if family == UNIX:
        paths = r.take(UNIX_PATH, SOURCE_PATH) + r.take(UNIX_PATH, DESTINATION_PATH)
        return replace(said, rest=paths, tlvs=read_tlvs(r, end))
    source, destination, source_port, destination_port = r.fixed(ADDRESSES[family])
    make = ipaddress.IPv4Address if family == 1 else ipaddress.IPv6Address
    return replace(
        said,
        source=str(make(source)),
        destination=str(make(destination)),
        source_port=source_port,
        destination_port=destination_port,
        tlvs=read_tlvs(r, end),
    )


def read_tlvs(r: Reader, end: int) -> tuple[tuple[int, bytes], ...]:
    """What the sender adds, up to the end of the header."""
    found = []
    while r.pos < end:
        start = r.pos
        if end - start < TLV_HEADER.size:
            raise r.fail(TLV, start, end - start, "type and length do not fit in the header")
        kind, length = r.fixed(TLV_HEADER)
        if r.pos + length > end:
            raise r.fail(
                TLV_HEADER.rows[1][0], start + 1, 2, "the value does not fit in the header"
            )
        found.append((kind, read_value(r, kind, length)))
        r.group(TLV, start, found[-1])
    return tuple(found)


def read_value(r: Reader, kind: int, length: int) -> bytes:
    """The value of one addition. That of SSL holds more of them, which are labelled too."""
    value = r.ahead(length)
    if kind == SSL and length >= SSL_HEADER.size and isinstance(r, Annotator):
        inner = Annotator(value)
        inner.fixed(SSL_HEADER)
        read_inside(inner)
        r.take(length, TLV_VALUE)
        r.nest(TLV_VALUE, r.pos - length, inner)
        return value
    return r.take(length, TLV_VALUE)


def read_inside(inner: Annotator) -> None:
    """The additions inside of one. What does not fit is shown as it is."""
    try:
        read_tlvs(inner, len(inner.data))
    except Malformed:
        inner.rest(TLV_VALUE)


def write_binary(one: Announcement) -> bytes:
    block = one.rest
    if one.source is not None and one.destination is not None:
        source, destination = (int(ipaddress.ip_address(a)) for a in (one.source, one.destination))
        layout = ADDRESSES[one.family]
        block = layout.join(source, destination, one.source_port, one.destination_port)
    for kind, value in one.tlvs:
        block += TLV_HEADER.join(kind, len(value)) + value
    return START + HEADER.join(2, one.command, one.family, one.transport, len(block)) + block


def expect(r: Reader, wanted: bytes, field: Field) -> None:
    """Whether `wanted` stands here, or can still come to stand here. Reads nothing."""
    found = r.ahead(len(wanted))
    if found == wanted:
        return
    for at, octet in enumerate(found):
        if octet != wanted[at]:
            raise r.fail(field, r.pos + at, 1, "a PROXY header has to stand here")
    raise NeedMore(field, r.pos + len(wanted))
