"""Where real servers differ from the stages: known.toml as data, and as docs/KNOWN_DIFFERENCES.md.

    python -m tests.real.known        writes the document anew

Who is right is no opinion of the table: it follows from the level of the case's rule. A MUST that a
server breaks is a defect of the server; a SHOULD leaves it a choice; what is asked by contract only
is ours, and the server is as right as we are.

Left out: whether a difference still exists. See test_real_servers.py.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutaway.grade.stage import Case
from cutaway.topics.http1.stages import STAGES
from tests.real.servers import SERVERS

TABLE = Path(__file__).with_name("known.toml")
DOCUMENT = Path(__file__).parents[2] / "docs" / "KNOWN_DIFFERENCES.md"
CASES: dict[str, Case] = {
    f"{stage.slug} · {case.name}": case for stage in STAGES for case in stage.cases
}


@dataclass(frozen=True)
class Difference:
    """sometimes: it depends on the moment whether the server is caught."""

    servers: tuple[str, ...]
    cases: tuple[str, ...]
    why: str
    sometimes: bool = False


def load() -> list[Difference]:
    rows = tomllib.loads(TABLE.read_text())["difference"]
    return [
        Difference(
            tuple(row.pop("servers")),
            tuple(row.pop("cases")),
            **row,
        )
        for row in rows
    ]


DIFFERENCES = load()


def known(server: str) -> dict[str, Difference]:
    """What one server is known to fail: "stage · case" → why."""
    return {case: d for d in DIFFERENCES if server in d.servers for case in d.cases}


GROUPS = (
    (
        ("MUST", "MUST NOT"),
        "The specification is on the side of the case",
        "The cited section says MUST or MUST NOT, and the server does otherwise.",
    ),
    (
        ("SHOULD", "SHOULD NOT"),
        "The specification recommends what the case asks",
        "The cited section says SHOULD, or gives a grammar and recommends to refuse what is outside of "
        "it. The server is more lenient or more strict, as it may be.",
    ),
    (
        ("contract", "MAY"),
        "The contract asks more than the specification",
        "The cited section leaves a choice; the contract of `http1` makes it, so that a learner has "
        "one thing to do. The server is right, too.",
    ),
)


def document() -> str:
    return "\n".join(lines()).rstrip() + "\n"


def lines() -> Iterator[str]:
    titles = [server.title for server in SERVERS.values()]
    yield "# Known differences"
    yield ""
    yield (
        "The stages of `http1` are played against servers that other people wrote, through tiny "
        "applications of the same contract in `tests/real/apps/`: "
        f"{', '.join(titles[:-1])} and {titles[-1]}. Each passes every case but those below."
    )
    yield ""
    yield (
        "A test holds this page to the truth: it fails when a server fails a case that is not listed, "
        "and when it passes one that is. The page is written by `python -m tests.real.known` from the "
        "table beside that test."
    )
    for levels, title, text in GROUPS:
        rows = list(rows_of(levels))
        if rows:
            yield from ("", f"## {title}", "", text, "")
            yield from ("| section | case | servers | what they do |", "|---|---|---|---|")
            yield from rows


def rows_of(levels: tuple[str, ...]) -> Iterator[str]:
    for difference in DIFFERENCES:
        sections: dict[str, list[str]] = {}
        for name in difference.cases:
            rule = CASES[name].rule
            if rule.level in levels:
                sections.setdefault(rule.section, []).append(name)
        for section, names in sections.items():
            servers = ", ".join(SERVERS[name].title for name in difference.servers)
            why = difference.why + (" (seen now and then)" if difference.sometimes else "")
            yield f"| {section} | {'<br>'.join(names)} | {servers} | {why} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
