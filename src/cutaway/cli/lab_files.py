"""Where a result goes besides the screen: `--png FILE`, `--svg FILE`, `--csv FILE`, `--json FILE`.

    files = Files.of(options, lab)     Trouble where one cannot be written, before anything is run
    files.write(report)

Left out: what the chart looks like. See lab/chart.py.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..grade.reports.text import escaped
from ..lab.lab import Lab
from ..lab.report import Report
from ..lab.result import as_csv
from ..workshop.errors import Trouble
from .lab_json import as_json
from .screen import Waiting
from .sink import Sink
from .trouble import say

NO_ENGINE = 3
FORMS = ("png", "svg", "csv", "json")


@dataclass(frozen=True, slots=True)
class Files:
    """form → file; "-" is standard output, for csv and json."""

    wanted: dict[str, str]

    @classmethod
    def of(cls, options: Namespace, lab: Lab) -> Files:
        wanted = {form: getattr(options, form) for form in FORMS if getattr(options, form)}
        for form, file in wanted.items():
            if form in ("png", "svg") and Path(file).suffix.lower() != f".{form}":
                raise Trouble(f"--{form} {file}: the name has to end with .{form}.", "Name it so.")
            Sink(form, file).checked(lab.name)
        if list(wanted.values()).count("-") > 1:
            raise Trouble("Only one of --csv and --json can go to standard output.", "Name a file.")
        return cls(wanted)

    @property
    def take_stdout(self) -> bool:
        return "-" in self.wanted.values()

    def _told(self, file: str) -> None:
        """Where a person reads: standard output may be taken."""
        stream = sys.stderr if self.take_stdout else sys.stdout
        print(f"  {'written':<12}{escaped(file)}", file=stream)

    def write(self, report: Report) -> None:
        for form, file in self.wanted.items():
            if form in ("png", "svg"):
                if _picture(report, Path(file)):
                    self._told(file)
                continue
            rows, quantities = report.table.rows, report.lab.quantities
            text = as_csv(rows, quantities) if form == "csv" else as_json(report)
            if file == "-":
                sys.stdout.write(text)
                sys.stdout.flush()
            else:
                _replaced(Path(file), partial(_written, text))
                self._told(file)


def _picture(report: Report, file: Path) -> bool:
    """Whether there was anything to draw."""
    if not report.table.rows:
        say(f"{file} is not drawn: nothing was measured.")
        return False
    from ..lab.chart import chart, write

    spec = chart(report)
    try:
        with Waiting() as waiting:
            waiting.says(f"drawing {file}")
            _replaced(file, lambda beside: write(spec, beside))
    except ImportError:
        raise Trouble(
            f"{file} is not drawn: the module vl_convert is missing.",
            "Install vl-convert-python, then: --last with the same option.",
            NO_ENGINE,
        ) from None
    return True


def _written(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")


def _replaced(file: Path, write: Callable[[Path], object]) -> None:
    """Written beside its place and moved there, so that nobody sees half of it."""
    beside = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        write(beside)
        os.replace(beside, file)
    except OSError as error:
        raise Trouble(
            f"{file} cannot be written: {error.strerror}.", "Name another file."
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()
