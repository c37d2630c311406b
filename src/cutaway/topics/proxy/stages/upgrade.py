"""When HTTP ends in the middle of a connection: Upgrade, and answers that never end.

    GET /talk                        HTTP/1.1 101 Switching Protocols
    Connection: Upgrade        ─▶    Connection: Upgrade
    Upgrade: websocket               Upgrade: websocket
                                     ⟵ octets, both ways, as they are ⟶

From the 101 on a proxy has no idea what passes, and must not have one. What it still knows is when
one side has finished: the end of one direction is passed on, and the other goes on.

Events of a server are the other case: plain HTTP, an answer that lasts for hours. A proxy that
collects it turns live into late.

Left out: frames of WebSocket. They are octets here.
"""

from signal import SIGTERM

from ....grade.asking import answers, asked, begun
from ....grade.drastic import exits, signals
from ....grade.matchers import ABSENT, Matcher
from ....grade.stage import BOTH, ONCE, Stage, Step, case
from ....grade.steps import close, closes, expect, half_close, receive, send
from .. import rules
from .messages import HOST, A, Wire, alpha, bravo, exchange, get, head, ok
from .streaming import chunk

TALK = (b"Connection", b"Upgrade"), (b"Upgrade", b"example/1")
SWITCHED = head(b"HTTP/1.1 101 Switching Protocols", b"Connection: Upgrade", b"Upgrade: example/1")
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
NAMES_UPGRADE = Matcher(
    "a list with upgrade in it",
    lambda found: found is not None and b"upgrade" in found.lower(),
)
ASKED = asked("a", header={"upgrade": b"example/1", "connection": NAMES_UPGRADE})
EVENTS = head(b"HTTP/1.1 200 OK", b"Content-Type: text/event-stream", b"Transfer-Encoding: chunked")
ONE, TWO = b"data: one\n\n", b"data: two\n\n"
ODD = bytes(range(256))


def switches() -> tuple[Step, ...]:
    return (
        send(get(b"/talk", *TALK)),
        ASKED,
        answers("a", SWITCHED),
        expect(status=101, interim=False, header={"upgrade": b"example/1"}),
    )


STAGE = Stage(
    name="proxy/upgrade",
    title="another protocol, and answers that do not end",
    asks="Pass on Upgrade. When the upstream agrees, become a pipe in both directions. Let events "
    "through as they come.",
    given="A request with Upgrade is passed on with Connection and Upgrade. When the upstream "
    "answers 101, from then on octets pass both ways as they are, and the end of one direction "
    "(FIN) is passed on while the other goes on. Within two seconds of SIGTERM it is closed on both "
    "sides.",
    goals=(
        "parse it: Upgrade counts only where Connection names it, and not in HTTP/1.0",
        "decide: 101 makes a pipe; any other status is an answer",
        "act: copy both ways at once, with the same bounds as a body",
        "recover: one end finished is half a pipe; both finished is the end",
    ),
    hints=(
        "After 101, which octets that you have already read belong to the pipe?",
        "Treat Upgrade as named by Connection and write both anew for the upstream. When 101 comes, "
        "send it on with both fields, then whatever stood behind it, in either direction, and copy "
        "from then on. At the end of one direction shut down writing on the other side, and close "
        "when both have ended. 101 that nobody asked for is 502.",
        "if status == 101 and asked_for_upgrade:\n"
        "    client.send(head_101 + rest); upstream.send(client.buffered)\n"
        "    copy(client, upstream) beside copy(upstream, client)\n"
        "copy: while part := read(): write(part)\n"
        "      shutdown(other, WRITE)",
    ),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    cases=(
        case("Upgrade is passed on, and 101 comes back", rules.UPGRADE, *switches(), close("a")),
        case(
            "from then on octets pass both ways",
            rules.SWITCHED,
            *switches(),
            send(ODD),
            receive(ODD, on="a"),
            send(b"GET / HTTP/1.1\r\n\r\n", on="a"),
            receive(b"GET / HTTP/1.1\r\n\r\n"),
            send(b"HTTP/1.1 200 OK\r\n\r\n"),
            receive(b"HTTP/1.1 200 OK\r\n\r\n", on="a"),
            close("a"),
        ),
        case(
            "what stands behind 101 is passed on",
            rules.SWITCHED,
            send(get(b"/talk", *TALK)),
            ASKED,
            answers("a", SWITCHED + ODD),
            expect(status=101, interim=False),
            receive(ODD),
            close("a"),
        ),
        case(
            "when the client has finished the upstream goes on",
            rules.HALF_CLOSE,
            *switches(),
            send(b"last words"),
            half_close(),
            receive(b"last words", on="a"),
            closes(on="a"),
            send(b"and an answer", on="a"),
            receive(b"and an answer"),
            close("a"),
            closes(),
        ),
        case(
            "and the other way round",
            rules.HALF_CLOSE,
            *switches(),
            send(b"last words", on="a"),
            half_close("a"),
            receive(b"last words"),
            closes(),
            send(b"and an answer"),
            receive(b"and an answer", on="a"),
            close(),
            closes(on="a"),
        ),
        case(
            "an upstream that does not switch just answers",
            rules.NOT_SWITCHED,
            send(get(b"/talk", *TALK)),
            ASKED,
            answers("a", ok(b"no")),
            expect(status=200, body=b"no"),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "or asks for another protocol",
            rules.NOT_SWITCHED,
            send(alpha),
            asked("a"),
            answers("a", ok(b"no", (b"Upgrade", b"h2c"), status=426)),
            expect(status=426, body=b"no"),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "Upgrade that Connection does not name is not passed on",
            rules.UPGRADE_NAMED,
            *exchange(get(b"/", TALK[1]), wanted={"header": {"upgrade": ABSENT}}),
        ),
        case(
            "nor is one of HTTP/1.0",
            rules.UPGRADE_10,
            send(get(b"/", *TALK, version=b"HTTP/1.0")),
            asked("a", header={"upgrade": ABSENT}),
            answers("a", ok(b"old")),
            expect(status=200, body=b"old"),
            close(),
        ),
        case(
            "101 that nobody asked for is 502",
            rules.UNASKED_101,
            send(alpha),
            asked("a"),
            answers("a", SWITCHED),
            expect(status=502, interim=False),
            close(),
        ),
        case(
            "a WebSocket handshake passes",
            rules.WEBSOCKET,
            send(
                head(
                    b"GET /chat HTTP/1.1",
                    HOST,
                    b"Connection: keep-alive, Upgrade",
                    b"Upgrade: websocket",
                    b"Sec-WebSocket-Key: " + KEY,
                    b"Sec-WebSocket-Version: 13",
                )
            ),
            asked(
                "a",
                header={
                    "upgrade": b"websocket",
                    "connection": NAMES_UPGRADE,
                    "sec-websocket-key": KEY,
                    "sec-websocket-version": b"13",
                },
            ),
            answers(
                "a",
                head(
                    b"HTTP/1.1 101 Switching Protocols",
                    b"Upgrade: websocket",
                    b"Connection: Upgrade",
                    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                ),
            ),
            expect(
                status=101,
                interim=False,
                header={"sec-websocket-accept": b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
            ),
            send(b"\x81\x02hi", on="a"),
            receive(b"\x81\x02hi"),
            close("a"),
        ),
        case(
            "events pass when they happen",
            rules.EVENTS,
            send(get(b"/events", (b"Accept", b"text/event-stream"))),
            asked("a"),
            answers("a", EVENTS + chunk(ONE)),
            begun(status=200, header={"content-type": b"text/event-stream"}, body=ONE),
            answers("a", chunk(TWO)),
            begun(status=200, body=ONE + TWO),
            close("a"),
            close(),
        ),
        case(
            "a tunnel is closed on both sides at SIGTERM",
            rules.TUNNELS_CLOSED,
            *switches(),
            signals(SIGTERM),
            closes(),
            closes(on="a"),
            exits(0),
            ways=ONCE,
            alone=True,
        ),
    ),
)
