"""The solutions in Go and Node.js pass every stage of their topics.

They were written from the contracts and the specifications, on raw sockets. Where one of them and
the reference disagree with a case, two who have not talked to each other have read the same text
otherwise than the case has.

Each is played with a fixed seed, and with a new one that is printed: `cutaway check --seed` has the
same run again.

Left out: the solutions' own tests, which need nothing of ours: `go test ./...`, `npm test`.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from cutaway.process import Command, build, split_command
from tests.real.grading import any_seed, graded, shortfall, told
from tests.toolchains import GO, NODE, Require, present
from tests.topics.todo.given import on_valkey

pytestmark = [pytest.mark.solutions, pytest.mark.timeout(300)]

SOLUTIONS = Path(__file__).parents[2] / "solutions"
LANGUAGES = {"go": GO, "node": NODE}
#: Parts that start in a moment, in the place of references in Python.
GIVEN = {"todo": on_valkey}
SOLVED = [
    *(("go", topic) for topic in ("tcp", "http1", "proxy", "cache", "todo")),
    *(("node", topic) for topic in ("tcp", "http1", "cache")),
]


def project(folder: Path) -> Command:
    """The command as its cutaway.toml has it."""
    said = tomllib.loads((folder / "cutaway.toml").read_text())
    built = split_command(said["build"]) if "build" in said else None
    return Command(folder, split_command(said["run"]), built)


@pytest.mark.parametrize(("language", "topic"), SOLVED)
def test_a_solution_passes_every_stage(
    language: str, topic: str, require_tool: Require, tmp_path: Path
) -> None:
    present(LANGUAGES[language], require_tool)
    # A copy: what a build leaves behind is not for the tree, nor for a test beside this one.
    folder = shutil.copytree(SOLUTIONS / language / topic, tmp_path / topic)
    command = project(folder)
    build(command)
    for seed in (1, any_seed()):
        print(f"{language}/{topic} with seed {seed}")
        result = graded(topic, command, seed, given=GIVEN.get(topic, lambda stage: stage))
        short = shortfall(result)
        assert not short, f"with seed {seed}:\n{told(result, short)}"
