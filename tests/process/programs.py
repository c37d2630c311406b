"""Small programs to start, written in Python without its site packages: they begin in ~10 ms.

    Command(folder, python("listen('127.0.0.1', PORT)"))

`listen`, `PORT` and `os`, `sys`, `time`, `socket`, `signal` are at hand in the text.

Left out: compilers. The programs must run wherever the tests do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from cutaway.process.tree import system

GENEROUS = 30.0  # seconds; reached only when something is wrong

PRELUDE = """
import os, signal, socket, sys, time
PORT = int(os.environ.get("PORT", "0"))
def listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, port))
    server.listen()
    while True:
        server.accept()[0].close()
"""


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-u", "-c", PRELUDE + text)


def eventually(true: Callable[[], object], within: float = GENEROUS) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.005)
    return bool(true())


def holders(token: str) -> list[int]:
    """Living processes with this token; an ended one that init has yet to collect is none."""
    return [pid for pid in system.holders(token.encode()) if system.identity(pid)]


def exists(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")
