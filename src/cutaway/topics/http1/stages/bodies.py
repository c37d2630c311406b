"""Bodies by Content-Length, and the limits that keep a program alive.

    POST /echo HTTP/1.1 ⏎
    Content-Length: 5 ⏎          exactly five octets behind the blank line
    ⏎
    alphaGET /echo/bravo …       the sixth is the next request

A body is read or the connection ends: octets that nobody took are never a request.
"""

from typing import Any

from ....grade.matchers import between, one_of
from ....grade.stage import ALL, BOTH, ONCE, Case, Stage, case
from ....grade.steps import expect, pause, send
from ....grade.verdict import Rule, Way
from .. import rules
from ..codec import Http1
from .messages import (
    HOST,
    MIB,
    NEIGHBOUR,
    POST,
    TYPED,
    absent_or_like,
    bravo,
    charlie,
    get,
    head,
    lists,
    post,
    smuggled,
)

EVERY_OCTET = bytes(range(256))
REFUSED = between(400, 499, "413, or any other 4xx")
LARGE = b"".join(b"%0255d\n" % number for number in range(MIB // 256))
LONG_WORD = b"a" * (4096 - len(b"/echo/"))
FILLED = tuple((b"X-Fill-%d" % number, b"f" * 1000) for number in range(8))
OVERFULL = tuple((b"X-Fill-%d" % number, b"f" * 1000) for number in range(128))


def echoed(name: str, rule: Rule, body: bytes, ways: tuple[Way, ...] = ALL) -> Case:
    """A body, what comes back, and the next answer right behind it."""
    steps = (send(post(body), bravo), expect(status=200, body=body), expect(body=b"bravo"))
    return case(name, rule, *steps, ways=ways)


def too_large(name: str, rule: Rule, length: bytes, **refused: Any) -> Case:
    """Only the head is sent: there is nothing to read, and the answer comes all the same."""
    steps = (send(head(POST, HOST, b"Content-Length: " + length)), expect(**refused))
    return case(name, rule, *steps, ways=BOTH)


STAGE = Stage(
    name="http1/bodies",
    title="bodies by Content-Length",
    asks="Read the body that a request announces, all of it and nothing more, and send it back. "
    "Refuse what is too large before it costs anything.",
    given="POST /echo is answered with 200, the body and the Content-Type that came; any other "
    "method of /echo is 405, with an Allow of its own. 1 MiB is "
    "served; a length above 1 GiB is 413 without reading; a target of 4 KiB is served, 64 KiB is "
    "414; a header block of 8 KiB is served, 128 KiB is 431.",
    goals=(
        "bound it: check declared lengths, and lines as they grow, against your limits first",
        "frame it: the body is the next Content-Length octets, whichever reads bring them",
        "act: keep the body as octets",
        "recover: a body that nobody wants is read and dropped, or the connection closes",
    ),
    hints=(
        "Part of the body may have arrived with the head, and the rest may take many reads.",
        "Take from the buffer what is there, count, and go on reading until the length is reached. "
        "What is left over in the buffer is the next request. Do this also when the answer will be "
        "404: else the body is read as a request. A limit is checked while reading, before memory "
        "is filled.",
        "while len(buffer) < length: buffer += read()\n"
        "body, buffer = buffer[:length], buffer[length:]",
    ),
    codec=Http1,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        echoed("a body comes back", rules.ECHO, b"alpha"),
        case(
            "a body may come after its head",
            rules.LENGTH,
            send(head(POST, HOST, b"Content-Length: 10")),
            pause(0.01),
            send(b"alpha"),
            pause(0.01),
            send(b"bravo", charlie),
            expect(status=200, body=b"alphabravo"),
            expect(body=b"charlie"),
            ways=ONCE,
        ),
        case(
            "its Content-Type comes back",
            rules.ECHO_TYPE,
            send(post(b"{}", (b"Content-Type", b"application/json"))),
            expect(status=200, header={"content-type": b"application/json"}),
        ),
        case(
            "where no Content-Type came none comes back, or a whole one",
            rules.NO_TYPE,
            send(post(b"alpha")),
            expect(status=200, header={"content-type": absent_or_like(TYPED)}),
        ),
        case(
            "GET of /echo is 405, and Allow lists POST",
            rules.ALLOW_OWN,
            send(get(b"/echo")),
            expect(status=405, header={"allow": lists(b"POST")}),
        ),
        echoed("an empty body comes back", rules.LENGTH, b""),
        case(
            "a POST that announces no body has none",
            rules.NO_LENGTH,
            send(head(POST, HOST)),
            expect(status=one_of(200, 411)),
        ),
        echoed("each of the 256 octets comes back", rules.OCTETS, EVERY_OCTET),
        echoed("a blank line inside a body is body", rules.LENGTH, b"a\r\n\r\nb\n\n"),
        case(
            "a request inside a body is body",
            rules.LENGTH,
            send(post(bytes(bravo)), charlie),
            expect(status=200, body=bytes(bravo)),
            expect(body=b"charlie"),
        ),
        case(
            "bodies one behind the other stay apart",
            rules.LENGTH,
            send(post(b"one"), post(b"twotwo"), bravo, post(b"three")),
            expect(body=b"one"),
            expect(body=b"twotwo"),
            expect(body=b"bravo"),
            expect(body=b"three"),
        ),
        echoed("a body of 1 MiB comes back", rules.LARGE_BODY, LARGE, BOTH),
        case(
            "the body of a GET is no request",
            rules.READ_ALL,
            send(get(b"/echo/alpha", body=bytes(smuggled)), bravo),
            expect(status=one_of(200, 400)),
            expect(body=b"bravo", or_close=True),
        ),
        case(
            "a body that nobody wants is no request",
            rules.READ_ALL,
            send(post(bytes(smuggled), target=b"/nowhere"), bravo),
            expect(status=404),
            expect(body=b"bravo", or_close=True),
        ),
        too_large(
            "a length above 1 GiB is refused unread",
            rules.TOO_LARGE,
            b"2147483648",
            status=413,
        ),
        too_large(  # who cuts it to 32 bits waits for 5 octets
            "a length that 32 bits cannot hold, too",
            rules.LENGTH_OVERFLOW,
            b"4294967301",
            status=REFUSED,
            or_close=True,
        ),
        case(
            "a target of 4 KiB is served",
            rules.LONG_TARGET,
            send(get(b"/echo/" + LONG_WORD)),
            expect(status=200, body=LONG_WORD),
        ),
        case(
            "a target of 64 KiB is 414",
            rules.TARGET_TOO_LONG,
            send(get(b"/echo/" + b"a" * (64 << 10))),
            expect(status=414),
            ways=BOTH,
        ),
        case(
            "a header block of 8 KiB is served",
            rules.MANY_FIELDS,
            send(get(b"/echo/alpha", *FILLED)),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "a header block of 128 KiB is 431",
            rules.FIELDS_TOO_LARGE,
            send(get(b"/echo/alpha", *OVERFULL)),
            expect(status=431),
            ways=BOTH,
        ),
        case(
            "so is one field of 128 KiB",
            rules.FIELDS_TOO_LARGE,
            send(get(b"/echo/alpha", (b"X-Fill", b"f" * (128 << 10)))),
            expect(status=431),
            ways=BOTH,
        ),
    ),
)
