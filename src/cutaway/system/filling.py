"""What stands in a slot: our reference, one that the world runs on, or the learner's.

    Filling()                             reference
    Filling("reference", fault="…")       reference:NAME    the reference with a fault in it
    Filling("real", name="valkey")        valkey
    Filling("yours", folder="./mine")     ./mine            a folder with a cutaway.toml

How each is started is the workshop's to say, since only it knows topics and projects: a `Filler`
makes a command of a filling.

Left out: versions. What is installed runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..process import Command
from .blueprint import Slot

Kind = Literal["reference", "real", "yours"]


class CannotFill(Exception):
    """One sentence, and the next step."""


@dataclass(frozen=True, slots=True)
class Filling:
    """name: of a real one. folder: of yours, absolute. fault: planted in the reference."""

    kind: Kind = "reference"
    name: str = ""
    folder: str = ""
    fault: str = ""

    def __str__(self) -> str:
        """As it would be typed behind --with SLOT=."""
        if self.kind == "reference":
            return f"reference:{self.fault}" if self.fault else "reference"
        return self.name if self.kind == "real" else self.folder

    @property
    def title(self) -> str:
        """As it is shown."""
        if self.kind == "reference":
            return "reference, with a fault" if self.fault else "reference"
        return self.name if self.kind == "real" else "yours"


#: What starts it. Raises CannotFill.
Filler = Callable[[Slot, Filling], Command]
REFERENCE = Filling()
