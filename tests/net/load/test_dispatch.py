"""Who sends what, and what becomes of it, with lines and a clock that are made up."""

import heapq
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.net.load import Answer, Plan
from cutaway.net.load.dispatch import Dispatch
from cutaway.net.load.ledger import Ledger

OK = Answer("200")


class Plug:
    name = "made up"

    def request(self, number: int) -> bytes:
        return b"%d" % number

    def reader(self):
        raise NotImplementedError


class Line:
    def __init__(self) -> None:
        self.intended = self.sent_at = 0.0
        self.carried: list[bytes] = []
        self.closed = False

    def send(self, data: bytes) -> None:
        assert not self.closed
        self.carried.append(data)

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class Desk:
    """A dispatch whose lines connect when the test says so."""

    def __init__(self, most: int = 2, timeout: float = 1.0, warmup: float = 0.0) -> None:
        self.ledger = Ledger(warmup)
        self.lines: list[Line] = []
        self.refuses = ""
        self.dispatch = Dispatch(Plug(), self.ledger, self.open_one, most, timeout)

    def open_one(self) -> str:
        if not self.refuses:
            self.lines.append(Line())
        return self.refuses

    def sums(self) -> tuple[int, int, int, int]:
        t = self.ledger.measured
        return t.asked, t.answered, t.failed, t.unfinished


def test_the_pool_grows_as_long_as_requests_find_nothing_idle():
    desk = Desk(most=10)
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.ready(desk.lines[0], 0.001)
    desk.dispatch.answered(desk.lines[0], OK, 0.002)
    desk.dispatch.due(0.1, 0.1)
    assert len(desk.lines) == 1
    desk.dispatch.due(0.2, 0.2)
    assert len(desk.lines) == 2
    assert desk.lines[0].carried == [b"0", b"1"]


def test_whoever_is_ready_first_takes_the_first_of_the_queue():
    desk = Desk(most=2)
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.due(0.1, 0.1)
    desk.dispatch.ready(desk.lines[1], 0.2)
    assert (desk.lines[0].carried, desk.lines[1].carried) == ([], [b"0"])


def test_waiting_for_a_connection_is_in_the_latency_and_counted():
    desk = Desk(most=1)
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.ready(desk.lines[0], 0.0)
    desk.dispatch.due(0.1, 0.1)
    desk.dispatch.answered(desk.lines[0], OK, 0.5)
    desk.dispatch.answered(desk.lines[0], OK, 0.6)
    assert desk.ledger.waited == 1
    latency, since = desk.ledger.latency().at(100), desk.ledger.since_sent.most
    assert latency is not None
    assert latency.seconds == pytest.approx(0.5, rel=0.01)
    assert since == pytest.approx(0.5)
    assert min(desk.ledger.good.counts) >= 499_000


def test_a_timeout_counts_from_the_intended_moment_and_closes_the_line():
    desk = Desk(most=1, timeout=1.0)
    desk.dispatch.due(0.0, 0.3)
    desk.dispatch.ready(desk.lines[0], 0.3)
    desk.dispatch.due(0.5, 0.5)
    desk.dispatch.expire(0.99)
    assert desk.sums() == (2, 0, 0, 0)
    desk.dispatch.expire(1.0)
    assert desk.lines[0].closed
    assert desk.sums() == (2, 0, 1, 0)
    assert desk.ledger.errors == {"timeout": 1}
    assert len(desk.lines) == 2  # for the one that waits


def test_one_that_waits_too_long_is_given_up_unsent():
    desk = Desk(most=1, timeout=1.0)
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.expire(1.5)
    assert (desk.ledger.measured.sent, desk.sums()) == (0, (1, 0, 1, 0))


def test_connections_that_fail_at_once_fail_one_request_each_however_many():
    """No recursion: ten thousand wait when the server goes away."""
    desk = Desk(most=1)
    for number in range(10_000):
        desk.dispatch.due(number / 10_000, number / 10_000)
    desk.refuses = "refused"
    desk.dispatch.not_opened("refused", 1.0)
    assert desk.sums() == (10_000, 0, 10_000, 0)
    assert desk.ledger.errors == {"refused": 10_000}
    assert desk.dispatch.lines == 0


def test_an_idle_line_that_is_lost_is_no_failure():
    desk = Desk()
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.ready(desk.lines[0], 0.0)
    desk.dispatch.answered(desk.lines[0], OK, 0.1)
    desk.dispatch.lost(desk.lines[0], "closed", 0.2)
    assert desk.sums() == (1, 1, 0, 0)
    assert desk.dispatch.lines == 0


def test_an_answer_that_ends_its_connection_makes_room_for_another():
    desk = Desk(most=1)
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.ready(desk.lines[0], 0.0)
    desk.dispatch.due(0.1, 0.1)
    desk.dispatch.answered(desk.lines[0], OK._replace(keep=False), 0.2)
    desk.dispatch.ready(desk.lines[1], 0.3)
    assert desk.lines[1].carried == [b"1"]
    assert desk.dispatch.opened == 2


def test_what_is_open_at_the_end_is_unfinished():
    desk = Desk(most=1)
    for at in (0.0, 0.1, 0.2):
        desk.dispatch.due(at, at)
    desk.dispatch.ready(desk.lines[0], 0.2)
    desk.dispatch.stop(0.5)
    assert desk.sums() == (3, 0, 0, 3)
    assert str(desk.ledger.latency().at(50)) == "≥ 400 ms"


def test_the_warm_up_is_sent_and_not_measured():
    desk = Desk(warmup=1.0)
    desk.dispatch.due(0.5, 0.5)
    desk.dispatch.ready(desk.lines[0], 0.5)
    desk.dispatch.answered(desk.lines[0], OK, 1.2)
    desk.dispatch.due(1.5, 1.5)
    desk.dispatch.answered(desk.lines[0], OK, 1.6)
    assert desk.sums() == (1, 1, 0, 0)
    desk.ledger.close(5)
    assert [(row.second, row.asked, row.warmup) for row in desk.ledger.rows] == [
        (0, 1, True),
        (1, 1, False),
    ]


def test_answers_that_are_errors_are_answers_and_errors():
    desk = Desk()
    desk.dispatch.due(0.0, 0.0)
    desk.dispatch.ready(desk.lines[0], 0.0)
    desk.dispatch.answered(desk.lines[0], Answer("503", ok=False), 0.1)
    assert desk.sums() == (1, 1, 0, 0)
    assert (desk.ledger.errors, desk.ledger.statuses) == ({"status": 1}, {"503": 1})
    assert desk.ledger.good.count == 0


def test_a_second_becomes_a_row_when_all_of_it_is_settled():
    desk = Desk(most=5)
    desk.dispatch.due(0.9, 0.9)
    desk.dispatch.due(1.1, 1.1)
    desk.dispatch.ready(desk.lines[0], 1.2)
    desk.dispatch.ready(desk.lines[1], 1.2)
    desk.dispatch.answered(desk.lines[1], OK, 1.3)
    desk.ledger.close(10)
    assert desk.ledger.rows == []
    desk.dispatch.answered(desk.lines[0], OK, 2.4)
    desk.ledger.close(10)
    assert [(row.second, row.answered) for row in desk.ledger.rows] == [(0, 1), (1, 1)]
    assert desk.ledger.open == {}


events = st.lists(st.sampled_from(["due", "ready", "refuse", "answer", "close", "lose", "wait"]))


@settings(deadline=None, max_examples=200)
@given(events, st.integers(1, 4))
def test_whatever_happens_each_request_is_settled_once(story: list[str], most: int) -> None:
    desk, now = Desk(most=most), 0.0
    opening: list[Line] = []
    seen = 0
    for event in story:
        now += 0.05
        opening += desk.lines[seen:]
        seen = len(desk.lines)
        flying = list(desk.dispatch.flying)
        match event:
            case "due":
                desk.dispatch.due(now, now)
            case "ready" if opening:
                desk.dispatch.ready(opening.pop(0), now)
            case "refuse" if opening:
                opening.pop(0)
                desk.dispatch.not_opened("refused", now)
            case "answer" | "close" if flying:
                desk.dispatch.answered(flying[-1], OK._replace(keep=event == "answer"), now)
            case "lose" if flying or desk.dispatch.idle:
                desk.dispatch.lost((flying + desk.dispatch.idle)[0], "reset", now)
            case "wait":
                now += 0.4
                desk.dispatch.expire(now)
        assert 0 <= desk.dispatch.lines <= most
    desk.dispatch.stop(now)
    desk.ledger.close(1000)
    asked, *settled = desk.sums()
    assert asked == story.count("due") == sum(settled) == desk.ledger.latency().count
    rows = desk.ledger.rows
    assert Counter(asked=asked) == Counter(asked=sum(row.asked for row in rows))
    assert sum(row.answered + row.failed + row.unfinished for row in rows) == asked


# A server that stands still, without a server: it takes 1 ms, but nothing between 2 s and 4 s.

TAKES, STOPS, GOES_ON = 0.001, 2.0, 4.0


def answer_at(sent: float) -> float:
    done = sent + TAKES
    return GOES_ON + TAKES if STOPS <= done < GOES_ON else done


def played(moments: Callable[[Desk, float], float | None], most: int) -> Ledger:
    """Ten seconds; `moments` says when the next request is due, None for when one is answered."""
    desk = Desk(most=most, timeout=100.0)
    answers: list[tuple[float, int, Line]] = []
    now = 0.0
    while now < 10.0:
        following = moments(desk, now)
        while answers and (following is None or answers[0][0] <= following):
            now, _, line = heapq.heappop(answers)
            desk.dispatch.answered(line, OK, now)
            _post(desk, answers)
            if following is None:
                break
        else:
            assert following is not None
            now = following
            desk.dispatch.due(now, now)
            while desk.dispatch.opening:
                desk.dispatch.ready(desk.lines[desk.dispatch.opened], now)
            _post(desk, answers)
    return desk.ledger


def _post(desk: Desk, answers: list[tuple[float, int, Line]]) -> None:
    """Every line that flies and is not awaited yet will be answered."""
    awaited = {id(line) for _, _, line in answers}
    for line in desk.dispatch.flying:
        if id(line) not in awaited:
            heapq.heappush(answers, (answer_at(line.sent_at), id(line), line))


def test_a_server_that_stands_still_shows_in_the_open_loop_and_not_in_the_closed_one():
    times = Plan.steady(100, 10).times()
    opened = played(lambda desk, now: next(times, 10.0), most=500).latency()

    def when_idle(desk: Desk, now: float) -> float | None:
        return now if len(desk.dispatch.flying) < 4 else None

    shut = played(when_idle, most=4).latency()
    p50, p90, p99 = (m.seconds for m in opened.at_each((50, 90, 99)) if m)
    assert p50 < 0.002
    assert p90 == pytest.approx(1.0, rel=0.05)  # a fifth of all, evenly from 0 to 2 s
    assert p99 == pytest.approx(1.9, rel=0.05)
    closed = [m.seconds for m in shut.at_each((50, 99, 99.9, 100)) if m]
    assert closed[:3] == [pytest.approx(TAKES, rel=0.01)] * 3
    assert closed[3] == pytest.approx(2.0, rel=0.01)
