"""Where real programs differ from the stages: the tables as data, and as docs/KNOWN_DIFFERENCES.md.

    python -m tests.real.known        writes the document anew

One table for a topic: known_http1.toml, known_proxy.toml, known_cache.toml. Who is right is no
opinion of a table: it follows from the level of the case's rule. A MUST that a program breaks is a
defect of the program; a SHOULD leaves it a choice; what is asked by contract only is ours, and the
program is as right as we are.

Left out: whether a difference still exists. See test_real_servers.py and its neighbours.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutaway.grade.stage import Case
from cutaway.grade.verdict import CaseResult, CheckResult
from tests.real.grading import stages_of, told
from tests.real.servers import JUDGES, Server

DOCUMENT = Path(__file__).parents[2] / "docs" / "KNOWN_DIFFERENCES.md"


def table(topic: str) -> Path:
    return Path(__file__).with_name(f"known_{topic}.toml")


def cases(topic: str) -> dict[str, Case]:
    """Under "stage · case"."""
    return {
        f"{stage.slug} · {case.name}": case for stage in stages_of(topic) for case in stage.cases
    }


CASES = {topic: cases(topic) for topic in JUDGES}


@dataclass(frozen=True)
class Difference:
    """sometimes  it depends on the moment whether the program is caught
    unreached  the case ends before it comes to its rule, so the rule says nothing here
    """

    servers: tuple[str, ...]
    cases: tuple[str, ...]
    why: str
    sometimes: bool = False
    unreached: bool = False


def load(topic: str) -> list[Difference]:
    rows = tomllib.loads(table(topic).read_text()).get("difference", [])
    return [
        Difference(
            tuple(row.pop("servers")),
            tuple(row.pop("cases")),
            **row,
        )
        for row in rows
    ]


DIFFERENCES = {topic: load(topic) for topic in JUDGES}


@dataclass(frozen=True)
class Note:
    """What passes, and is worth knowing."""

    servers: tuple[str, ...]
    section: str
    what: str


def notes(topic: str) -> list[Note]:
    rows = tomllib.loads(table(topic).read_text()).get("note", [])
    return [Note(tuple(row["servers"]), row["section"], row["what"]) for row in rows]


NOTES = {topic: notes(topic) for topic in JUDGES}


def known(topic: str, server: str) -> dict[str, Difference]:
    """What one program is known to fail: "stage · case" → why."""
    return {case: d for d in DIFFERENCES[topic] if server in d.servers for case in d.cases}


def compared(
    topic: str, server: Server, result: CheckResult, short: Mapping[str, CaseResult | None]
) -> None:
    """Fails for a difference that is not listed, and for one that is listed and is none."""
    listed, file = known(topic, server.name), table(topic).name
    surprises = short.keys() - listed.keys()
    assert not surprises, (
        f"{server.title} fails what {file} does not list:\n{told(result, surprises)}"
    )
    vanished = {name for name, d in listed.items() if not d.sometimes} - short.keys()
    if vanished and not server.is_as_recorded():
        pytest.skip(f"another version than the table was made with: {', '.join(sorted(vanished))}")
    assert not vanished, f"{server.title} passes what {file} lists: {', '.join(vanished)}"


GROUPS = (
    (
        ("MUST", "MUST NOT"),
        "The specification is on the side of the case",
        "The cited section says MUST or MUST NOT, and the {kind} does otherwise.",
    ),
    (
        ("SHOULD", "SHOULD NOT"),
        "The specification recommends what the case asks",
        "The cited section says SHOULD, or gives a grammar and recommends to refuse what is outside of "
        "it. The {kind} is more lenient or more strict, as it may be.",
    ),
    (
        ("contract", "MAY"),
        "The contract asks more than the specification",
        "The cited section leaves a choice; the contract of `{topic}` makes it, so that a learner has "
        "one thing to do. The {kind} is right, too.",
    ),
    (
        (),
        "The case does not come to its rule",
        "Something that stands in another row, or that the {kind} does not offer at all, ends the case "
        "before it asks what it is about. Nothing is said about the cited section.",
    ),
)
KINDS = {"http1": "server", "proxy": "proxy", "cache": "cache"}
TOLD_BY = {
    "http1": "through tiny applications of the same contract in `tests/real/apps/`",
    "proxy": "each configured for the same contract by `src/cutaway/topics/proxy/real/`",
    "cache": "started for the same contract by `src/cutaway/topics/cache/real.py`",
}
REMARKS = {
    "proxy": " RFC 9110 §3.7 calls what they are here a gateway. Where a section speaks of a proxy "
    "only, of 100 (Continue) and other interim answers or of trying again, the contract asks of it "
    "what the section asks of a proxy."
}
OPENING = """# Known differences

The stages are played against programs that other people wrote. What those fail stands here, with who is right. It is worth reading before one of them is put into production: most rows are what a program does unless it is told otherwise.

A test holds this page to the truth: it fails when a program fails a case that is not listed, and when it passes one that is. The page is written by `python -m tests.real.known` from the tables beside that test."""


def document() -> str:
    return "\n".join(lines()).rstrip() + "\n"


def in_a_row(names: list[str]) -> str:
    """a, b and c"""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def lines() -> Iterator[str]:
    yield OPENING
    for topic, judges in JUDGES.items():
        titles = [judge.title for judge in judges.values()]
        yield from ("", f"## {topic}", "")
        yield (
            f"The stages of `{topic}`, {TOLD_BY[topic]}: {in_a_row(titles)}. "
            f"{passes(topic)}{REMARKS.get(topic, '')}"
        )
        for levels, title, text in GROUPS:
            rows = list(rows_of(topic, levels, unreached=not levels))
            if rows:
                yield from ("", f"### {title}", "", text.format(kind=KINDS[topic], topic=topic), "")
                yield from (
                    f"| section | case | {KINDS[topic]} | what it does |",
                    "|---|---|---|---|",
                )
                yield from rows
        if NOTES[topic]:
            yield from ("", "### No difference, and worth knowing", "")
            yield from (f"| section | {KINDS[topic]} | what it does |", "|---|---|---|")
            yield from (
                f"| {note.section} | {titled(topic, note.servers)} | {note.what} |"
                for note in NOTES[topic]
            )


def passes(topic: str) -> str:
    if not DIFFERENCES[topic]:
        return "Every case passes."
    each = "Each" if len(JUDGES[topic]) > 1 else "It"
    return f"{each} passes every case but those below."


def titled(topic: str, servers: tuple[str, ...]) -> str:
    return ", ".join(JUDGES[topic][name].title for name in servers)


def rows_of(topic: str, levels: tuple[str, ...], unreached: bool) -> Iterator[str]:
    """Of rules with these levels; where no rule was reached, of all levels."""
    for difference in DIFFERENCES[topic]:
        if difference.unreached is not unreached:
            continue
        sections: dict[str, list[str]] = {}
        for name in difference.cases:
            rule = CASES[topic][name].rule
            if unreached or rule.level in levels:
                sections.setdefault(rule.section, []).append(name)
        for section, names in sections.items():
            servers = titled(topic, difference.servers)
            why = difference.why + (" (seen now and then)" if difference.sometimes else "")
            yield f"| {section} | {'<br>'.join(names)} | {servers} | {why} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
