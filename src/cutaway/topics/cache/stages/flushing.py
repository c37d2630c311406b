"""Flushing: on the disk before it is acknowledged, or soon after.

    always      write  fsync  +OK                 a crash of the machine loses nothing
    everysec    write  +OK  …  fsync              it loses what was acknowledged in the last second or two
    no          write  +OK            (fsync)     it loses what the system had not got round to

What was handed to the kernel survives the program. It survives the machine only when it was flushed,
and that takes its time: as much as hundreds of commands. So it is a setting. A program cannot be seen to
flush by its answers; it is watched by strace while it writes.

Left out: disks that lie; group commit, which flushes once for many clients and is welcome here.
"""

from __future__ import annotations

from ....grade.flushes import flushed_before, flushed_within, observed
from ....grade.stage import ONCE, Stage, case
from .. import rules
from ..codec import Resp
from .durability import ALWAYS, EVERYSEC, READY
from .messages import OK, cmd, talk

WITHIN = 2.0  # seconds, by contract

STAGE = Stage(
    name="cache/flushing",
    title="on the disk when it has to be",
    asks="Flush what you write: with always ahead of each acknowledgement, with everysec within two "
    "seconds of it.",
    given="APPENDFSYNC, and CONFIG SET appendfsync. fsync, fdatasync, or a file opened with O_DSYNC: any "
    "of them will do. The check starts the program under strace, which has to be installed (Linux).",
    goals=(
        "decide: which of the three was asked for, also while the program runs",
        "act: flush the file that was written, behind the write",
        "answer: with always only when the flush has come back without an error",
        "recover: a flush that failed is not made good by the next one",
    ),
    hints=(
        "strace -f -e trace=write,fsync,fdatasync your program, and SET: in which order do they come?",
        "always: write, fsync, then hand the answer to the connection. everysec: a timer, or a thread, "
        "that calls fsync each second when something was written since.",
        "always:    os.write(log, record); os.fdatasync(log); connection.write(reply)\n"
        "everysec:  os.write(log, record); dirty = True; connection.write(reply)\n"
        "           each second: if dirty: dirty = False; os.fdatasync(log)",
    ),
    codec=Resp,
    ways=ONCE,
    cases=(
        case(
            "with always, a write is flushed before it is acknowledged",
            rules.FLUSH_ALWAYS,
            observed(),
            *READY,
            flushed_before(cmd("SET fl:a 1"), bytes(OK)),
            flushed_before(cmd("INCR fl:a"), b":2\r\n"),
            flushed_before(cmd("DEL fl:a"), b":1\r\n"),
            environment=ALWAYS,
        ),
        case(
            "with everysec, within two seconds",
            rules.FLUSH_EVERYSEC,
            observed(),
            *READY,
            flushed_within(WITHIN, cmd("SET fl:b 1"), bytes(OK)),
            environment=EVERYSEC,
            owns_time=1.0,
        ),
        case(
            "CONFIG SET appendfsync changes it while the program runs",
            rules.FLUSH_ALWAYS,
            observed(),
            *READY,
            *talk(("SET fl:c 1", OK), ("CONFIG SET appendfsync always", OK)),
            flushed_before(cmd("SET fl:c 2"), bytes(OK)),
            environment=EVERYSEC,
        ),
    ),
)
