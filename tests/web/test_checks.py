"""Checks in the page: begun, watched, stopped, kept, and opened to the octets."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette

from cutaway.process import Command, Program, free_ports
from cutaway.web.answers import Desk, refused
from cutaway.web.app import REFUSED
from cutaway.web.checks import ChecksArea
from cutaway.web.events import Hub
from cutaway.workshop import catalog, starting
from tests.web.conftest import TOKEN, as_described


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path):
    """A project of http1 whose first stage is solved."""
    made = tmp_path / "work" / "server"
    starting.start(catalog.topic("http1"), made, "python")
    return made


class Told(Hub):
    """A hub that only remembers."""

    def __init__(self):
        super().__init__()
        self.told = []

    def tell(self, kind, what):
        self.told.append((kind, as_described(kind, what)))


class Page:
    def __init__(self, browser, hub):
        self.browser, self.hub = browser, hub
        browser.ask(f"/?token={TOKEN}")

    def get(self, path, status=200):
        answer = self.browser.ask(f"/api/checks{path}")
        assert answer.status == status, answer.text
        return json.loads(answer.text)

    def post(self, path="", status=200, **said):
        answer = self.browser.ask(f"/api/checks{path}", "POST", body=json.dumps(said))
        assert answer.status == status, answer.text
        return json.loads(answer.text)

    def until(self, name, *states):
        deadline = time.monotonic() + 40
        while (check := self.get(f"/{name}"))["state"] not in states:
            assert time.monotonic() < deadline, check["state"]
            time.sleep(0.05)
        return check

    def checked(self, **said):
        return self.until(self.post(**said)["id"], "over", "refused", "halted")


@pytest.fixture
def page(served, tmp_path):
    (tmp_path / "work").mkdir(exist_ok=True)
    hub = Told()
    area = ChecksArea(Desk(None, hub, tmp_path / "work", tmp_path / "machine"))
    handlers = dict.fromkeys(REFUSED, refused)
    yield Page(served(Starlette(routes=area.routes(), exception_handlers=handlers)), hub)
    area.close()


def spoil(folder):
    file = folder / "http_server.py"
    text = file.read_text()
    assert "200 OK" in text
    file.write_text(text.replace("200 OK", "500 Oh no"))


def failed(check):
    return [
        (stage["slug"], case["slug"])
        for stage in check["check"]["stages"]
        for case in stage["cases"]
        if case["verdict"] == "fail"
    ]


def test_a_check_goes_to_its_first_failure_is_told_and_kept_with_its_octets(page, folder, served):
    check = page.checked(folder=str(folder))
    assert [s["verdict"] for s in check["check"]["stages"]] == ["pass", "fail"]
    stage, case = failed(check)[0]
    first = check["check"]["stages"][1]["cases"][0]["failure"]
    for name in ("expected", "found", "because", "by_hand"):
        assert first[name]

    name = check["check"]["id"]
    octets = page.get(f"/{name}/{stage}/{case}")
    [line] = octets["connections"]
    start, end = octets["mark"]
    came = bytes.fromhex(line["came"]["opened"]["octets"])
    assert came[start:end] == b"404"
    marked = [p for p in line["came"]["opened"]["pieces"] if p["leaf"] and p["start"] == start]
    assert marked[0]["name"] == "status-code"
    assert [turn["way"] for turn in line["turns"]] == ["sent", "came"]
    assert line["turns"][0]["says"].startswith("GET /echo/")

    every_case_is_told_once(page, check)
    hints_come_rung_by_rung(page, folder, name)

    # Another process of Cutaway finds it, too.
    hub = Hub()
    other = Page(
        served(Starlette(routes=ChecksArea(Desk(None, hub, folder, folder)).routes())), hub
    )
    assert other.get(f"/{name}")["check"] == check["check"]
    assert other.get(f"/{name}/{stage}/{case}") == octets


def every_case_is_told_once(page, check):
    deadline = time.monotonic() + 20
    while not page.hub.told or page.hub.told[-1][1].state != "over":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cases = [(new.stage, new.case.slug) for _, news in page.hub.told for new in news.cases]
    assert len(set(cases)) == len(cases)
    assert set(cases) >= {
        (stage["slug"], case["slug"])
        for stage in check["check"]["stages"]
        for case in stage["cases"]
    }


def hints_come_rung_by_rung(page, folder, name):
    for rung in (1, 2, 3, 3):
        hints = page.post("/hint", folder=str(folder), stage="http1/paths")
        assert [hint["rung"] for hint in hints] == [*range(1, rung + 1)]
    assert len(page.get(f"/{name}")["hints"]["paths"]) == 3


SLEEPS = """
import os, socket, time
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
open("pid", "w").write(str(os.getpid()))
time.sleep(600)
"""


def asleep(folder):
    """The program takes connections and says nothing; gives its process id once it runs."""
    (folder / "http_server.py").write_text(SLEEPS)

    def pid():
        deadline = time.monotonic() + 30
        while not (folder / "pid").exists() or not (folder / "pid").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return int((folder / "pid").read_text())

    return pid


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_one_check_at_a_time_and_a_stop_ends_all_it_started(page, folder):
    pid = asleep(folder)
    name = page.post(folder=str(folder))["id"]
    program = pid()
    said = page.post(status=400, folder=str(folder))
    assert said["sentence"] == "A check is under way already."
    assert page.get("")["going"]["id"] == name
    page.post("/stop")
    assert page.get(f"/{name}")["state"] == "halted"
    assert page.get("")["going"] is None
    assert not lives(program)


def test_a_check_ends_with_whoever_started_it(page, folder):
    pid = asleep(folder)
    name = page.post(folder=str(folder))["id"]
    program, checker = pid(), page.get("")["going"]["pid"]
    os.kill(checker, signal.SIGKILL)
    assert page.until(name, "refused")["problem"] == "The check ended without a result."
    deadline = time.monotonic() + 20
    while lives(program):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_saved_file_begins_another_check_which_says_what_broke(page, folder):
    name = page.post(folder=str(folder), asked="first-response", watch=True)["id"]
    first = page.until(name, "over")
    assert (first["previous"], first["before"]) == ("", {})
    deadline = time.monotonic() + 40
    while not page.get("")["going"]["waits"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    spoil(folder)
    while (going := page.get("")["going"])["id"] == name:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    second = page.until(going["id"], "over")
    assert (second["because"], second["previous"]) == ("http_server.py", name)
    broken = failed(second)
    assert {second["before"]["/".join(key)] for key in broken} == {"pass"}
    assert [line["broke"] for line in page.get("")["history"]] == [len(broken), 0]
    page.post("/stop")
    assert page.get("")["going"] is None


def test_a_cutaway_toml_that_is_wrong_meanwhile_leaves_the_last_result(page, folder):
    name = page.post(folder=str(folder), asked="first-response", watch=True)["id"]
    deadline = time.monotonic() + 40
    while not page.get("")["going"]["waits"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (folder / "cutaway.toml").write_text("topic =")
    while not (notes := page.get(f"/{name}")["notes"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "cannot be read" in notes[0]
    assert page.get(f"/{name}")["check"]["verdict"] == "pass"


def test_a_server_that_runs_already_is_checked_and_not_started(page, tmp_path):
    [port] = free_ports(1)
    words = ("python3", "-m", "http.server", str(port), "--bind", "127.0.0.1")
    with Program.start(Command(tmp_path, words), {}) as program:
        program.wait_ready([port], within=20)
        check = page.checked(target=f"127.0.0.1:{port}", topic="http1", asked="first-response")
        assert program.alive
    assert check["check"]["target"] == f"127.0.0.1:{port}"
    assert failed(check)
    assert page.get("")["history"][0]["target"] == f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"folder": "nowhere"}, "There is no folder"),
        ({"folder": ""}, "No folder was named."),
        ({"folder": "."}, "There is no cutaway.toml in"),
        ({"target": "127.0.0.1:9"}, "Which topic does the server speak?"),
        ({"target": "127.0.0.1:x", "topic": "http1"}, "does not end in a port"),
        ({"target": "127.0.0.1:1", "topic": "http1"}, "Nothing takes a connection on"),
        ({"target": "127.0.0.1:9", "topic": "http1", "watch": True}, "Files are watched where"),
        ({"folder": "server", "asked": "pathz"}, "There is no stage 'pathz'"),
    ],
)
def test_what_cannot_be_checked_is_said_before_anything_starts(page, folder, said, sentence):
    assert sentence in page.post(status=400, **said)["sentence"]
    assert page.get("")["going"] is None


def test_a_program_that_does_not_build_says_what_the_compiler_said(page, folder):
    (folder / "cutaway.toml").write_text(
        'topic = "http1"\nbuild = "cat nothing.c"\nrun = "./server"\n'
    )
    check = page.checked(folder=str(folder))
    [stage] = check["check"]["stages"]
    [case] = stage["cases"]
    assert case["failure"]["step"] == "built"
    assert any("nothing.c" in note for note in case["failure"]["notes"])
    assert not case["failure"]["opened"]
    said = page.get(f"/{check['check']['id']}/{stage['slug']}/{case['slug']}", 404)
    assert "not kept" in said["sentence"]


def test_the_desk_lists_projects_near_by_and_one_that_is_typed_in(page, folder, tmp_path):
    far = tmp_path / "elsewhere" / "deep"
    starting.start(catalog.topic("tcp"), far, "python")
    (tmp_path / "work" / "broken").mkdir()
    (tmp_path / "work" / "broken" / "cutaway.toml").write_text("topic =")
    desk = page.get("")
    assert [(one["name"], one["topic"], one["at"]) for one in desk["projects"]] == [
        ("server", "http1", "first-response")
    ]
    assert {"tcp", "http1"} <= {topic["slug"] for topic in desk["topics"]}
    assert page.get(f"/project?folder={far}")["topic"] == "tcp"
    assert "cannot be read" in page.get("/project?folder=broken", 400)["sentence"]


def test_a_check_that_nobody_made_is_not_found(page):
    assert "There is no check" in page.get("/00000000", 404)["sentence"]
