"""The command line answers at once because it loads next to nothing. What it costs in time is
measured by the benchmarks; here only what it must not load."""

import subprocess
import sys

import pytest

HEAVY = (
    "asyncio",
    "rich",
    "psutil",
    "sqlite3",
    "msgspec",
    "ssl",
    "cutaway.topics",
    "cutaway.grade",
)


@pytest.mark.parametrize("module", HEAVY)
def test_the_command_line_starts_without(module: str, loaded: set[str]) -> None:
    assert module not in loaded


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    code = "import sys, cutaway.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
