"""A project to begin in: whole or not at all, and nothing overwritten."""

import os
import re

import pytest

from cutaway.workshop import project, starting
from cutaway.workshop.catalog import topic, topics
from cutaway.workshop.errors import Trouble

EACH = [(slug, lang) for slug, t in topics().items() for lang in t.starters]


@pytest.mark.parametrize(("slug", "lang"), EACH)
def test_every_starter_makes_a_project_that_can_be_read(tmp_path, slug, lang):
    folder = starting.start(topic(slug), tmp_path / "new" / "here", lang)
    found = project.find(folder)
    assert found.topic == slug
    readme = (folder / "README.md").read_text()
    assert topic(slug).contract in readme
    assert " ".join(found.command.run) in readme
    assert "PORT=8080" in readme
    assert "$PORT" not in readme.split("## What it must do")[0]
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["here"]


@pytest.mark.parametrize("slug", topics())
def test_what_commands_do_stands_in_one_column_however_long_the_topic_is_called(tmp_path, slug):
    readme = (starting.start(topic(slug), tmp_path / "x", "bare") / "README.md").read_text()
    commands = readme.split("```")[1].splitlines()[1:]
    columns = {re.fullmatch(r"(cutaway( \S+)+ {2,})\S.*", line).end(1) for line in commands}
    assert len(columns) == 1
    assert f"cutaway lesson {slug} " in readme


@pytest.mark.parametrize("slug", topics())
def test_every_topic_has_a_starter_for_any_other_language(slug):
    assert {"python", "node", "go", "bare"} <= set(topic(slug).starters)


def test_the_bare_one_says_what_to_do_in_the_readme(tmp_path):
    folder = starting.start(topic("tcp"), tmp_path / "x", "bare")
    assert "Where to begin" in (folder / "README.md").read_text()


def test_an_empty_folder_is_used_as_it_is(tmp_path):
    (tmp_path / "x").mkdir()
    before = (tmp_path / "x").stat().st_ino
    starting.start(topic("tcp"), tmp_path / "x", "go")
    assert (tmp_path / "x").stat().st_ino == before
    assert (tmp_path / "x" / "main.go").is_file()


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Trouble, match="is not empty"):
        starting.start(topic("tcp"), tmp_path, "go")
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(Trouble, match="is a file"):
        starting.start(topic("tcp"), tmp_path / "x", "go")


@pytest.mark.parametrize(
    ("lang", "name"), [("Python", "python"), ("py", "python"), ("js", "node"), ("golang", "go")]
)
def test_a_language_goes_by_its_common_names(lang, name):
    assert starting.language_named(topic("tcp"), lang) == name


@pytest.mark.parametrize(
    ("lang", "says"), [("pyhton", "Did you mean python"), ("rust", "bare is for")]
)
def test_an_unknown_language_is_answered_with_those_that_there_are(lang, says):
    with pytest.raises(Trouble, match=says):
        starting.language_named(topic("tcp"), lang)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(Trouble, match="cannot be made"):
        starting.start(topic("tcp"), tmp_path / "x", "go")


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(starting, "read_me", interrupted)
    with pytest.raises(KeyboardInterrupt):
        starting.start(topic("tcp"), tmp_path / "x", "go")
    assert list(tmp_path.iterdir()) == []
