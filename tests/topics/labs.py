"""What holds for the lab of any topic: plans for its defaults, and for each knob at its bounds."""

from collections.abc import Iterator

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Lab, Plan
from cutaway.lab.prediction import Choice


def plans(lab: Lab) -> Iterator[Plan]:
    yield lab.plan(lab.defaults)
    yield lab.plan(lab.defaults.but(lab.change.settings))
    for knob in lab.knobs:
        if knob.form:
            continue
        integral = isinstance(knob.default, int)
        for value in knob.choices or (knob.low, knob.high):
            turned = int(value) if integral else value
            yield lab.plan(Settings({**lab.defaults.values, knob.name: turned}))


def open_ends(plan: Plan) -> list[str]:
    """Choices up to a number that only stands for none: in a picture all that was measured shrinks."""
    options = plan.asks.options if isinstance(plan.asks, Choice) else ()
    return [option.key for option in options if 1e6 <= option.high < float("inf")]
