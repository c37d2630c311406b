"""Imports run downwards only, so that each floor of the house can be read without those above it."""

import pytest

from tests.house.source import Import, imports, modules, topics

BELOW = {
    "wire": set(),
    "process": set(),
    "net": {"wire"},
    "grade": {"wire", "net", "process"},
    "lab": {"net", "process"},
    "system": {"wire", "net", "process"},
    "topics": {"wire", "net", "process", "grade", "lab"},
    "workshop": {"wire", "net", "process", "grade", "lab", "system", "topics"},
    "cli": {"wire", "net", "process", "grade", "lab", "system", "topics", "workshop", "web"},
    "web": {"wire", "net", "process", "grade", "lab", "system", "topics", "workshop"},
}
CATALOG = "cutaway.workshop.catalog"  # the one place that may load a topic's stages and lab


def rooms(i: Import) -> tuple[list[str], list[str]]:
    """Where an import starts and ends, without the leading `cutaway`."""
    return i.module.name.split(".")[1:], i.target.split(".")[1:]


def in_a_topic(there: list[str]) -> bool:
    """Of one topic, and not of what all of them share."""
    return there[:1] == ["topics"] and there[1:2] != [] and there[1] in topics()


def listed(wrong: list[Import]) -> str:
    return "\n" + "\n".join(map(str, wrong))


def test_every_package_has_its_floor() -> None:
    packages = {m.name.split(".")[1] for m in modules() if "." in m.name} - {"__main__"}
    assert packages <= BELOW.keys(), "say in BELOW what the new package may import"


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = BELOW[package] | {package}
    inside = [(i, *rooms(i)) for i in imports()]
    wrong = [
        i
        for i, here, there in inside
        if here[:1] == [package] and there and there[0] not in allowed
    ]
    assert not wrong, listed(wrong)


def test_a_topic_imports_itself_and_the_codecs_of_topics_it_builds_on() -> None:
    wrong = []
    for i in imports():
        here, there = rooms(i)
        if there[:1] == ["topics"] and not in_a_topic(there):  # what a fault is, for all topics
            continue
        if here[:1] == there[:1] == ["topics"] and len(here) > 1 and here[1] != [*there, ""][1]:
            builds_on = {f"{topic}.codec" for topic in topics()[here[1]]["builds_on"]}
            if ".".join(there[1:3]) not in builds_on:
                wrong.append(i)
    assert not wrong, listed(wrong)


def test_the_workshop_names_no_topic() -> None:
    named = [(i, *rooms(i)) for i in imports()]
    wrong = [i for i, here, there in named if here[:1] == ["workshop"] and in_a_topic(there)]
    assert not wrong, listed(wrong)


def test_only_the_catalog_imports_the_stages_or_the_lab_of_a_topic() -> None:
    wrong = []
    for i in imports():
        here, there = rooms(i)
        graded = there[:1] == ["topics"] and there[2:3] in (["stages"], ["lab"])
        if graded and here[:3] != there[:3] and i.module.name != CATALOG:
            wrong.append(i)
    assert not wrong, listed(wrong)


def test_stages_never_import_the_server_that_they_judge() -> None:
    wrong = []
    for i in imports():
        here, there = rooms(i)
        if (
            here[:1] == ["topics"]
            and here[2:3] == ["stages"]
            and there[2:3] in (["server"], ["faults"])
        ):
            wrong.append(i)
    assert not wrong, listed(wrong)
