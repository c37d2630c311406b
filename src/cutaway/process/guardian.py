"""The guardian: a tiny process that outlives the grader and ends what the grader leaves behind.

A grader that is killed with SIGKILL runs no clean-up of its own. So it starts this file once, as
a process in a session of its own, and holds the only writing end of a pipe to it. When the grader
goes away, however it goes, the pipe comes to its end.

    grader                                        guardian
      │ watch 5f0c…                                  │ remembers the token
      │ group 5f0c… 4711                             │ and its process group
      │ folder /tmp/cutaway-77ab…                    │ and what the program may write to
      │ done 5f0c…                                   │ forgets them, when they are gone
      ╳ (dies)                       end of file ──→ │ SIGKILL to what is left, no folder stays

Every program carries its token in the environment variable CUTAWAY_RUN, which its children
inherit, so on Linux also those that left the group are found (/proc/PID/environ).

It runs under `-I -S` and imports next to nothing: it is ready in a few milliseconds, and nobody
waits for it, because the pipe keeps what was said before it listened.

A folder is removed only when its name begins with "cutaway-": whatever else is said here, nothing
that a person has made is lost.

Left out: processes that left the group, where there is no /proc; a polite signal first.
"""

from __future__ import annotations

import os
import time

KILL = 9  # SIGKILL everywhere; the signal module would double the time to start


def holders(token: bytes) -> list[int]:
    """Processes that have the token in their environment, this one aside."""
    found = []
    for name in _process_names():
        if name.isdigit() and token in _environment(name) and int(name) != os.getpid():
            found.append(int(name))
    return found


def _process_names() -> list[str]:
    try:
        return os.listdir("/proc")
    except OSError:
        return []


def _environment(name: str) -> bytes:
    try:
        with open(f"/proc/{name}/environ", "rb", buffering=0) as file:
            return file.read()
    except OSError:  # ended meanwhile, or another user's
        return b""


def end_what_is_left(watched: dict[bytes, int], within: float = 3.0) -> None:
    """Kill groups and token holders until two looks in a row find nobody."""
    for group in filter(None, watched.values()):
        _kill(-group)
    deadline, quiet = time.monotonic() + within, 0
    while quiet < 2 and time.monotonic() < deadline:
        left = [pid for token in watched for pid in holders(token)]
        for pid in left:
            _kill(pid)
        quiet = 0 if left else quiet + 1
        time.sleep(0.02)  # also for a program that was about to exec when its grader died


def _kill(pid: int) -> None:
    try:  # noqa: SIM105  (contextlib takes longer to import than all the rest)
        os.kill(pid, KILL)
    except OSError:
        pass


def remove(folder: bytes) -> None:
    """A folder of ours with all that is in it; links in it are removed, not followed."""
    if not os.path.basename(folder).startswith(b"cutaway-"):
        return
    try:
        for path, folders, files in os.walk(folder, topdown=False):
            for name in (*folders, *files):
                inside = os.path.join(path, name)
                is_folder = os.path.isdir(inside) and not os.path.islink(inside)
                (os.rmdir if is_folder else os.unlink)(inside)
        os.rmdir(folder)
    except OSError:  # gone already, or not ours to remove
        pass


def main() -> None:
    """Read what to watch until the grader is gone."""
    watched: dict[bytes, int] = {}
    folders: set[bytes] = set()
    with open(0, "rb") as told:
        for line in told:
            match line.rstrip(b"\n").split(b" ", 2):
                case [b"watch", token]:
                    watched[token] = 0
                case [b"group", token, group]:
                    watched[token] = int(group)
                case [b"folder", *path]:
                    folders.add(b" ".join(path))
                case [b"done", *words]:
                    watched.pop(b" ".join(words), None)
                    folders.discard(b" ".join(words))
    if watched:
        end_what_is_left(watched)
    for folder in folders:
        remove(folder)


if __name__ == "__main__":
    main()
