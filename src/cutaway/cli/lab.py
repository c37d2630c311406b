"""`cutaway lab [NAME]`: an experiment: predict, run, see, explain.

    $ cutaway lab tcp/nagle
    tcp/nagle · The 44-millisecond mystery
      …
      Your prediction (1 to 4): 3
      How sure are you, in percent (50, 70 or 90)? 70
      two writes                │████████████████████  44 ms
      What did you see? …
      ✓ You said: tens of milliseconds …
      next        cutaway lab tcp/nagle --set quickack=on

Nothing runs before something is predicted. Without a terminal the prediction is an option:

    cutaway lab tcp/nagle --predict forty --confidence 70 --json

What was measured is kept before anything more is asked. Status 0: the shape that the lesson expects
is there; 1: it is not; 3: no conclusion. A prediction that was wrong is no failure.

A program that runs it reads --events: what is measured, line by line, and what was kept.

Left out: measuring (lab/runner.py), and what the rows mean (lab/report.py).
"""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from dataclasses import replace

from ..grade.reports.terminal import Look
from ..lab.knobs import Settings, chosen
from ..lab.lab import Lab, Missing
from ..lab.machine import here
from ..lab.report import Report
from ..lab.result import Result
from ..lab.runner import INTERRUPTED, Measured, Step
from ..lab.runner import run as measure
from ..lab.shapes import Outcome
from ..lab.table import FEWEST
from ..lab.units import Unreadable
from ..workshop import catalog
from ..workshop.errors import Trouble
from ..workshop.notebook import Notebook, computed
from ..workshop.progress import Progress, home
from . import lab_events as events
from .interrupt import ending_programs
from .lab_ask import Asked, ask, ask_what_was_seen, asked_for
from .lab_files import Files
from .lab_show import exchanges, explanation, head, listing, picture
from .screen import Waiting, look
from .trouble import say

EXITS = {Outcome.EXPECTED: 0, Outcome.OTHERWISE: 1, Outcome.NONE: 3}
STOPPED = 130
NO_ENGINE = 3
BAR = 24


def run(options: Namespace) -> int:
    with Progress.open(home(), say) as progress:
        notebook = Notebook(progress)
        if options.name is None:
            return _list(options, notebook)
        lab = catalog.lab(options.name)
        files = Files.of(options, lab)
        if options.last:
            return _last(options, lab, notebook, files)
        return _experiment(options, lab, notebook, files)


def _list(options: Namespace, notebook: Notebook) -> int:
    given = [
        name
        for name in ("predict", "draw", "last", "set", "events", "json", "csv", "png", "svg")
        if getattr(options, name)
    ]
    if given:
        raise Trouble(f"--{given[0]} needs the name of a lab.", "`cutaway lab` lists them.")
    for line in listing([(lab, _report(lab, notebook)) for lab in catalog.every_lab()], look()):
        print(line)
    return 0


def _report(lab: Lab, notebook: Notebook) -> Report | None:
    result = notebook.last(lab.name)
    return computed(lab, result) if result else None


def _last(options: Namespace, lab: Lab, notebook: Notebook, files: Files) -> int:
    report = _report(lab, notebook)
    if report is None:
        raise Trouble(
            f"{lab.name} has not been run here.", f"Run it: cutaway lab {lab.name}", NO_ENGINE
        )
    whole = notebook.last(lab.name, complete=True)
    before = computed(lab, whole) if whole and report.result.ended == INTERRUPTED else None
    if not files.take_stdout:
        out = look()
        if before is not None:  # what was broken off stands beside it, and does not replace it
            _print([out.paint("  the latest run, which was interrupted", "bold"), ""])
            _print(picture(report, out))
    report = before or report
    if not files.take_stdout:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(report.result.began))
        _print(head(lab, report.settings, out))
        _print([f"  {out.paint(f'as it was on {when}', 'dim')}", ""])
        _print(picture(report, out))
        _print(exchanges(report, out) if options.bytes else [])
        _print(explanation(report, out))
    files.write(report)
    return EXITS[report.outcome]


def _experiment(options: Namespace, lab: Lab, notebook: Notebook, files: Files) -> int:
    settings, out = _settings(options, lab), look()
    if options.events and files.take_stdout:
        raise Trouble("--events takes standard output.", "Give --json or --csv a file.")
    shown = not files.take_stdout and not options.events
    by_hand = sys.stdin.isatty() and sys.stdout.isatty() and shown
    if shown:
        _print(head(lab, settings, out))
        if options.predict is None and not by_hand:
            _print(asked_for(lab, settings, out))
    asked = ask(options, lab, settings, out if by_hand else None, shown)
    result = _measured(options, lab, settings, asked)
    report = Report(lab, result)
    if not result.rows:
        return _nothing(report)
    number = notebook.keep(report)
    if options.events:
        events.kept(number, result)
    if shown:
        _print(picture(report, out))
        _print(exchanges(report, out) if options.bytes else [])
    try:
        if by_hand and result.ended != INTERRUPTED:
            report = _with_what_was_seen(report, notebook, number, out)
        if shown:
            _print(explanation(report, out))
        files.write(report)
    except KeyboardInterrupt:
        return _interrupted(lab)
    return _interrupted(lab) if result.ended == INTERRUPTED else EXITS[report.outcome]


def _interrupted(lab: Lab) -> int:
    say(f"Interrupted; what was measured is kept: cutaway lab {lab.name} --last")
    return STOPPED


def _nothing(report: Report) -> int:
    """Not one run came to anything. The latest result that there was stays the latest."""
    if report.result.ended == INTERRUPTED:
        say("Interrupted before anything was measured; nothing is kept.")
        return STOPPED
    raise Trouble(
        f"Nothing was measured. {' '.join(report.result.troubles)}",
        f"Run it again: cutaway lab {report.lab.name}",
        NO_ENGINE,
    )


def _settings(options: Namespace, lab: Lab) -> Settings:
    said: dict[str, str] = {}
    for text in options.set or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise Trouble(f"--set {text}: that sets nothing.", "Write it as --set KNOB=VALUE.")
        said[name] = value
    try:
        return chosen(lab.knobs, said)
    except Unreadable as problem:
        raise Trouble(str(problem), f"The knobs: cutaway lab {lab.name}") from None


def _measured(options: Namespace, lab: Lab, settings: Settings, asked: Asked) -> Result:
    """Raises Trouble where what it needs is not here."""
    machine, began, runs = here(), time.time(), options.runs or lab.runs
    with Waiting() as waiting:

        def tell(step: Step) -> None:
            waiting.says(_bar(step))
            if options.events:
                events.step(step)

        try:
            with ending_programs():
                measured: Measured = measure(lab, settings, runs, tell, traced=options.bytes)
        except Missing as missing:
            raise Trouble(str(missing), "", NO_ENGINE) from None
    return Result(
        lab=lab.name,
        settings=dict(settings.values),
        predicted=asked.said,
        confidence=asked.confidence,
        wanted=runs,
        rows=tuple(measured.rows),
        ended=measured.ended,
        troubles=tuple(measured.troubles),
        machine=machine,
        began=began,
        seconds=measured.seconds,
        traces=measured.traces,
        drawn=asked.drawn,
    )


def _bar(step: Step) -> str:
    full = BAR * step.done // max(1, step.of)
    return f"{'█' * full}{'░' * (BAR - full)} run {step.done + 1} of {step.of} · {step.label}"


def _with_what_was_seen(report: Report, notebook: Notebook, number: int, out: Look) -> Report:
    if report.table.runs < FEWEST:
        return report
    saw = ask_what_was_seen(out)
    if not saw:
        return report
    result = replace(report.result, saw=saw)
    notebook.saw(number, result)
    return Report(report.lab, result)


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)
