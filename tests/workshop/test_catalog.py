"""Topics are found by looking into their folders, and a mistyped name is answered with the nearest."""

import pytest

from cutaway.workshop import catalog
from cutaway.workshop.errors import Trouble, closest

TOML = """
title = "{title}"
group = "{group}"
builds_on = {builds_on}
kind = "server"
documents = ["RFC 1"]
[environment]
PORT = "the one"
OTHER_PORT = "another"
IDLE = "seconds"
[contract]
text = "It serves."
"""


@pytest.fixture
def folder(tmp_path):
    for slug, builds_on in (("zebra", []), ("apple", ["zebra"]), ("mango", ["apple", "zebra"])):
        (tmp_path / slug).mkdir()
        text = TOML.format(title=slug.title(), group="fruit", builds_on=builds_on)
        (tmp_path / slug / "topic.toml").write_text(text)
    (tmp_path / "not-a-topic").mkdir()
    return tmp_path


def test_a_topic_comes_behind_those_that_it_builds_on(folder):
    assert list(catalog._topics(folder)) == ["zebra", "apple", "mango"]


def test_a_circle_of_topics_still_ends(folder):
    (folder / "zebra" / "topic.toml").write_text(
        TOML.format(title="Z", group="fruit", builds_on=["mango"])
    )
    assert sorted(catalog._topics(folder)) == ["apple", "mango", "zebra"]


def test_a_topic_knows_its_listeners_and_its_starters(folder):
    (folder / "apple" / "starters" / "go").mkdir(parents=True)
    (folder / "apple" / "starters" / "by-hand.txt").write_text("curl $PORT\nnc $OTHER_PORT\n")
    apple = catalog._topics(folder)["apple"]
    assert apple.ports == ("PORT", "OTHER_PORT")
    assert apple.starters == ("go",)
    assert apple.by_hand == ("curl $PORT", "nc $OTHER_PORT")
    assert catalog._topics(folder)["mango"].starters == ()


def test_every_topic_that_there_is_can_be_read():
    assert {"tcp", "http1"} <= set(catalog.topics())


@pytest.mark.parametrize(
    ("typed", "meant"), [("htp1", "http1"), ("HTTP1", "http1"), ("tpc", "tcp")]
)
def test_a_mistyped_topic_is_answered_with_the_nearest(typed, meant):
    with pytest.raises(Trouble, match=f"Did you mean {meant}"):
        catalog.topic(typed)


def test_a_topic_that_is_nowhere_near_is_answered_with_the_list():
    with pytest.raises(Trouble, match=r"There are: .*tcp"):
        catalog.topic("graphql-over-carrier-pigeon")


def test_a_stage_is_found_by_name_or_by_slug():
    first = catalog.stages("http1")[0]
    assert catalog.stage(first.name) is first
    assert catalog.stage(first.slug, "http1") is first


def test_a_mistyped_stage_is_answered_with_the_nearest():
    with pytest.raises(Trouble, match="Did you mean first-response"):
        catalog.stage("first-respnse", "http1")


def test_a_topic_without_stages_says_so(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(catalog.importlib, "import_module", missing)
    with pytest.raises(Trouble, match="no stages in this version"):
        catalog.stages("tcp")


def test_nothing_near_is_nothing():
    assert closest("xyz", ["tcp", "http1"]) is None
