"""What people do, read from a file; who acts next; and what is right of the answers that they get."""

import json
import random

import pytest

from cutaway.system.traffic import journeys
from cutaway.system.traffic.asking import Answer
from cutaway.system.traffic.journeys import BadJourneys, Step
from cutaway.system.traffic.ledger import GONE, Ledger, State
from cutaway.system.traffic.people import PEOPLE, Crowd

ALL = journeys.read()
FIRST = '[[journey]]\nname = "a"\nsteps = ["s"]\n'


def test_words_are_filled_in_and_escaped():
    step = Step("s", "GET /todos?q={word}", (200,), fields={"If-None-Match": "{tag}"})
    asked = step.asked({"word": "a b&c", "tag": '"1"', "id": "k"})
    assert (asked.method, asked.target, asked.fields) == (
        "GET",
        "/todos?q=a%20b%26c",
        {"If-None-Match": '"1"'},
    )


def test_the_next_page_goes_back_as_it_came():
    assert Step("s", "GET {next}", (200,)).asked({"next": "/todos?after=3&q=%41"}).target == (
        "/todos?after=3&q=%41"
    )


def test_who_does_not_know_enough_leaves_a_step_out():
    assert Step("s", "GET /todos/{id}", (200,)).asked({"tag": "1"}) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "is no TOML"),
        (FIRST, "no steps, or one that is not described"),
        (FIRST + '[step.s]\nasks = "LOOK at it"\nexpects = [200]', "asks nothing such as"),
        (FIRST + '[step.s]\nasks = "GET /"', "expects no status"),
        (FIRST + '[step.s]\nasks = "GET /"\nexpects = [200]\ndoes = "dig"', "'dig'"),
        (
            FIRST + 'with = "a to-do"\n[step.s]\nasks = "GET /"\nexpects = [200]',
            "Nobody begins with nothing",
        ),
    ],
)
def test_journeys_that_cannot_be_followed(tmp_path, text, says):
    file = tmp_path / "journeys.toml"
    file.write_text(text)
    with pytest.raises(BadJourneys, match=says):
        journeys.read(file)


def told(status, said=None, tag="", keep=True):
    body = json.dumps(said).encode() if said is not None else b""
    return Answer(status, {"etag": tag} if tag else {}, body, keep)


class Service:
    """A to-do service without a network. lies: what it does not keep."""

    def __init__(self, lies=()):
        self.there, self.count, self.keys, self.lies = {}, 0, {}, set(lies)

    def answer(self, octets):
        head, _, body = octets.partition(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        fields = dict(one.split(": ", 1) for one in rest)
        method, target, _ = line.split(" ")
        name = target.removeprefix("/todos").removeprefix("/")
        if method == "POST":
            return self.create(fields.get("Idempotency-Key"), json.loads(body))
        if target.startswith("/todos?"):
            return told(200, {"todos": [said for said, _ in self.there.values()], "next": None})
        if name not in self.there:
            return told(404)
        said, tag = self.there[name]
        if fields.get("If-None-Match") == tag:
            return told(304, tag=tag)
        if fields.get("If-Match", tag) != tag:
            return told(412)
        if method == "PUT":
            said, tag = {**said, **json.loads(body)}, f'"{int(tag[1:-1]) + 1}"'
            if "change" not in self.lies:
                self.there[name] = said, tag
            return told(200, said)
        if method == "DELETE":
            if "delete" not in self.lies:
                del self.there[name]
            return told(204)
        return told(200, said, tag)

    def create(self, key, draft):
        if key is None or key not in self.keys:
            self.count += 1
            name = self.keys[key] = f"k{self.count}"
            if "create" not in self.lies:
                self.there[name] = {"id": name, "done": False, **draft}, '"1"'
            return told(201, {"id": name, "done": False, **draft}, '"1"')
        name = self.keys[key]
        return told(201, *self.there[name]) if name in self.there else told(500)


def played(service, turns=600, weights=None):
    """What was not right, step by step."""
    crowd = Crowd(ALL, Ledger(), random.Random(3), "todo.example")
    crowd.weights |= weights or {}
    wrong = []
    for _ in range(turns):
        turn = crowd.turn()
        why = crowd.heard(turn, service.answer(turn.octets))
        if why:
            wrong.append((turn.step.name, why))
    found = {name: State(said["title"], said["done"]) for name, (said, _) in service.there.items()}
    return wrong, crowd.ledger.judge(found, crowd.ledger.versions()), crowd


def test_every_journey_is_gone_on_with_an_honest_service():
    wrong, verdict, crowd = played(Service(), 3000)
    assert wrong == []
    assert (verdict.lost, verdict.back, verdict.changed) == ((), (), 0)
    assert verdict.checked > 100
    assert len(crowd.ledger.there) < 200, "who clears up keeps the list short"


@pytest.mark.parametrize(
    ("lie", "step", "why"),
    [
        ("create", "look", "404, where 200 is right"),
        ("change", "look", "was acknowledged"),
        ("delete", "look for it", "200, where 404 is right"),
    ],
)
def test_a_service_that_does_not_keep_its_word_is_found_out(lie, step, why):
    wrong, verdict, _ = played(Service({lie}), 1500, {"clear up": 6.0})
    assert any(name == step and why in said for name, said in wrong)
    assert verdict.back if lie == "delete" else verdict.lost


def test_who_waits_for_an_answer_is_not_asked_to_act():
    crowd = Crowd(ALL, Ledger(), random.Random(3), "todo.example")
    turns = [crowd.turn() for _ in range(5 * PEOPLE)]
    assert len({id(turn.person) for turn in turns}) == 5 * PEOPLE


def test_only_what_can_be_repeated_is_asked_twice():
    crowd = Crowd(ALL, Ledger(), random.Random(3), "todo.example")
    turns = [crowd.turn() for _ in range(400)]
    posts = {t.step.name: t.again for t in turns if t.octets.startswith(b"POST")}
    assert posts == {"create": False, "create with a key": True}
    assert all(turn.again for turn in turns if not turn.octets.startswith(b"POST"))


DONE = State("milk", True)


def verdict_on(ledger, state):
    found = {} if state == GONE else {"k": state}
    verdict = ledger.judge(found, ledger.versions())
    return len(verdict.lost), len(verdict.back)


@pytest.mark.parametrize(
    ("happened", "there", "lost", "back"),
    [
        ((), State("milk", False), 0, 0),
        ((), GONE, 1, 0),
        ((), State("bread", False), 1, 0),
        (("try",), State("milk", False), 0, 0),
        (("try",), DONE, 0, 0),
        (("try",), GONE, 1, 0),
        (("try", "done"), DONE, 0, 0),
        (("try", "done"), State("milk", False), 1, 0),
        (("gone",), GONE, 0, 0),
        (("gone",), State("milk", False), 0, 1),
    ],
)
def test_what_was_acknowledged_is_there_and_what_was_not_may_be(happened, there, lost, back):
    ledger = Ledger()
    entry = ledger.created("k", '"1"', State("milk", False))
    for what in happened:
        if what == "try":
            ledger.trying(entry, DONE)
        else:
            ledger.done(entry, DONE if what == "done" else GONE)
    assert verdict_on(ledger, there) == (lost, back)


def test_what_was_written_while_it_was_read_is_not_judged():
    ledger = Ledger()
    entry = ledger.created("k", '"1"', State("milk", False))
    before = ledger.versions()
    ledger.trying(entry, DONE)
    verdict = ledger.judge({}, before)
    assert (verdict.checked, verdict.changed, verdict.lost) == (0, 1, ())


def test_the_oldest_is_forgotten_first_and_counted():
    ledger = Ledger(most=3)
    for number in range(5):
        ledger.created(f"k{number}", '"1"', State("milk", False))
    assert list(ledger.there) == ["k2", "k3", "k4"]
    assert ledger.forgotten == 2
