"""What the page is told of the program: the description is fresh, and answers are as it says."""

import ast
import json
import re
from pathlib import Path

import msgspec
import pytest
from starlette.applications import Starlette

from cutaway import web
from cutaway.web.answers import Area, Ask, Desk
from cutaway.web.app import AREAS, application
from cutaway.web.asks import JSON, STREAM
from cutaway.web.events import Hub
from cutaway.web.shapes.events import Told
from cutaway.web.shapes.problem import Problem
from tests.web.conftest import TOKEN, is_described
from tools import shapes

DESCRIPTION = json.loads(shapes.OPENAPI.read_text())
OPERATIONS = [
    (path, method, one)
    for path, ways in DESCRIPTION["paths"].items()
    for method, one in ways.items()
]
ASKS = {(ask.method, ask.template): ask for area in AREAS for ask in area.asks()}

# Without a machine: what is on the learner's side of the desk.
ASKED = [
    ("/topics", "/topics"),
    ("/topics/{topic}", "/topics/http1"),
    ("/topics/{topic}/lesson", "/topics/http1/lesson"),
    ("/topics/{topic}/code", "/topics/http1/code?symbol=read_request"),
    ("/topics/{topic}/cards", "/topics/http1/cards"),
    ("/labs", "/labs"),
    ("/labs/now", "/labs/now"),
    ("/labs/{topic}/{slug}", "/labs/tcp/one-send-many-reads?size=1000"),
    ("/checks", "/checks"),
]
REFUSED = ["/topics/nothing", "/labs/no/such", "/checks/nothing", "/nothing"]


def test_the_description_in_the_repository_is_what_would_be_written():
    assert shapes.description() == DESCRIPTION, "python -m tools.shapes"


def test_the_description_is_of_a_version_with_a_title_and_paths():
    assert DESCRIPTION["openapi"].startswith("3.1.")
    assert set(DESCRIPTION["info"]) >= {"title", "version"}
    assert all(path.startswith("/") for path in DESCRIPTION["paths"])


def test_every_request_of_every_area_is_described_once():
    described = [(method.upper(), path) for path, method, _ in OPERATIONS]
    assert sorted(described) == sorted(ASKS)
    assert len(ASKS) == sum(len(area.asks()) for area in AREAS)


def test_all_that_is_referred_to_is_there():
    named = {name for _, _, one in OPERATIONS for name in shapes.refs(one)}
    named |= set(shapes.refs(DESCRIPTION["components"]))
    assert named == set(DESCRIPTION["components"]["schemas"])
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in named)


@pytest.mark.parametrize(("path", "method", "said"), OPERATIONS)
def test_a_request_says_its_parameters_and_its_answers(path, method, said):
    places = [(one["in"], one["name"]) for one in said["parameters"]]
    assert len(places) == len(set(places))
    assert {name for place, name in places if place == "path"} == set(re.findall(r"{(\w+)}", path))
    assert all(one["required"] == (one["in"] == "path") for one in said["parameters"])
    assert all("schema" in one for one in said["parameters"])
    assert set(said["responses"]) == {"200", "4XX"}
    assert all(answer["description"] and answer["content"] for answer in said["responses"].values())
    assert method == "post" or "requestBody" not in said
    assert said["summary"].endswith(".")


def test_what_may_be_left_out_is_so_in_a_body_and_never_in_an_answer():
    schemas = DESCRIPTION["components"]["schemas"]
    assert schemas["TrafficOrder"]["required"] == []
    assert schemas["Problem"]["required"] == ["sentence", "next_step"]


def test_what_is_asked_and_what_is_answered_are_different_shapes():
    asked = {name for *_, one in OPERATIONS for name in shapes.refs(one.get("requestBody", {}))}
    answered = {name for *_, one in OPERATIONS for name in shapes.refs(one["responses"])}
    assert not asked & answered


def test_kinds_of_event_are_members_of_what_the_stream_tells():
    [stream] = [ask for ask in ASKS.values() if STREAM in ask.answers]
    assert stream.answers == {STREAM: Told}


def test_every_kind_that_is_told_is_known_to_the_page_and_every_known_kind_is_told():
    told = {
        call.args[0].value
        for file in Path(web.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("hub.tell")
    }
    assert told == set(Told.__struct_fields__)


# Answers of an application that is served.


@pytest.fixture
def asking(served, tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    with_machine = {area for area in AREAS if area.__name__ in ("MachineArea", "HuntArea")}
    areas = [area for area in AREAS if area not in with_machine]
    monkeypatch.setattr("cutaway.web.app.AREAS", tuple(areas))
    machine = type("Machine", (), {"traffic": None})()
    browser = served(application(Desk(machine, Hub(), tmp_path, tmp_path)))
    browser.ask(f"/?token={TOKEN}")
    return lambda path: browser.ask(f"/api{path}")


def test_answers_are_as_they_are_described(asking):
    for template, path in ASKED:
        answer = asking(path)
        assert answer.status == 200, (path, answer.text)
        assert is_described(answer.text, ASKS["GET", template].answers[JSON]), path


@pytest.mark.parametrize("path", REFUSED)
def test_what_cannot_be_done_is_answered_with_a_problem(asking, path):
    answer = asking(path)
    assert 400 <= answer.status < 500
    assert is_described(answer.text, Problem)


def test_types_of_a_request_are_those_of_the_method_that_answers_it(served):
    class Order(msgspec.Struct):
        count: int

    class Doubling(Area):
        @classmethod
        def asks(cls):
            return [Ask("POST", "/twice/{what:path}", cls.twice, "Twice as many.")]

        async def twice(self, request, said: Order) -> list[int]:
            return [said.count * 2]

    [ask] = Doubling.asks()
    assert (ask.body, ask.answers, ask.template) == (Order, {JSON: list[int]}, "/twice/{what}")
    browser = served(Starlette(routes=Doubling(None).routes()))
    browser.ask(f"/?token={TOKEN}")
    assert browser.ask("/api/twice/a/b", "POST", body='{"count": 4}').text == "[8]"
