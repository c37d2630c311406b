"""The grader's side of the guardian: start it once, tell it what to watch.

    announce(token)          before the program exists, so that no moment is unguarded
    name_group(token, 4711)  as soon as its group is known
    forget(token)            when nothing is left of it
    announce_folder(path)    before the folder exists; forget_folder(path) when it is gone

The guardian is started by the first announcement and never waited for. When somebody has killed
it, the next message starts another and repeats what is being watched.

Left out: ending anything. The grader ends its programs itself as long as it lives.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress

from . import guardian
from .spawn import no_fork

_lock = threading.Lock()
_watched: dict[str, int] = {}
_folders: set[str] = set()
_pipe: int | None = None
_pid = 0


def announce(token: str) -> None:
    """Watch for processes that hold the token."""
    with _lock:
        _watched[token] = 0
        _tell(f"watch {token}\n")


def name_group(token: str, group: int) -> None:
    """Say which process group belongs to the token."""
    with _lock:
        _watched[token] = group
        _tell(f"group {token} {group}\n")


def forget(token: str) -> None:
    """Nothing is left of this program."""
    with _lock:
        if _watched.pop(token, None) is not None:
            _tell(f"done {token}\n")


def announce_folder(path: str) -> None:
    """A temporary folder; its name begins with "cutaway-"."""
    with _lock:
        _folders.add(path)
        _tell(f"folder {path}\n")


def forget_folder(path: str) -> None:
    with _lock:
        if path in _folders:
            _folders.discard(path)
            _tell(f"done {path}\n")


def _tell(message: str) -> None:
    global _pipe
    if _pipe is not None:
        try:
            os.write(_pipe, os.fsencode(message))
            return
        except BrokenPipeError:
            os.close(_pipe)
            _pipe = None
    _start()


def _start() -> None:
    global _pipe, _pid
    if _pid:
        with suppress(ChildProcessError):
            os.waitpid(_pid, os.WNOHANG)  # the one that was lost
    readable, writable = os.pipe()
    try:
        with no_fork:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", guardian.__file__],
                stdin=readable,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
    finally:
        os.close(readable)
    _pipe, _pid = writable, process.pid
    process.returncode = 0  # it is to outlive us: no warning about that
    for token, group in _watched.items():
        os.write(_pipe, f"watch {token}\ngroup {token} {group}\n".encode())
    for path in _folders:
        os.write(_pipe, os.fsencode(f"folder {path}\n"))


def _forget_all() -> None:
    """In a forked child: programs, folders, the guardian and the pipe stay the parent's."""
    global _pipe, _pid, _lock
    _lock = threading.Lock()
    _watched.clear()
    _folders.clear()
    if _pipe is not None:
        os.close(_pipe)  # or the guardian would not see the parent end
    _pipe, _pid = None, 0


os.register_at_fork(after_in_child=_forget_all)
