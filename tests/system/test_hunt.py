"""A hunt: what is hidden, what may be asked, what is counted, what it was worth."""

import random

import pytest

from cutaway.system.clues import clue_of
from cutaway.system.hunt import (
    CAUSES,
    FREE,
    BadHunt,
    CannotHunt,
    Case,
    Hunt,
    Mark,
    drawn,
    read,
    seed_for,
)

CASES = tuple(
    Case(
        name=f"case {number}",
        cause=f"cause {number}",
        level=1 + number % 3,
        hints=("where", "which", "what"),
        clue=clue_of({"asks": "^x"}),
        slot="a" if number % 2 else "b",
        fault=f"fault {number}",
    )
    for number in range(12)
)
SHOWS = Mark("message", "w/1/s/0", "x", True)


def test_a_seed_hides_the_same_fault_and_offers_the_same_causes():
    first, second = Hunt(7, CASES), Hunt(7, CASES)
    assert (first.case, first.causes) == (second.case, second.causes)
    assert first.case.cause in first.causes
    assert len(set(first.causes)) == len(first.causes) == CAUSES


def test_seeds_that_follow_each_other_hide_all_faults():
    assert {drawn(seed, CASES).name for seed in range(12, 24)} == {case.name for case in CASES}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_level_can_be_asked_for(level):
    draw = random.Random(1)
    assert {drawn(seed_for(level, CASES, draw), CASES).level for _ in range(20)} == {level}


def test_some_wrong_causes_would_be_of_the_same_place():
    hunt = Hunt(3, CASES)
    near = [c for c in CASES if c.slot == hunt.case.slot and c.cause in hunt.causes]
    assert len(near) > 2


def test_hints_come_in_their_order_and_end():
    hunt = Hunt(7, CASES)
    assert [hunt.hint(), hunt.hint(), hunt.hint()] == ["where", "which", "what"]
    with pytest.raises(CannotHunt, match="no more hints"):
        hunt.hint()


def test_what_is_opened_counts_once_and_an_order_each_time():
    hunt = Hunt(7, CASES)
    for _ in range(3):
        hunt.looked("message", "w/1/s/0")
        hunt.looked("order", "w clear")
    assert hunt.looks == 4


def test_a_mark_can_be_taken_back_and_is_there_once():
    hunt = Hunt(7, CASES)
    hunt.mark(SHOWS)
    hunt.mark(SHOWS)
    assert hunt.marks == [SHOWS]
    hunt.unmark(SHOWS.id)
    assert hunt.marks == []


SCORES = [
    ("all of it right", {}, 100),
    ("the wrong place", {"place": "elsewhere"}, 70),
    ("the wrong cause", {"cause": "another"}, 60),
    ("evidence that does not show it", {"shows": False}, 70),
    ("two hints", {"hints": 2}, 90),
    ("three openings beyond what is free", {"looks": FREE + 3}, 97),
    ("a hundred openings", {"looks": 100}, 85),
    ("nothing right, and hints", {"place": "", "cause": "", "shows": False, "hints": 3}, 0),
]


@pytest.mark.parametrize(("how", "points"), [c[1:] for c in SCORES], ids=[c[0] for c in SCORES])
def test_the_score_of(how, points):
    hunt = Hunt(7, CASES)
    for number in range(how.get("looks", 0)):
        hunt.looked("message", f"{number}")
    for _ in range(how.get("hints", 0)):
        hunt.hint()
    hunt.mark(Mark("message", "w/1/s/0", "x", how.get("shows", True)))
    score = hunt.give(how.get("place", hunt.case.place), how.get("cause", hunt.case.cause), 9.0)
    assert score.points == points
    assert max(0, sum(p for _, p in score.lines)) == points


def test_there_is_one_answer():
    hunt = Hunt(7, CASES)
    hunt.give("a", "cause 1", 2.0)
    for again in (lambda: hunt.give("b", "cause 2", 3.0), hunt.hint, lambda: hunt.mark(SHOWS)):
        with pytest.raises(CannotHunt, match="over"):
            again()


def test_who_gives_up_gets_nothing():
    hunt = Hunt(7, CASES)
    hunt.mark(SHOWS)
    hunt.give_up(5.0)
    assert (hunt.score.points, hunt.ended) == (0, 5.0)


BAD = [
    ("", "no cases"),
    ("[[case]]\nname = 'a'", "cannot be read"),
    ("[[case]]\nname='a'\ncause='c'\nlevel=1\nhints=['h']\nclue={}", "wants a slot and a fault"),
    ("[[case]]\nname='a'\ncause='c'\nlevel=9\nhints=['h']\nslot='s'\nfault='f'\nclue={}", "level"),
    ("[[case]]\nname='a'\ncause='c'\nlevel=1\nhints=['h']\nclue={asks='('}", "cannot be read"),
    ("[[case]]\nname='a'\ncause='c'\nlevel=1\nhints=['h']\nclue={ask='x'}", "cannot be read"),
    ("case = ", "no TOML"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_a_file_that_cannot_be_read_says_so(tmp_path, text, why):
    file = tmp_path / "hunt.toml"
    file.write_text(text)
    with pytest.raises(BadHunt, match=why):
        read(file)


def test_every_case_can_be_told_from_the_others():
    cases = read()
    assert len(cases) >= 12
    for words in ("name", "cause"):
        assert len({getattr(case, words) for case in cases}) == len(cases)
    assert {case.level for case in cases} == {1, 2, 3}
    assert all(3 <= len(case.hints) <= 4 for case in cases)
