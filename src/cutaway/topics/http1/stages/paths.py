"""What is asked of what: the method and the target decide.

    GET /echo/caf%C3%A9?x=1 HTTP/1.1
    ───┬┬───┬────┬─────┬──
       │ segment segment └ query, ignored here
       method

A path is taken apart before it is decoded: in /echo/a%2Fb the word is a/b.
"""

from ....grade.matchers import one_of
from ....grade.stage import Case, Stage, case
from ....grade.steps import close, expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .messages import absent_or, bravo, get, lists, no_content


def word(name: str, rule: Rule, target: bytes, body: bytes) -> Case:
    return case(name, rule, send(get(target)), expect(status=200, body=body))


def not_found(name: str, rule: Rule, target: bytes) -> Case:
    return case(name, rule, send(get(target)), expect(status=404))


STAGE = Stage(
    name="http1/paths",
    title="paths and methods",
    asks="Look at the request line. Answer by method and path, and say no in the right way.",
    given="GET /echo/{word} is answered with 200 and the word, percent-decoded. A path that is not "
    "there: 404. A method that a path does not have: 405 with Allow. HEAD is answered wherever GET "
    "is.",
    goals=(
        "parse it: the request line is method, target and version, with one space between them",
        "parse it: cut the target at the first question mark, split the path at slashes, then decode",
        "decide: first by path, then by method",
        "answer: the same fields for HEAD as for GET, and nothing behind the blank line",
    ),
    hints=(
        "The order matters: query off, split, decode. Which one comes too early?",
        "Percent-decoding gives octets, not characters: %C3%A9 is two octets, and the body is "
        "exactly those. Decode each segment once, after the split, so that an encoded slash stays "
        "inside its segment. For HEAD make the answer to GET, count its body, and leave it out.",
        "path, _, query = target.partition(b'?')\n"
        "segments = [decode(s) for s in path[1:].split(b'/')]\n"
        "if path known but method not in methods: 405, Allow: GET, HEAD\n"
        "send(head); if method != b'HEAD': send(body)",
    ),
    codec=Http1,
    cases=(
        word("a word is answered with itself", rules.WORD, b"/echo/alpha", b"alpha"),
        word(
            "a word of other plain characters, too", rules.WORD, b"/echo/a-b_c.d~42", b"a-b_c.d~42"
        ),
        word(
            "what is percent-encoded comes back as octets",
            rules.DECODE,
            b"/echo/caf%C3%A9%20%e2%82%ac",
            b"caf\xc3\xa9 \xe2\x82\xac",
        ),
        word("an encoded slash is part of the word", rules.SPLIT_FIRST, b"/echo/a%2Fb", b"a/b"),
        word(
            "an encoded question mark begins no query", rules.SPLIT_FIRST, b"/echo/why%3F", b"why?"
        ),
        word("decoding is done once", rules.DECODE_ONCE, b"/echo/%2541", b"%41"),
        word("a plus sign is no space", rules.PLUS, b"/echo/a+b", b"a+b"),
        word("a query is not part of the word", rules.QUERY, b"/echo/alpha?x=1/2?3", b"alpha"),
        case("a query behind / is ignored", rules.QUERY, send(get(b"/?x=1")), expect(status=200)),
        not_found("a path that is not there is 404", rules.NOT_FOUND, b"/nowhere"),
        not_found("two segments are not one word", rules.NOT_FOUND, b"/echo/alpha/bravo"),
        not_found("paths differ by case", rules.PATH_CASE, b"/Echo/alpha"),
        case(
            "a method that / does not have is 405, and Allow lists GET",
            rules.NOT_ALLOWED,
            send(get(b"/", method=b"DELETE")),
            expect(status=405, header={"allow": lists(b"GET")}),
        ),
        case(
            "a method that no path has is 405 or 501",
            rules.UNKNOWN_METHOD,
            send(get(b"/", method=b"BREW")),
            expect(status=one_of(405, 501)),
        ),
        case(
            "get is not GET",
            rules.METHOD_CASE,
            send(get(b"/", method=b"get")),
            expect(status=one_of(405, 501)),
        ),
        # What HEAD is answered with comes first; the octets that may stand behind it are the
        # matter of the case after it, and are closed away here.
        case(
            "HEAD is answered like GET",
            rules.HEAD_AS_GET,
            send(get(b"/echo/alpha", method=b"HEAD")),
            expect(status=200),
            close(),
        ),
        case(
            "nothing follows the blank line of an answer to HEAD",
            rules.HEAD_NO_BODY,
            send(get(b"/echo/alpha", method=b"HEAD")),
            expect(),
            send(bravo),
            no_content(),
            expect(status=200, body=b"bravo", or_close=True),
        ),
        case(
            "the length in an answer to HEAD is that of GET",
            rules.HEAD_LENGTH,
            send(get(b"/echo/alpha", method=b"HEAD")),
            expect(status=200, header={"content-length": absent_or(b"5")}),
            close(),
        ),
        case(
            "HEAD of what is not there is 404, without a body",
            rules.HEAD_NO_BODY,
            send(get(b"/nowhere", method=b"HEAD")),
            expect(status=404),
            send(bravo),
            no_content(),
            expect(status=200, body=b"bravo", or_close=True),
        ),
    ),
)
