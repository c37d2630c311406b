"""`cutaway check` with a real program and the real stages: what is played, said and remembered."""

import json
import re
import subprocess
import sys

import pytest

from cutaway.cli.check_show import Show
from cutaway.cli.screen import Waiting
from cutaway.grade.player import Subject
from cutaway.grade.verdict import CaseResult, Failure, StageResult, Verdict
from cutaway.process import Command, Program, free_ports
from cutaway.workshop import catalog, starting
from cutaway.workshop.checking import Job

FIRST = catalog.stages("http1")[0].name
SECOND = catalog.stages("http1")[1].name


def spoil(folder, old="200 OK", new="500 Oh no"):
    file = folder / "http_server.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_first_stage_passes_and_the_next_one_is_said(project, typed):
    status, out, err = typed("check first-response")
    assert (status, err) == (0, "")
    assert f"✓ {FIRST}" in out
    assert f"next      {SECOND}" in out


def test_without_a_stage_it_stops_at_the_first_that_does_not_pass(project, typed):
    status, out, _ = typed("check")
    assert status == 1
    assert re.findall(r"^[✓✗] (\S+) · .* cases? ", out, re.MULTILINE) == [FIRST, SECOND]
    assert "expected" in out
    assert "because" in out
    assert "by hand" in out


def test_what_passed_and_fails_now_is_a_regression(project, typed):
    typed("check first-response")
    spoil(project)
    status, out, _ = typed("check first-response")
    assert status == 1
    assert "regression" in out


def test_the_stage_that_failed_last_is_played_first(project, typed):
    typed("check")
    _, out, _ = typed("check --json")
    assert [stage["name"] for stage in json.loads(out)["stages"]] == [SECOND]


def test_json_is_all_that_stands_on_standard_output(project, typed):
    status, out, err = typed("check first-response --json --seed 7")
    result = json.loads(out)
    assert (status, err) == (0, "")
    assert (result["topic"], result["verdict"], result["seed"]) == ("http1", "pass", 7)


@pytest.mark.parametrize("form", ["json", "junit", "github", "exercism"])
def test_a_format_goes_to_a_file_and_the_report_to_the_screen(project, typed, form):
    status, out, _ = typed(f"check first-response --{form} result.txt")
    assert status == 0
    assert f"✓ {FIRST}" in out
    assert (project / "result.txt").is_file()
    assert not list(project.glob(".result*"))


def test_a_program_that_does_not_build_fails_and_is_no_regression(project, typed):
    typed("check first-response")
    (project / "cutaway.toml").write_text(
        f'topic = "http1"\nrun = "python3 http_server.py"\nbuild = "{sys.executable} -c 1/0"\n'
    )
    status, out, _ = typed("check first-response")
    assert status == 1
    assert "The build failed with exit status 1" in out
    assert "ZeroDivisionError" in out
    assert "regression" not in out
    assert f"✓ {FIRST}" in typed("status")[1]
    result = json.loads(typed("check --json")[1])
    [stage] = result["stages"]
    assert stage["cases"][0]["failure"]["step"] == "built"


def test_a_missing_command_is_said_with_what_to_do(project, typed):
    (project / "cutaway.toml").write_text('topic = "http1"\nrun = "no-such-command-here"\n')
    status, out, _ = typed("check first-response")
    assert status == 1
    assert "The command 'no-such-command-here' was not found on PATH" in out


def test_a_server_that_runs_already_is_graded_and_nothing_is_remembered(project, typed, tmp_path):
    [port] = free_ports(1)
    command = Command(project, (sys.executable, "http_server.py"))
    with Program.start(command, {"PORT": str(port)}) as program:
        program.wait_ready([port], within=20)
        status, out, _ = typed(f"check first-response --target 127.0.0.1:{port}")
        _, failed, _ = typed(f"check http1/files --target 127.0.0.1:{port} --seed 7")
    assert (status, "✓" in out) == (0, True)
    assert f"cutaway check http1/files --seed 7 --target 127.0.0.1:{port}\n" in failed
    assert f"✓ {FIRST}" not in typed("status")[1]


def test_a_stage_of_another_topic_is_refused(project, typed):
    status, _, err = typed("check tcp/echo")
    assert status == 2
    assert "tcp/echo is no stage of http1" in err


def test_a_home_that_cannot_be_used_is_said_once_and_the_check_goes_on(
    project, typed, monkeypatch, tmp_path
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "file" / "x"))
    status, out, err = typed("check first-response")
    assert status == 0
    assert f"✓ {FIRST}" in out
    assert err.count("Progress is not kept") == 1


def test_hints_become_plainer_and_then_stay(project, typed):
    heads = [typed("hint")[1].splitlines()[0] for _ in range(4)]
    assert [head.partition(" · ")[2] for head in heads] == [
        "hint 1 of 3: point",
        "hint 2 of 3: explain",
        "hint 3 of 3: show",
        "hint 3 of 3: show",
    ]
    assert "3 hints" in typed("status")[1]


@pytest.mark.parametrize(
    "stage", [stage.name for slug in catalog.topics() for stage in catalog.stages(slug)]
)
def test_every_stage_explains_itself(typed, stage):
    status, out, err = typed(f"explain {stage}")
    assert (status, err) == (0, "")
    named = catalog.stage(stage)
    assert out.count("      rule") == len(named.cases)
    assert "asks" in out
    assert "given" in out


def test_status_outside_of_a_project_lists_those_there_are(project, typed, monkeypatch):
    typed("check first-response")
    monkeypatch.chdir(project.parent)
    status, out, _ = typed("status")
    assert status == 0
    assert str(project) in out
    assert " 1 of " in typed("topics")[1]


STARTERS = [(slug, lang) for slug in catalog.topics() for lang in ("python", "node", "go")]
TOOLS = {"node": ("node", "https://nodejs.org"), "go": ("go", "https://go.dev/dl")}


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "lang"), STARTERS)
def test_every_starter_passes_the_first_stage(
    typed, tmp_path, monkeypatch, require_tool, slug, lang
):
    if lang in TOOLS:
        require_tool(*TOOLS[lang])
    folder = starting.start(catalog.topic(slug), tmp_path / "s", lang)
    monkeypatch.chdir(folder)
    status, out, err = typed(f"check {catalog.stages(slug)[0].slug}")
    assert (status, err) == (0, ""), out


def test_a_reader_that_goes_away_is_quiet(project):
    line = f"{sys.executable} -c 'import sys, cutaway.cli; sys.exit(cutaway.cli.main())' check"
    done = subprocess.run(
        ["sh", "-c", f"{line} | head -1"], capture_output=True, text=True, timeout=60
    )
    assert f"✓ {FIRST}" in done.stdout
    assert done.stderr == ""


def test_a_stage_that_ran_ahead_of_the_one_that_ends_the_check_is_not_told(capsys):
    stages = catalog.stages("http1")
    job = Job(
        topic="http1",
        stages=stages,
        subject=Subject(),
        seed=1,
        keep_going=False,
        single=False,
        folder=None,
    )
    failure = Failure(step="answered", expected="a", found="b", because="c", by_hand="d")
    failing = [
        CaseResult(name=case.name, rule=case.rule, verdict=Verdict.FAIL, failure=failure)
        for case in (stage.cases[0] for stage in stages[:2])
    ]
    with Waiting() as waiting:
        show = Show(job, {}, waiting, quiet=False)
        show.case(stages[1], failing[1])
        title = stages[0].title
        show.stage(StageResult(name=FIRST, title=title, verdict=Verdict.FAIL, cases=(failing[0],)))
        show._early(until=0.0)
        show.broken_off()
    out = capsys.readouterr().out
    assert FIRST in out
    assert SECOND not in out
