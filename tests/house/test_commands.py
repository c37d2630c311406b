"""Each command has its page in docs/commands, and the page names all that its --help does.

Left out: whether the page is true. The runs on it are copies of real ones.
"""

from __future__ import annotations

import argparse
import re

import pytest

from cutaway.cli import COMMANDS
from cutaway.cli.options import parser_of
from tests.house.source import ROOT

PAGES = ROOT / "docs" / "commands"
SCREEN = 50  # lines

# Instruments: a screen is too little for them, and their pages come with them.
INSTRUMENTS = {"tap", "load", "lab"}

written = [name for name in COMMANDS if name not in INSTRUMENTS or (PAGES / f"{name}.md").exists()]
each_page = pytest.mark.parametrize("command", written)


def page(command: str) -> str:
    return (PAGES / f"{command}.md").read_text()


def words_of(action: argparse.Action) -> list[str]:
    """How an option or an argument is called on its page; --help goes without saying."""
    if isinstance(action, argparse._HelpAction):
        return []
    return action.option_strings or [str(action.metavar or action.dest)]


@each_page
def test_a_command_has_its_page(command: str) -> None:
    assert page(command).startswith(f"# cutaway {command}\n")


@each_page
def test_a_page_names_every_option_of_its_command(command: str) -> None:
    named = set(re.findall(r"(?<![\w-])-{1,2}[a-z][\w-]*|\b[A-Z]+\b", page(command)))
    options = [word for action in parser_of(command)._actions for word in words_of(action)]
    assert not [word for word in options if word not in named]


@each_page
def test_a_page_names_no_option_that_is_not_there(command: str) -> None:
    rows = re.findall(r"^\| (`-.*?) \|", page(command), re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"(?<![\w-])-{1,2}[a-z][\w-]*", row)}
    options = {word for action in parser_of(command)._actions for word in action.option_strings}
    assert named <= options


@each_page
def test_a_page_shows_a_run_and_the_exit_statuses(command: str) -> None:
    assert f"cutaway {command}" in page(command).partition("```")[2]
    assert re.search(r"^(\| exit \||## Exit status)", page(command), re.MULTILINE)


@pytest.mark.parametrize("command", [name for name in written if name not in INSTRUMENTS])
def test_a_page_is_a_screen_at_most(command: str) -> None:
    assert len(page(command).splitlines()) <= SCREEN


def test_there_is_no_page_without_its_command() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} <= COMMANDS.keys() | INSTRUMENTS
