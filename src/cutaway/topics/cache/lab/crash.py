"""What a crash takes: writes that were acknowledged, under each of the three flush policies.

    client ──SET──▶ server ──write()──▶ kernel ──flush──▶ disk
                       kill -9 ends here │           │
                                         │  a power failure ends here

| | flushes | kill -9 loses | a crash of the machine loses |
|---|---|---|---|
| always | before each answer | nothing | nothing |
| everysec | once a second, meanwhile | nothing | what was written since the last one |
| no | when the kernel likes | nothing | what the kernel had not written back |

The server is killed twice. First at full speed: it is started again, and every acknowledged key is
asked for. Then under strace, at a steady pace, which notes each write and each flush of its file: what
no flush had covered when it died is what a crash of the machine could have taken. That a machine is
cut off cannot be shown on the machine that shows it; what was not flushed can.

Left out: snapshots; disks that acknowledge a flush that they have not done.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from math import inf
from pathlib import Path

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Missing, Plan, Unmeasured, Variant
from ....lab.part import HOST, START
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.units import shown
from ....process import (
    Command,
    Program,
    ProgramError,
    free_ports,
    make_folder,
    patience,
    remove_folder,
)
from .engines import ENGINE_KNOB, NAMES, Wire, chosen, command, words
from .flushes import Seen, read, watched

ALWAYS, EVERYSEC, NO = "always", "everysec", "no"
POLICIES = (ALWAYS, EVERYSEC, NO)
RISK, LOST, RATE, FLUSH = "not flushed", "lost by kill -9", "writes a second", "a flush"
OK, VALUE = b"+OK\r\n", b"v" * 64
BATCH = 500  # keys asked for at once after a restart
SECOND = 1.0  # between flushes of everysec; the contract allows two, with what a write may wait
QUICK = 30e-6  # seconds: a flush that is shorter was none


@contextmanager
def bench(settings: Settings) -> Iterator[Counter[str]]:
    """How often each variant ran: no two runs die at the same moment after a flush."""
    if not shutil.which("strace"):
        raise Missing(
            "strace is not on this machine, and nothing else here sees when a file is flushed."
        )
    with nullcontext(Counter[str]()) as runs:
        yield runs


@contextmanager
def living(
    settings: Settings, policy: str, folder: Path, notes: Path | None = None
) -> Iterator[tuple[Program, int]]:
    """The engine with its data in that folder, and its port. Raises Missing, Unmeasured."""
    engine = words(chosen(settings))
    [port] = free_ports(1)
    run = Command(folder, watched(engine, str(notes)) if notes else tuple(engine))
    environment = {"PORT": str(port), "DATA_DIR": str(folder)}
    environment |= {"APPENDONLY": "yes", "APPENDFSYNC": policy}
    try:
        with Program.start(run, environment) as program:
            program.wait_ready([port], within=START * patience())
            wait_loaded(port)
            yield program, port
    except ProgramError as problem:
        raise Unmeasured(f"the server did not start: {problem}") from None


def wait_loaded(port: int) -> None:
    """A server may listen before it has read its file, and says LOADING until then."""
    until = time.monotonic() + START * patience()
    with Wire((HOST, port)) as wire:
        while True:
            try:
                wire.ask((b"PING",))
            except Unmeasured as answer:
                if "LOADING" not in str(answer) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return


def measure(variant: str, settings: Settings, runs: Counter[str]) -> Mapping[str, float]:
    run = runs[variant]
    runs[variant] += 1
    with scratch() as place:
        found = killed_at_full_speed(variant, settings, place)
    with scratch() as place:
        return {**found, **killed_while_watched(variant, settings, place, run)}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that does not stay behind, whoever interrupts what."""
    folder = make_folder()
    try:
        yield folder
    finally:
        remove_folder(folder)


def killed_at_full_speed(policy: str, settings: Settings, folder: Path) -> dict[str, float]:
    """How many a second, and how many of the acknowledged are gone after a new start."""
    seconds, done = settings.number("seconds"), 0
    with living(settings, policy, folder) as (program, port), Wire((HOST, port)) as wire:
        began = time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds or not done:
            wire.exchange(write(done), OK)
            done += 1
        wire.send(write(done))  # it dies at work, with one that nobody acknowledged
        program.kill()
    with living(settings, policy, folder) as (_, port), Wire((HOST, port)) as wire:
        there = sum(present(wire, range(i, min(i + BATCH, done))) for i in range(0, done, BATCH))
    return {RATE: done / spent, LOST: float(done - there)}


def write(number: int) -> bytes:
    return command(b"SET", b"k%08d" % number, VALUE)


def present(wire: Wire, numbers: range) -> int:
    found = wire.ask((b"EXISTS", *(b"k%08d" % number for number in numbers)))
    return int(getattr(found, "value", 0))


def killed_while_watched(
    policy: str, settings: Settings, folder: Path, run: int
) -> dict[str, float]:
    """At a steady pace, dead at another moment in each run: what no flush had covered."""
    data, notes = folder / "data", folder / "strace"
    data.mkdir()
    pace, moment = settings.count("pace"), settings.number("moment") + 0.17 * (run % 4)
    with living(settings, policy, data, notes) as (program, port), Wire((HOST, port)) as wire:
        since, began, done = time.time(), time.perf_counter(), 0
        while (due := done / pace) < moment:
            time.sleep(max(0.0, began + due - time.perf_counter()))
            wire.exchange(write(done), OK)
            done += 1
        kill_traced(program)
    with notes.open(encoding="utf-8", errors="replace") as lines:
        seen = read(lines, str(data))
    return {**at_risk(seen, since, done), **flush_time(seen, since)}


def kill_traced(program: Program) -> None:
    """The server, not strace, which then writes down the rest and ends."""
    import psutil

    with suppress(psutil.Error):
        for child in psutil.Process(program.pid).children(recursive=True):
            child.kill()
    program.wait(within=5.0)


def at_risk(seen: Seen, since: float, done: int) -> dict[str, float]:
    """In writes: by the octets that one of them takes in the file, whatever its format."""
    written = seen.written(since)
    if not written:
        raise Unmeasured("strace saw no write to a file in the server's folder.")
    return {RISK: float(min(done, round(seen.at_risk() / (written / done))))}


def flush_time(seen: Seen, since: float) -> dict[str, float]:
    took = [flush.took for flush in seen.flushes if flush.began >= since]
    return {FLUSH: statistics.median(took)} if took else {}


def plan(settings: Settings) -> Plan:
    name = NAMES[chosen(settings)]
    return Plan(
        variants=tuple(Variant(policy, f"{name}, {policy}") for policy in POLICIES),
        asks=asks(),
        checks=tuple(checks(settings)),
    )


def asks() -> Choice:
    kernel = "what was written is in the kernel, which outlives the program that wrote it."
    return Choice(
        "A cache server flushes its file once a second (everysec), and is killed with SIGKILL in the"
        " middle of writing. How many acknowledged writes are gone when it is started again?",
        Figure(EVERYSEC, LOST),
        (
            Option("none", "none", 0, 0),
            Option("few", "a few, those under way", 1, 50, kernel),
            Option("second", "what was written in up to a second", 51, 1e5, kernel),
            Option("all", "all since it began", 1e5, inf, kernel),
        ),
    )


def checks(settings: Settings) -> Iterator[Check]:
    pace, moment = settings.count("pace"), settings.number("moment")
    yield Check(
        name="kill -9",
        shape=Within(Figure(EVERYSEC, LOST), 0, 0),
        expects="kill -9 loses nothing that was acknowledged, with everysec",
        because="The server gives each write to the kernel before it answers. A program that is killed"
        " takes its own memory with it, and not the kernel's.",
        unless="A server that gathers writes in its own memory loses them.",
    )
    yield Check(
        name="kill -9, never flushed",
        shape=Within(Figure(NO, LOST), 0, 0),
        expects="it loses nothing without any flush either",
        because="To flush is to wait for the disk. It protects from a crash of the machine, and from"
        " nothing that happens to the program.",
    )
    yield Check(
        name="always",
        shape=Within(Figure(ALWAYS), 0, 0),
        expects="with always nothing that was acknowledged is unflushed when the server dies",
        because="Each answer waited for a flush that began behind its write and ended before it.",
        unless="Then an acknowledgement went out before the flush was done.",
    )
    if moment > 1.5 * SECOND and pace >= 50:
        yield Check(
            name="everysec",
            shape=Within(Figure(EVERYSEC), 1, 2 * SECOND * pace + 1),
            expects="with everysec some writes are, of at most two seconds",
            because="A crash of the machine would have taken those, and their clients had been told that"
            " all was well.",
        )
        yield Check(
            name="no",
            shape=Order((ALWAYS, EVERYSEC, NO)),
            expects="with no it is more than with everysec",
            because="Nobody asked for a flush, so nothing that was written in this run was sure to be on"
            " the disk. A kernel writes back by itself, on Linux after about half a minute.",
        )
    yield Check(
        name="the price",
        shape=Within(Figure(EVERYSEC, RATE, over=ALWAYS), 1.2, None),
        expects="everysec answers more writes a second than always, at least 1.2 times",
        because="Each answer waits for the disk, and the wait is what a write costs. Asked by many at"
        " once, a server can let one flush count for all that came meanwhile.",
        unless="Where a flush takes no time, the disk or the machine does not really do it.",
    )


def remarks(table: Table) -> list[str]:
    said = []
    flush, rate = table.sure(ALWAYS, FLUSH), table.sure(ALWAYS, RATE)
    if flush and rate:
        part = min(100, 100 * flush.median * rate.median)
        said.append(
            f"A flush took {shown(flush.median, 's')} here; at {shown(round(rate.median), 'writes')} a"
            f" second that is about {part:.0f} % of the time with always."
        )
    if flush and flush.median < QUICK:
        said.append(
            "No disk is as quick as that: something between here and it answers flushes early. What"
            " was flushed may be lost all the same when the power goes."
        )
    return said


CRASH = Lab(
    name="cache/crash",
    title="What a crash takes",
    question="A cache writes every command to a file, and flushes it always, once a second, or never."
    " It dies. What that was acknowledged is gone?",
    why="The program that dies and the machine that dies are two different crashes, and the setting that"
    " everybody talks about matters in one of them only.",
    lesson="What survives",
    knobs=(
        ENGINE_KNOB,
        Knob("seconds", 0.3, "at full speed before the first kill", low=0.05, high=5, unit="s"),
        Knob("pace", 500, "writes a second before the second kill", low=10, high=2000),
        Knob("moment", 1.7, "of the second kill, at the earliest", low=0.1, high=5, unit="s"),
    ),
    quantities=(
        Quantity(
            RISK, "writes", "acknowledged, at the second kill: a crash of the machine takes them"
        ),
        Quantity(LOST, "writes", "acknowledged, and gone after a new start"),
        Quantity(RATE, "", "one client, one after the other"),
        Quantity(FLUSH, "s", "as strace saw it"),
    ),
    plan=plan,
    measure=measure,
    bench=bench,
    runs=3,
    warm_up={"seconds": 0.05, "moment": 0.1},
    limit=38.0,
    remarks=remarks,
    change=Change(
        {"moment": 2.3},
        "Now it dies later. Which of the three loses more than before, and which the same?",
    ),
)
