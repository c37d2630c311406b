"""Where the result of a check goes besides the screen: `--json FILE`, `--junit FILE` and so on.

    sink = Sink.of(options)       Trouble where the file cannot be written, before anything is run
    sink.takes_stdout             then nothing else may be printed there
    sink.write(result)

A file is written beside its place and moved there, so that whoever reads it never sees half of it.

Left out: the formats. See grade/reports.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..grade.reports import FORMATS
from ..workshop.errors import Trouble
from . import options as known

if TYPE_CHECKING:
    from ..grade.verdict import CheckResult


@dataclass(frozen=True, slots=True)
class Sink:
    """form: a name of FORMATS, or none; file: "-" is standard output."""

    form: str = ""
    file: str = "-"

    @classmethod
    def of(cls, options: Namespace) -> Sink:
        for form in known.FORMATS:
            file = getattr(options, form)
            if file is not None:
                return cls(form, file).checked(options.stage)
        return cls()

    def checked(self, stage: str | None) -> Sink:
        """Raises Trouble where FILE cannot be meant, or cannot be written."""
        if self.file == "-":
            return self
        path = Path(self.file)
        if path.is_dir() or not path.parent.is_dir():
            what = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
            raise Trouble(f"--{self.form} {self.file}: it {what}.", "Name a file.")
        if not os.access(path.parent, os.W_OK):
            raise Trouble(f"--{self.form} {self.file} cannot be written.", "Name another file.")
        return self

    @property
    def takes_stdout(self) -> bool:
        return bool(self.form) and self.file == "-"

    def write(self, result: CheckResult) -> None:
        if not self.form:
            return
        text = FORMATS[self.form](result)
        if self.takes_stdout:
            sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
            sys.stdout.flush()
        else:
            _replace(Path(self.file), text)
        if self.form == "github":
            _summarise(result)


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise Trouble(
            f"{path} cannot be written: {error.strerror}.", "Name another file."
        ) from None


def _summarise(result: CheckResult) -> None:
    """Where GitHub runs us, it shows what is appended to this file."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    try:
        with open(file, "a", encoding="utf-8") as summary:
            summary.write(FORMATS["github-summary"](result))
    except OSError as error:
        from .trouble import say

        say(f"The job summary {file} cannot be written: {error.strerror}.")
