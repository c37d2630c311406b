"""`cutaway check --watch`: check again whenever a file of the project changes.

    files change ──▶ build ──▶ play ──▶ verdict ──▶ wait for the next change, asked 10 times a second
         ▲             │         │
         └── a save ───┴─────────┘      breaks off what is under way: nobody wants its verdict

Left out: which file was changed by whom. That is workshop/watching.py.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress

from ..grade.outcomes import Halted
from ..grade.starts import Brake
from ..workshop.checking import Job
from ..workshop.errors import Trouble
from ..workshop.watching import Files
from .screen import look
from .trouble import say


def watch(options: Namespace, job: Job, once: Callable[[Job, Brake], object]) -> int:
    """Until Ctrl-C, which is how it ends: status 0."""
    from .check import job_of

    assert job.folder is not None
    folder = job.folder
    files = Files(folder, job.words, say=say, waits=lambda: _waits(f"watching {folder}"))
    current: Job | None = job
    try:
        while True:
            files.begin()
            if current is not None:
                with files.watched() as brake, suppress(Halted):
                    once(current, brake)
            changed = files.wait()
            print(f"\n── {time.strftime('%H:%M:%S')} · {changed} changed", flush=True)
            current = _again(options, job_of)
    except KeyboardInterrupt:
        print()
        return 0


def _waits(what: str) -> None:
    print(look().paint(f"  {what} · Ctrl-C ends", "dim"), flush=True)


def _again(options: Namespace, job_of: Callable[[Namespace], Job]) -> Job | None:
    """cutaway.toml may be among what changed, and may be wrong for a while."""
    try:
        return job_of(options)
    except Trouble as trouble:
        say(f"{trouble} Waiting for the next change.")
        return None
