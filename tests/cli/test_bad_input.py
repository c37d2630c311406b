"""Whatever is typed wrong is answered by one sentence with the next step, and status 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from cutaway.cli import COMMANDS
from cutaway.cli.options import read

WRONG = [
    ("chek", "There is no command 'chek'. Did you mean check?"),
    ("frobnicate", "There is no command 'frobnicate'. See: cutaway --help"),
    ("--json check", "The option --json stands before a command"),
    ("start", "The following arguments are required: TOPIC. See: cutaway start --help"),
    ("start htp1 --lang go", "There is no topic 'htp1'. Did you mean http1?"),
    ("start http1", "Which language? Add --lang"),
    ("start http1 --lang rust", "There is no starter of http1 in 'rust'"),
    ("check", "There is no cutaway.toml"),
    ("check --seed minus", "'minus' is no seed"),
    ("check --bogus", "Unrecognized arguments: --bogus"),
    ("check --json a --junit b", "not allowed with argument"),
    ("check --json nowhere/x.json", "it lies in a folder that does not exist"),
    ("check --target x --topic http1", "does not end in a port"),
    ("check --target h:0 --topic http1", "does not end in a port"),
    ("check --target 127.0.0.1:1 --topic http1", "Nothing takes a connection on 127.0.0.1:1"),
    ("check --target 127.0.0.1:1", "Which topic does the target speak?"),
    ("check --target LINE_PORT=:1 --topic tcp", "Did you mean LINES_PORT?"),
    ("check --target :1 --topic htp1", "Did you mean http1?"),
    ("check --data-dir .", "--data-dir goes with --target"),
    ("check --watch --target :1 --topic tcp", "--watch restarts the program"),
    ("check --watch --json", "--watch reports on standard output"),
    ("hint", "There is no cutaway.toml"),
    ("explain http1/first-respons", "Did you mean first-response?"),
    ("lesson", "There is no cutaway.toml"),
    ("lesson htp1", "Did you mean http1?"),
    ("status", "no project elsewhere"),
    ("serve htp1", "Did you mean http1?"),
    ("serve http1 --port 99999", "'99999' is no port"),
    ("serve http1 --data-dir nowhere", "There is no folder nowhere"),
    ("serve tcp --data-dir .", "keeps no files"),
    ("serve tcp --diff", "Add --fault NAME"),
    ("serve proxy --set UPSTREAMS", "is no setting, which is NAME=VALUE"),
    ("up --port x", "'x' is no port"),
]


@pytest.mark.parametrize(("line", "says"), WRONG)
def test_a_mistake_is_one_sentence_and_status_2(typed, line, says):
    status, out, err = typed(line)
    assert status == 2
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1
    assert err.startswith("cutaway: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(typed, command):
    status, out, err = typed(f"{command} --help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: cutaway {command}")
    assert typed(f"help {command}")[1] == out


def test_the_overview_names_every_command(typed):
    status, out, _ = typed("--help")
    assert status == 0
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  cutaway")] == list(
        COMMANDS
    )


def test_a_busy_port_is_one_sentence(typed):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, err = typed(f"serve http1 --port {port}")
    assert status == 2
    assert f"Port {port} cannot be listened on" in err


def test_a_defect_is_one_sentence_and_a_file(typed, monkeypatch, tmp_path):
    monkeypatch.setattr("cutaway.workshop.catalog.topics", lambda: 1 / 0)
    status, out, err = typed("topics")
    assert (status, out) == (70, "")
    assert len(err.splitlines()) == 1
    assert "defect of Cutaway, not of your program: ZeroDivisionError" in err
    [file] = (tmp_path / "home" / "defects").iterdir()
    assert str(file) in err
    assert "ZeroDivisionError" in file.read_text()


def test_a_defect_is_shown_where_it_is_asked_for(typed, monkeypatch, tmp_path):
    monkeypatch.setenv("CUTAWAY_DEBUG", "1")
    monkeypatch.setattr("cutaway.workshop.catalog.topics", lambda: 1 / 0)
    assert "Traceback" in typed("topics")[2]


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_is_said_and_is_no_defect():
    program = [sys.executable, "-c", "import sys, cutaway.cli; sys.exit(cutaway.cli.main())"]
    with FULL.open("w") as full:
        done = subprocess.run([*program, "topics"], stdout=full, stderr=-1, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("cutaway: What is to be printed cannot be written: ")
    assert "defect" not in done.stderr


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("tap 7110 --as http1 7181", {"listen": "7110", "upstream": "7181", "topic": "http1"}),
        ("start proxy --lang node prox", {"topic": "proxy", "folder": "prox", "lang": "node"}),
        ("check --json - echo", {"stage": "echo", "json": "-"}),
    ],
)
def test_an_option_may_stand_between_two_words(line: str, values: dict[str, str]) -> None:
    found = read(line.split())
    assert not isinstance(found, int)
    assert {name: getattr(found[1], name) for name in values} == values
