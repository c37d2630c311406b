"""What proxies add to HTTP/1.1, on the wire: PROXY headers, the fields that proxies write, tunnels."""

import pytest

from cutaway.topics.http1.codec import Http1
from cutaway.topics.proxy.announcement import ANNOUNCEMENT, TLV
from cutaway.topics.proxy.codec import (
    Announcement,
    Hop,
    Octets,
    Proxied,
    is_announced,
    read_addresses,
    read_announcement,
    read_forwarded,
    read_via,
)
from cutaway.wire import Annotator, Malformed, NeedMore, Reader, annotated
from cutaway.wire.contract import check_codec

SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")
HOSTS = bytes.fromhex("c0a80001 c0a8000b dc04 01bb")
SIX = bytes.fromhex("20010db800000000000000000000000120010db8000000000000000000000002dc0401bb")

# The line of the specification's own example, then its other forms.
LINES = [
    b"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
    b"PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n",
    b"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    b" ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
    b"PROXY TCP6 2001:db8::1 ::1 56324 443\r\n",
    b"PROXY UNKNOWN\r\n",
    b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
]
BINARY = [
    SIGNATURE + b"\x21\x11\x00\x0c" + HOSTS,
    SIGNATURE + b"\x21\x12\x00\x0c" + HOSTS,
    SIGNATURE + b"\x21\x21\x00\x24" + SIX,
    SIGNATURE + b"\x21\x31\x00\xd8" + bytes(216),
    SIGNATURE + b"\x20\x00\x00\x00",
    SIGNATURE + b"\x20\x11\x00\x0c" + HOSTS,
    SIGNATURE + b"\x21\x00\x00\x03abc",
    SIGNATURE
    + b"\x21\x11\x00\x1b"
    + HOSTS
    + b"\x01\x00\x02h2"
    + b"\x02\x00\x01a"
    + b"\x04\x00\x03\0\0\0",
    SIGNATURE + b"\x21\x11\x00\x1c" + HOSTS + b"\x20\x00\x0d\x01\0\0\0\0\x21\x00\x05TLSv1",
]


def test_headers_of_both_versions_hold_the_contract_of_every_codec() -> None:
    check_codec(read_announcement, [*LINES, *BINARY], bytes)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (
            LINES[0],
            Announcement(
                source="192.168.0.1",
                destination="192.168.0.11",
                source_port=56324,
                destination_port=443,
            ),
        ),
        (LINES[4], Announcement(family=0, transport=0)),
        (
            BINARY[0],
            Announcement(
                version=2,
                source="192.168.0.1",
                destination="192.168.0.11",
                source_port=56324,
                destination_port=443,
            ),
        ),
        (BINARY[5], Announcement(version=2, command=0, rest=HOSTS)),
    ],
)
def test_what_a_header_says(octets: bytes, said: Announcement) -> None:
    assert read_announcement(Reader(octets)) == said


def test_what_is_added_comes_with_its_type_and_is_labelled_inside() -> None:
    assert read_announcement(Reader(BINARY[7])).tlvs == ((1, b"h2"), (2, b"a"), (4, bytes(3)))
    a = Annotator(BINARY[8])
    assert read_announcement(a).tlvs == ((0x20, b"\x01\0\0\0\0\x21\x00\x05TLSv1"),)
    assert "TLSv1" in annotated(a, width=160)
    assert any(span.field is TLV for span in a.spans)
    assert any(span.field is ANNOUNCEMENT for span in a.spans)


# (octets, field, offset)
WRONG = [
    (b"GET / HTTP/1.1\r\n\r\n", "PROXY", 0),
    (b"PROXX", "PROXY", 4),
    (b"proxy TCP4", "PROXY", 0),
    (b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "family", 6),
    (b"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "family", 6),
    (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", "family", 6),
    (b"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "family", 6),
    (b"PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", "family", 6),
    (b"PROXY TCP4 ::1 ::1 1 2\r\n", "family", 6),
    (b"PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n", "source", 11),
    (b"PROXY TCP6 1::2::3 ::1 1 2\r\n", "source", 11),
    (b"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", "source-port", 11),
    (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "line-end", 0),
    (b"PROXY UNKNOWN " + b"a" * 100 + b"\r\n", "line-end", 0),
    (b"PROXY UNKNOWN " + b"a" * 100, "line-end", 0),
    (b"\r\n\r\n\x01", "signature", 4),
    (SIGNATURE + b"\x11\x11\x00\x0c" + HOSTS, "version", 12),
    (SIGNATURE + b"\x22\x11\x00\x0c" + HOSTS, "version", 12),
    (SIGNATURE + b"\x21\x41\x00\x0c" + HOSTS, "version", 12),
    (SIGNATURE + b"\x21\x13\x00\x0c" + HOSTS, "version", 12),
    (SIGNATURE + b"\x21\x11\x00\x0b" + HOSTS, "length", 14),
    (SIGNATURE + b"\x21\x11\x00\x0e" + HOSTS + b"\x04\x00", "TLV", 28),
    (SIGNATURE + b"\x21\x11\x00\x0f" + HOSTS + b"\x04\x00\x01", "length", 29),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: repr(case[0][:40]))
def test_what_is_no_header_is_refused(case: tuple[bytes, str, int]) -> None:
    octets, field, offset = case
    for reader in (Reader(octets), Annotator(octets)):
        with pytest.raises(Malformed) as caught:
            read_announcement(reader)
        assert (caught.value.field.name, caught.value.offset) == (field, offset)


def test_a_request_is_no_header_and_a_header_no_request() -> None:
    for octets in (*LINES, *BINARY):
        assert is_announced(octets)
        with pytest.raises((Malformed, NeedMore)):
            Http1().to_server(Reader(octets))
    assert not is_announced(b"PROXY /a HTTP/1.1\r\n")


# The examples of RFC 7239 §4, §6.3 and §7.1.
@pytest.mark.parametrize(
    ("value", "elements"),
    [
        (b'for="_gazonk"', [{"for": b"_gazonk"}]),
        (b'For="[2001:db8:cafe::17]:4711"', [{"for": b"[2001:db8:cafe::17]:4711"}]),
        (
            b"for=192.0.2.60;proto=http;by=203.0.113.43",
            [{"for": b"192.0.2.60", "proto": b"http", "by": b"203.0.113.43"}],
        ),
        (b"for=192.0.2.43, for=198.51.100.17", [{"for": b"192.0.2.43"}, {"for": b"198.51.100.17"}]),
        (b"for=_hidden, for=_SEVKISEK", [{"for": b"_hidden"}, {"for": b"_SEVKISEK"}]),
        (
            b'for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown',
            [{"for": b"192.0.2.43"}, {"for": b"[2001:db8:cafe::17]"}, {"for": b"unknown"}],
        ),
        (b'host="a\\"b";', [{"host": b'a"b'}]),
        (b"", [{}]),
    ],
)
def test_forwarded_says_what_each_proxy_wrote(value: bytes, elements: list[object]) -> None:
    for reader in (Reader(value), Annotator(value)):
        assert read_forwarded(reader) == elements


@pytest.mark.parametrize(
    "value", [b"for=[::1]", b"for", b"for=a;for=b", b"for =a", b'for="a', b"for=a for=b"]
)
def test_what_is_no_forwarded_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed):
        read_forwarded(Reader(value))


def test_via_and_addresses() -> None:
    assert read_via(Reader(b"1.0 fred, 1.1 p.example.net:80 (what it is)")) == [
        Hop(b"1.0", b"fred"),
        Hop(b"1.1", b"p.example.net:80"),
    ]
    assert read_via(Reader(b"HTTP/1.1 cutaway")) == [Hop(b"HTTP/1.1", b"cutaway")]
    assert read_addresses(Reader(b"192.0.2.7, ::1")) == [b"192.0.2.7", b"::1"]
    for read, value in ((read_via, b"1.1"), (read_addresses, b"1.2.3.4 5")):
        with pytest.raises(Malformed):
            read(Reader(value))


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred, 1.1 cutaway\r\nX-Forwarded-For: 192.0.2.7\r\n"
    b'Forwarded: for=10.0.0.1, for=192.0.2.7;proto=http;host="a:80"\r\n\r\n'
)


def test_the_contract_holds_with_opened_fields_too() -> None:
    check_codec(lambda r: Proxied().to_server(r), [REQUEST, LINES[0], BINARY[0]], bytes)


def test_what_stands_inside_a_field_is_labelled_under_it() -> None:
    a = Annotator(REQUEST)
    Proxied().to_server(a)
    shown = annotated(a, width=200)
    for name in ("parameter", "received-by", "address", "semicolon"):
        assert name in shown


@pytest.mark.parametrize(
    ("name", "key", "value", "text"),
    [
        ("forwarded", "for", b"192.0.2.7", b"for=10"),
        ("forwarded", "HOST", b"a:80", b"for=10"),
        ("forwarded", "by", None, b"for=10"),
        ("via", None, [b"fred", b"cutaway"], b"1.0 fr"),
        ("header", "Host", b"a", b"a"),
        ("target", None, b"/", b"/"),
    ],
)
def test_values_are_located(name: str, key: str | None, value: object, text: bytes) -> None:
    a, codec = Annotator(REQUEST), Proxied()
    got, place = codec.locate(a, codec.to_server(a), name, key)
    assert got == value
    assert a.data[place[0][0] :].startswith(text)


def test_parts_of_a_header_are_located() -> None:
    for octets in (LINES[0], BINARY[0]):
        a, codec = Annotator(octets), Proxied()
        message = codec.to_server(a)
        got, place = codec.locate(a, message, "source_port")
        assert (got, len(place)) == (56324, 1)
        with pytest.raises(KeyError):
            codec.locate(a, message, "status")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n",
        ),
    ],
)
def test_in_a_tunnel_there_are_octets(question: bytes, answer: bytes) -> None:
    codec = Proxied()
    codec.to_server(Reader(question))
    codec.to_client(Reader(answer))
    assert codec.to_client(Reader(b"\x00\x01")) == Octets(b"\x00\x01")
    assert codec.to_server(Annotator(b"\xff")) == Octets(b"\xff")


def test_a_refused_tunnel_is_none() -> None:
    codec = Proxied()
    codec.to_server(Reader(b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"))
    codec.to_client(Reader(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"))
    assert codec.to_server(Reader(REQUEST)).target == b"/"
