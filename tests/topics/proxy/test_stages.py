"""A plain proxy passes the first stage; each wrong one fails its own case and passes those before it.

The reference is played by tests/soak/test_reference.py, and its faults by test_faults.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cutaway.grade.matchers import holds
from cutaway.grade.player import Subject, check
from cutaway.grade.verdict import CheckResult
from cutaway.process import Command
from cutaway.topics.proxy.stages import STAGES
from cutaway.topics.proxy.stages.messages import Wire
from cutaway.topics.proxy.stages.tls import node
from cutaway.wire import Annotator, Reader, WireError
from cutaway.workshop import catalog

HERE = Path(__file__).parent
SLUGS = [stage.slug for stage in STAGES]


def checked(*words: str, stages: tuple[str, ...] = ()) -> CheckResult:
    subject = Subject(
        command=Command(HERE, words), variables=tuple(catalog.topic("proxy").environment)
    )
    chosen = [stage for stage in STAGES if not stages or stage.slug in stages]
    return check("proxy", chosen, subject, seed=1, keep_going=True)


def plain(*change: str) -> CheckResult:
    return checked(sys.executable, str(HERE / "plain.py"), *change, stages=("forward",))


def failed(result: CheckResult) -> list[str]:
    return [case.name for stage in result.stages for case in stage.failed]


def test_a_plain_proxy_passes_the_first_stage() -> None:
    assert failed(plain()) == []


WRONG = {
    "a request reaches the upstream, and its answer the client": (
        'up.sendall(b"".join(lines) + b"\\r\\n" + body)',
        'up.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")',
    ),
    "the target is passed on octet by octet": (
        'method = lines[0].split(b" ")[0]',
        'method = lines[0].split(b" ")[0]; lines[0] = lines[0].replace(b"//", b"/")',
    ),
    "Host stays as it came": (
        'method = lines[0].split(b" ")[0]',
        'method = lines[0].split(b" ")[0]; lines = [b"Host: localhost\\r\\n" if'
        ' l[:5] == b"Host:" else l for l in lines]',
    ),
    "fields stay, those of one name in their order": (
        "return lines\n",
        'return lines[:1] + list({l.split(b":")[0].lower(): l for l in lines[1:]}.values())\n',
    ),
    "a body is passed on octet by octet": (
        "return f.read(int(",
        'return f.read1(9000)[:300] and b"" if value(lines, b"content-length") == b"2048"'
        ' and lines[0][:4] == b"POST" else f.read(int(',
    ),
    "status, fields and body of the answer come back": (
        "answer = head_of(back)",
        'answer = head_of(back); answer[0] = answer[0].replace(b"404", b"200")',
    ),
    "a method that is not known is passed on": (
        'if method == b"CONNECT":',
        'if method in (b"CONNECT", b"BREW"):',
    ),
    "answers to HEAD, 204 and 304 have no body": (
        'bodiless = method == b"HEAD" or',
        "bodiless = False or",
    ),
    "two requests in one write are two requests, answered in order": (
        "while lines := head_of(f):",
        'while lines := head_of(f := sock.makefile("rb")):',
    ),
    "without $CONNECT_ALLOW there is no CONNECT": ("501 No", "200 OK"),
    "an upstream that is not there is answered with 502": ("502 Bad Gateway", "500 Oh"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_proxy_that_is_wrong_in_one_way_fails_the_case_about_it(case: str) -> None:
    result = plain(*WRONG[case])
    assert failed(result)[:1] == [case]
    failure = result.stages[0].failed[0].failure
    assert failure is not None
    assert failure.by_hand


# Whatever a stage lets through to an upstream has one reading. Both of these read a request as a
# program would that believes only one of the two signals.

SAMPLES = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nalpha",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nalpha\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nalpha1",
    b"POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nalpha",
    b"POST / HTTP/1.1\r\nHost: a\r\nX: a\nContent-Length: 5\r\n\r\nalpha",
    b"POST / HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 5\r\n\r\nalpha",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
]


def lenient(data: bytes, signal: bytes) -> int:
    """How many octets the first request has, to a program that looks at one signal only."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if signal not in head.lower():
        return len(head + end)
    if signal == b"chunked":
        return len(head + end) + rest.index(b"0\r\n\r\n") + 5
    value = head.lower().split(b"content-length:")[-1].split(b"\r\n")[0]
    return len(head + end) + int(value)


@pytest.mark.parametrize("data", SAMPLES)
def test_what_is_read_as_a_request_to_an_upstream_is_so_to_any_program(data: bytes) -> None:
    reader = Reader(data)
    try:
        Wire().to_server(reader)
    except WireError:
        return  # a report says so
    sizes = {lenient(data, signal) for signal in (b"content-length", b"chunked")}
    named = [s for s in (b"content-length", b"chunked") if s in data.lower()]
    assert len(named) <= 1
    assert reader.pos == max(sizes)


PARTS = {
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nalp": b"alp",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n": b"",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nal": b"al",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nalpha\r\n2": b"alpha",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\n1\r\np\r\n": b"alp",
}


@pytest.mark.parametrize("data", PARTS)
def test_of_a_request_as_much_is_read_as_is_there(data: bytes) -> None:
    codec, annotator = Wire(), Annotator(data)
    message = codec.so_far(annotator, question=True)
    assert message.body == PARTS[data]
    assert codec.locate(annotator, message, "body")[0] == PARTS[data]


@pytest.mark.parametrize(
    ("address", "found", "fits"),
    [
        (b"192.0.2.7", b"192.0.2.7", True),
        (b"192.0.2.7", b"192.0.2.7:80", True),
        (b"192.0.2.7", b"192.0.2.77", False),
        (b"2001:db8::7", b"[2001:db8::7]", True),
        (b"2001:db8::7", b"2001:db8::7", False),
        (b"192.0.2.7", None, False),
    ],
)
def test_a_node_is_an_address_as_forwarded_writes_it(
    address: bytes, found: bytes | None, fits: bool
) -> None:
    assert holds(node(address), found) is fits


def test_no_two_cases_of_a_stage_have_one_name() -> None:
    for stage in STAGES:
        names = [case.name for case in stage.cases]
        assert len(names) == len(set(names)), stage.name


def test_every_stage_says_what_it_asks_and_how_to_get_there() -> None:
    for stage in STAGES:
        assert all((stage.asks, stage.given, stage.goals, *stage.hints)), stage.name
        assert all(goal.split(":")[0] in GOALS for goal in stage.goals), stage.name


GOALS = {"bound it", "frame it", "parse it", "decide", "act", "answer", "recover"}
