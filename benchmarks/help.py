"""How long `cutaway --help` takes beyond a bare start of Python, in milliseconds.

Both are whole processes, in turns, thirty rounds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .measure import Figure, in_turns

CUTAWAY = Path(sys.executable).with_name("cutaway")


def figures() -> list[Figure]:
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "help": [str(CUTAWAY), "--help"],
        "check": [str(CUTAWAY), "check", "--help"],
    }
    values = in_turns({name: lambda c=c: timed(c) for name, c in commands.items()}, 30)
    bare = values["bare"]
    return [
        Figure(
            f"`cutaway {word}` beyond `python -c pass`",
            tuple(a - b for a, b in zip(values[name], bare, strict=True)),
            "ms",
            50,
        )
        for name, word in (("help", "--help"), ("check", "check --help"))
    ]


def timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000
