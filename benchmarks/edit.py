"""From a saved edit to the verdict on the first failing stage, in seconds.

`cutaway check --watch` runs in a new project; its source is saved again, and the time until the
report of the failing stage has been printed is taken. Go's includes its build.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measure import Figure

CUTAWAY = str(Path(sys.executable).with_name("cutaway"))
SOURCES = {"python": "*.py", "node": "*.*js", "go": "*.go"}
TOOLS = {"python": sys.executable, "node": "node", "go": "go"}
ROUNDS = 7


def figures() -> list[Figure]:
    return [
        Figure(f"{language}: from save to verdict", edits(language), "s", 1.0)
        for language in SOURCES
        if shutil.which(TOOLS[language])
    ]


def edits(language: str) -> tuple[float, ...]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "project"
        environment = {**os.environ, "CUTAWAY_HOME": f"{home}/data", "NO_COLOR": "1"}
        subprocess.run(
            [CUTAWAY, "start", "http1", str(folder), "--lang", language],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        source = next(folder.glob(SOURCES[language]))
        watch = subprocess.Popen(
            [CUTAWAY, "check", "--watch"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            until_told(watch)
            return tuple(once(watch, source) for _ in range(ROUNDS))
        finally:
            watch.send_signal(signal.SIGINT)
            watch.wait(10)


def once(watch: subprocess.Popen[bytes], source: Path) -> float:
    time.sleep(0.7)
    began = time.perf_counter()
    source.write_text(source.read_text() + "\n")
    until_told(watch)
    return time.perf_counter() - began


def until_told(watch: subprocess.Popen[bytes]) -> None:
    """Read on until the report of a failure has come."""
    assert watch.stdout is not None
    seen, deadline = b"", time.monotonic() + 60
    while b"because" not in seen:
        ready, _, _ = select.select([watch.stdout], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise SystemExit(f"no verdict came: {seen[-500:]!r}")
        seen += os.read(watch.stdout.fileno(), 65536)
