"""Flushing: has what was written been flushed before it is acknowledged, or soon after?

    observed()                                    the program is started again, under strace
    flushed_before(SET, b"+OK\\r\\n")               fsync has come back when the answer is sent
    flushed_within(2.0, SET, b"+OK\\r\\n")          or begins at most so long after it

A program that is killed loses nothing of what it has written: the kernel has the pages. Only a machine
that crashes loses what was not flushed, and nobody crashes a machine for a check. So the calls are
looked at: the program writes to a file in $DATA_DIR, flushes that file, and then answers.

    write(9</data/log>, …) = 50        what was asked is in the kernel
    fdatasync(9</data/log>) = 0        and on the disk, as far as the kernel can know
    write(11<TCP:[…]>, "+OK\\r\\n")      and now it is acknowledged

As flushing counts fsync, fdatasync, sync_file_range, msync, sync, syncfs, and a write to what was
opened with O_DSYNC or O_SYNC, or with RWF_DSYNC. Where strace is missing or may not look, or where the
work is done by io_uring, nothing is concluded.

Left out: disks that say "flushed" and mean their own memory.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..process.calls import (
    FLUSHES,
    OPENS,
    RINGS,
    SENDS,
    WRITES,
    Call,
    cannot_observe,
    observing,
    read_calls,
)
from ..wire import quoted
from .drastic import restart
from .outcomes import CannotTell, Failed
from .play import ANSWER, Line, Play
from .seeing import receive
from .stage import Step
from .steps import send

SHOWN = 6  # lines of strace in a report
SYNCED = ("O_DSYNC", "O_SYNC")
WHOLE_SYSTEM = {"sync", "syncfs", "msync"}  # they name no file, or not the one they are about
BY_HAND = "to see it by hand, put strace -f -yy -e trace=write,fsync,fdatasync ahead of the program"
RING = (
    "the program uses io_uring, whose work strace does not see; if its runtime can be told to do"
    " without (UV_USE_IO_URING=0 for Node.js), the check can look"
)


@dataclass(frozen=True, slots=True)
class Observed(Step):
    """The program is started again, and what it asks of the system is written down."""

    def run(self, play: Play) -> None:
        if why := cannot_observe():
            raise CannotTell(why)
        play.running.own().kill()
        play.running.through = observing(calls_of(play))
        acts = len(play.acts)
        restart().run(play)
        del play.acts[acts:]
        play.notes_once(BY_HAND)

    def sketch(self) -> str:
        return "start the program under strace"


@dataclass(frozen=True, slots=True)
class FlushedBefore(Step):
    """Before `answer` is sent to `request`, what it made the program write has been flushed."""

    request: bytes
    answer: bytes
    on: str = "main"

    def run(self, play: Play) -> None:
        line, since = play.line(self.on), lines_of(play)
        send(self.request, on=self.on).run(play)
        receive(self.answer, on=self.on).run(play)
        calls = seen(play, line, since)
        ack = sent_to(line, calls)
        assert ack is not None
        problem = unflushed(calls, ack, folder_of(play))
        if problem:
            no_ring(play)
            raise Failed(
                "flushed",
                f"a flush to come back before {quoted(self.answer)} is sent",
                problem,
                notes=shown(calls, folder_of(play), ack),
            )
        play.hold("flushed")

    def sketch(self) -> str:
        return (
            f"send {quoted(self.request, 60)}: it is flushed before {quoted(self.answer)} is sent"
        )


@dataclass(frozen=True, slots=True)
class FlushedWithin(Step):
    """At most so many seconds after `answer` came, what `request` made the program write is flushed."""

    seconds: float
    request: bytes
    answer: bytes
    on: str = "main"

    def run(self, play: Play) -> None:
        line, since = play.line(self.on), lines_of(play)
        send(self.request, on=self.on).run(play)
        receive(self.answer, on=self.on).run(play)
        began = time.monotonic()
        calls = seen(play, line, since)
        while unflushed(calls, None, folder_of(play)):
            if not play.still_patient(began, self.seconds):
                no_ring(play)
                raise Failed(
                    "flushed",
                    f"a flush at most {self.seconds:g} s after {quoted(self.answer)} came",
                    f"none in {time.monotonic() - began:.2f} s",
                    notes=shown(calls, folder_of(play), sent_to(line, calls)),
                )
            play.rest(0.02)
            calls = calls_since(play, since)
        play.hold("flushed")

    def sketch(self) -> str:
        what = quoted(self.request, 60)
        return f"send {what}: it is flushed within {self.seconds:g} s of {quoted(self.answer)}"


def unflushed(calls: Sequence[Call], ack: Call | None, folder: str) -> str:
    """What is missing for what was written to be safe when `ack` began, or now; empty for nothing."""
    end = ack.began if ack is not None else 1 << 62
    wrote = [
        call
        for call in calls
        if call.name in WRITES and within(call.path, folder) and call.began < end
    ]
    through = {call.path for call in wrote if synced_itself(calls, call)}
    if any(call.path in through and call.done and (call.ended or 0) < end for call in wrote):
        return ""
    flushes = [
        call
        for call in calls
        if call.name in FLUSHES and (call.name in WHOLE_SYSTEM or within(call.path, folder))
    ]
    for flush in flushes:
        mine = [call for call in wrote if call.path == flush.path or flush.name in WHOLE_SYSTEM]
        later = [call for call in mine if call.ended is None or call.ended > flush.began]
        in_time = flush.done and flush.ended is not None and flush.ended < end
        if in_time and not later and (mine or flush.name in WHOLE_SYSTEM):
            return ""
    if not flushes:
        return "no fsync, fdatasync or the like of a file in $DATA_DIR"
    if not wrote:
        return f"{flushes[0].name}, and nothing written ahead of it"
    return "a flush that is not over yet, or is ahead of the write"


def synced_itself(calls: Sequence[Call], write: Call) -> bool:
    """Whether the write comes back only when it is flushed."""
    if write.name == "pwritev2" and ("RWF_DSYNC" in write.said or "RWF_SYNC" in write.said):
        return True
    opens = (call for call in calls if call.name in OPENS and write.path in call.gave)
    return any(flag in call.said for call in opens for flag in SYNCED)


def sent_to(line: Line, calls: Sequence[Call]) -> Call | None:
    """The call that sent something on that connection."""
    port = line.recorded.sock.getsockname()[1]
    for call in calls:
        if call.name in SENDS and call.path.endswith(f":{port}]"):
            return call
    return None


# What strace wrote.


def calls_of(play: Play) -> Path:
    return play.running.folder / "calls.txt"


def folder_of(play: Play) -> str:
    assert play.running.data_dir is not None
    return str(play.running.data_dir.resolve())


def lines_of(play: Play) -> int:
    """How much of it is there by now."""
    try:
        return calls_of(play).stat().st_size
    except OSError:
        raise CannotTell("the program is not observed: strace wrote nothing") from None


def calls_since(play: Play, since: int) -> list[Call]:
    """What was done since then, and every file that was opened ahead of it."""
    data = calls_of(play).read_bytes()
    before = read_calls(data[:since].decode(errors="replace"))
    after = read_calls(data[since:].decode(errors="replace"))
    return [*(call for call in before if call.name in OPENS), *after]


def seen(play: Play, line: Line, since: int) -> list[Call]:
    """The calls up to the one that sent the answer. Raises CannotTell."""
    began = time.monotonic()
    while True:
        calls = calls_since(play, since)
        if sent_to(line, calls) is not None:
            return calls
        if not play.still_patient(began, ANSWER):
            no_ring(play)
            raise CannotTell("strace did not see the answer being sent")
        play.running.go_on()
        time.sleep(0.005)


def no_ring(play: Play) -> None:
    """Raises CannotTell when what is missing may have been done by io_uring."""
    text = calls_of(play).read_text(errors="replace")
    if any(call.name in RINGS and call.done for call in read_calls(text)):
        raise CannotTell(RING)


def within(path: str, folder: str) -> bool:
    return path.startswith(folder + "/") or path == folder


def shown(calls: Sequence[Call], folder: str, ack: Call | None) -> tuple[str, ...]:
    """The last lines of strace that matter, without whose they are and when."""
    mine = [
        call
        for call in calls
        if call is ack
        or (call.name in {*WRITES, *FLUSHES} and within(call.path, folder))
        or call.name in WHOLE_SYSTEM
    ]
    lines = sorted((call.began, text) for call in mine for text in call.lines)
    if not lines:
        return ()
    said = "\n".join(
        text.split(" ", 1)[1].replace(folder, "$DATA_DIR") for _, text in lines[-SHOWN:]
    )
    return (f"strace saw:\n{said}",)


def observed() -> Observed:
    return Observed()


def flushed_before(request: Any, answer: bytes, on: str = "main") -> FlushedBefore:
    return FlushedBefore(bytes(request), answer, on)


def flushed_within(seconds: float, request: Any, answer: bytes, on: str = "main") -> FlushedWithin:
    return FlushedWithin(seconds, bytes(request), answer, on)
