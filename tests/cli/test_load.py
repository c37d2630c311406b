"""`cutaway load`: what is asked for, what is shown, and how it ends."""

import json
import signal
import socket
import sys
import threading
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.cli.load import status_of
from cutaway.cli.load_asked import plan_of
from cutaway.cli.load_chart import chart
from cutaway.cli.load_show import picture_of
from cutaway.cli.options import read
from cutaway.grade.reports.terminal import Look
from cutaway.net.load import Asked, Plan, Result, run
from cutaway.process import free_ports
from cutaway.topics.http1.load import plug_for
from tests.net.load.servers import pong, serving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
URL = "http://127.0.0.1:8080/"


def answers(sock: socket.socket) -> None:
    pong(sock, ANSWER)


@pytest.fixture
def url():
    with serving(answers) as (host, port):
        yield f"http://{host}:{port}/"


def asked(line: str) -> Namespace:
    found = read(["load", URL, *line.split()])
    assert not isinstance(found, int)
    return found[1]


PLANS = [
    ("--rate 50", Plan.steady(50, 10)),
    ("--rate 0.5 --for 2m", Plan.steady(0.5, 120)),
    ("--rate 50 --for 500ms --shape steady", Plan.steady(50, 0.5)),
    ("--rate 50 --shape poisson --seed 7", Plan.steady(50, 10).at_random(7)),
    ("--shape ramp:10..500 --for 20s", Plan.ramp(10, 500, 20)),
    ("--shape ramp:10 --rate 500 --for 20", Plan.ramp(10, 500, 20)),
    ("--shape steps:1,2,4 --for 3s", Plan.steps([(1, 1), (2, 1), (4, 1)])),
    ("--shape steps:1x2s,0x500ms,9x1m", Plan.steps([(1, 2), (0, 0.5), (9, 60)])),
    ("--shape steps:5+poisson --seed 1", Plan.steps([(5, 10)]).at_random(1)),
]


@pytest.mark.parametrize(("line", "plan"), PLANS)
def test_a_plan_is_what_was_typed(line: str, plan: Plan) -> None:
    assert plan_of(asked(line)) == plan


def test_a_seed_that_was_not_given_is_made_up_and_said() -> None:
    plan = plan_of(asked("--rate 5 --shape poisson"))
    assert f"seed {plan.seed}" in str(plan)


WRONG = [
    ("", "The following arguments are required: URL"),
    (URL, "How many requests a second? Add --rate"),
    ("gopher://127.0.0.1/", "There are: "),
    (f"{URL} --plot a.gif", "is neither .png nor .svg"),
    (f"{URL} --header X", "--header 'X' has no colon"),
    (f"{URL} --rate 0", "--rate 0 sends nothing"),
    (f"{URL} --rate -5", "'-5' is no rate"),
    (f"{URL} --rate fast", "'fast' is no rate"),
    (f"{URL} --rate 5 --for soon", "'soon' is no time. As in 500ms, 10s, 2m."),
    (f"{URL} --rate 5 --for 25h", "is not from 0.001 to 86400 seconds"),
    (f"{URL} --rate 5 --for 5s --warmup 6s", "--warmup 6s is not from 0 to 5 seconds"),
    (f"{URL} --shape wave", "--shape 'wave' is none. There are: steady"),
    (f"{URL} --shape ramp:1..2 --rate 5", "says its rates itself. Leave --rate away."),
    (f"{URL} --shape steps:1x2s,3", "either all have a time or none"),
    (f"{URL} --shape steps:1x2s --for 3s", "have times of their own. Leave --for away."),
    (f"{URL} --rate 5 --seed 3", "--seed goes with a shape that is poisson"),
    (f"{URL} --rate 5 --closed 3", "--closed has no rate"),
    (f"{URL} --rate 5 --connections 0", "'0' is no number from 1 to 60000"),
    (f"{URL} --rate 5 --header X", "--header 'X' has no colon"),
    (f"{URL} --rate 5 --method G(T", "'G(T' is no method"),
    (f"{URL} --rate 5 --body @nowhere", "--body @nowhere cannot be read"),
    (f"{URL} --rate 5 --plot a.gif", "is neither .png nor .svg"),
    (f"{URL} --rate 5 --plot no/a.png", "lies in a folder that does not exist"),
    ("127.0.0.1:8080 --rate 5", "does not begin with a scheme that can be loaded. There are: "),
    ("gopher://127.0.0.1/ --rate 5", "There are: "),
    ("http:///x --rate 5", "names no host"),
    ("http://127.0.0.1:x/ --rate 5", "is no address"),
    ("http://192.0.2.1/ --rate 5", "is not loopback; load harms machines of others"),
    ("http://127.0.0.1:1/ --rate 5", "Nothing takes a connection on 127.0.0.1:1"),
]


@pytest.mark.parametrize(("line", "says"), WRONG)
def test_a_mistake_is_one_sentence_and_nothing_is_sent(typed, line: str, says: str) -> None:
    status, out, err = typed(f"load {line}")
    assert (status, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_the_page_says_what_became_of_every_request(typed, url: str) -> None:
    status, out, err = typed(f"load {url} --rate 100 --for 300ms")
    assert status in (0, 3)  # 3: this machine is too busy for punctual sends, and the page says so
    assert err == ""
    said = ("The generator was the bottleneck", "The machine was too busy to be on time")
    assert any(words in out for words in said) == (status == 3)
    lines = out.splitlines()
    assert lines[0] == f"GET {url}"
    assert lines[1].startswith("  latency p50 ")
    assert "\n  100/s for 0.3 s\n" in out
    assert "asked                30" in out
    assert "answered             30  100.00%   200 30" in out
    assert "p50" in out
    assert "█" in out
    assert "\x1b" not in out


def test_the_result_as_json_is_one_object_and_all_of_standard_output(typed, url: str) -> None:
    _, out, err = typed(f"load {url} --shape poisson --rate 100 --seed 4 --for 300ms --json")
    assert err == ""
    said = json.loads(out)
    assert said["plan"]["seed"] == 4
    assert said["asked"] == said["answered"] + said["failed"] + said["unfinished"] > 0
    assert said["latency"]["p99"]["seconds"] > 0
    assert sum(row["asked"] for row in said["rows"]) == said["asked"]


def test_a_closed_loop_is_said_to_be_one(typed, url: str) -> None:
    assert "closed loop of 2 clients" in typed(f"load {url} --closed 2 --for 200ms")[1]


def test_where_nothing_is_answered_the_status_is_1(typed) -> None:
    with serving(lambda sock: sock.recv(100)) as (host, port):
        status, out, _ = typed(f"load http://{host}:{port}/ --rate 50 --for 200ms")
    assert status == 1
    assert out.splitlines()[1] == "  nothing was answered: 10 closed"
    assert "closed 10" in out
    assert "never" in out
    assert "\n  p50 " not in out


def test_an_answer_in_another_language_is_malformed_and_shown(typed) -> None:
    with serving(lambda sock: sock.recv(100) and sock.sendall(b"+OK redis\r\n")) as (host, port):
        status, out, _ = typed(f"load http://{host}:{port}/ --rate 50 --for 200ms")
    assert status == 1
    assert "nothing was answered: 10 malformed" in out
    assert 'the first such answer began with "+OK redis\\r\\n"' in out


def test_an_answer_that_is_cut_off_is_closed_not_malformed(typed) -> None:
    cut = ANSWER[:-20]
    with serving(lambda sock: sock.recv(100) and sock.sendall(cut)) as (host, port):
        out = typed(f"load http://{host}:{port}/ --rate 50 --for 200ms")[1]
    assert "nothing was answered: 10 closed" in out


def result(answer: bytes = ANSWER) -> Result:
    with serving(lambda sock: pong(sock, answer)) as address:
        return run(Plan.steady(50, 0.2), plug_for(Asked(URL)), address)


def test_the_status_says_whether_the_figures_hold() -> None:
    found = result()
    on_time = replace(found, own=replace(found.own, late_p99=0.0, share=0.1))
    late = replace(found, own=replace(found.own, late_p99=0.5, share=0.1))
    assert status_of(on_time) == 0
    assert status_of(late) == 3
    assert "500 ms late" in "\n".join(picture_of(late, Look()))
    assert status_of(replace(on_time, stopped=True)) == 130


def test_errors_that_are_answers_have_good_ones_beside_them() -> None:
    page = "\n".join(picture_of(result(BUSY), Look(colour=True)))
    assert "503 10" in page
    assert "10 of 10 answers are errors" in page
    assert "errors               10  100.00%" in page
    assert "0.0 good answers a second" in page
    assert "\x1b[" in page


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("b.svg", b"<svg")])
def test_the_latencies_are_drawn(typed, url: str, name: str, begins: bytes) -> None:
    assert f"  picture     {name}\n" in typed(f"load {url} --rate 100 --for 200ms --plot {name}")[1]
    assert Path(name).read_bytes().startswith(begins)
    assert [p.name for p in Path().iterdir()] == [name]


def test_the_picture_holds_both_curves_and_a_point_a_second() -> None:
    above, below = chart(result())["vconcat"]
    series = {point["series"] for point in above["data"]["values"]}
    assert series == {"since the intended time", "since it was sent"}
    assert {point["second"] for point in below["data"]["values"]} == {0, 1}


def test_a_second_is_a_step_and_each_is_labelled_once() -> None:
    found = result()
    row = found.rows[0]
    below = chart(replace(found, rows=(row, row._replace(second=1, p50=None))))["vconcat"][1]
    points = [p for p in below["data"]["values"] if p["series"] == "p50"]
    assert [p["second"] for p in points] == [0, 1, 1, 2]
    assert [p["ms"] is None for p in points] == [False, False, True, True]
    assert below["encoding"]["x"]["axis"]["values"] == [0, 1, 2]


def test_who_looks_on_is_told_each_second_on_standard_error(typed, url, monkeypatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, out, told = typed(f"load {url} --rate 50 --for 1200ms --json")
    assert told.split()[:6] == ["asked", "answered", "failed", "open", "p50", "p99"]
    assert told.split()[6:8] == ["1", "s"]
    asked, answered, failed, still_open = map(int, told.split()[8:12])
    assert asked == answered + failed + still_open
    assert json.loads(out)["asked"] == 60


def test_ctrl_c_gives_the_figures_so_far(started) -> None:
    seen = threading.Event()

    def note(sock: socket.socket) -> None:
        if sock.recv(1, socket.MSG_PEEK):  # the look whether anybody is there sends nothing
            seen.set()
        answers(sock)

    with serving(note) as (host, port):
        program = started("load", f"http://{host}:{port}/", "--rate", "100", "--for", "60s")
        assert seen.wait(20)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=20)
    assert (program.returncode, err) == (130, b"")
    assert b"stopped before its end" in out
    assert b"answered" in out


def test_a_server_that_ends_while_it_is_loaded_is_counted_not_reported(typed) -> None:
    """It answers the first connection once, and is gone."""
    [port] = free_ports(1)
    listener = socket.create_server(("127.0.0.1", port))

    def once() -> None:
        for _ in range(2):  # the first is the look whether anybody is there
            with listener.accept()[0] as sock:
                if sock.recv(100):
                    sock.sendall(ANSWER)
        listener.close()

    thread = threading.Thread(target=once)
    thread.start()
    _, out, err = typed(f"load http://127.0.0.1:{port}/ --rate 50 --for 300ms --json")
    thread.join(10)
    said = json.loads(out)
    assert err == ""
    assert said["answered"] >= 1
    assert said["errors"].get("refused", 0) >= 5
