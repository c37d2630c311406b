"""The forward proxy: clients that name the target themselves, and a list of what they may reach.

    CONNECT 127.0.0.1:9001 HTTP/1.1          ─▶  200, then octets as they are
    GET http://127.0.0.1:9001/x HTTP/1.1     ─▶  GET /x, Host: 127.0.0.1:9001

A proxy that connects where it is told to is a way into every network that it can see. So there is
a list, and what is not in it is refused before anything is looked up or connected. Names that mean
the same address are other names: the list is compared, not understood.

Left out: who may use it. There is no authentication here.
"""

from ....grade.asking import answers, asked, not_asked, not_reached, recovers, refuses, taken_by
from ....grade.far import Far
from ....grade.matchers import ABSENT, Matcher, kept, one_of
from ....grade.stage import BOTH, Case, Stage, case
from ....grade.steps import close, closes, expect, half_close, receive, send
from ....grade.verdict import Rule
from .. import rules
from .messages import FINE, A, Wire, exchange, get, ok

ODD = bytes(range(256))
CONNECT = b"CONNECT {t} HTTP/1.1\r\nHost: {t}\r\n\r\n"
NO = one_of(403)
CLIENT_ERROR = Matcher("403, or any other 4xx", lambda found: 400 <= found < 500)
ESTABLISHED = (send(CONNECT, fill=True), taken_by("t"), expect(status=200))


def refused(name: str, *lines: bytes, status: object = 403, rule: Rule = rules.NOT_ALLOWED) -> Case:
    """Nobody is connected to for it."""
    return case(
        name,
        rule,
        send(b"\r\n".join(lines) + b"\r\n\r\n", fill=True),
        expect(status=status),
        not_reached("t"),
        not_reached("u"),
        not_asked("a"),
        close(),
    )


def absolute(name: str, rule: Rule, data: bytes, target: bytes) -> Case:
    """It reaches the target in origin-form."""
    return case(
        name,
        rule,
        send(data, fill=True),
        asked("t", method=b"GET", target=target, header={"host": kept("t")}),
        answers("t", FINE),
        expect(status=200, body=b"fine"),
        not_asked("a"),
    )


STAGE = Stage(
    name="proxy/tunnel",
    title="a forward proxy that reaches what it may, and nothing else",
    asks="Let clients name the target: by CONNECT, or by an absolute target. Reach what is in the "
    "list.",
    given="With $CONNECT_ALLOW (HOST:PORT, separated by commas): CONNECT to what is in the list is "
    "answered with 200, then octets pass as they are, and the end of one direction is passed on "
    "while the other goes on; a request for http://HOST:PORT/… is sent there in origin-form, with "
    "the Host of the target; what is not in the list gets 403. Other requests go to $UPSTREAMS as "
    "before.",
    goals=(
        "parse it: an authority is a host and a port, and nothing else",
        "decide: compare with the list as it stands, before a name is looked up",
        "act: connect; then a pipe, or a request in origin-form",
        "answer: 200 without any length; 403; 502 where nobody listens",
    ),
    hints=(
        "What in your program turns a name into an address, and can it happen before the list is "
        "compared?",
        "For CONNECT the target is host:port. For an absolute target cut off http:// and take "
        "everything up to the next slash; what has an @ in it is refused. Compare as text. Behind "
        "200 to CONNECT there is no body and no length: the next octet belongs to the tunnel, and "
        "the client may have sent some already. The pipe is that of Upgrade.",
        "if method == 'CONNECT': authority = target\n"
        "elif target.lower().startswith('http://'): authority, path = split(target[7:]); path or '/'\n"
        "if authority not in ALLOW: refuse(403)\n"
        "CONNECT: send('HTTP/1.1 200 OK\\r\\n\\r\\n'); pipe()\n"
        "else:    host = authority; send(method, path)",
    ),
    codec=Wire,
    far=(
        A,
        Far(name="t", codec=Wire, called="the target t"),
        Far(name="u", codec=Wire, called="u, which is not in the list"),
    ),
    ways=BOTH,
    environment={"CONNECT_ALLOW": "{t},cutaway.test:443"},
    cases=(
        case(
            "CONNECT makes a tunnel",
            rules.CONNECT,
            *ESTABLISHED,
            send(ODD),
            receive(ODD, on="t"),
            send(b"HTTP/1.1 400 Bad Request\r\n\r\n", on="t"),
            receive(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ),
        case(
            "200 to CONNECT has no length and no coding",
            rules.CONNECT_BARE,
            send(CONNECT, fill=True),
            taken_by("t"),
            expect(status=200, header={"content-length": ABSENT, "transfer-encoding": ABSENT}),
            send(b"220 hello\r\n", on="t"),
            receive(b"220 hello\r\n"),
        ),
        case(
            "what the client sends behind CONNECT is not lost",
            rules.CONNECT_EARLY,
            send(CONNECT + b"early", fill=True),
            taken_by("t"),
            expect(status=200),
            receive(b"early", on="t"),
        ),
        case(
            "the end of one direction is passed on",
            rules.HALF_CLOSE,
            *ESTABLISHED,
            send(b"last words"),
            half_close(),
            receive(b"last words", on="t"),
            closes(on="t"),
            send(b"and an answer", on="t"),
            receive(b"and an answer"),
            close("t"),
            closes(),
        ),
        case(
            "nobody listens: 502",
            rules.CONNECT_FAILS,
            refuses("t"),
            send(CONNECT, fill=True),
            expect(status=502),
            close(),
            recovers("t"),
            *ESTABLISHED,
        ),
        refused("what is not in the list is refused", b"CONNECT {u} HTTP/1.1", b"Host: {u}"),
        refused("Host does not make it allowed", b"CONNECT {u} HTTP/1.1", b"Host: {t}"),
        refused(
            "another name of the same address is another name",
            b"CONNECT 127.1:80 HTTP/1.1",
            b"Host: {t}",
        ),
        refused(
            "no port is no target",
            b"CONNECT 127.0.0.1 HTTP/1.1",
            b"Host: {t}",
            status=CLIENT_ERROR,
            rule=rules.NO_PORT,
        ),
        refused(
            "what only begins like one in the list is not in it",
            b"CONNECT cutaway.test:4433 HTTP/1.1",
            b"Host: cutaway.test:4433",
        ),
        refused(
            "nor is what only ends like one",
            b"CONNECT not-cutaway.test:443 HTTP/1.1",
            b"Host: not-cutaway.test:443",
        ),
        absolute(
            "an absolute target is sent in origin-form",
            rules.ABSOLUTE,
            b"GET http://{t}/x?y=1 HTTP/1.1\r\nHost: {t}\r\n\r\n",
            b"/x?y=1",
        ),
        absolute(
            "its Host is that of the target",
            rules.ABSOLUTE,
            b"GET http://{t}/x HTTP/1.1\r\nHost: other.example\r\n\r\n",
            b"/x",
        ),
        absolute(
            "without a path it is /",
            rules.ABSOLUTE,
            b"GET HTTP://{t} HTTP/1.1\r\nHost: {t}\r\n\r\n",
            b"/",
        ),
        refused(
            "an absolute target that is not in the list is refused",
            b"GET http://{u}/x HTTP/1.1",
            b"Host: {t}",
        ),
        refused(
            "what stands before an @ is not the host",
            b"GET http://{t}@{u}/x HTTP/1.1",
            b"Host: {t}",
            status=CLIENT_ERROR,
        ),
        refused(
            "an absolute target without a port is port 80",
            b"GET http://127.0.0.1/x HTTP/1.1",
            b"Host: {t}",
        ),
        case(
            "all other requests go to the upstream",
            rules.FORWARD,
            *exchange(get(b"/x"), ok(b"fine")),
        ),
    ),
)
