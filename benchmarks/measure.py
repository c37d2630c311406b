"""What every benchmark shares: figures, turns, and what the machine is."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its spread. limit: what it must hold; `most` tells which side is right."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    limit: float | None = None
    most: bool = True

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.median <= self.limit if self.most else self.median >= self.limit

    def row(self) -> str:
        if not self.values:
            return f"| {self.name} | none | | | |"
        side = "at most" if self.most else "at least"
        wanted = f"{side} {self.limit:g}" if self.limit is not None else ""
        spread = f"{min(self.values):.4g} to {max(self.values):.4g}"
        mark = "" if self.limit is None else ("holds" if self.holds else "**missed**")
        return f"| {self.name} | {self.median:.4g} {self.unit} | {spread} | {wanted} | {mark} |"


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    head = "| figure | median | spread | limit | |\n|---|---|---|---|---|\n"
    return head + "\n".join(figure.row() for figure in figures) + "\n"


def in_turns(
    contestants: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, tuple[float, ...]]:
    """Each contestant once a round, so that a slow minute of the machine meets all of them."""
    values: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            values[name].append(run())
    return {name: tuple(found) for name, found in values.items()}


def ratios(ours: tuple[float, ...], theirs: tuple[float, ...]) -> tuple[float, ...]:
    """Round by round."""
    return tuple(a / b for a, b in zip(ours, theirs, strict=True) if b)


def machine() -> str:
    """One line on where the figures come from."""
    model = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line for line in file if line.startswith("model name")), "")
    except OSError:
        pass
    name = model.partition(":")[2].strip() or platform.processor()
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores, {name}, {system}, Python {platform.python_version()}"


def version(*words: str) -> str:
    """The first line that a program prints of its version, or nothing."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).strip().partition("\n")[0]
