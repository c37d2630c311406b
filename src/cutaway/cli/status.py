"""`cutaway status`: what passes in this project, and what comes next.

    tcp · /home/ada/tcp · 2 of 11 stages pass
      ✓ tcp/echo        every byte comes back
      ✗ tcp/lines       a line is what ends with LF · passed before · 1 hint
      · tcp/frames      …
      next      …

Outside of a project it lists the projects that there are.

Left out: running anything. It says what the latest checks said.
"""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

from ..grade.reports.terminal import COLOURS, Look
from ..grade.reports.text import SIGNS
from ..grade.verdict import Verdict
from ..workshop import catalog, project
from ..workshop.errors import Trouble
from .check_show import what_next
from .here import Here, here
from .screen import look


def run(options: Namespace) -> int:
    with here() as place:
        if place.project is None:
            return _everywhere(place, look())
        _project(place, place.project, look())
    return 0


def _project(place: Here, mine: project.Project, out: Look) -> None:
    standing, hints = place.progress.standing(place.folder), place.progress.hints(place.folder)
    passing = sum(s.name in standing and standing[s.name].verdict == "pass" for s in place.stages)
    head = f"{mine.topic} · {place.folder} · {passing} of {len(place.stages)} stages pass"
    print(out.paint(head, "bold"))
    width = max((len(stage.name) for stage in place.stages), default=0)
    for stage in place.stages:
        at = standing.get(stage.name)
        sign = out.paint("·", "dim")
        more = ""
        if at is not None:
            sign = out.paint(SIGNS[Verdict(at.verdict)], COLOURS[Verdict(at.verdict)])
            more = " · passed before" if at.passed and at.verdict != "pass" else ""
        if count := hints.get(stage.name, 0):
            more += f" · {count} hint{'s' if count > 1 else ''}"
        print(f"  {sign} {stage.name:<{width}}   {stage.title}{more}")
    if last := place.progress.last_run(place.folder):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(last.ended))
        seconds = f"{last.seconds:.2f} s"
        print(
            out.paint(f"  last check {when} · {last.verdict} · {seconds} · seed {last.seed}", "dim")
        )
    print()
    for line in what_next(place.stages, standing, out):
        print(line)


def _everywhere(place: Here, out: Look) -> int:
    folders = place.progress.folders()
    if not folders:
        raise Trouble(
            f"There is no cutaway.toml in {place.folder} or above it, and no project elsewhere.",
            "Begin one with `cutaway start TOPIC`; `cutaway topics` lists them.",
        )
    print(out.paint("Not in a project. There are:", "bold"))
    for folder, topic in folders:
        standing = place.progress.standing(Path(folder))
        passing = sum(s.verdict == "pass" for s in standing.values())
        total = _count(topic)
        gone = "" if Path(folder).is_dir() else " · the folder is gone"
        print(f"  {topic:<8} {passing:>2} of {total:>2}   {folder}{gone}")
    return 0


def _count(topic: str) -> int:
    try:
        return len(catalog.stages(topic))
    except Trouble:
        return 0
