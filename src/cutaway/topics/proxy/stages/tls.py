"""Who the client is and what it asked for, said ahead of HTTP: TLS and the PROXY protocol.

    ClientHello, server_name: a.example      ─▶  the certificate of a.example
    PROXY TCP4 192.0.2.7 …                   ─▶  X-Forwarded-For: 192.0.2.7

Both stand in front of the first request, and both decide what the upstream is told. The name in
the handshake has to be known before a certificate can be shown; the address in the header replaces
the one of the connection, so a listener that believes it must be reachable only by those who may
say so.

Left out: certificates of clients, and sessions that are resumed.
"""

import ipaddress
import struct

from ....grade.asking import answers, asked, not_asked
from ....grade.delivery import drip, send_pieces
from ....grade.matchers import Matcher
from ....grade.secured import secure
from ....grade.stage import BOTH, ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, connect, expect, send
from ....grade.verdict import Rule
from .. import rules
from . import certificates
from .messages import A, Wire, alpha, exchange, get, ok, post

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\r\n"
V1_6 = b"PROXY TCP6 2001:db8::7 2001:db8::9 56324 443\r\n"
OCTETS = bytes(range(256)) * 1024
LOOPBACK = b"127.0.0.1"


def v2(command: int, family: int, rest: bytes) -> bytes:
    return SIGNATURE + struct.pack("!BBH", command, family, len(rest)) + rest


def addresses(source: str, destination: str) -> bytes:
    both = (ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed)
    return b"".join(both) + struct.pack("!HH", 56324, 443)


IPV4 = addresses("192.0.2.7", "203.0.113.9")
IPV6 = addresses("2001:db8::7", "2001:db8::9")
NOOP = b"\x04\x00\x03abc"


def node(address: bytes) -> Matcher:
    """That address in for=, as RFC 7239 §6 writes it, perhaps with a port."""
    shown = b"[%s]" % address if b":" in address else address
    return Matcher(
        f"{shown.decode()}, perhaps with a port",
        lambda found: found is not None and (found == shown or found.startswith(shown + b":")),
    )


def told(name: str, rule: Rule, header: bytes, address: bytes, **options: object) -> Case:
    """Behind that header the upstream hears of this address."""
    return case(
        name,
        rule,
        connect("main", port="PROXY_PORT"),
        send(header + bytes(alpha)),
        asked("a", header={"x-forwarded-for": address}, forwarded={"for": node(address)}),
        answers("a", ok(b"alpha")),
        expect(status=200, body=b"alpha"),
        **options,
    )


def dropped(name: str, header: bytes) -> Case:
    """That is no header: no answer, and the end."""
    return case(
        name,
        rules.PROXY_INVALID,
        connect("main", port="PROXY_PORT"),
        send(header + bytes(alpha)),
        closes(),
        not_asked("a"),
    )


def certified(name: str, certificate: str, rule: Rule = rules.SNI) -> list[Step]:
    return [
        secure("TLS_PORT", name=name, certified=certificate),
        *exchange(get(b"/", host=name.encode() or b"localhost")),
        close(),
    ]


STAGE = Stage(
    name="proxy/tls",
    title="TLS by name, and the address that another proxy says",
    asks="Open a listener for TLS that shows the certificate which the client asks for, and one on "
    "which each connection begins with a PROXY header.",
    given="$CERTIFICATES is a folder with NAME.crt and NAME.key, default for any other name. On "
    "$TLS_PORT: TLS 1.2 or later, http/1.1 by ALPN where it is offered, proto=https. On "
    "$PROXY_PORT: version 1 and 2; the source address in the header is the client's; UNKNOWN and "
    "LOCAL leave that of the connection; anything else is closed without an answer.",
    goals=(
        "bound it: a line of version 1 has at most 107 octets; version 2 says its length",
        "parse it: addresses and ports as the specification writes them, nothing looser",
        "decide: the certificate by the name in the handshake; the client by the header",
        "act: from there on it is a connection like any other",
        "recover: what is no header ends the connection, before HTTP is looked at",
    ),
    hints=(
        "At which point of the handshake do you know the name, and who asks you for the "
        "certificate?",
        "TLS libraries have a callback for the name (in Go GetCertificate, in Node SNICallback, in "
        "Python sni_callback). On the other listener read until the header is whole, and no octet "
        "further: 12 octets tell version 2, else it is a line up to CR LF. Keep the rest for the "
        "HTTP parser. To try it by hand: openssl req -x509 -newkey ec -pkeyopt "
        "ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=default -keyout certificates/default.key "
        "-out certificates/default.crt",
        "if data.startswith(SIGNATURE):\n"
        "    version, command, family, length = data[12] >> 4, data[12] & 15, data[13], u16(14)\n"
        "    wait for 16 + length octets; drop all of them\n"
        "    LOCAL: keep the address; 0x11: data[16:20]; 0x21: data[16:32]\n"
        "else: line = up to b'\\r\\n', at most 107 octets; PROXY TCP4|TCP6|UNKNOWN …",
    ),
    codec=Wire,
    far=(A,),
    ways=ONCE,
    ports=("PORT", "TLS_PORT", "PROXY_PORT"),
    environment={"CERTIFICATES": "certificates"},
    lays=certificates.lay,
    cases=(
        case(
            "HTTP over TLS reaches the upstream",
            rules.TLS,
            secure("TLS_PORT", name="a.example"),
            send(get(b"/", host=b"a.example")),
            asked("a", forwarded={"proto": b"https", "host": b"a.example"}),
            answers("a", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "the certificate is that of the name which is asked for",
            rules.SNI,
            *certified("a.example", "a.example"),
            *certified("b.example", "b.example"),
            *certified("A.Example", "a.example"),
        ),
        case(
            "any other name gets the default one",
            rules.SNI,
            *certified("c.example", "default.example"),
            *certified("", "default.example"),
        ),
        case(
            "of h2 and http/1.1 the latter is chosen",
            rules.ALPN,
            secure("TLS_PORT", name="a.example", offers=("h2", "http/1.1"), chooses="http/1.1"),
            *exchange(alpha),
        ),
        case(
            "bodies pass through TLS, both ways",
            rules.BODY_STAYS,
            secure("TLS_PORT", name="a.example"),
            *exchange(post(OCTETS), ok(OCTETS), wanted={"body": OCTETS}),
            *exchange(alpha),
            ways=BOTH,
        ),
        case(
            "what comes there without TLS reaches nobody",
            rules.NO_PLAIN,
            connect("main", port="TLS_PORT"),
            send(alpha),
            not_asked("a"),
            close(),
            secure("TLS_PORT", name="a.example"),
            *exchange(get(b"/after")),
        ),
        told("version 1 says the address", rules.PROXY_V1, V1, b"192.0.2.7", ways=BOTH),
        told("version 1 says one of IPv6", rules.PROXY_V1, V1_6, b"2001:db8::7"),
        told("UNKNOWN says nothing", rules.PROXY_UNKNOWN, b"PROXY UNKNOWN\r\n", LOOPBACK),
        told(
            "whatever stands behind UNKNOWN",
            rules.PROXY_UNKNOWN,
            b"PROXY UNKNOWN ffff::1 10.0.0.1 x\r\n",
            LOOPBACK,
        ),
        told(
            "version 2 says the address",
            rules.PROXY_V2,
            v2(0x21, 0x11, IPV4),
            b"192.0.2.7",
            ways=BOTH,
        ),
        told("version 2 says one of IPv6", rules.PROXY_V2, v2(0x21, 0x21, IPV6), b"2001:db8::7"),
        told("LOCAL says nothing", rules.PROXY_LOCAL, v2(0x20, 0x00, b""), LOOPBACK),
        told("also with octets to skip", rules.PROXY_LOCAL, v2(0x20, 0x11, IPV4), LOOPBACK),
        told(
            "what follows the addresses is skipped",
            rules.PROXY_TLV,
            v2(0x21, 0x11, IPV4 + NOOP),
            b"192.0.2.7",
        ),
        case(
            "a header may come one octet after the other",
            rules.PROXY_PIECES,
            connect("main", port="PROXY_PORT"),
            drip(V1[:12], 0.005),
            send_pieces(V1[12:30], V1[30:-1], V1[-1:], bytes(alpha)),
            asked("a", header={"x-forwarded-for": b"192.0.2.7"}),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
            close(),
            connect("main", port="PROXY_PORT"),
            send_pieces(v2(0x21, 0x11, IPV4)[:7], v2(0x21, 0x11, IPV4)[7:20]),
            send_pieces(v2(0x21, 0x11, IPV4)[20:], bytes(alpha)),
            asked("a", header={"x-forwarded-for": b"192.0.2.7"}),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
        ),
        case(
            "what the request itself says does not count",
            rules.FORGED,
            connect("main", port="PROXY_PORT"),
            send(V1 + bytes(get(b"/", (b"X-Forwarded-For", b"10.0.0.1")))),
            asked("a", header={"x-forwarded-for": b"192.0.2.7"}),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
        ),
        dropped("a request without a header", b""),
        dropped("a header that ends with LF", V1.replace(b"\r\n", b"\n")),
        dropped("a family that there is not", V1.replace(b"TCP4", b"TCP5")),
        dropped("an address with a leading zero", V1.replace(b"192.0.2.7", b"192.0.02.7")),
        dropped("an address out of range", V1.replace(b"192.0.2.7", b"192.0.2.256")),
        dropped("a port out of range", V1.replace(b"56324", b"65536")),
        dropped("two spaces", V1.replace(b"TCP4 ", b"TCP4  ")),
        dropped("a line of more than 107 octets", b"PROXY UNKNOWN " + b"x" * 120 + b"\r\n"),
        dropped("version 3", v2(0x31, 0x11, IPV4)),
        dropped("a command that there is not", v2(0x22, 0x11, IPV4)),
        dropped("fewer octets than two addresses have", v2(0x21, 0x11, IPV4[:8])),
        case(
            "on the plain listener a PROXY header is no request",
            rules.PROXY_PLAIN,
            send(V1 + bytes(alpha)),
            expect(status=400),
            not_asked("a"),
        ),
    ),
)
