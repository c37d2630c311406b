"""A lab on the screen: what it is about, the picture, the prediction over it, what the rows show.

    head · what it is about, and its knobs as they stand
    picture · bars, with what was predicted under the one that it is about
    explanation · the prediction, then each check with its figures, then what to change next

Left out: asking. See lab_ask.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..grade.reports.terminal import Look
from ..grade.reports.text import escaped
from ..lab.bars import bars
from ..lab.knobs import Settings
from ..lab.lab import Lab
from ..lab.report import Report
from ..lab.shapes import Outcome
from ..lab.trace import told
from .screen import indented, labelled

SIGNS = {Outcome.EXPECTED: "✓", Outcome.OTHERWISE: "✗", Outcome.NONE: "?"}
COLOURS = {Outcome.EXPECTED: "green", Outcome.OTHERWISE: "red", Outcome.NONE: "yellow"}
THIN = "\u202f"  # the space that parts thousands
AGREED = {True: Outcome.EXPECTED, False: Outcome.OTHERWISE, None: Outcome.NONE}


def head(lab: Lab, settings: Settings, out: Look) -> list[str]:
    lines = [out.paint(f"{lab.name} · {lab.title}", "bold"), *indented(lab.question, out), ""]
    lines += labelled("why", lab.why, out)
    compared = dict.fromkeys(v.family or v.label for v in lab.plan(settings).variants)
    lines += labelled("compared", "; ".join(compared), out)
    for number, knob in enumerate(lab.knobs):
        value = knob.shown(settings.values[knob.name])
        text = f"{knob.name} = {value}: {knob.means}, {knob.range}"
        lines += labelled("" if number else "knobs", text, out)
    if lab.lesson:
        lines += labelled("lesson", f"cutaway lesson {lab.topic}: {lab.lesson}", out)
    return [*lines, ""]


def picture(report: Report, out: Look) -> list[str]:
    main = report.table.main
    scale = ", logarithmic" if report.lab.log else ""
    lines = [out.paint(f"  {main.name}{scale} · {report.spread}", "bold")]
    for line in bars(report, out.room(0)):
        lines.append(out.paint(line.text, "yellow" if line.said else ""))
    lines += others(report, out)
    lines.append(f"  {out.paint(report.result.machine.line(), 'dim')}")
    for doubt in report.doubts():
        lines += (f"  {out.paint(line, 'yellow')}" for line in out.wrapped(doubt, 2))
    return [*lines, ""]


def others(report: Report, out: Look) -> list[str]:
    """What else was measured, a column each."""
    names = list(report.table.quantities)[1:]
    columns = [[name, *(line.text for line in report.lines(name))] for name in names]
    if not columns:
        return []
    widths = [max(map(len, column)) for column in columns]
    first = max(len(label) for label in report.labels.values())
    if 2 + first + sum(widths) + 3 * len(widths) > out.room(0):
        return [f"  {line}" for name in names for line in out.wrapped(_in_words(report, name), 2)]
    lines = []
    for number, label in enumerate(["", *report.labels.values()]):
        cells = (
            f"{column[number]:>{width}}" for column, width in zip(columns, widths, strict=True)
        )
        text = f"  {label:<{first}}   {'   '.join(cells)}"
        lines.append(out.paint(text, "" if number else "dim"))
    return ["", *lines, ""]


def _in_words(report: Report, name: str) -> str:
    return f"{name}: " + "; ".join(f"{line.label} {line.text}" for line in report.lines(name))


def exchanges(report: Report, out: Look) -> list[str]:
    """One exchange of each variant, octet by octet."""
    if not report.result.traces:
        why = "this lab has none" if report.lab.trace is None else "run it with --bytes"
        return [out.paint(f"  There are no octets to show: {why}.", "dim"), ""]
    lines = []
    for variant, moments in report.result.traces.items():
        if not moments:
            continue  # the same as that of another variant
        lines.append(out.paint(f"  {report.labels.get(variant, variant)}", "bold"))
        lines += (f"  {escaped(line, keep=THIN)}".rstrip() for line in told(moments))
        lines.append("")
    return lines


def explanation(report: Report, out: Look) -> list[str]:
    saw = report.result.saw
    lines = [*labelled("you saw", escaped(saw), out), ""] if saw else []
    lines += _signed(AGREED[report.answer.right], report.verdict(), out)
    for text in report.drawn():
        lines += labelled("", text, out, 4)
    lines.append("")
    for part in report.explanation():
        if part.head:
            lines += _signed(part.outcome, part.head, out)
        lines += (f"    {line}" for line in out.wrapped(part.text, 4))
    return [*lines, "", *_next(report, out)]


def _signed(outcome: Outcome, text: str, out: Look) -> Iterator[str]:
    first, *more = out.wrapped(text, 4)
    yield f"  {out.paint(SIGNS[outcome], COLOURS[outcome])} {first}"
    yield from (f"    {line}" for line in more)


def _next(report: Report, out: Look) -> Iterator[str]:
    lab = report.lab
    if report.changed:
        yield from labelled("again", f"cutaway lab {lab.name}: without the change", out)
        return
    words = " ".join(f"--set {name}={value}" for name, value in lab.change.settings.items())
    yield from labelled("next", f"cutaway lab {lab.name} {words}", out)
    yield from labelled("", lab.change.asks, out)


def listing(labs: Iterable[tuple[Lab, Report | None]], out: Look) -> list[str]:
    """Every lab, and for those that were run what was predicted and found."""
    lines, topic, labs = [], "", list(labs)
    width = max((len(lab.name) for lab, _ in labs), default=0)
    for lab, report in labs:
        if lab.topic != topic:
            topic = lab.topic
            lines.append(out.paint(topic, "bold"))
        lines.append(f"  {_sign(report, out)} {lab.name:<{width}}  {lab.title}")
        if report is not None:
            lines += labelled("you said", _said(report), out, 18, 6)
            lines += labelled("found", _found(report), out, 18, 6)
    if not lines:
        return ["There are no labs in this version."]
    return [*lines, "", out.paint("cutaway lab NAME · cutaway lab NAME --last", "dim")]


def _sign(report: Report | None, out: Look) -> str:
    if report is None:
        return out.paint("·", "dim")
    agreed = AGREED[report.answer.right]
    return out.paint(SIGNS[agreed], COLOURS[agreed])


def _said(report: Report) -> str:
    return f"{report.predicted}, {report.result.confidence} % sure"


def _found(report: Report) -> str:
    changed = "".join(f", {name} = {value}" for name, value in report.changed.items())
    return f"{report.ends} ({report.outcome}{changed})"
