"""All the time of a request is somewhere, by the clock of who sent it."""

import pytest

from cutaway.system.account import accounted, together
from cutaway.system.traffic import Row
from tests.system.test_trace import FRONT, ONE, STORE, TWO, Played


def row(intended, sent, ended):
    at = (ms / 1000 for ms in (intended, sent, ended))
    return Row(1, "browse", "list", 4711, *at, 200, "")


def told(account):
    return [
        (round(s.start * 1000), round(s.end * 1000), s.kind, s.where, s.others)
        for s in account.spans
    ]


def test_it_begins_when_it_was_meant_to_be_sent_and_ends_with_the_last_octet():
    played = Played(*ONE)
    account = accounted(played.tracer, played.tree(), row(-30, -5, 90))
    assert told(account)[:2] == [(-30, -5, "queue", "traffic", 0), (-5, 0, "network", FRONT, 0)]
    assert told(account)[-1] == (80, 90, "network", FRONT, 0)
    assert account.share == pytest.approx(1.0)
    assert (account.began, account.ended) == (-0.03, 0.09)


def test_who_waited_for_whom_is_said():
    played = Played(*ONE)
    waits = accounted(played.tracer, played.tree(), None).waits
    assert {(w.who, w.whom, round(w.seconds * 1000)) for w in waits} == {
        ("app", "cache", 15),
        ("app", "store", 30),
    }


def test_nothing_is_said_of_the_share_where_it_is_not_known_who_sent_it():
    played = Played(*ONE)
    account = accounted(played.tracer, played.tree(), None)
    assert account.share is None
    assert sum(s.end - s.start for s in account.spans) == pytest.approx(0.08)


def test_work_beside_the_work_of_others_is_queueing():
    played = Played(*TWO)
    milk = accounted(played.tracer, played.tree(0), row(0, 0, 30))
    assert told(milk) == [
        (0, 1, "work", "app", 0),
        (1, 10, "queue", "app", 1),
        (10, 11, "work", "app", 0),  # the other waits for the store
        (11, 20, "queue", "store", 1),
        (20, 21, "work", "store", 0),
        (21, 30, "queue", "app", 1),
    ]


def test_time_of_a_step_that_may_be_another_request_s_is_not_accounted_for():
    same = [(at, wire, number, text.replace("bread", "milk").replace("brown", "white"))
            for at, wire, number, text in TWO]  # fmt: skip
    played = Played(*same)
    shares = [
        accounted(played.tracer, played.tree(at), row(at, at, 30 + at)).share for at in (0, 1)
    ]
    assert min(shares) < 0.95


def test_a_look_whether_somebody_is_well_belongs_to_no_request():
    played = Played(
        (0, FRONT, 1, "> fetch milk bread butter"),
        (5, STORE, 1, "> are you well"),
        (9, STORE, 1, "< yes"),
        (10, STORE, 2, "> fetch milk bread butter"),
        (20, STORE, 2, "< here"),
        (25, FRONT, 1, "< here"),
    )
    steps = [node.exchange.question.says for node in played.tree()]
    assert steps == ["fetch milk bread butter"] * 2


def test_what_has_no_words_goes_with_what_was_asked_in_the_same_breath():
    played = Played(
        (0, FRONT, 1, "> keep milk"),
        (1, FRONT, 2, "> keep bread"),
        (10, STORE, 1, "> keep"),
        (10, STORE, 1, "> keep milk"),
        (20, STORE, 1, "< good"),
        (20, STORE, 1, "< good"),
        (30, FRONT, 1, "< good"),
        (31, FRONT, 2, "< good"),
    )
    milk = [(n.exchange.question.says, n.sure) for n in played.tree(0)]
    assert milk == [("keep milk", True), ("keep", True), ("keep milk", True)]
    assert len(list(played.tree(1))) == 1


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [([], 0), ([(1, 2)], 1), ([(1, 3), (2, 4)], 3), ([(5, 6), (1, 9)], 8), ([(1, 2), (3, 4)], 2)],
)
def test_what_overlaps_is_counted_once(spans, seconds):
    assert together(spans) == seconds
