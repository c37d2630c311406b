"""A small result made by hand, with one of everything, and one full of hostile text."""

from cutaway.grade.verdict import CaseResult, CheckResult, Failure, Rule, StageResult, Verdict, Way

CLOSE = Rule(
    "RFC 9112 §9.6",
    "MUST",
    "after answering a request that said close, the server closes and does not process what follows",
)
STREAM = Rule("RFC 9112 §9.3.2", "MUST", "answers are sent in the order of their requests")

BY_HAND = "(printf 'GET /echo/alpha HTTP/1.1\\r\\n\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd"

NOT_CLOSED = Failure(
    step="closed",
    expected="the connection to close here",
    found="43 more bytes",
    because=str(CLOSE),
    by_hand=BY_HAND,
    where="byte 43 of what your server sent (response 1)",
    offset=43,
    dump=(
        "0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/\n"
        "                                       ^^"
    ),
)
ONLY_IN_PIECES = Failure(
    step="answered",
    expected="an answer",
    found="silence for 2.01 s",
    because=str(STREAM),
    by_hand=BY_HAND,
    notes=(
        "the same octets in one write of their own pass: this fails only in pieces",
        "delivered in pieces, cut after byte 17 and 30",
        "the limit of 2 s was over",
        "the program printed: listening\n\tbye",
    ),
)

PASSES = StageResult(
    name="http1/request-line",
    title="the first line is read",
    verdict=Verdict.PASS,
    seconds=0.041,
    cases=(
        CaseResult(name="a target is read", rule=STREAM, verdict=Verdict.PASS, seconds=0.04),
        CaseResult(
            name="a kill loses nothing",
            rule=STREAM,
            verdict=Verdict.SKIPPED,
            why="needs a program that the check starts itself",
        ),
    ),
)
CLOSES_NOT = CaseResult(
    name="close means close: what follows goes unanswered",
    rule=CLOSE,
    verdict=Verdict.FAIL,
    seconds=0.2,
    plays=1,
    reached=("connected", "sent", "answered", "framed", "parsed"),
    failure=NOT_CLOSED,
)
STOPS_IN_PIECES = CaseResult(
    name="two requests in one write are two requests",
    rule=STREAM,
    verdict=Verdict.FAIL,
    played=Way.PIECES,
    seconds=2.1,
    waited=0.5,
    plays=2,
    reached=("connected", "sent", "answered", "framed"),
    failure=ONLY_IN_PIECES,
)
CANNOT_TELL = CaseResult(
    name="curl reads the answer",
    rule=STREAM,
    verdict=Verdict.INCONCLUSIVE,
    why="curl is not on this machine",
)
FAILS = StageResult(
    name="http1/pipelining",
    title="one connection, many requests",
    verdict=Verdict.FAIL,
    seconds=2.4,
    cases=(
        CaseResult(name="the connection goes on", rule=STREAM, verdict=Verdict.PASS),
        CLOSES_NOT,
        STOPS_IN_PIECES,
        CANNOT_TELL,
    ),
)
NOT_TRIED = StageResult(
    name="http1/frames",
    title="lengths are kept",
    verdict=Verdict.SKIPPED,
    why="needs the address of $FRAMES_PORT",
)

RESULT = CheckResult(topic="http1", seed=7, seconds=2.5, stages=(PASSES, FAILS, NOT_TRIED))
ALL_PASS = CheckResult(
    topic="http1",
    seed=7,
    seconds=0.1,
    stages=(
        StageResult(
            name="http1/request-line",
            title="the first line is read",
            verdict=Verdict.PASS,
            seconds=0.04,
            cases=(PASSES.cases[0],),
        ),
    ),
)
NOTHING_CHECKED = CheckResult(
    topic="http1",
    seed=7,
    seconds=0.1,
    stages=(
        StageResult(
            name="http1/clients",
            title="clients are served",
            verdict=Verdict.INCONCLUSIVE,
            cases=(CANNOT_TELL,),
        ),
    ),
)

HOSTILE = "".join(map(chr, range(0x20))) + (
    "\x7f\x9b2J\x1b[2J\x1b]0;title\x07 ]]> <b>&amp;</b> %0A %s ::error::boo\r\n::set-env name=a::b\n"
    "##[error]x \ud800 \udfff \u202e\u2028\u2066 \ufeff \ufffe ``` ````` </details> | ![i](u) \\ \" '"
)


def hostile(text: str = HOSTILE) -> CheckResult:
    """A result whose every text is `text`."""
    rule = Rule(text, text, text)
    failure = Failure(
        step=text,
        expected=text,
        found=text,
        because=text,
        by_hand=text,
        where=text,
        offset=0,
        dump=text,
        notes=(text, f"the program printed: {text}"),
    )
    cases = (
        CaseResult(
            name=text, rule=rule, verdict=Verdict.FAIL, reached=(text, "sent"), failure=failure
        ),
        CaseResult(name=text, rule=rule, verdict=Verdict.FAIL, failure=failure),
        CaseResult(name=text, rule=rule, verdict=Verdict.INCONCLUSIVE, why=text),
        CaseResult(name=text, rule=rule, verdict=Verdict.SKIPPED, why=text),
    )
    stages = (
        StageResult(name=text, title=text, verdict=Verdict.FAIL, cases=cases),
        StageResult(name=text, title=text, verdict=Verdict.SKIPPED, why=text),
        StageResult(name=text, title=text, verdict=Verdict.INCONCLUSIVE, why=text),
    )
    return CheckResult(topic=text, seed=1, seconds=0.0, stages=stages)
