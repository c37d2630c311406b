"""An experiment as data, with one function that measures.

    NAGLE = Lab(
        name="tcp/nagle", title="The 44-millisecond mystery",
        question="…", why="…",
        knobs=(Knob("quickack", "off", "…", choices=("off", "on")),),
        quantities=(Quantity("time of an exchange", "s"),),
        plan=plan,                  settings → variants, what is asked, what the lesson expects
        measure=measure,            one variant, once → {"time of an exchange": 0.044}
        change=Change({"quickack": "on"}, "Now the receiver never delays. What is left of it?"),
    )

The engine does the rest: it locks the run until something is predicted, interleaves the variants
(ABCABC, so that a machine that slows down slows all of them), leaves a warm-up out, and computes
every sentence of the explanation from the rows.

Left out: what a topic measures. That is in its lab.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from .knobs import Knob, Settings, Value
from .prediction import Prediction
from .shapes import Check
from .table import FEWEST, Quantity, Table
from .trace import Moment


class Unmeasured(Exception):
    """One run came to nothing; the sentence says why. The others go on."""


class Missing(Exception):
    """What the experiment needs is not on this machine: one sentence, with how to get it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that is compared. key: a word to type.

    at, family   where the variants lie along a line: the picture is then a curve for each family
    """

    key: str
    label: str
    at: float | None = None
    family: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment does with its knobs as they are set.

    along   what `at` of the variants counts, where they lie along a line
    shaded  from, to and a word: a part of that line in which something is otherwise
    paper   from, to: the axis on which a curve is drawn ahead. It must not tell how it comes out
    """

    variants: tuple[Variant, ...]
    asks: Prediction
    checks: tuple[Check, ...]
    along: str = ""
    shaded: tuple[float, float, str] | None = None
    paper: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The one condition to change next, and what to think about before."""

    settings: Mapping[str, Value]
    asks: str


Measure = Callable[[str, Settings, Any], Mapping[str, float]]
Trace = Callable[[str, Settings, Any], Sequence[Moment]]
Bench = Callable[[Settings], AbstractContextManager[Any]]


def no_bench(settings: Settings) -> AbstractContextManager[Any]:
    return nullcontext()


def nothing(table: Table) -> list[str]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """name        "topic/slug"
    quantities  the first is the one that it is about; all are measured in every run
    plan        from the settings
    measure     one variant, once; raises Unmeasured. At most some seconds, whatever happens
    bench       what all runs share (a server, a link), set up once and torn down at the end
    runs        of each variant
    warm_up     settings for the run of each variant that does not count
    limit       seconds, after which no further round begins
    log         whether the picture needs a logarithmic scale
    trace       one exchange of a variant, octet by octet; None where no octets are the point
    remarks     sentences computed from the rows, behind what the checks explain
    seen_on     where its shape was verified
    lesson      the heading in the topic's lesson
    """

    name: str
    title: str
    question: str
    why: str
    knobs: tuple[Knob, ...]
    quantities: tuple[Quantity, ...]
    plan: Callable[[Settings], Plan]
    measure: Measure
    change: Change
    bench: Bench = no_bench
    runs: int = 5
    warm_up: Mapping[str, Value] = field(default_factory=dict)
    limit: float = 35.0
    log: bool = False
    trace: Trace | None = None
    remarks: Callable[[Table], list[str]] = nothing
    seen_on: str = "Linux"
    lesson: str = ""

    def __post_init__(self) -> None:
        assert self.runs >= FEWEST, f"{self.name}: at least {FEWEST} runs"

    @property
    def topic(self) -> str:
        return self.name.partition("/")[0]

    @property
    def slug(self) -> str:
        return self.name.partition("/")[2]

    @property
    def defaults(self) -> Settings:
        return Settings({knob.name: knob.default for knob in self.knobs})
