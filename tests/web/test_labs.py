"""Labs over HTTP: locked until something is predicted, one at a time, stopped, kept, shown again."""

import csv
import io
import json
import sqlite3
import threading

import pytest
from starlette.applications import Starlette

from cutaway.lab.result import encoded
from cutaway.lab.runner import INTERRUPTED
from cutaway.system.ear import NotKept
from cutaway.web import lesson
from cutaway.web.answers import Desk, refused
from cutaway.web.events import Hub
from cutaway.web.labs import LabArea
from cutaway.workshop import catalog
from cutaway.workshop.errors import Trouble
from cutaway.workshop.notebook import Notebook
from cutaway.workshop.progress import FILE, Progress, home
from tests.lab import sample
from tests.web.conftest import TOKEN, as_described

QUICK = "/api/labs/tcp/one-send-many-reads"
ORDER = {"knobs": {"size": "1000"}, "said": "5", "confidence": 70}
SLOW = "/api/labs/http1/head-of-line/runs"  # with slow=1 each run takes a second
SLOWLY = {"knobs": {"slow": "1"}, "said": "at-once", "confidence": 50}


class Told(Hub):
    """Remembers what it was told, and can be waited for."""

    def __init__(self):
        super().__init__()
        self.events, self._news = [], threading.Condition()

    def tell(self, kind, what):
        with self._news:
            self.events.append((kind, as_described(kind, what)))
            self._news.notify_all()

    def until(self, holds):
        with self._news:
            assert self._news.wait_for(lambda: holds(self.events), 60), self.events[-1:]


class Idle:
    """As much of a machine as a lab has to do with: traffic with a knob."""

    def __init__(self):
        self.traffic, self.rate = self, 20.0

    def set(self, rate):
        self.rate = rate


@pytest.fixture
def labs(served, tmp_path, monkeypatch):
    """A browser with the token, and what the page would be told."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    hub = Told()
    machine = Idle()
    area = LabArea(Desk(machine, hub, tmp_path, tmp_path))
    handlers = dict.fromkeys((Trouble, NotKept, ValueError), refused)
    browser = served(Starlette(routes=area.routes(), exception_handlers=handlers))
    browser.ask(f"/?token={TOKEN}")
    browser.hub, browser.area, browser.machine = hub, area, machine
    yield browser
    area.close()


@pytest.fixture
def toy(monkeypatch):
    made = sample.lab(trace=sample.traced)
    monkeypatch.setattr(catalog, "lab", lambda name: made)
    monkeypatch.setattr(catalog, "every_lab", lambda: ())
    return made


def get(browser, path, status=200):
    answer = browser.ask(path)
    assert answer.status == status, answer.text
    return json.loads(answer.text)


def post(browser, path, body, status=200):
    answer = browser.ask(path, "POST", body=json.dumps(body))
    assert answer.status == status, answer.text
    return json.loads(answer.text)


def keep(*results):
    """Runs as the command line keeps them; their numbers."""
    with Progress.open(home(), print) as progress:
        notebook = Notebook(progress)
        return [notebook.keep(sample.report(**changes)) for changes in results]


def over(events):
    return any(kind == "lab" and what.over for kind, what in events)


def test_the_list_has_every_lab_by_topic(labs) -> None:
    topics = get(labs, "/api/labs")
    names = [lab["name"] for topic in topics for lab in topic["labs"]]
    assert names == [lab.name for lab in catalog.every_lab()]
    assert all(lab["last"] is None for topic in topics for lab in topic["labs"])
    assert {lab["name"] for topic in topics for lab in topic["labs"] if lab["curve"]} >= {
        "cache/hit-ratio-curve",
        "proxy/retry-storm",
    }


def test_a_sheet_asks_and_does_not_tell(labs) -> None:
    sheet = get(labs, "/api/labs/cache/hit-ratio-curve?skew=0.5")
    assert sheet["ask"]["kind"] == "choice"
    assert "0.5" in sheet["ask"]["ask"]
    assert sheet["curve"]["about"] == "LRU"
    assert [point["at"] for point in sheet["curve"]["families"][0]["points"]][:2] == [100, 300]
    assert (sheet["curve"]["low"], sheet["curve"]["high"]) == (0, 100)
    assert {knob["name"]: knob["value"] for knob in sheet["knobs"]}["skew"] == "0.5"
    order = get(labs, "/api/labs/http1/connection-cost")
    assert (order["ask"]["kind"], order["curve"]) == ("order", None)
    assert get(labs, QUICK)["ask"]["kind"] == "number"


def test_the_section_of_the_lesson_can_be_linked_to(labs) -> None:
    for lab in catalog.every_lab():
        section = get(labs, f"/api/labs/{lab.name}")["section"]
        assert section in [head.slug for head in lesson.heads(lab.topic, {})], lab.name


def test_every_knob_can_be_written_as_it_is_told(labs) -> None:
    for lab in catalog.every_lab():
        for knob in lab.knobs:
            assert knob.read(knob.written(knob.default)) == knob.default, f"{lab.name} {knob.name}"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/labs/tcp/nagel", 404, "Did you mean"),
        ("/api/labs/nothing/nagle", 404, "There is no topic"),
        ("/api/labs/tcp/nagle?speed=3", 400, "There is no knob 'speed'"),
        ("/api/labs/tcp/nagle?exchanges=9999", 400, "exchanges goes from 3 to 100"),
        ("/api/labs/tcp/nagle/runs/7", 404, "Run 7 of tcp/nagle is not kept."),
        ("/api/labs/tcp/nagle/runs/7.exe", 404, ".png, .svg or .csv"),
        ("/api/labs/tcp/nagle/runs/99999999999999999999", 404, "is not kept"),
    ],
)
def test_what_is_not_there_is_one_sentence(labs, path, status, says) -> None:
    problem = get(labs, path, status)
    assert says in problem["sentence"] + problem["next_step"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({**ORDER, "said": ""}, "is no number"),
        ({**ORDER, "confidence": 60}, "How sure are you"),
        ({**ORDER, "knobs": {"size": "none"}}, "size is a whole number"),
        ({**ORDER, "drawn": {"five-sends": 3}}, "this lab has no curve"),
        ({"said": "5"}, "missing required field"),
    ],
)
def test_nothing_runs_before_something_is_predicted(labs, order, says) -> None:
    problem = post(labs, f"{QUICK}/runs", order, 400)
    assert says in problem["sentence"]
    assert get(labs, "/api/labs/now") == {"running": None}


def test_a_run_is_told_kept_and_explained(labs) -> None:
    began = post(labs, f"{QUICK}/runs", {**ORDER, "octets": True})
    assert (began["lab"], began["over"]) == ("tcp/one-send-many-reads", False)
    labs.hub.until(over)
    steps = [what for kind, what in labs.hub.events if kind == "lab" and what.of]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert {step.label for step in steps} >= {"warm-up", "one send"} or len(steps) > 5
    number = get(labs, "/api/labs/now")["running"]["number"]

    report = get(labs, f"{QUICK}/runs/{number}")
    assert report["run"]["confidence"] == 70
    assert report["run"]["changed"] == [{"knob": "size", "value": "1000"}]
    assert report["verdict"].startswith("You said: 5 reads, 70 % sure.")
    assert len(report["rows"]) == 15
    assert report["traces"]
    assert report["chart"]["$schema"].startswith("https://vega.github.io/schema/vega-lite")
    assert report["compared"] is None

    rows = list(csv.DictReader(io.StringIO(labs.ask(f"{QUICK}/runs/{number}.csv").text)))
    assert len(rows) == 15
    with Progress.open(home(), print) as progress:  # where the command line looks for it
        assert Notebook(progress).last("tcp/one-send-many-reads").predicted == "5"


@pytest.mark.slow
def test_one_runs_at_a_time_and_a_stop_ends_all_of_it(labs) -> None:
    import psutil

    post(labs, SLOW, SLOWLY)
    problem = post(labs, f"{QUICK}/runs", ORDER, 400)
    assert problem["sentence"].endswith("is being measured.")
    labs.hub.until(lambda events: any(what.done > 0 for _, what in events))
    run = psutil.Process(labs.area.running._process.pid)
    mine = [run, *run.children(recursive=True)]
    assert len(mine) > 1
    assert labs.machine.rate == 0  # nobody comes to the machine meanwhile
    assert post(labs, "/api/labs/stop", {})["running"]["stopping"]
    labs.hub.until(over)
    last = get(labs, "/api/labs/now")["running"]
    assert last["problem"] == "It was stopped before anything was measured; nothing is kept."
    assert psutil.wait_procs(mine, 15)[1] == []
    assert labs.machine.rate == 20.0


@pytest.mark.slow
def test_what_runs_ends_with_the_page(labs) -> None:
    post(labs, SLOW, SLOWLY)
    going = labs.area.running
    labs.area.close()
    assert going.over


def test_words_on_what_was_seen_are_kept_with_the_run(labs, toy) -> None:
    (number,) = keep({})
    path = f"/api/labs/toy/stall/runs/{number}"
    post(labs, f"{path}/saw", {"saw": "  the slow one waits <b> "})
    assert get(labs, path)["saw"] == "the slow one waits <b>"
    post(labs, f"{path}/saw", {"saw": "x" * 900})
    assert len(get(labs, path)["saw"]) == 500


def test_a_run_is_compared_with_the_whole_one_before_it(labs, toy) -> None:
    first, _, third = keep(
        {},
        {"ended": INTERRUPTED},
        {
            "settings": {"size": 10, "timer": "off"},
            "rows": sample.rows(fast=[1e-5] * 3, slow=[1e-5] * 3),
        },
    )
    report = get(labs, f"/api/labs/toy/stall/runs/{third}")
    assert report["compared"]["number"] == first
    assert report["compared"]["turned"] == [{"knob": "timer", "before": "on", "now": "off"}]
    assert [line["word"] for line in report["compared"]["lines"]] == ["no conclusion", "lower"]
    history = get(labs, "/api/labs/toy/stall")["history"]
    assert [run["number"] for run in history] == [third, third - 1, first]
    assert [run["whole"] for run in history] == [True, False, True]


def test_bands_that_overlap_are_no_conclusion(labs, toy) -> None:
    (number,) = keep({"rows": sample.rows(fast=[1e-5, 1e-5, 0.9], slow=[0.04, 0.044, 0.041])})
    report = get(labs, f"/api/labs/toy/stall/runs/{number}")
    assert report["run"]["outcome"] == "no conclusion"
    assert report["explanation"][0]["text"].startswith("No conclusion whether")


def test_a_run_of_a_version_that_this_one_cannot_read_is_left_out(labs, toy) -> None:
    (number,) = keep({})
    with sqlite3.connect(home() / FILE) as database:
        database.execute("UPDATE lab SET result = ?", (b'{"lab": 3}',))
    assert get(labs, "/api/labs/toy/stall")["history"] == []
    get(labs, f"/api/labs/toy/stall/runs/{number}", 404)


def test_a_result_that_could_not_be_written_is_shown_as_long_as_we_run(labs, toy) -> None:
    result = sample.result(saw="seen")
    labs.area._latest["toy/stall"] = 5, result
    assert get(labs, "/api/labs/toy/stall/runs/5")["saw"] == "seen"
    assert [run["number"] for run in get(labs, "/api/labs/toy/stall")["history"]] == [5]
    assert encoded(result)


def test_the_picture_is_drawn_by_a_process_of_its_own(labs, toy) -> None:
    (number,) = keep({})
    answer = labs.ask(f"/api/labs/toy/stall/runs/{number}.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="toy-stall-{number}.svg"'
    assert "tens of milliseconds" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
