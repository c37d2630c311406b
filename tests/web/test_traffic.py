"""The knob of the traffic, its figures, and what was promised, as the page gets them."""

import json
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette

from cutaway.system.traffic import Row, Traffic, Verified, Where
from cutaway.system.traffic.keeper import Failure
from cutaway.system.traffic.ledger import NAMED
from cutaway.web.answers import refused
from cutaway.web.traffic import TrafficArea, read
from tests.web.conftest import TOKEN


@pytest.fixture
def traffic():
    """One that was never started: nobody comes."""
    return Traffic(Where("127.0.0.1", 9))


@pytest.fixture
def order(served, traffic):
    area = TrafficArea(
        SimpleNamespace(machine=SimpleNamespace(traffic=traffic, started=100.0, hidden=None))
    )
    browser = served(Starlette(routes=area.routes(), exception_handlers={ValueError: refused}))
    browser.ask(f"/?token={TOKEN}")
    origin = {"Origin": f"http://127.0.0.1:{browser.port}", "Content-Type": "application/json"}

    def ask(said, path="/api/traffic"):
        answer = browser.ask(path, "POST", origin, json.dumps(said))
        return answer.status, json.loads(answer.text)

    return ask


def test_the_rate_and_the_journeys_are_changed_and_told(order, traffic):
    status, said = order({"rate": 50, "journeys": {"browse": 2}})
    assert (status, said["rate"], traffic.rate) == (200, 50, 50)
    [browse] = [one for one in said["journeys"] if one["name"] == "browse"]
    assert (browse["weight"], browse["usual"], browse["answered"]) == (2, 6, 0)


def test_what_is_not_said_stays(order, traffic):
    order({"rate": 50})
    order({"journeys": {"browse": 2}})
    assert traffic.rate == 50


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"rate": -1}, "The rate is 0 to 5000 requests a second."),
        ({"journeys": {"swim": 1}}, "There is no journey 'swim'."),
    ],
)
def test_what_cannot_be_is_a_problem(order, said, sentence):
    status, problem = order(said)
    assert (status, problem["sentence"]) == (400, sentence)


def test_a_failure_is_told_with_its_cause(order, traffic):
    row = Row(1, "browse", "list", 4711, 103.25, 103.26, 105.0, 503, "503, where 200 is right")
    traffic.failures.append(Failure(row, "store was paused."))
    assert order({})[1]["failures"] == [
        {
            "at": 3.25,
            "journey": "browse",
            "step": "list",
            "why": "503, where 200 is right",
            "cause": "store was paused.",
        }
    ]


@pytest.mark.parametrize(
    ("verified", "held", "sentence"),
    [
        (Verified(checked=7), True, "All 7 acknowledged to-dos are as they were left."),
        (
            Verified(checked=7, gone=2),
            True,
            "All 5 acknowledged to-dos are as they were left, and none of 2 that were deleted is"
            " back.",
        ),
        (
            Verified(checked=7, anew=True),
            True,
            "All 7 acknowledged to-dos are as they were left. The traffic was started anew, and knows"
            " only of what it wrote since.",
        ),
        (
            Verified(checked=70, lost=("k is gone",) * NAMED),
            False,
            "Of 70 acknowledged to-dos 20 or more are not as they were left, and 0 that were deleted"
            " are there.",
        ),
        (Verified("It was not read in time."), False, "It was not read in time."),
        (
            Verified(checked=7, lost=("k1 is gone",), back=("k2 is there", "k3 is there")),
            False,
            "Of 7 acknowledged to-dos 1 are not as they were left, and 2 that were deleted are"
            " there.",
        ),
    ],
)
def test_what_was_promised_is_said_in_a_sentence(verified, held, sentence):
    said = read(verified)
    assert (said.held, said.sentence) == (held, sentence)
