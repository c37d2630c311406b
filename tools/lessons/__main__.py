"""`python -m tools.lessons [--check | --measure] [TOPIC …]`.

    0   the lessons are written, or were up to date
    1   --check: a lesson is out of date
    2   a block asks for what cannot be made

Left out: writing a lesson that did not change.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .blocks import Block, Made, Verbs, Wrong, filled
from .exchange import exchange
from .measures import MEASURES, measured
from .source import TOPICS, code, file, states


def keep(block: Block) -> Made | None:
    """A measured block stays as it is; that it names a measurement is all that is asked."""
    if block.argument not in MEASURES:
        raise Wrong(f"{block}: the measurements are {', '.join(MEASURES)}")
    return None


VERBS: Verbs = {
    "states": states,
    "code": code,
    "file": file,
    "exchange": exchange,
    "measured": keep,
}


def lessons(topics: list[str]) -> list[Path]:
    return [p for p in sorted(TOPICS.glob("*/LESSON.md")) if not topics or p.parent.name in topics]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.lessons")
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--measure", action="store_true", help="measure anew")
    parser.add_argument("topics", nargs="*", metavar="TOPIC")
    options = parser.parse_args(arguments)
    verbs = {**VERBS, "measured": measured} if options.measure else VERBS
    stale = []
    for path in lessons(options.topics):
        try:
            # What is measured has the machine for itself.
            text = filled(path, verbs, at_once=1 if options.measure else 6)
        except Wrong as problem:
            print(problem, file=sys.stderr)
            return 2
        if text != path.read_text(encoding="utf-8"):
            stale.append(path)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    for path in stale:
        print(path, "is out of date" if options.check else "written")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
