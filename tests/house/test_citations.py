"""Every "RFC 9112 §9.6" names a document that its topic lists and a section that exists.

The sections are in sections.toml, copied from the tables of contents of the specifications. Citing
another one means looking it up there first, which is the point.

Left out: whether the section says what the sentence beside it claims. Only a reader can tell.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.house.source import ROOT, TOPICS, texts, topics

SECTIONS: dict[str, dict[str, str]] = tomllib.loads(
    (ROOT / "tests" / "house" / "sections.toml").read_text()
)
ENDS = (".py", ".md", ".toml", ".js", ".mjs", ".go")

# "RFC 9112 §6.1", "RFC 9112 §6.1, §6.3 and §7", "RFC 9112 §B.1", and "RFC 9112" alone. A document
# without numbers is cited by its headings, "RESP §Arrays, §Bulk strings": of those that are known,
# the longest that fits is meant.
SECTION = r"§\s?(?:[A-Z]|\d+)(?:\.\d+)*"
CITATION = re.compile(rf"RFC (\d+)((?:(?:,| and| or| to)?\s{SECTION})*)")

TITLED = sorted({name for name in SECTIONS if not name.startswith("RFC ")}, key=len, reverse=True)
WITH_TITLES = re.compile(rf"\b({'|'.join(map(re.escape, TITLED))})(?= §)")


class Citation(NamedTuple):
    where: str  # "src/cutaway/topics/http1/rules.py:12"
    document: str  # "RFC 9112"
    sections: list[str]  # ["6.1", "6.3"]


def citations(path: str, text: str) -> Iterator[Citation]:
    for match in CITATION.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        sections = [s.lstrip("§ ") for s in re.findall(SECTION, match[2])]
        yield Citation(f"{path}:{line}", f"RFC {match[1]}", sections)
    for match in WITH_TITLES.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Citation(f"{path}:{line}", match[1], list(titles(text, match.end(), match[1])))


def titles(text: str, at: int, document: str) -> Iterator[str]:
    """The headings cited from `at` on; one that is not known is taken up to the end of its line."""
    known = sorted(SECTIONS[document], key=len, reverse=True)
    while found := re.compile(r"(?:,| and| or)?\s§").match(text, at):
        at = found.end()
        fits = (t for t in known if re.compile(rf"{re.escape(t)}(?![\w-])").match(text, at))
        title = next(fits, text[at:].partition("\n")[0])
        at += len(title)
        yield title


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RFC 9112 §9.6: after", [("RFC 9112", ["9.6"])]),
        ("RFC 9112 §6.1, §6.3 and §7", [("RFC 9112", ["6.1", "6.3", "7"])]),
        ("RFC 9112 §B.1.", [("RFC 9112", ["B.1"])]),
        ("see RFC 896. RFC 9293 §3.7.4", [("RFC 896", []), ("RFC 9293", ["3.7.4"])]),
        ("RESP §Bulk strings: a", [("RESP", ["Bulk strings"])]),
        ("RESP §Arrays, §Null arrays and §Maps say", [("RESP", ["Arrays", "Null arrays", "Maps"])]),
        ("Valkey commands §CONFIG SET", [("Valkey commands", ["CONFIG SET"])]),
        ("RESP §Arrows of time\n", [("RESP", ["Arrows of time"])]),
    ],
)
def test_a_citation_is_found_however_it_is_written(
    text: str, found: list[tuple[str, list[str]]]
) -> None:
    assert [(c.document, c.sections) for c in citations("x", text)] == found


def test_every_cited_section_exists() -> None:
    wrong = [
        f"{cited.where} cites {cited.document} §{section}"
        for path, text in texts("src", "docs", ends=ENDS)
        for cited in citations(path, text)
        for section in cited.sections
        if section not in SECTIONS.get(cited.document, {})
    ]
    assert not wrong, "not in tests/house/sections.toml:\n" + "\n".join(wrong)


@pytest.mark.parametrize("topic", topics())
def test_a_topic_cites_only_documents_that_it_lists(topic: str) -> None:
    listed = topics()[topic]["documents"]
    folder = str((TOPICS / topic).relative_to(ROOT))
    wrong = [
        f"{cited.where} cites {cited.document}"
        for path, text in texts(folder, ends=ENDS)
        for cited in citations(path, text)
        if cited.document not in listed
    ]
    assert not wrong, f"not among the documents of topics/{topic}/topic.toml:\n" + "\n".join(wrong)
