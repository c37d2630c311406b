"""What counts as flushed, from what strace would have written; and the steps, on programs that flush."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutaway.grade import flushes
from cutaway.grade.flushes import flushed_before, flushed_within, observed, unflushed
from cutaway.grade.running import Subject
from cutaway.grade.stage import Step
from cutaway.grade.verdict import CaseResult, Failure, Verdict
from cutaway.process.calls import cannot_observe, read_calls
from tests.grade.toy import WHOLE, failure, play, program


def plays(subject: Subject, *steps: Step) -> CaseResult:
    return play(subject, *steps, alone=True, ways=WHOLE)


def fails(subject: Subject, *steps: Step) -> Failure:
    return failure(plays(subject, *steps))


ACK = 'write(11<TCP:[127.0.0.1:80->127.0.0.1:99]>, "+OK", 3) = 3'
WRITE = 'write(9</d/log>, "x", 1) = 1'
FLUSH = "fsync(9</d/log>) = 0"


def missing(*calls: str) -> str:
    """What is said about these calls, the last of them being the answer."""
    lines = "".join(f"{7 if not c[0].isdigit() else c[0]} 1.0 {c.lstrip('78 ')}\n" for c in calls)
    seen = read_calls(lines)
    [ack] = [call for call in seen if call.path.startswith("TCP")]
    return unflushed(seen, ack, "/d")


@pytest.mark.parametrize(
    "calls",
    [
        (WRITE, FLUSH, ACK),
        (WRITE, "fdatasync(9</d/log>) = 0", ACK),
        (WRITE, "sync_file_range(9</d/log>, 0, 0, SYNC_FILE_RANGE_WRITE) = 0", ACK),
        (WRITE, "sync() = 0", ACK),
        ("msync(0x7f, 4096, MS_SYNC) = 0", ACK),
        ('pwritev2(9</d/log>, [{"x"}], 1, 0, RWF_DSYNC) = 1', ACK),
        ('openat(3</d>, "log", O_WRONLY|O_DSYNC) = 9</d/log>', WRITE, ACK),
        (WRITE, "fsync(9</d/log> <unfinished ...>", "7 <... fsync resumed>) = 0", ACK),
        # Another file may be written meanwhile, and this one after the answer.
        (WRITE, FLUSH, 'write(8</d/other>, "x", 1) = 1', ACK),
        (WRITE, FLUSH, ACK, WRITE),
        # Written in two steps, flushed once.
        (WRITE, WRITE, FLUSH, ACK),
    ],
)
def test_what_is_flushed_ahead_of_the_answer(calls: tuple[str, ...]) -> None:
    assert missing(*calls) == ""


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        ((ACK,), "no fsync"),
        ((WRITE, ACK), "no fsync"),
        ((WRITE, ACK, FLUSH), "a flush that is not over yet"),
        ((FLUSH, WRITE, ACK), "ahead of the write"),
        ((WRITE, "fsync(9</d/log>) = -1 EIO (Input/output error)", ACK), "not over yet"),
        (
            (WRITE, "8 fsync(9</d/log> <unfinished ...>", ACK, "8 <... fsync resumed>) = 0"),
            "not over",
        ),
        ((WRITE, "fsync(9</elsewhere/log>) = 0", ACK), "no fsync"),
        ((WRITE, "fsync(8</d/other>) = 0", ACK), "a flush that is not over yet"),
        (('openat(3</d>, "log", O_WRONLY|O_APPEND) = 9</d/log>', WRITE, ACK), "no fsync"),
    ],
)
def test_what_is_not_flushed_ahead_of_the_answer(calls: tuple[str, ...], says: str) -> None:
    assert says in missing(*calls)


WRITES = """
def talk(s):
  f = os.open(os.environ['DATA_DIR'] + '/log', os.O_RDWR | os.O_CREAT | os.O_APPEND)
  for line in lines(s):
    os.write(f, line)
    BEFORE
    s.sendall(line)
    AFTER
serve(talk)
"""


def flushing(before: str = "pass", after: str = "pass") -> str:
    return WRITES.replace("BEFORE", before).replace("AFTER", after)


BEFORE = (observed(), flushed_before(b"ping\n", b"ping\n"))
WITHIN = (observed(), flushed_within(0.5, b"ping\n", b"ping\n"))


@pytest.fixture
def strace() -> None:
    if why := cannot_observe():
        pytest.skip(why)


@pytest.mark.usefixtures("strace")
def test_a_program_that_flushes_first_passes(tmp_path: Path) -> None:
    right = program(tmp_path, flushing("os.fsync(f)"))
    assert plays(right, *BEFORE).verdict is Verdict.PASS
    assert plays(right, *WITHIN).verdict is Verdict.PASS


@pytest.mark.usefixtures("strace")
def test_a_program_that_answers_first_is_shown_what_strace_saw(tmp_path: Path) -> None:
    found = fails(program(tmp_path, flushing(after="os.fsync(f)")), *BEFORE)
    assert found.expected.startswith("a flush to come back before")
    [seen] = [note for note in found.notes if note.startswith("strace saw:")]
    assert "$DATA_DIR/log" in seen


@pytest.mark.usefixtures("strace")
def test_what_is_flushed_a_little_later_is_in_time(tmp_path: Path) -> None:
    late = program(tmp_path, flushing(after="time.sleep(0.1); os.fdatasync(f)"))
    assert plays(late, *WITHIN).verdict is Verdict.PASS


@pytest.mark.usefixtures("strace")
def test_what_is_never_flushed_fails_in_the_end(tmp_path: Path) -> None:
    found = fails(program(tmp_path, flushing()), *WITHIN)
    assert found.expected.startswith("a flush at most 0.5 s after")


def test_where_nothing_can_be_seen_nothing_is_concluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushes, "cannot_observe", lambda: "strace is not installed here")
    result = plays(program(tmp_path, flushing()), *BEFORE)
    assert (result.verdict, result.why) == (Verdict.INCONCLUSIVE, "strace is not installed here")


@pytest.mark.usefixtures("strace")
def test_work_done_by_a_ring_is_not_seen_and_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = read_calls("7 1.0 io_uring_enter(5<anon_inode:[io_uring]>, 1) = 1\n")
    monkeypatch.setattr(flushes, "read_calls", lambda text: [*read_calls(text), *ring])
    result = plays(program(tmp_path, flushing()), *BEFORE)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "io_uring" in result.why
