"""Quantities as people read and write them.

    shown(0.0441, "s")         '44.1 ms'
    shown(3, "clients")        '3 clients'
    shown(1, "clients")        '1 client'
    shown(1530, "×")           '1 530 ×'
    read("40 ms", "s")         0.04
    read("3", "s", bare=True)  3.0

Times are kept in seconds and shown in the unit that fits, with three digits: more are noise.

Left out: units of any other dimension, and conversions but between times.
"""

from __future__ import annotations

import math
import re

SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "min": 60.0}
STEPS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
NUMBER = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})\s*([^\d\s.]*)\s*")
DIGITS = 3


class Unreadable(Exception):
    """Not a number, or with a unit that does not fit. One sentence."""


def shown(value: float, unit: str) -> str:
    """A value with its unit, to three digits."""
    if unit == "s":
        return _time(value)
    return f"{digits(value)} {_plural(value, unit)}".strip()


def _plural(value: float, unit: str) -> str:
    """Units are given in the plural: "reads", "clients"."""
    return unit[:-1] if value == 1 and len(unit) > 2 and unit.endswith("s") else unit


def _time(seconds: float) -> str:
    unit, size = scale_of(seconds)
    return f"{digits(seconds / size)} {unit}"


def scale_of(seconds: float) -> tuple[str, float]:
    """The unit in which a time reads best, and how many seconds it has."""
    for unit, size in STEPS:
        if abs(seconds) >= 0.9995 * size:
            return unit, size
    return STEPS[-1] if seconds else STEPS[0]


def digits(value: float) -> str:
    """Three digits, whole numbers whole; thousands are parted by a narrow space."""
    if value == 0:
        return "0"
    if value == int(value) or abs(value) >= 100:
        return f"{round(value):,}".replace(",", "\u202f")
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(text: str, unit: str, bare: bool = False) -> float:
    """A number that a person wrote. A time needs its unit; for the rest it may be left out.

    bare     a time without its unit is in seconds
    raises   Unreadable
    """
    match = NUMBER.fullmatch(text)
    example = "40 ms" if unit == "s" else f"3 {unit}".strip()
    if match is None:
        raise Unreadable(f"{text!r} is no number; write it as in {example!r}.")
    number, written = float(match[1]), match[2]
    if unit == "s" and (written or not bare):
        if written not in SECONDS:
            raise Unreadable(f"{text!r} needs a unit of time: s, ms or µs, as in {example!r}.")
        return number * SECONDS[written]
    if written not in ("", unit, unit.rstrip("s")):
        raise Unreadable(f"{text!r} is in {written}, and what is asked is in {unit}.")
    return number
