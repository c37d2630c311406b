"""What is wrong with what was asked.

Left out: a number for it. The status of the answer says whose fault it is.
"""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct):
    """A sentence, and the next step."""

    sentence: str
    next_step: str = ""
