"""Find the fault, on the machine as it is: hidden, shown on the wire that the case names, kept secret,
found, explained, taken out again.

One machine for all tests of this file. A few faults are proved in every run, all of them by `make
soak`.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from cutaway.system import hunt as hunts
from cutaway.system.blueprint import read
from cutaway.system.clues import HeardOf, found_in, shown_by
from cutaway.system.evidence import Judge
from cutaway.system.hidden import MAYBE, Hidden
from cutaway.system.machine import HELD
from cutaway.web import told
from cutaway.web.answers import Desk
from cutaway.web.app import application
from cutaway.web.shapes.machine import Sampled
from cutaway.workshop import machine as workshop
from cutaway.workshop.hunts import behind, cases_for
from tests.web.conftest import TOKEN, Described, as_described

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

RATE = 100.0
WITHIN = 45.0  # seconds in which a fault shows
CLEAN = 300  # requests that show no clue of any
CASES = {case.name: case for case in hunts.read()}
ALWAYS = ("old tag", "dropped", "far store")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    home = tmp_path_factory.mktemp("hunted")
    made = workshop.made(read().unsealed(), {}, home)
    with made.supervisor:
        made.start()
        made.supervisor.up()
        made.traffic.set(rate=RATE)
        yield made
        made.stop()


def until(holds, within=WITHIN):
    end = time.monotonic() + within
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def evidence(machine, case, since):
    """What shows it since then."""
    heard = HeardOf(machine.tracer, machine.ear)
    with machine.lock:
        for root in heard.roots(case.clue):
            if root.began < since:
                return None
            if found := shown_by(case.clue, heard, root):
                return root, found
    return None


def test_a_machine_without_a_fault_shows_none(machine):
    front, heard = machine.tracer.over[machine.front], HeardOf(machine.tracer, machine.ear)
    assert until(lambda: len(front) >= CLEAN)
    with machine.lock:
        shown = {name: found_in(case.clue, heard) for name, case in CASES.items()}
    assert {name: found for name, found in shown.items() if found} == {}


@pytest.mark.parametrize(
    "name", [n if n in ALWAYS else pytest.param(n, marks=pytest.mark.soak) for n in CASES]
)
def test_a_fault_shows_where_its_case_says(machine, name):
    case, slots = CASES[name], {slot.name for slot in machine.blueprint.slots}
    hidden = Hidden(machine, case)
    try:
        hidden.plant()
        machine.traffic.set(rate=RATE)
        assert machine.hidden is hidden
        assert until(lambda: evidence(machine, case, hidden.since)), f"{name} did not show"
    finally:
        hidden.restore()
    assert machine.hidden is None
    assert {str(part.filling) for part in machine.parts()} == {"reference"}
    assert case.slot in slots or until(lambda: not machine.standing(case.wire))
    said = behind(case, machine.blueprint)
    assert said.sentence
    assert said.rule
    assert bool(said.diff) == bool(case.fault)


def test_every_case_fits_the_machine_that_there_is(machine):
    assert [case.name for case in cases_for(machine.blueprint)] == list(CASES)


@dataclass
class Page:
    """Asks as the page does, and stays for as long as there is something to ask."""

    browser: object

    def get(self, path):
        return json.loads(self.browser.ask(f"/api/{path}").text)

    def post(self, path, status=200, **body):
        answer = self.browser.ask(f"/api/{path}", "POST", body=json.dumps(body))
        assert answer.status == status, answer.text
        return json.loads(answer.text)


@pytest.fixture
def page(machine, served, tmp_path, monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "progress"))
    browser = served(application(Desk(machine, Described(), tmp_path, tmp_path)))
    browser.ask(f"/?token={TOKEN}")
    page = Page(browser)
    yield page
    page.post("hunt/end")


def seed_of(name):
    return next(
        seed for seed in range(1000) if hunts.drawn(seed, list(CASES.values())).name == name
    )


def picture_is_as_described(machine):
    """And so is a tick of messages."""
    messages = [
        told.message(machine, one) for one in list(machine.ear.wires[machine.front].messages)
    ]
    sampled = as_described("messages", Sampled(messages, len(messages)))
    return sampled.messages and as_described("machine", told.picture(machine)).parts


def test_a_hunt_from_beginning_to_end(machine, page):
    case = CASES["old tag"]
    now = page.post("hunt/start", seed=seed_of(case.name))["now"]
    assert (now["state"], now["over"], now["hints"], now["looks"]) == ("on", None, [], 0)
    assert case.cause in now["causes"]

    assert picture_is_as_described(machine)
    said = page.browser.ask("/api/machine").text + page.browser.ask("/api/hunt").text
    assert case.fault not in said
    assert {
        part["filling"] for part in json.loads(page.browser.ask("/api/machine").text)["parts"]
    } == {"reference"}
    assert "hidden" in page.post("slots/cache/fill", 400, filling="reference")["sentence"]
    assert page.post("hunt/start", 400, seed=2)["sentence"] == "A hunt is on already."

    hidden = machine.hidden
    root, [shows, *_] = until(lambda: evidence(machine, case, hidden.since))
    page.get(f"messages/{shows.answer.id}")
    page.get(f"requests/{root.id}")
    assert page.post("hunt/hint")["hints"] == [case.hints[0]]
    page.post("hunt/mark", kind="message", id=page.get("wires/app-1-to-cache/messages")[0]["id"])
    marks = page.post("hunt/mark", kind="message", id=shows.answer.id)["marks"]
    assert [mark["shows"] for mark in marks] == [None, None]

    over = page.post("hunt/answer", place="app", cause=case.cause)["now"]["over"]
    assert over["points"] == 95
    assert "old.tag" in over["diff"]
    assert over["showed"]
    assert over["section"] == "RFC 9110 §13.1.1"
    desk = page.get("hunt")
    assert [mark["shows"] for mark in desk["now"]["marks"]] == [False, True]
    assert [(one["points"], one["looks"]) for one in desk["past"]] == [(95, 2)]
    assert desk["faulty"]

    assert not page.post("hunt/end")["faulty"]
    assert {part["filling"] for part in page.get("machine")["parts"]} == {"reference"}


def test_why_a_part_with_the_fault_does_not_start_does_not_name_it(machine, page, monkeypatch):
    case = CASES["old tag"]
    page.post("hunt/start", seed=seed_of(case.name))
    part, supervisor = machine.supervisor.parts["app-1"], machine.supervisor
    right = part.command
    assert case.fault in " ".join(right.run)
    broken = replace(right, run=(*right.run, "--nonsense", "of", "ours"))
    monkeypatch.setattr(part, "command", broken)
    monkeypatch.setattr(supervisor, "_filler", lambda slot, filling: broken)
    monkeypatch.setattr("cutaway.system.part.START", 0.1)
    said = page.post("parts/app-1/restart", 400)["sentence"]
    assert "did not" in said or "ended" in said
    held = page.post("freeze", 400)["sentence"]
    assert held.startswith("reference, as app-")
    whole = said + held + page.browser.ask("/api/machine").text
    assert "not replaced by reference" in whole
    assert case.fault not in whole
    monkeypatch.undo()
    machine.restart(part)


def test_what_is_wrong_with_a_wire_is_kept_secret_and_cannot_be_cleared(machine, page):
    case = CASES["far store"]
    machine.order("app-1-to-cache", "latency 1ms")
    machine.order("app-2-to-cache", "refuse")
    page.post("hunt/start", seed=seed_of(case.name))
    assert all(not wire["orders"] for wire in page.get("machine")["wires"])
    stand = {case.wire: list(case.orders)}
    assert until(lambda: {w: one.lines for w, one in machine.links.items() if one.lines} == stand)
    page.post(f"wires/{case.wire}/orders", line="clear")
    page.post(f"wires/{case.wire}/orders", line="to-client latency 1ms")

    def ordered():
        [wire] = [one for one in page.get("machine")["wires"] if one["name"] == case.wire]
        return wire["orders"]

    assert until(ordered) == ["to-client latency 1ms"]
    page.post(f"wires/{case.wire}/orders", line="clear")
    since = time.monotonic()
    root, _ = until(lambda: evidence(machine, case, since))
    with machine.lock:
        children = [n.exchange for n in machine.tracer.tree(root) if n.exchange.wire == case.wire]
    page.post("hunt/mark", kind="request", id=root.id)
    page.post("hunt/mark", kind="message", id=children[0].answer.id)
    over = page.post("hunt/answer", place="app", cause=case.cause)["now"]["over"]
    assert (over["place"], over["said_place"], over["diff"]) == (case.wire, "app", "")
    assert page.get("hunt")["now"]["looks"] == 3
    page.post("hunt/end")
    assert until(lambda: not machine.standing(case.wire))


@pytest.mark.parametrize(
    ("path", "said"), [("hunt/start", {"seed": 1}), ("slots/store/fill", {"filling": "valkey"})]
)
def test_while_the_machine_is_held_nothing_is_begun_that_needs_it_to_move(
    machine, page, path, said
):
    machine.freezer.freeze()
    try:
        assert page.post(path, 400, **said)["sentence"] == HELD
    finally:
        machine.release()


def test_a_hunt_that_is_ended_early_was_given_up(machine, page):
    page.post("hunt/start", seed=seed_of("far store"))
    assert page.post("hunt/answer", 400, place="nowhere", cause="")["next_step"]
    desk = page.post("hunt/end")
    assert (desk["now"]["state"], desk["faulty"]) == ("over", False)
    assert desk["past"][0]["gave_up"]
    assert desk["past"][0]["points"] == 0
    assert page.post("hunt/hint", 400)["sentence"] == "No hunt is on."


def test_causes_that_would_tell_are_told_otherwise(machine):
    hidden = Hidden(machine, CASES["old tag"])
    hidden.since = hidden.began + 10
    late = hidden.since + 60
    assert hidden.cause(late, "app-1 has the fault tag-not-compared.") == MAYBE
    assert hidden.cause(hidden.began, "app-1 was being started.") == MAYBE
    assert hidden.cause(late, "app-1 was paused.") == "app-1 was paused."
    assert hidden.cause(late, "") == ""
    wire = Hidden(machine, CASES["far store"])
    wire.since = wire.began
    said = "app-1-to-store had the order to-server latency 60ms."
    assert wire.cause(wire.began + 60, said) == MAYBE


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_what_the_program_shows_is_taken_as_evidence(machine, page, name):
    """Each example, opened and marked as somebody would, shows the fault."""
    case = CASES[name]
    page.post("hunt/start", seed=seed_of(name))
    machine.traffic.set(rate=RATE)
    hidden = machine.hidden
    found = until(lambda: evidence(machine, case, hidden.since))
    judge = Judge(HeardOf(machine.tracer, machine.ear), case)
    with machine.lock:
        examples = judge.examples(hidden.since)
    assert found
    assert examples
    page.post("hunt/mark", kind=examples[0].kind, id=examples[0].id)
    over = page.post("hunt/answer", place=case.slot or case.wire, cause=case.cause)["now"]
    assert over["over"]["points"] == 100
    assert [mark["shows"] for mark in over["marks"]] == [True]
