"""Labs as the page gets them: shapes made of a lab, of its plan, and of what a run showed.

    sheet(lab, settings, runs)      what is asked, with the knobs as they stand
    report(report, number, before)  what came of a run, beside the run before

Left out: running one. That is labs.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..lab.chart import chart
from ..lab.compared import Comparison
from ..lab.drawn import by_factors, places
from ..lab.knobs import Knob, Settings, Value
from ..lab.lab import Lab, Plan, Variant
from ..lab.prediction import CONFIDENCES, Choice, Ranking
from ..lab.report import Report
from ..lab.runner import INTERRUPTED
from ..lab.scale import NAMED
from ..lab.table import Quantity
from ..lab.trace import Moment
from ..lab.units import shown
from .lesson import slug_of
from .shapes import labs as shapes

DECADES = (1e-6, 1e6)  # an axis by factors, where a lab names none


def sheet(lab: Lab, settings: Settings, history: list[shapes.LabRunLine]) -> shapes.LabSheet:
    plan = lab.plan(settings)
    return shapes.LabSheet(
        name=lab.name,
        topic=lab.topic,
        title=lab.title,
        question=lab.question,
        why=lab.why,
        lesson=lab.lesson.replace("`", ""),
        section=slug_of(lab.lesson),
        compared=list(dict.fromkeys(v.family or v.label for v in plan.variants)),
        quantities=[shapes.LabQuantity(q.name, q.unit, q.means) for q in lab.quantities],
        knobs=[_knob(knob, settings.values[knob.name]) for knob in lab.knobs],
        ask=_ask(plan),
        curve=_curve(lab, plan),
        confidences=list(CONFIDENCES),
        runs=lab.runs,
        limit=lab.limit,
        octets=lab.trace is not None,
        change=_change(lab),
        history=history,
    )


def _knob(knob: Knob, value: Value) -> shapes.LabKnob:
    return shapes.LabKnob(
        name=knob.name,
        means=knob.means,
        range=knob.range,
        kind=knob.form or ("" if knob.choices else knob.kind),
        choices=list(knob.choices),
        default=knob.written(knob.default),
        value=knob.written(value),
    )


def _ask(plan: Plan) -> shapes.LabAsk:
    asks = plan.asks
    choices = asks.choices({variant.key: variant.label for variant in plan.variants})
    return shapes.LabAsk(
        ask=asks.ask,
        kind="order"
        if isinstance(asks, Ranking)
        else "choice"
        if isinstance(asks, Choice)
        else "number",
        choices=[shapes.LabChoice(key, text) for key, text in choices],
        form=asks.form(),
        example=asks.example(),
    )


def has_curve(lab: Lab) -> bool:
    return any(variant.at is not None for variant in lab.plan(lab.defaults).variants)


def _curve(lab: Lab, plan: Plan) -> shapes.LabCurve | None:
    families = places(plan)
    if not families:
        return None
    low, high = plan.paper or (DECADES if lab.log else (0.0, 100.0))
    asked = getattr(getattr(plan.asks, "of", None), "variant", "")
    about = next((f for f, those in families.items() if asked in {v.key for v in those}), "")
    main = lab.quantities[0]
    return shapes.LabCurve(
        along=plan.along,
        by_factors=by_factors(plan),
        quantity=main.name,
        unit=main.unit,
        log=lab.log,
        low=low,
        high=high,
        about=about or next(iter(families)),
        families=[
            shapes.LabFamily(name, [shapes.LabPoint(v.key, v.label, v.at or 0.0) for v in those])
            for name, those in families.items()
        ],
    )


def _change(lab: Lab) -> shapes.LabChange:
    knobs = {knob.name: knob for knob in lab.knobs}
    turned = lab.change.settings.items()
    return shapes.LabChange(
        [shapes.LabSetting(name, knobs[name].written(value)) for name, value in turned],
        lab.change.asks,
    )


def line(number: int, report: Report) -> shapes.LabRunLine:
    """A run in a history."""
    result = report.result
    return shapes.LabRunLine(
        number=number,
        began=result.began,
        said=report.predicted,
        confidence=result.confidence,
        agreed=report.answer.right,
        outcome=report.outcome.value,
        found=report.ends,
        changed=_settings(report, changed=True),
        whole=result.ended != INTERRUPTED,
    )


def _settings(report: Report, changed: bool = False) -> list[shapes.LabSetting]:
    values = report.settings.values
    return [
        shapes.LabSetting(knob.name, knob.written(values[knob.name]))
        for knob in report.lab.knobs
        if not changed or knob.name in report.changed
    ]


def report(
    report: Report, number: int, before: tuple[int, Report, Comparison] | None
) -> shapes.LabReport:
    result = report.result
    return shapes.LabReport(
        lab=report.lab.name,
        title=report.lab.title,
        run=line(number, report),
        settings=_settings(report),
        spread=report.spread,
        machine=result.machine.line(),
        seconds=result.seconds,
        doubts=report.doubts(),
        saw=result.saw,
        verdict=report.verdict(),
        drawn=report.drawn(),
        explanation=[
            shapes.LabTold(told.outcome.value, told.head, told.text)
            for told in report.explanation()
        ],
        figures=[_figures(report, quantity) for quantity in report.lab.quantities],
        rows=list(_rows(report)),
        traces=_traces(report, result.traces),
        chart=chart(report),
        colours=NAMED,
        change=_change(report.lab),
        compared=_compared(*before) if before else None,
    )


def _figures(report: Report, quantity: Quantity) -> shapes.LabFigures:
    return shapes.LabFigures(
        quantity.name,
        quantity.means,
        [_figure(report, variant, quantity) for variant in report.plan.variants],
    )


def _figure(report: Report, variant: Variant, quantity: Quantity) -> shapes.LabFigure:
    band = report.table.band(variant.key, quantity.name)
    low, median, high = (
        (quantity.shown(value) for value in (band.low, band.median, band.high))
        if band
        else ("", "", "")
    )
    return shapes.LabFigure(
        label=variant.label,
        at=variant.at,
        family=variant.family,
        low=low,
        median=median,
        high=high,
        runs=band.runs if band else 0,
        said=_said(report, variant.key, quantity),
    )


def _said(report: Report, variant: str, quantity: Quantity) -> str:
    """What was predicted of it."""
    mark = report.mark(quantity.name)
    said = [f"you said {report.predicted}"] if mark and mark[0].variant == variant else []
    if report.ranked == quantity.name and variant in report.ranks:
        mine, found = report.ranks[variant]
        said.append(f"you said place {mine}{'' if mine == found else f', it is at place {found}'}")
    if quantity == report.table.main and variant in report.result.drawn:
        said.append(f"you drew {quantity.shown(report.result.drawn[variant])}")
    return "; ".join(said)


def _rows(report: Report) -> Iterable[shapes.LabRow]:
    for row in report.table.rows:
        yield shapes.LabRow(
            report.labels.get(row.variant, row.variant),
            row.run + 1,
            [
                quantity.shown(row.values[quantity.name]) if quantity.name in row.values else ""
                for quantity in report.lab.quantities
            ],
        )


def _traces(report: Report, traces: Mapping[str, tuple[Moment, ...]]) -> list[shapes.LabTrace]:
    return [
        shapes.LabTrace(report.labels.get(variant, variant), [_moment(one) for one in moments])
        for variant, moments in traces.items()
        if moments  # else it is the same as that of another variant
    ]


def _moment(moment: Moment) -> shapes.LabMoment:
    return shapes.LabMoment(
        shown(moment.at, "s"),
        moment.who,
        moment.count,
        moment.digits,
        moment.text,
        moment.fields,
    )


def _compared(number: int, before: Report, found: Comparison) -> shapes.LabCompared:
    return shapes.LabCompared(
        number,
        before.result.began,
        found.quantity,
        [shapes.LabTurned(one.knob, one.before, one.now) for one in found.turned],
        [
            shapes.LabMoved(one.label, one.before, one.now, one.word, one.sentence)
            for one in found.lines
        ],
        list(found.doubts),
    )
