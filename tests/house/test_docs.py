"""The documents name only what exists: files in backquotes, and verbs of the Makefile."""

import re

import pytest

from tests.house.source import ROOT, texts

DOCS = dict(texts("docs", ends=(".md",)))
PLACES = (ROOT, ROOT / "src", ROOT / "src" / "cutaway")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?|\w+/)`")
VERBS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# Parts of a learner's folder or of a topic's, which stand in no fixed place.
ELSEWHERE = re.compile(r"(starters|stages|python|node|go)/|.*NAME.*")


@pytest.mark.parametrize("path", DOCS)
def test_every_file_that_is_named_exists(path: str) -> None:
    named = [n for n in PATH.findall(DOCS[path]) if not ELSEWHERE.fullmatch(n)]
    assert not [n for n in named if not any((place / n).exists() for place in PLACES)]


@pytest.mark.parametrize("path", DOCS)
def test_every_verb_of_make_exists(path: str) -> None:
    assert set(re.findall(r"`make (\w+)`", DOCS[path])) <= VERBS
