"""What passes on wires becomes messages, exchanges and totals, and can be opened afterwards."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.system.ear import KEPT, Ear, Exchange, Message, NotKept
from cutaway.topics.http1.codec import Http1

GET = b"GET /echo/alpha HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"
NO_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


class Said:
    """Events of one wire, with offsets and times that count up."""

    def __init__(self):
        self.ear, self.heard, self.now = Ear({"w": Http1}), [], 0.0
        self.ear.listeners.append(self.heard.append)
        self.offsets = {}

    def __call__(self, way, data, number=1):
        self.now += 1.0
        offset = self.offsets.get((number, way), 0)
        happened = data if isinstance(data, str) else None
        octets = b"" if happened else data
        self.offsets[number, way] = offset + len(octets)
        self.ear.receive("w", Event(self.now, number, way, offset, octets, happened))

    @property
    def exchanges(self):
        return [one for one in self.heard if isinstance(one, Exchange)]

    @property
    def messages(self):
        return [one for one in self.heard if isinstance(one, Message)]


@pytest.fixture
def said():
    return Said()


def test_a_question_and_its_answer_are_an_exchange(said):
    said(TO_SERVER, "opened")
    said(TO_SERVER, GET[:10])
    said(TO_SERVER, GET[10:])
    said(TO_CLIENT, ANSWER)
    [exchange] = said.exchanges
    assert (exchange.began, exchange.question.at, exchange.ended) == (2.0, 3.0, 4.0)
    assert exchange.question.says == "GET /echo/alpha"
    assert exchange.answer.says == "200 OK · 5 bytes"


def test_answers_belong_to_questions_in_order(said):
    said(TO_SERVER, GET + HEAD)
    said(TO_CLIENT, ANSWER + NO_BODY)
    assert [(e.question.says, e.answer.says) for e in said.exchanges] == [
        ("GET /echo/alpha", "200 OK · 5 bytes"),
        ("HEAD /", "200 OK"),
    ]


def test_an_interim_answer_answers_nothing(said):
    said(TO_SERVER, GET)
    said(TO_CLIENT, INTERIM + ANSWER)
    assert [e.answer.says for e in said.exchanges] == ["200 OK · 5 bytes"]


def test_what_stays_unanswered_says_how_the_connection_ended(said):
    said(TO_SERVER, GET)
    said(TO_CLIENT, "reset")
    [exchange] = said.exchanges
    assert (exchange.answer, exchange.why, exchange.ended) == (None, "reset", 2.0)
    assert said.ear.wires["w"].totals.unanswered == 1
    assert said.ear.wires["w"].open == 0


def test_an_answer_after_the_end_of_the_questions_still_counts(said):
    said(TO_SERVER, GET)
    said(TO_SERVER, "closed")
    said(TO_CLIENT, ANSWER)
    assert said.exchanges[0].answer is not None


@pytest.mark.parametrize(("first", "second"), [(TO_SERVER, TO_CLIENT), (TO_CLIENT, TO_SERVER)])
def test_a_connection_is_open_until_both_sides_have_closed_it(said, first, second):
    said(TO_SERVER, "opened")
    said(TO_SERVER, GET)
    said(TO_CLIENT, ANSWER)
    said(first, "closed")
    assert said.ear.wires["w"].open == 1
    said(second, "closed")
    assert said.ear.wires["w"].open == 0


def test_a_reset_that_both_sides_tell_leaves_no_connection(said):
    said(TO_SERVER, GET)
    said(TO_CLIENT, "reset")
    said(TO_SERVER, "reset")
    assert (said.ear.wires["w"].open, said.ear.wires["w"].totals.unanswered) == (0, 1)


def test_what_waits_can_be_counted_while_connections_come_and_go(said):
    wire, counting = said.ear.wires["w"], threading.Event()

    def count():
        while not counting.is_set():
            assert wire.waiting in (0, 1)

    with ThreadPoolExecutor(1) as pool:
        counted = pool.submit(count)
        for number in range(3000):
            said(TO_SERVER, "opened", number)
            if number >= 300:
                said(TO_SERVER, "reset", number - 300)
        counting.set()
        counted.result()


def test_a_message_is_opened_by_its_id(said):
    said(TO_SERVER, GET)
    said(TO_SERVER, HEAD)
    name = said.messages[1].id
    assert name == f"w/1/s/{len(GET)}"
    message, data, view = said.ear.opened(name)
    assert (message.says, data) == ("HEAD /", HEAD)
    assert [span.field.name for span in view.leaves()][:2] == ["method", "SP"]


def test_an_answer_is_opened_as_the_answer_to_its_question(said):
    said(TO_SERVER, HEAD)
    said(TO_CLIENT, NO_BODY)
    said(TO_SERVER, GET)
    said(TO_CLIENT, ANSWER)
    first, second = [m.id for m in said.messages if m.way == TO_CLIENT]
    assert said.ear.opened(first)[1] == NO_BODY
    _, data, view = said.ear.opened(second)
    assert data == ANSWER
    assert view.leaves()[-1].end == len(ANSWER)


@pytest.mark.parametrize("name", ["w/1/s/7", "w/2/s/0", "x/1/s/0", "w/1/q/0", "w", "", "w/1/s/x"])
def test_an_id_of_nothing_is_a_sentence(said, name):
    said(TO_SERVER, GET)
    with pytest.raises(NotKept, match=r"\.$"):
        said.ear.find(name)


def test_what_is_no_message_is_kept_too(said):
    said(TO_SERVER, b"NONSENSE\r\n\r\n")
    assert said.ear.wires["w"].totals.broken == 1
    [message] = said.messages
    assert message.broken
    assert said.ear.opened(message.id)[1].startswith(b"NONSENSE")


def test_octets_are_kept_in_bounds_and_what_is_gone_is_said(said):
    big = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + bytes(500_000)
    for number in range(1, 12):
        said(TO_SERVER, big, number)
    with pytest.raises(NotKept, match="too long ago"):
        said.ear.opened("w/1/s/0")
    assert said.ear.opened("w/11/s/0")[1] == big
    wire = said.ear.wires["w"]
    assert sum(len(d) for pieces in wire._octets.values() for _, d in pieces) <= KEPT
    assert wire.totals.octets == 11 * len(big)


def test_what_a_link_held_is_in_the_exchange(said):
    said(TO_SERVER, GET)
    said.offsets[1, TO_SERVER] = 10
    said(TO_SERVER, "passed")
    said.offsets[1, TO_SERVER] = len(GET)
    said(TO_SERVER, "passed")
    said(TO_CLIENT, ANSWER)
    said(TO_CLIENT, "passed")
    [exchange] = said.exchanges
    assert (exchange.question.at, exchange.reached, exchange.ended, exchange.came) == (1, 3, 4, 5)


@pytest.mark.parametrize("end", [["closed", "closed"], ["reset"], ["cut"]])
@pytest.mark.parametrize("late", ["passed", "resumed", "stalled", "reset", "closed"])
def test_of_a_connection_that_is_over_nothing_is_left_whatever_a_link_still_tells(said, end, late):
    said(TO_SERVER, "opened")
    said(TO_SERVER, GET)
    for way, what in zip((TO_SERVER, TO_CLIENT), end, strict=False):
        said(way, what)
    for way in (TO_SERVER, TO_CLIENT):
        said(way, late)
    assert said.ear.wires["w"].open == 0
    assert [one.why for one in said.exchanges] == [end[0]]
