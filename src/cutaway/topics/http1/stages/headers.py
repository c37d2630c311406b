"""Header fields: names in any case, values without the white space around them.

    X-Probe: \\t two  words \\r\\n
    ───┬───│─┬─│────┬────│─┬──
     name  │ OWS  value  OWS
        colon

GET /headers lists what came, so that the answer shows what the program made of each line.
"""

from ....grade.matchers import Matcher
from ....grade.stage import Case, Stage, case
from ....grade.steps import expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .messages import DATED, HOST, either, get, head, in_order, with_lines

LIST = b"GET /headers HTTP/1.1"
LONG = b"v" * 4000


def listed(name: str, rule: Rule, *lines: bytes, as_line: Matcher) -> Case:
    """These field lines, and what the listing has to hold."""
    return case(name, rule, send(head(LIST, HOST, *lines)), expect(status=200, body=as_line))


STAGE = Stage(
    name="http1/headers",
    title="header fields",
    asks="Read the field lines of a request into names and values, as octets, and list them.",
    given="GET /headers is answered with 200 and the fields that came as lines `name: value`, names "
    "in lower case. A repeated field is several lines, or one with its values joined by `, `. From "
    "here on answers have a Date field.",
    goals=(
        "frame it: the fields end at the first empty line",
        "parse it: cut each line at its first colon; trim spaces and tabs off the value only",
        "parse it: keep what came more than once, in order",
        "answer: octets as they came, so that nothing is lost in decoding",
    ),
    hints=(
        "Which of name and value is compared without regard to case, and which is kept?",
        "A map from name to value forgets repeated fields; a list of pairs does not. Split at the "
        "first colon only. Trim space and tab only: a function that trims all white space also "
        "trims octets that are part of the value, such as 0xA0 read as Latin-1.",
        "name, colon, value = line.partition(b':')\n"
        "fields.append((name.lower(), value.strip(b' \\t')))",
    ),
    codec=Http1,
    cases=(
        listed(
            "a field comes back as a line",
            rules.LISTED,
            b"X-Probe: alpha",
            as_line=with_lines(b"x-probe: alpha"),
        ),
        case(
            "an answer says when it was made",
            rules.DATE,
            send(get(b"/headers")),
            expect(status=200, header={"date": DATED}),
        ),
        case(
            "a 404 says when it was made",
            rules.DATE,
            send(get(b"/nowhere")),
            expect(status=404, header={"date": DATED}),
        ),
        case(
            "Host is a field like any other",
            rules.LISTED,
            send(get(b"/headers")),
            expect(status=200, body=with_lines(b"host: localhost")),
        ),
        listed(
            "a name is lower-cased, a value is not",
            rules.NAME_CASE,
            b"X-PrObE: MiXeD CaSe",
            as_line=with_lines(b"x-probe: MiXeD CaSe"),
        ),
        listed(
            "white space around a value is no part of it",
            rules.OWS,
            b"X-Probe: \t two  words \t ",
            as_line=with_lines(b"x-probe: two  words"),
        ),
        listed(
            "no white space is needed behind the colon",
            rules.OWS,
            b"X-Probe:tight",
            as_line=with_lines(b"x-probe: tight"),
        ),
        listed(
            "a value may hold colons",
            rules.FIRST_COLON,
            b"X-Probe: 12:30:45, http://localhost/: yes",
            as_line=with_lines(b"x-probe: 12:30:45, http://localhost/: yes"),
        ),
        listed(
            "a value may be empty",
            rules.EMPTY_VALUE,
            b"X-Probe:",
            b"X-Other: other",
            as_line=with_lines(b"x-probe:", b"x-other: other"),
        ),
        listed(
            "a repeated field keeps its values, in order",
            rules.REPEATED,
            b"X-Probe: one",
            b"X-Other: other",
            b"x-probe: two",
            as_line=either(
                in_order(b"x-probe: one", b"x-probe: two"), with_lines(b"x-probe: one, two")
            ),
        ),
        listed(
            "a name may hold every character of a token",
            rules.TOKEN_NAME,
            b"!#$%&'*+-.^_`|~09Az: odd",
            as_line=with_lines(b"!#$%&'*+-.^_`|~09az: odd"),
        ),
        listed(
            "octets beyond ASCII come back as they were",
            rules.OBS_TEXT,
            b"X-Probe: caf\xe9 \xe2\x82\xac \xa0",
            as_line=with_lines(b"x-probe: caf\xe9 \xe2\x82\xac \xa0"),
        ),
        listed(
            "a value of 4000 octets comes back whole",
            rules.MANY_FIELDS,
            b"X-Probe: " + LONG,
            as_line=with_lines(b"x-probe: " + LONG),
        ),
        listed(
            "sixty fields come back",
            rules.MANY_FIELDS,
            *(b"X-Field-%d: %d" % (number, number * number) for number in range(60)),
            as_line=with_lines(b"x-field-0: 0", b"x-field-31: 961", b"x-field-59: 3481"),
        ),
    ),
)
