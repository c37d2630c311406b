"""Labs: what is asked, what is measured, what came out.

Figures come with their units, as the terminal shows them; in a chart they are plain numbers.

Left out: the results as they are kept. Those are lab/result.py.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

LabOutcome = Literal["as expected", "not as expected", "no conclusion"]


class LabSetting(Struct):
    """A knob that does not stand at its default. value: as it can be written."""

    knob: str
    value: str


class LabRunLine(Struct):
    """One run in a history. agreed: whether the rows agree with what was said; null: open."""

    number: int
    began: float  # seconds since 1970
    said: str
    confidence: int
    agreed: bool | None
    outcome: LabOutcome
    found: str
    changed: list[LabSetting]
    whole: bool


class LabLine(Struct):
    """A lab in the list. name: topic/slug."""

    name: str
    title: str
    question: str
    curve: bool
    last: LabRunLine | None


class LabTopic(Struct):
    slug: str
    title: str
    labs: list[LabLine]


class LabKnob(Struct):
    """default, value: as they can be written; shown: with the unit. kind: what its value is."""

    name: str
    means: str
    range: str
    kind: str
    choices: list[str]
    default: str
    value: str


class LabQuantity(Struct):
    name: str
    unit: str
    means: str


class LabChoice(Struct):
    key: str
    text: str


class LabAsk(Struct):
    """What is predicted. form: how it is said."""

    ask: str
    kind: Literal["choice", "number", "order"]
    choices: list[LabChoice]
    form: str
    example: str


class LabPoint(Struct):
    """A variant that lies along a line. at: where."""

    key: str
    label: str
    at: float


class LabFamily(Struct):
    name: str
    points: list[LabPoint]


class LabCurve(Struct):
    """What a curve is drawn on. low, high: of the axis; log: whether it goes up by factors, as
    `along` does with by_factors. about: the family that is asked about."""

    along: str
    by_factors: bool
    quantity: str
    unit: str
    log: bool
    low: float
    high: float
    about: str
    families: list[LabFamily]


class LabChange(Struct):
    """The one condition to change next."""

    settings: list[LabSetting]
    asks: str


class LabSheet(Struct):
    """A lab with its knobs as they stand. lesson, section: a heading, and its place in an address.
    limit: seconds. octets: whether an exchange can be kept."""

    name: str
    topic: str
    title: str
    question: str
    why: str
    lesson: str
    section: str
    compared: list[str]
    quantities: list[LabQuantity]
    knobs: list[LabKnob]
    ask: LabAsk
    curve: LabCurve | None
    confidences: list[int]
    runs: int
    limit: float
    octets: bool
    change: LabChange
    history: list[LabRunLine]


class LabOrder(Struct):
    """What is asked to be run. drawn: variant → value."""

    knobs: dict[str, str]
    said: str
    confidence: int
    drawn: dict[str, float] = {}
    octets: bool = False


class LabSaw(Struct):
    saw: str


class LabRunning(Struct):
    """What is being measured. seconds: since it began; left: that it may still take."""

    lab: str
    said: str
    confidence: int
    done: int
    of: int
    label: str
    seconds: float
    left: float | None
    stopping: bool
    over: bool
    number: int | None
    problem: str


class LabNow(Struct):
    running: LabRunning | None


class LabFigure(Struct):
    """A variant, measured. low, median, high: with their units; empty where nothing came of it.
    at, family: where it lies, for those that lie along a line."""

    label: str
    at: float | None
    family: str
    low: str
    median: str
    high: str
    runs: int
    said: str


class LabFigures(Struct):
    """A quantity of every variant."""

    quantity: str
    means: str
    lines: list[LabFigure]


class LabRow(Struct):
    """One run of one variant, a value for each quantity."""

    label: str
    run: int
    values: list[str]


class LabTold(Struct):
    outcome: LabOutcome
    head: str
    text: str


class LabMoment(Struct):
    """octets: the first of them in hexadecimal digits. fields: by name, where a codec read them."""

    at: str
    who: str
    count: int
    octets: str
    text: str
    fields: str


class LabTrace(Struct):
    label: str
    moments: list[LabMoment]


class LabTurned(Struct):
    knob: str
    before: str
    now: str


class LabMoved(Struct):
    label: str
    before: str
    now: str
    word: str
    sentence: str


class LabCompared(Struct):
    """This run beside the one before."""

    number: int
    began: float
    quantity: str
    turned: list[LabTurned]
    lines: list[LabMoved]
    doubts: list[str]


class LabReport(Struct):
    """One run, whole. chart: Vega-Lite; colours: what stands in it for which colour of the page."""

    lab: str
    title: str
    run: LabRunLine
    settings: list[LabSetting]
    spread: str
    machine: str
    seconds: float
    doubts: list[str]
    saw: str
    verdict: str
    drawn: list[str]
    explanation: list[LabTold]
    figures: list[LabFigures]
    rows: list[LabRow]
    traces: list[LabTrace]
    chart: dict[str, Any]
    colours: dict[str, str]
    change: LabChange
    compared: LabCompared | None
