"""What is kept of an experiment: what was said before, what was measured, and on what machine.

    Result(lab="tcp/nagle", settings={"quickack": "off"}, predicted="forty", confidence=70, …)

    encoded(result)        b'{"lab":"tcp/nagle", …}'
    decoded(octets)        the same again; raises Foreign where it is of another version

Everything else (bands, verdicts, sentences, pictures) is computed from the rows when somebody
looks, so that an old result is shown as a new one is.

Left out: where it is kept. That is workshop/notebook.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .knobs import Value
from .machine import Machine
from .table import Quantity, Row
from .trace import Moment


class Foreign(Exception):
    """Not a result of this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """began: seconds since 1970. wanted: runs of each variant. saw: in the learner's words.

    traces   variant → one exchange of it, where that was asked for
    drawn    variant → what it was drawn at, for those that lie along a line
    """

    lab: str
    settings: dict[str, Value]
    predicted: str
    confidence: int
    saw: str = ""
    wanted: int
    rows: tuple[Row, ...]
    ended: str
    troubles: tuple[str, ...]
    machine: Machine
    began: float
    seconds: float
    traces: dict[str, tuple[Moment, ...]] = field(default_factory=dict)
    drawn: dict[str, float] = field(default_factory=dict)


def encoded(result: Result) -> bytes:
    import msgspec

    return msgspec.json.encode(result)


def decoded(octets: bytes) -> Result:
    """Raises Foreign."""
    import msgspec

    try:
        return msgspec.json.decode(octets, type=Result)
    except msgspec.DecodeError as error:
        raise Foreign(str(error)) from None


def as_csv(rows: Iterable[Row], quantities: Iterable[Quantity]) -> str:
    """One line a run; times in seconds."""
    import csv
    import io

    text, known = io.StringIO(), list(quantities)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["variant", "run", *(f"{q.name} ({q.unit})" if q.unit else q.name for q in known)]
    )
    for row in rows:
        writer.writerow([row.variant, row.run + 1, *(_cell(row, q) for q in known)])
    return text.getvalue()


def _cell(row: Row, quantity: Quantity) -> str:
    """Empty where the quantity does not apply to the variant."""
    return repr(row.values[quantity.name]) if quantity.name in row.values else ""
