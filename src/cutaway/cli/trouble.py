"""What went wrong, as one sentence and the next step, on standard error.

    told(Trouble("There is no topic htp1.", "Did you mean http1?"))
        cutaway: There is no topic htp1. Did you mean http1?

What nobody foresaw is a defect of ours. Its traceback is written to a file whose name is said; with
CUTAWAY_DEBUG=1 it is shown instead.

Left out: sending reports anywhere.
"""

from __future__ import annotations

import os
import sys
import traceback

from ..workshop.errors import Trouble

FAILED = 1
DEFECT = 70  # EX_SOFTWARE of sysexits.h: neither the learner's program nor the question is wrong


def told(error: Exception) -> int:
    """Show it; returns the exit status."""
    if isinstance(error, Trouble):
        say(str(error))
        return error.code
    if os.environ.get("CUTAWAY_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
        return DEFECT
    from ..workshop.defects import written

    where = written(error)
    say(
        f"This is a defect of Cutaway, not of your program: {type(error).__name__}."
        f" The details are in {where}; please report them."
        if where
        else f"This is a defect of Cutaway, not of your program: {type(error).__name__}: {error}."
        " Run it again with CUTAWAY_DEBUG=1 for the details."
    )
    return DEFECT


def say(sentence: str) -> None:
    """One line on standard error."""
    print(f"cutaway: {sentence}", file=sys.stderr, flush=True)
