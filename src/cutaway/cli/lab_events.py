"""A lab told to a program: `cutaway lab NAME --predict … --confidence … --events`.

    {"step": {"done": 0, "of": 18, "label": "warm-up"}}
    {"step": {"done": 3, "of": 18, "label": "two writes"}}
    {"kept": 12, "result": {"lab": "tcp/nagle", …}}

One object a line, told at once. `kept` is the number in the file of the progress; the result comes
along for whoever could not read that file. Whatever went wrong is a sentence on standard error, as
ever, and the exit status is that of the command. SIGINT ends it as Ctrl-C does.

Left out: asking. The prediction has to be in the options.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from ..lab.result import Result, encoded
from ..lab.runner import Step


def step(step: Step) -> None:
    _line(json.dumps({"step": asdict(step)}, ensure_ascii=False))


def kept(number: int, result: Result) -> None:
    _line(f'{{"kept": {number}, "result": {encoded(result).decode()}}}')


def _line(text: str) -> None:
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.flush()
