"""The command line as it is typed: in a folder of its own, with progress of its own."""

import os
import subprocess
import sys

import pytest

from cutaway.cli import main


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    """Nothing of the person who runs the tests is read or written."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CUTAWAY_DEBUG", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def typed(capsys):
    """Run a command in this process: typed("check --json") → (status, stdout, stderr)."""

    def run(line: str) -> tuple[int, str, str]:
        status = main(line.split())
        out = capsys.readouterr()
        return status, out.out, out.err

    return run


@pytest.fixture
def started():
    """Start a command as a program of its own; what still runs afterwards is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **options) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(
            [sys.executable, "-c", "import sys, cutaway.cli; sys.exit(cutaway.cli.main())", *words],
            env={**os.environ, **options.pop("env", {})},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        running.append(program)
        return program

    yield start
    for program in running:
        if program.poll() is None:
            program.kill()
        program.communicate()


@pytest.fixture
def project(typed, monkeypatch, tmp_path):
    """A project of http1 in Python, its first stage solved, and the current folder in it."""
    assert typed("start http1 p --lang python")[0] == 0
    monkeypatch.chdir("p")
    return tmp_path / "work" / "p"
