"""Fields that belong to one connection, and fields that proxies write.

    Connection: close, X-Mine            is for the proxy: taken out, with what it names
    X-Mine: 1
    Via: 1.0 fred                  ─▶    Via: 1.0 fred, 1.1 cutaway
    X-Forwarded-For: 10.0.0.1      ─▶    X-Forwarded-For: 127.0.0.1

A proxy has two connections, and whatever a message says about one of them is not true of the other.
It has also one piece of knowledge that nobody behind it can get in another way: whose connection
it was. That is worth something only when what clients claim themselves does not get through.

Left out: chains of proxies that trust each other.
"""

from ....grade.asking import answers, asked, not_asked
from ....grade.matchers import ABSENT, Matcher, between, one_of
from ....grade.stage import BOTH, Stage, case
from ....grade.steps import close, closes, connect, expect, send
from ...http1.codec import Response
from .. import rules
from .messages import (
    CHUNKED,
    HOST,
    A,
    Wire,
    alpha,
    bravo,
    exchange,
    get,
    head,
    ok,
    post,
    without,
)

LOOPBACK = Matcher(
    "127.0.0.1, perhaps with a port",
    lambda found: found is not None and found.split(b":")[0] == b"127.0.0.1",
)
WITH_US = Matcher("a list with at least one entry", lambda found: bool(found))
BEHIND_FRED = Matcher(
    'a list of "fred" and one more', lambda found: bool(found) and found[:-1] == [b"fred"]
)
ABSENT_OR_HTTP = Matcher("nothing of that name, or http", lambda found: found in (None, b"http"))
ONE_ELEMENT = Matcher(
    "one element", lambda found: found is not None and b"," not in found and b"for=" in found
)
OLD = b"HTTP/1.0"
EXPECTING = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: 5", b"Expect: 100-continue")
CONTINUE = head(b"HTTP/1.1 100 Continue")
HINTS = head(b"HTTP/1.1 103 Early Hints", b"Link: </a.css>; rel=preload")

STAGE = Stage(
    name="proxy/fields",
    title="what belongs to one connection stays there, and nothing forged gets through",
    asks="Take out what was said to you alone, put in who you are and whose request it is, and let "
    "nobody else write that.",
    given="The upstream gets Via, one X-Forwarded-For with the address of the client's "
    "connection, and one Forwarded with for=, proto= and host=. What the client wrote into these, "
    "into X-Forwarded-Proto and X-Forwarded-Host, is not passed on.",
    goals=(
        "parse it: Connection is a list of names, in any case, over several lines",
        "decide: which fields are for you, which are claims, which go on",
        "act: remove, add yourself to Via, say who the client is",
        "answer: the same for the answer's fields; HTTP/1.0 gets neither chunks nor 1xx",
    ),
    hints=(
        "Which fields of the request are about the client's connection, and which name those that "
        "are?",
        "Collect the members of all Connection lines in lower case, add keep-alive, "
        "proxy-connection, te, upgrade and connection, and drop every field of such a name. Do not "
        "drop Host or the length, whatever Connection says. Drop forwarded and all x-forwarded-* "
        "that you write or vouch for, before you add your own: what you add comes last, so that "
        "no Connection field can take it out. Pass on 1xx as they come. Send 100 (Continue) of the "
        "upstream on before you wait for the body.",
        "drop = {'connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade'} | names_in("
        "Connection)\n"
        "drop |= {'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'}\n"
        "fields = [f for f in fields if f.name.lower() not in drop]\n"
        "fields += [('Via', '1.1 me'), ('X-Forwarded-For', address),\n"
        "           ('Forwarded', f'for={address};proto=http;host=\"{host}\"')]",
    ),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    cases=(
        case(
            "what belongs to one connection is taken out",
            rules.ONE_CONNECTION,
            *exchange(
                get(
                    b"/",
                    (b"Keep-Alive", b"timeout=5"),
                    (b"Proxy-Connection", b"keep-alive"),
                    (b"Upgrade", b"example/1"),
                    (b"X-Other", b"stays"),
                ),
                wanted={
                    "header": {
                        "keep-alive": ABSENT,
                        "proxy-connection": ABSENT,
                        "upgrade": ABSENT,
                        "x-other": b"stays",
                    }
                },
            ),
        ),
        case(
            "what Connection names is taken out, in any case and over several lines",
            rules.NOMINATED,
            *exchange(
                get(
                    b"/",
                    (b"Connection", b"keep-alive, X-Mine"),
                    (b"X-Mine", b"1"),
                    (b"x-too", b"2"),
                    (b"connection", b"x-TOO"),
                    (b"X-Other", b"stays"),
                ),
                wanted={
                    "header": {
                        "x-mine": ABSENT,
                        "x-too": ABSENT,
                        "connection": without(b"x-mine"),
                        "x-other": b"stays",
                    }
                },
            ),
        ),
        case(
            "the same holds for an answer",
            rules.NOMINATED,
            send(alpha),
            asked("a"),
            answers(
                "a",
                ok(
                    b"alpha",
                    (b"Connection", b"X-Inner"),
                    (b"X-Inner", b"secret"),
                    (b"Keep-Alive", b"timeout=5"),
                    (b"X-Other", b"stays"),
                ),
            ),
            expect(
                body=b"alpha",
                header={
                    "x-inner": ABSENT,
                    "connection": without(b"x-inner"),
                    "keep-alive": without(b"timeout=5"),
                    "x-other": b"stays",
                },
            ),
        ),
        case(
            "Connection does not take out what the proxy says",
            rules.NOMINATED_OURS,
            *exchange(
                get(b"/", (b"Connection", b"X-Forwarded-For, Forwarded, Via, Host")),
                wanted={
                    "header": {"x-forwarded-for": b"127.0.0.1", "host": b"localhost"},
                    "forwarded": {"for": LOOPBACK},
                    "via": WITH_US,
                },
            ),
        ),
        case(
            "Connection does not take out the length of a body",
            rules.NOMINATED_OURS,
            *exchange(
                post(b"hello", (b"Connection", b"Content-Length")), wanted={"body": b"hello"}
            ),
            *exchange(bravo),
        ),
        case(
            "the proxy adds itself to Via",
            rules.VIA,
            *exchange(alpha, wanted={"via": WITH_US}),
            *exchange(get(b"/", (b"Via", b"1.0 fred")), wanted={"via": BEHIND_FRED}),
        ),
        case(
            "the upstream is told who asks",
            rules.CLIENT_ADDRESS,
            *exchange(
                alpha,
                wanted={
                    "header": {"x-forwarded-for": b"127.0.0.1", "forwarded": ONE_ELEMENT},
                    "forwarded": {"for": LOOPBACK, "proto": b"http"},
                },
            ),
        ),
        case(
            "the upstream is told for which host",
            rules.CLIENT_HOST,
            *exchange(
                get(b"/", host=b"shop.example:8443"),
                wanted={"forwarded": {"host": b"shop.example:8443"}},
            ),
        ),
        case(
            "a forged X-Forwarded-For is not passed on",
            rules.FORGED,
            *exchange(
                get(b"/", (b"X-Forwarded-For", b"10.0.0.1"), (b"x-forwarded-for", b"10.0.0.2")),
                wanted={"header": {"x-forwarded-for": b"127.0.0.1"}},
            ),
        ),
        case(
            "a forged Forwarded is not passed on",
            rules.FORGED,
            *exchange(
                get(b"/", (b"Forwarded", b"for=10.0.0.1;proto=https;host=evil.example")),
                wanted={
                    "header": {"forwarded": ONE_ELEMENT},
                    "forwarded": {"for": LOOPBACK, "proto": b"http", "host": b"localhost"},
                },
            ),
        ),
        case(
            "a forged scheme and a forged host are not passed on",
            rules.FORGED,
            *exchange(
                get(b"/", (b"X-Forwarded-Proto", b"https"), (b"X-Forwarded-Host", b"evil.example")),
                wanted={
                    "header": {
                        "x-forwarded-proto": ABSENT_OR_HTTP,
                        "x-forwarded-host": without(b"evil"),
                    }
                },
            ),
        ),
        case(
            "Max-Forwards of OPTIONS counts down",
            rules.MAX_FORWARDS,
            *exchange(
                get(b"/", (b"Max-Forwards", b"5"), method=b"OPTIONS"),
                wanted={"method": b"OPTIONS", "header": {"max-forwards": b"4"}},
            ),
        ),
        case(
            "OPTIONS with a Max-Forwards of 0 goes no further",
            rules.MAX_FORWARDS_ZERO,
            send(get(b"/", (b"Max-Forwards", b"0"), method=b"OPTIONS")),
            expect(status=between(200, 599, "any final status")),
            not_asked("a"),
            close(),
        ),
        case(
            "a request that waits for 100 is passed on from its head",
            rules.EXPECT,
            send(EXPECTING),
            asked("a", begun=True, method=b"POST"),
            answers("a", CONTINUE),
            expect(status=100, interim=False),
            send(b"hello"),
            expect(on="a", body=b"hello"),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
        ),
        case(
            "and the upstream hears that it waits",
            rules.EXPECT,
            send(EXPECTING),
            asked("a", begun=True, method=b"POST", header={"expect": b"100-continue"}),
            answers("a", CONTINUE),
            expect(status=100, interim=False),
            send(b"hello"),
            expect(on="a", body=b"hello"),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
        ),
        case(
            "and may be refused without its body",
            rules.EXPECT,
            send(EXPECTING),
            asked("a", begun=True, method=b"POST"),
            answers("a", ok(b"too large", (b"Connection", b"close"), status=413)),
            expect(status=413, body=b"too large"),
            close("a"),
            close(),
        ),
        case(
            "early hints are passed on",
            rules.INTERIM,
            send(alpha),
            asked("a"),
            answers("a", HINTS),
            expect(status=103, interim=False),
            answers("a", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "but not to a client of HTTP/1.0",
            rules.INTERIM_10,
            send(get(b"/", version=OLD)),
            asked("a"),
            answers("a", HINTS, ok(b"alpha")),
            expect(status=200, interim=False, body=b"alpha"),
            close(),
        ),
        case(
            "each side hears the version of the proxy",
            rules.OWN_VERSION,
            send(alpha),
            asked("a"),
            answers("a", ok(b"alpha", (b"Connection", b"close"), version=OLD)),
            close("a"),
            expect(version=b"HTTP/1.1", body=b"alpha"),
            close(),
            send(get(b"/", version=OLD)),
            asked("a", version=b"HTTP/1.1"),
            answers("a", ok(b"bravo")),
            expect(body=b"bravo"),
            close(),
        ),
        case(
            "a client of HTTP/1.0 gets no chunks",
            rules.NO_CHUNKS_10,
            send(get(b"/", version=OLD)),
            asked("a"),
            answers(
                "a",
                Response(
                    fields=((b"Transfer-Encoding", b"chunked"),),
                    body=b"alpha and bravo",
                    chunk_sizes=(5, 4),
                ),
            ),
            expect(body=b"alpha and bravo", framing=one_of("length", "close")),
            closes(),
        ),
        case(
            "nor does it keep its connection",
            rules.NO_KEEPING_10,
            send(get(b"/", (b"Connection", b"keep-alive"), version=OLD)),
            asked("a"),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
            closes(),
        ),
        case(
            "the length of what GET would get is passed on",
            rules.HEAD_LENGTH,
            send(get(b"/", method=b"HEAD")),
            asked("a", method=b"HEAD"),
            answers("a", head(b"HTTP/1.1 200 OK", b"Content-Length: 12345")),
            expect(status=200, header={"content-length": b"12345"}),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "trailers do not become header fields",
            rules.TRAILERS,
            send(
                head(b"POST / HTTP/1.1", HOST, CHUNKED)
                + b"5\r\nalpha\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\nX-Sum: 1\r\n\r\n"
            ),
            asked(
                "a",
                body=b"alpha",
                header={"x-forwarded-for": b"127.0.0.1", "x-sum": ABSENT},
            ),
            answers(
                "a",
                head(b"HTTP/1.1 200 OK", CHUNKED, b"Trailer: X-Sum"),
                b"5\r\nalpha\r\n0\r\nX-Sum: 1\r\n\r\n",
            ),
            expect(body=b"alpha", header={"x-sum": ABSENT}),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "what one client is told is not told to another",
            rules.NOMINATED,
            connect("other"),
            send(get(b"/", (b"Connection", b"close"))),
            asked("a", header={"connection": without(b"x-mine")}),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
            closes(),
            send(bravo, on="other"),
            asked("a"),
            answers("a", ok(b"bravo")),
            expect(on="other", body=b"bravo"),
        ),
    ),
)
