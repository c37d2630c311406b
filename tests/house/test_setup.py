"""What sets a machine up says the same thing everywhere: pyproject.toml, the locks, the Makefile."""

import re
import tomllib

import pytest

from tests.house.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDS = {
    "run": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["build"]],
    "test": [n for needs in PROJECT["optional-dependencies"].values() for n in needs],
}
MAKEFILE = (ROOT / "Makefile").read_text()


def locked(kind: str) -> dict[str, str]:
    """Name and version of every package in a lock."""
    text = (ROOT / "requirements" / f"{kind}.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("kind", NEEDS)
def test_a_lock_holds_everything_that_is_asked_for(kind: str) -> None:
    names = {re.split(r"[^a-z0-9-]", need)[0] for need in NEEDS[kind]} - {"cutaway"}  # its extras
    assert names <= locked(kind).keys(), "run `make lock`"


@pytest.mark.parametrize("kind", NEEDS)
def test_every_line_of_a_lock_is_a_version_or_a_hash(kind: str) -> None:
    """So it names no host: where packages come from is the business of each machine."""
    line = re.compile(r"#.*|[a-z0-9-]+==\S+( ; [^:]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    text = (ROOT / "requirements" / f"{kind}.lock").read_text()
    assert not [t for t in text.splitlines() if not line.fullmatch(t)]


def test_both_locks_agree() -> None:
    assert locked("run").items() <= locked("test").items()


def test_every_verb_of_the_makefile_lists_itself() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert re.findall(r"^([a-z]+):.*  ## \S", MAKEFILE, re.MULTILINE) == phony[1].split()


def test_ci_runs_the_command_of_the_readme() -> None:
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("\nmake test")
    assert "make test" in (ROOT / "README.md").read_text()
