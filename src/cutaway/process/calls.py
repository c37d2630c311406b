r"""What a program asks of the system, seen by strace: when its files were flushed, when it answered.

    words = observing(Path("calls.txt"))           ("strace", "-f", …) to stand ahead of a command
    read_calls(Path("calls.txt").read_text())

    4711 1795250681.552925 write(9</data/log>, "*3\r\n"..., 50) = 50 <0.000023>
    4711 1795250681.553022 fdatasync(9</data/log>) = 0 <0.000170>
    4711 1795250681.553207 write(11<TCP:[127.0.0.1:80->127.0.0.1:34196]>, "+OK\r\n", 5) = 5 <0.00163>

The order of the lines is the order in which strace heard of them, over all threads. A call that
another one interrupts stands in two lines, `<unfinished ...>` and `<... fsync resumed>`: it begins
with the first and ends with the second, and what stands between was done meanwhile.

Only what writes, flushes, opens or sends is written down, and the others are let through by a filter
in the kernel: a program under observation is slowed where it writes, and hardly anywhere else.

Left out: io_uring, whose work is no call that strace could see; that it is used can be seen. Systems
without strace: macOS has dtruss, which its protection of programs keeps from looking at most of them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .spawn import no_fork

WRITES = {"write", "writev", "pwrite64", "pwritev", "pwritev2", "sendfile", "copy_file_range"}
SENDS = {"write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile", "splice"}
FLUSHES = {"fsync", "fdatasync", "sync_file_range", "msync", "sync", "syncfs"}
OPENS = {"open", "openat", "openat2", "creat"}
RINGS = {"io_uring_setup", "io_uring_enter"}

SHOWN = 40  # octets of what is written
LINE = re.compile(r"(\d+) +(\d+\.\d+) (?:<\.\.\. (\w+) resumed>(.*)|(\w+)\((.*))")
RESULT = re.compile(r"\) += (-?\d+|\?)(.*?)(?: <(\d+\.\d+)>)?$")
DESCRIPTOR = re.compile(r"\d+<((?:->|[^<>])*)>")
UNFINISHED = " <unfinished ...>"
APT = "apt-get install strace, or the like of it on your system"


@dataclass(slots=True)
class Call:
    """One system call.

    began, ended  numbers of lines; ended is None for one that has not come back yet
    at            seconds since 1970 when it began
    said          its arguments as strace writes them
    path          what its first argument is open on: a path, or "TCP:[127.0.0.1:80->127.0.0.1:81]"
    result        None without one
    lines         as they stood
    """

    name: str
    began: int
    at: float
    said: str
    ended: int | None = None
    result: int | None = None
    gave: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        found = DESCRIPTOR.match(self.said)
        return found[1] if found else ""

    @property
    def done(self) -> bool:
        """Whether it came back, and not with an error."""
        return self.ended is not None and self.result is not None and self.result >= 0


def read_calls(text: str) -> list[Call]:
    """What strace wrote, in the order in which the calls began. A last line that is cut is left."""
    calls: list[Call] = []
    open_calls: dict[str, Call] = {}
    for number, line in enumerate(text.split("\n")[:-1]):
        found = LINE.fullmatch(line)
        if found is None:
            continue
        pid, at, resumed, rest, name, said = found.groups()
        if resumed:
            call = open_calls.pop(pid, None)
            if call is None or call.name != resumed:
                continue
            call.said += rest
        else:
            call = Call(name, number, float(at), said)
            calls.append(call)
        call.lines.append(line)
        if said and said.endswith(UNFINISHED):
            call.said = said.removesuffix(UNFINISHED)
            open_calls[pid] = call
        elif result := RESULT.search(call.said):
            call.said = call.said[: result.start()]
            call.ended = number
            call.result = None if result[1] == "?" else int(result[1])
            call.gave = result[2]
    return calls


def observing(output: Path) -> tuple[str, ...]:
    """The words that stand ahead of a command whose calls are written down there."""
    names = sorted({*WRITES, *SENDS, *FLUSHES, *OPENS, *RINGS})
    trace = ",".join(f"?{name}" for name in names)  # not every machine has each of them
    filtered = ("--seccomp-bpf",) if "--seccomp-bpf" in about_strace() else ()
    return (
        *("strace", "-f", "-qq", *filtered, "-yy", "-ttt", "-T", "-s", str(SHOWN)),
        *("-o", str(output), "-e", f"trace={trace}", "-e", "signal=none"),
    )


@cache
def cannot_observe() -> str:
    """Why system calls cannot be seen here, and what to do about it; empty when they can."""
    if sys.platform != "linux":
        return "system calls are seen by strace, which only Linux has"
    if shutil.which("strace") is None:
        return f"system calls are seen by strace, which is not installed here: {APT}"
    said = told_by("strace", "-f", "-o", "/dev/null", "true")
    if said is None or said[0] != 0:
        last = said[1].strip().splitlines()[-1:] if said else ["it did not come to an end"]
        return (
            f"strace may not look at programs here ({''.join(last)}): allow ptrace, in a container"
            " by --cap-add=SYS_PTRACE"
        )
    return ""


@cache
def about_strace() -> str:
    said = told_by("strace", "-h")
    return said[1] if said else ""


def told_by(*words: str) -> tuple[int, str] | None:
    """Its status and what it printed; None when it takes too long or cannot be started."""
    try:
        with no_fork:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
    except OSError:
        return None
    with process:
        try:
            out, _ = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    return process.returncode, out
