"""Every topic is furnished alike, so that whoever knows one finds their way in all."""

import ast
from typing import Any

import pytest

from tests.house.source import ROOT, TOPICS, topics

FILES = ("LESSON.md", "__init__.py", "codec.py", "rules.py", "server.py")
FILES_OR_FOLDERS = ("stages", "faults", "lab")
#: What a topic may have besides → what it then has to define.
OPTIONAL = {"load.py": {"SCHEMES", "plug_for"}, "real.py": {"REAL"}, "carry.py": {"carry"}}
KINDS = {"server", "durable server", "filter", "proxy", "app", "worker", "tests"}
KEYS: dict[str, type] = {
    "title": str,
    "group": str,
    "builds_on": list,
    "kind": str,
    "documents": list,
    "environment": dict,
    "contract": dict,
}

each_topic = pytest.mark.parametrize("topic", topics())


@each_topic
def test_a_topic_has_its_furniture(topic: str) -> None:
    folder = TOPICS / topic
    missing = [name for name in FILES if not (folder / name).is_file()]
    missing += [
        f"{name}.py or {name}/"
        for name in FILES_OR_FOLDERS
        if not ((folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file())
    ]
    missing += [
        f"starters/{s}/" for s in ("python", "node", "go") if not (folder / "starters" / s).is_dir()
    ]
    assert not missing, f"topics/{topic} lacks {', '.join(missing)}"


@each_topic
@pytest.mark.parametrize("file", OPTIONAL)
def test_optional_furniture_holds_what_others_look_for(topic: str, file: str) -> None:
    path = TOPICS / topic / file
    if path.is_file():
        tree = ast.parse(path.read_text())
        named = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        named |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets
                  if isinstance(t, ast.Name)}  # fmt: skip
        assert OPTIONAL[file] <= named, f"topics/{topic}/{file} lacks {OPTIONAL[file] - named}"


@each_topic
def test_a_topic_has_tests(topic: str) -> None:
    assert list((ROOT / "tests" / "topics" / topic).glob("test_*.py"))


@each_topic
def test_topic_toml_has_every_key(topic: str) -> None:
    said: dict[str, Any] = topics()[topic]
    wrong = [f"{k}: {t.__name__}" for k, t in KEYS.items() if not isinstance(said.get(k), t)]
    assert not wrong, f"topics/{topic}/topic.toml lacks, or has of another type: {', '.join(wrong)}"
    assert said["kind"] in KINDS
    assert said["contract"].get("text", "").strip()
    assert said["documents"]


@each_topic
def test_a_topic_builds_on_topics_that_exist_and_never_on_itself(topic: str) -> None:
    below: set[str] = set()
    todo = list(topics()[topic]["builds_on"])
    while todo:
        name = todo.pop()
        assert name in topics(), f"topics/{topic} builds on {name}, which does not exist"
        if name not in below:
            below.add(name)
            todo += topics()[name]["builds_on"]
    assert topic not in below
