"""What a measurement found: lines to show, and what must hold of any machine.

    Figures(["median  41.0 ms"], {"the stall is seen": True})

Left out: the machine. Whoever prints adds it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """`claims`: a sentence → whether it held."""

    lines: list[str]
    claims: dict[str, bool]


def ms(seconds: float) -> str:
    """Milliseconds; microseconds below one."""
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 1 else f"{value * 1000:.0f} µs"
