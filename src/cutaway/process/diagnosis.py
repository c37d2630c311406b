"""Why a program is not ready, in one sentence with the next step.

    The program does not accept connections on 127.0.0.1:23456 ($PORT) after 10 s: it listens on
    0.0.0.0:8080.
    Read the port from the environment variable PORT and listen on it.

Nothing here runs while all is well; it may be slow, and psutil is imported only here.

Left out: what the program does wrong inside. Its last lines are shown, they know better.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence

from .command import Command
from .errors import NotReady, StartFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

Address = tuple[str, int]


def could_not_start(command: Command, error: OSError) -> StartFailed:
    """The operating system refused: say what it meant."""
    program, folder = command.run[0], command.folder
    if not folder.is_dir():
        return StartFailed(
            f"The folder {folder} does not exist.", "Check the path, or make the folder."
        )
    file = folder / program
    if "/" not in program:
        if file.is_file():
            return StartFailed(
                f"The command {program!r} is not on PATH.",
                f"A program in the project's own folder is written ./{program}",
            )
        return StartFailed(
            f"The command {program!r} was not found on PATH.",
            "Install it, or correct `run` in cutaway.toml.",
        )
    if file.is_dir():
        return StartFailed(f"{program} is a folder, not a program.", "Correct `run`.")
    if not file.exists():
        step = "Build it first, or correct `run` in cutaway.toml."
        return StartFailed(f"There is no file {program} in {folder}.", step)
    if not os.access(file, os.X_OK):
        return StartFailed(f"The file {program} is not executable.", f"Run: chmod +x {program}")
    if isinstance(error, FileNotFoundError):
        return StartFailed(
            f"The first line of {program} names an interpreter that does not exist: "
            f"{_first_line(file)!r}.",
            "Correct the line, or install the interpreter.",
        )
    if error.errno == 8:  # ENOEXEC
        return StartFailed(
            f"The system cannot run {program}: it is no program for this machine "
            "and has no #! line.",
            "Add a first line such as #!/usr/bin/env python3, or build it for this machine.",
        )
    return StartFailed(f"{program} could not be started: {error.strerror}.", "Run it by hand.")


def ended_early(
    command: Command, status: int, seconds: float, output: str, left_behind: int
) -> NotReady:
    """The program's first process ended before it listened."""
    if status == 0 and left_behind:
        return NotReady(
            "The program's first process ended at once and left another one in the background.",
            "Keep it in the foreground: do not daemonize.",
            output,
        )
    return NotReady(
        f"The program ended after {seconds:.2f} s, before it listened, with {describe(status)}.",
        f"Run it by hand and read what it prints: {shown(command.run)}",
        output or "(it printed nothing)",
    )


def never_listened(
    ports: Sequence[int],
    seconds: float,
    listening: Sequence[Address],
    env: Mapping[str, str],
    output: str,
) -> NotReady:
    """The program runs, but not all of the ports take connections."""
    port = ports[0]
    named = " ".join(f"(${name})" for name, value in env.items() if value == str(port))
    sentence = f"The program does not accept connections on {' '.join([f'127.0.0.1:{port}', named]).strip()} after {seconds:.1f} s"
    others = [f"[{host}]:{p}" if ":" in host else f"{host}:{p}" for host, p in listening]
    if any(p == port and host in ("127.0.0.1", "0.0.0.0") for host, p in listening):
        sentence += ", though it listens there"
        step = "Accept connections as they come: the queue of waiting ones is full."
    elif any(p == port for _, p in listening):
        sentence += f": it listens on {' and '.join(others)}"
        step = "Listen on the address 127.0.0.1."
    elif others:
        sentence += f": it listens on {' and '.join(others)}"
        step = _read_the_port(env, port)
    else:
        sentence += ": it runs, but listens on no port"
        step = f"{_read_the_port(env, port)} Do it before anything slow."
    return NotReady(f"{sentence}.", step, output or "(it printed nothing)")


def listening(pids: Sequence[int]) -> list[Address]:
    """TCP addresses on which these processes listen."""
    import psutil

    found: set[Address] = set()
    for pid in pids:
        try:
            for connection in psutil.Process(pid).net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add((connection.laddr[0], connection.laddr[1]))
        except psutil.Error:
            continue
    return sorted(found)


def describe(status: int) -> str:
    """An exit status as people say it: "exit status 1", "signal SIGSEGV"."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def shown(words: Sequence[str]) -> str:
    """A command line as one would type it."""
    import shlex

    return shlex.join(words)


def _read_the_port(env: Mapping[str, str], port: int) -> str:
    for name, value in env.items():
        if value == str(port):
            return f"Read the port from the environment variable {name} and listen on it."
    return f"Listen on port {port}."


def _first_line(file: Path) -> str:
    with open(file, "rb") as opened:
        return opened.readline(200).decode("utf-8", "replace").strip()
