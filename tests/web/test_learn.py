"""What the page gets of the topics: closed where it asks, open where something was answered."""

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette

from cutaway.grade.verdict import CheckResult, StageResult, Verdict
from cutaway.web import lesson
from cutaway.web.answers import Desk, refused
from cutaway.web.learn import LearnArea
from cutaway.workshop import catalog, quoting
from cutaway.workshop.answers import DAY, Answers
from cutaway.workshop.errors import Trouble
from cutaway.workshop.progress import Progress
from tests.web.conftest import TOKEN

TOPIC = "http1"
PROJECT = 'topic = "http1"\nrun = "true"\n'


class Page:
    """Asks as the page does."""

    def __init__(self, browser):
        self.browser = browser
        browser.ask(f"/?token={TOKEN}")

    def get(self, path, status=200):
        return self.answered(self.browser.ask(f"/api/{path}"), status)

    def post(self, path, body=None, status=200):
        asked = self.browser.ask(f"/api/{path}", "POST", body=json.dumps(body or {}))
        return self.answered(asked, status)

    def answered(self, answer, status):
        assert answer.status == status, answer.text
        return json.loads(answer.text)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def page(served, home, tmp_path):
    area = LearnArea(Desk(None, None, tmp_path, tmp_path))
    handlers = dict.fromkeys((Trouble, ValueError), refused)
    return Page(served(Starlette(routes=area.routes(), exception_handlers=handlers)))


def section(lesson, slug):
    return next(one for one in lesson["sections"] if one["slug"] == slug)


def text(words):
    return "".join(one["text"] for one in words)


def checked(home, folder, slug, verdict, upto=1):
    """As if a check of the first stages had come to this verdict."""
    stages = tuple(
        StageResult(name=one.name, title=one.title, verdict=verdict)
        for one in catalog.stages(slug)[:upto]
    )
    with Progress.open(home, print) as progress:
        progress.record(folder, CheckResult(topic=slug, seed=1, seconds=0.0, stages=stages))


# The map


def test_the_map_has_every_topic_behind_those_that_it_builds_on(page):
    seen = set()
    for topic in page.get("topics")["topics"]:
        assert set(topic["builds_on"]) <= seen
        seen.add(topic["slug"])
    assert seen == set(catalog.topics())


def test_what_builds_on_nothing_is_next_and_the_rest_is_later(page):
    for topic in page.get("topics")["topics"]:
        assert topic["state"] == ("later" if topic["builds_on"] else "next")
        assert topic["stages"]["done"] == topic["answers"]["done"] == 0
        assert (topic["cards"] > 0, topic["due"]) == (True, 0)


def test_a_topic_with_an_answer_is_begun_and_one_whose_stages_pass_is_done(page, home, tmp_path):
    with Progress.open(home, print) as progress:
        Answers(progress).say("http1", "q", "said")
    checked(home, tmp_path / "mine", "tcp", Verdict.PASS, upto=99)
    states = {one["slug"]: one["state"] for one in page.get("topics")["topics"]}
    assert (states["tcp"], states["http1"], states["cache"]) == ("done", "begun", "next")
    assert states["proxy"] == "later"  # it builds on http1 too


def test_progress_that_cannot_be_kept_is_said(page, home):
    home.write_text("a file where the folder should be")
    assert "not kept" in page.get("topics")["note"]


# A lesson


def test_nothing_stands_behind_a_stop_that_is_closed(page):
    found = page.get(f"topics/{TOPIC}/lesson")
    one = section(found, "where-a-body-ends")
    [stop] = one["stops"]
    assert (stop["open"], stop["blocks"], one["more"]) == (False, [], True)
    [question] = stop["questions"]
    assert (question["answer"], question["why"]) == ("", [])


def test_a_choice_opens_the_section_and_shows_which_one_is_right(page):
    before = section(page.get(f"topics/{TOPIC}/lesson"), "where-a-body-ends")
    question = before["stops"][0]["questions"][0]
    said = {"question": question["id"], "said": "5"}
    one = section(page.post(f"topics/{TOPIC}/answers", said), "where-a-body-ends")
    [stop] = one["stops"]
    assert (stop["open"], one["more"]) == (True, False)
    assert stop["questions"][0]["answer"] == "0"
    assert "RFC 9112 §6.3" in text(stop["questions"][0]["why"])
    assert [block["block"] for block in stop["blocks"][:2]] == ["paragraph", "table"]


def test_the_first_choice_is_the_one_that_was_predicted(page):
    stop = section(page.get(f"topics/{TOPIC}/lesson"), "where-a-body-ends")["stops"][0]
    name = stop["questions"][0]["id"]
    page.post(f"topics/{TOPIC}/answers", {"question": name, "said": "5"})
    found = page.post(f"topics/{TOPIC}/answers", {"question": name, "said": "0"})
    assert section(found, "where-a-body-ends")["stops"][0]["questions"][0]["said"] == "5"


def test_words_open_a_section_without_choices_and_can_be_written_anew(page):
    prompt = section(page.get(f"topics/{TOPIC}/lesson"), "between-two-hops")["stops"][0]["prompt"]
    for said in ("both", " neither of them "):
        found = page.post(f"topics/{TOPIC}/answers", {"question": prompt["id"], "said": said})
        stop = section(found, "between-two-hops")["stops"][0]
        assert (stop["open"], stop["prompt"]["said"]) == (True, said.strip())


def test_an_answer_that_cannot_be_kept_is_refused(page):
    stop = section(page.get(f"topics/{TOPIC}/lesson"), "where-a-body-ends")["stops"][0]
    for question, said, says in (
        ("none", "x", "no such question"),
        (stop["questions"][0]["id"], "seven", "none of the choices"),
        (stop["prompt"]["id"], " ", "Nothing was written"),
    ):
        problem = page.post(f"topics/{TOPIC}/answers", {"question": question, "said": said}, 400)
        assert says in problem["sentence"]
        assert problem["next_step"]


def test_a_lesson_can_be_opened_whole_asked_again_and_begun_anew(page):
    whole = page.post(f"topics/{TOPIC}/lesson/plain")
    assert whole["plain"]
    assert all(stop["open"] for one in whole["sections"] for stop in one["stops"])
    assert not any(
        q["answer"] for s in whole["sections"] for t in s["stops"] for q in t["questions"]
    )
    assert not page.post(f"topics/{TOPIC}/lesson/asked")["plain"]
    question = section(whole, "where-a-body-ends")["stops"][0]["questions"][0]
    page.post(f"topics/{TOPIC}/answers", {"question": question["id"], "said": "5"})
    anew = page.post(f"topics/{TOPIC}/lesson/anew")
    assert not section(anew, "where-a-body-ends")["stops"][0]["open"]
    assert page.post(f"topics/{TOPIC}/lesson/sideways", status=400)["sentence"]


@pytest.mark.parametrize("slug", catalog.topics())
def test_every_question_of_a_lesson_is_asked_once_it_is_open(slug):
    found = lesson.made(slug, {lesson.PLAIN: None})
    stops = [stop for one in found.sections for stop in one.stops]
    asked = {one.id for stop in stops for one in stop.questions}
    asked |= {stop.prompt.id for stop in stops if stop.prompt}
    assert asked == set(lesson.questions(slug))
    assert set(lesson.required(slug)) <= asked
    assert len({one.slug for one in found.sections}) == len(found.sections)


@pytest.mark.parametrize("slug", catalog.topics())
def test_the_answers_that_are_required_open_everything(slug):
    said = dict.fromkeys(lesson.required(slug), lesson.Said("x", 0.0))
    found = lesson.made(slug, said)
    assert all(stop.open for one in found.sections for stop in one.stops)
    assert not any(one.more for one in found.sections)


@pytest.mark.parametrize("slug", catalog.topics())
def test_a_symbol_that_a_lesson_quotes_is_found_in_its_file(slug):
    found = lesson.made(slug, {lesson.PLAIN: None})
    blocks = [b for one in found.sections for stop in one.stops for b in stop.blocks]
    symbols = [b.symbol for b in blocks if getattr(b, "what", "") == "code"]
    assert symbols
    for symbol in symbols:
        one = quoting.source(slug, symbol)
        lines = one.text.splitlines()[one.first - 1 : one.last]
        name = symbol.partition(" in ")[0].rpartition(".")[2]
        assert any(name in line for line in lines[:4])


def test_the_file_of_a_symbol_is_opened_and_only_code_of_the_topic_is(page):
    source = page.get(f"topics/{TOPIC}/code?symbol=Connection.linger")
    assert source["file"] == "http1/connection.py"
    assert "def linger" in text(source["tokens"]).splitlines()[source["first"] - 1]
    for symbol in ("nobody", "", "run%20in%20../../cli/up", "Connection.nobody"):
        assert page.get(f"topics/{TOPIC}/code?symbol={symbol}", 400)["sentence"]


# A topic, its stages and faults


def test_a_topic_has_its_parts(page):
    found = page.get(f"topics/{TOPIC}")
    assert [one["slug"] for one in found["stages"]] == [s.slug for s in catalog.stages(TOPIC)]
    assert [one["name"] for one in found["labs"]] == [one.name for one in catalog.labs(TOPIC)]
    assert len(found["faults"]) == len(catalog.faults(TOPIC))
    assert found["card"]["answers"]["of"] == sum(one["answers"]["of"] for one in found["sections"])
    assert found["folder"] == ""
    assert "table" in {block["block"] for block in found["contract"]}


def test_what_is_not_there_is_said_with_what_is(page):
    for path in ("topics/htp1", "topics/htp1/lesson", "topics/http1/stages/pipe"):
        assert page.get(path, 400)["next_step"]


def test_a_stage_stands_as_its_latest_check_in_the_learners_project_says(page, home, tmp_path):
    (tmp_path / "cutaway.toml").write_text(PROJECT)
    elsewhere = tmp_path / "elsewhere"
    checked(home, elsewhere, TOPIC, Verdict.PASS)
    checked(home, tmp_path, TOPIC, Verdict.PASS)
    checked(home, tmp_path, TOPIC, Verdict.FAIL)
    first, second, *_ = page.get(f"topics/{TOPIC}")["stages"]
    assert (first["state"], second["state"]) == ("passed before", "open")
    found = page.get(f"topics/{TOPIC}")
    assert (found["folder"], found["card"]["next"]) == (str(tmp_path), first["slug"])


def test_hints_come_one_by_one_and_are_those_of_the_command_line(page, home, tmp_path):
    path = f"topics/{TOPIC}/stages/keep-alive"
    assert page.get(path)["hints"] == []
    for count in (1, 2, 3, 3):
        hints = page.post(f"{path}/hint")["hints"]
        assert [one["rung"] for one in hints] == [1, 2, 3][:count]
    assert text(hints[2]["words"]) == catalog.stage("http1/keep-alive").hints[2]
    with Progress.open(home, print) as progress:
        assert progress.hints(tmp_path) == {"http1/keep-alive": 3}


def test_a_stage_says_its_rules_once_and_how_each_case_is_played(page):
    found = page.get(f"topics/{TOPIC}/stages/keep-alive")
    assert found["rules"][0]["section"].startswith("RFC 9112 §")
    rules = [tuple(one.values()) for one in found["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(one["steps"] and "whole" in one["played"][0] for one in found["cases"])
    assert found["before"] == "stream"
    assert found["faults"]


def test_a_fault_is_told_only_where_it_is_asked_for(page):
    listed = page.get(f"topics/{TOPIC}")["faults"][0]
    assert set(listed) == {"name", "stage"}
    found = page.get(f"topics/{TOPIC}/faults/{listed['name']}")
    assert found["sentence"].endswith(".")
    assert "\n+" in found["diff"]
    assert page.get(f"topics/{TOPIC}/faults/nobody", 400)["next_step"]


# Recall cards


def test_a_card_shows_its_answer_once_something_was_said_and_comes_again_later(page):
    card = page.get(f"topics/{TOPIC}/cards")["cards"][0]
    assert (card["answer"], card["is_due"]) == ([], True)
    path = f"topics/{TOPIC}/cards/{card['id']}"
    shown = page.post(path, {"said": "a limit"})["cards"][0]
    assert (shown["said"], text(shown["answer"])[:7]) == ("a limit", "A limit")
    kept = page.post(f"{path}/known")["cards"][0]
    assert (kept["said"], kept["answer"], kept["known"], kept["is_due"]) == ("", [], 1, False)


def test_cards_are_due_two_days_after_the_lesson_was_begun(page, home):
    def due():
        return page.get(f"topics/{TOPIC}")["card"]["due"]

    with Progress.open(home, print) as progress:
        Answers(progress).say(TOPIC, "q", "said")
        assert due() == 0
        progress.write(("UPDATE answer SET at = at - ?", (2 * DAY,)))
    cards = page.get(f"topics/{TOPIC}/cards")["cards"]
    assert due() == len(cards)
    page.post(f"topics/{TOPIC}/cards/{cards[0]['id']}/known")
    assert due() == len(cards) - 1


def test_a_card_may_be_answered_in_ones_head(page):
    card = page.get(f"topics/{TOPIC}/cards")["cards"][0]
    assert page.post(f"topics/{TOPIC}/cards/{card['id']}")["cards"][0]["answer"]


def test_a_card_that_is_not_there_or_an_answer_that_is_none_is_refused(page):
    card = page.get(f"topics/{TOPIC}/cards")["cards"][0]
    for path in ("nobody", "nobody/known", f"{card['id']}/perhaps"):
        assert page.post(f"topics/{TOPIC}/cards/{path}", status=400)["sentence"]


def test_the_section_of_a_card_is_one_of_the_lesson(page):
    for slug in catalog.topics():
        heads = {one.slug for one in lesson.heads(slug, {})}
        assert {one["section"] for one in page.get(f"topics/{slug}/cards")["cards"]} <= heads


def test_the_desk_needs_no_more_than_a_folder():
    assert LearnArea(Desk(None, None, Path("/"), Path("/"))).close() is None
