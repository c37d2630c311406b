"""Programs that are killed while they write, and files that lose their end."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cutaway.grade.crash import Grown, crash_under_load, places, sizes, torn, what_grew
from cutaway.grade.drastic import kill, open_idle, restart
from cutaway.grade.noise import noise
from cutaway.grade.outcomes import CannotTell, NotTried
from cutaway.grade.running import Subject
from cutaway.grade.stage import Step
from cutaway.grade.steps import expect, send
from cutaway.grade.verdict import CaseResult, Failure, Verdict
from tests.grade.toy import WHOLE, failure, play, program


def plays(subject: Subject, *steps: Step) -> CaseResult:
    return play(subject, *steps, alone=True, ways=WHOLE)


def fails(subject: Subject, *steps: Step) -> Failure:
    return failure(plays(subject, *steps))


# A line is kept; the line "all" asks for the number of lines that are kept, as so many letters.
KEEPS = """
path = os.environ['DATA_DIR'] + '/log'
START
log = open(path, 'ab', MODE)
guard = threading.Lock()
def talk(s):
  for line in lines(s):
    if line == b'all\\n':
      with open(path, 'rb') as f:
        s.sendall(b'n' * f.read().count(b'\\n') + b'.\\n')
    elif line.startswith(b'has'):
      with open(path, 'rb') as f:
        s.sendall((b'yes' if line[3:] in f.readlines() else b'no') + b'\\n')
    else:
      with guard:
        log.write(line)
      s.sendall(b'ok\\n')
serve(talk)
"""
CUT = "data = open(path, 'ab+'); data.seek(0); text = data.read(); data.truncate(text.rfind(b'\\n') + 1)"


def keeping(start: str = CUT, mode: str = "0") -> str:
    return KEEPS.replace("START", start).replace("MODE", mode)


def word(client: int, number: int) -> bytes:
    digits = f"{client}x{number}".translate(str.maketrans("0123456789", "abcdefghij"))
    return digits.encode()


def writes(client: int, number: int) -> tuple[bytes, bytes]:
    return word(client, number) + b"\n", b"ok\n"


def reads(client: int, number: int) -> tuple[bytes, bytes]:
    return b"has" + word(client, number) + b"\n", b"yes\n"


LOAD = crash_under_load(3, writes, reads, after=30)


def test_a_program_that_writes_before_it_answers_keeps_everything(tmp_path: Path) -> None:
    assert plays(program(tmp_path, keeping()), LOAD).verdict is Verdict.PASS


def test_a_program_that_keeps_a_buffer_of_its_own_loses_it(tmp_path: Path) -> None:
    found = fails(program(tmp_path, keeping(mode="-1")), LOAD)
    assert found.expected.startswith('"yes\\n"')
    assert any("acknowledged to client 1 of 3" in note for note in found.notes)
    assert "kill -KILL" in found.by_hand or "pkill -KILL" in found.by_hand
    assert found.by_hand.count("server.py &") == 1


def test_a_program_that_acknowledges_nothing_fails_ahead_of_the_crash(tmp_path: Path) -> None:
    found = fails(program(tmp_path, keeping().replace("b'ok\\n'", "b'no\\n'")), LOAD)
    assert (found.step, found.expected) == ("acknowledged", '"ok\\n" to "axa\\n"')


LAST = (send(b"last\n"), expect(text=b"ok"))
FIRST = (send(b"first\n"), expect(text=b"ok"))
ONE = (send(b"hasfirst\n"), expect(text=b"yes"))


def test_a_program_that_cuts_off_half_a_line_goes_on(tmp_path: Path) -> None:
    again = (*ONE, *LAST, kill(), restart(), send(b"haslast\n"), expect(text=b"yes"))
    steps = (*FIRST, torn(LAST, again))
    assert plays(program(tmp_path, keeping()), *steps).verdict is Verdict.PASS


def test_a_program_that_writes_behind_half_a_line_spoils_what_follows(tmp_path: Path) -> None:
    again = (*ONE, *LAST, kill(), restart(), send(b"haslast\n"), expect(text=b"yes"))
    found = fails(program(tmp_path, keeping("pass")), *FIRST, torn(LAST, again))
    assert any("octets of log were cut off" in note for note in found.notes)
    assert "truncate -s -" in found.by_hand


def test_a_program_that_does_not_start_with_half_a_line_says_so(tmp_path: Path) -> None:
    start = "assert not os.path.exists(path) or open(path, 'rb').read()[-1:] in (b'', b'\\n')"
    found = fails(program(tmp_path, keeping(start)), *FIRST, torn(LAST, ONE))
    assert found.step == "started again"
    assert "AssertionError" in "".join(found.notes)


def test_the_folder_of_a_program_that_runs_is_not_emptied(tmp_path: Path) -> None:
    """A program may keep what it writes in a file that it made before the case began."""
    steps = (*FIRST, kill(), restart(), *ONE)
    assert plays(program(tmp_path, keeping()), *steps).verdict is Verdict.PASS


@pytest.mark.parametrize("count", [1, 2, 4])
def test_what_is_cut_lies_within_the_last_write(count: int) -> None:
    for seed in range(50):
        cuts = places(Grown(Path("log"), 100, 140), count, random.Random(seed))
        assert len(cuts) == count
        assert all(1 <= cut <= 40 for cut in cuts)
        assert count == 1 or cuts[0] == 1
        assert (cuts[-1] == 40) >= (count == 4)


def test_a_write_of_one_octet_has_one_place_to_be_cut() -> None:
    for count in (2, 3):
        assert places(Grown(Path("log"), 0, 1), count, random.Random(1)) == [1]


def test_the_file_that_grew_most_is_the_one(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a")
    before = sizes(tmp_path)
    (tmp_path / "index").write_bytes(b"b")
    with open(tmp_path / "log", "ab") as file:
        file.write(b"more")
    assert what_grew(before, sizes(tmp_path)) == Grown(tmp_path / "log", 1, 5)


def test_a_file_that_is_replaced_has_no_torn_end(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a")
    before = sizes(tmp_path)
    (tmp_path / "new").write_bytes(b"ab")
    (tmp_path / "new").rename(tmp_path / "log")
    with pytest.raises(NotTried, match="log is replaced as a whole"):
        what_grew(before, sizes(tmp_path))


def test_where_no_file_grew_nothing_is_concluded(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a")
    with pytest.raises(CannotTell, match="no file in"):
        what_grew(sizes(tmp_path), sizes(tmp_path))


# Octets that mean nothing, and clients that have begun.

NOISE = noise(6, 50, starts=(b"", b"ping\n"), letters=b"ab\n")


def test_noise_is_survived(tmp_path: Path) -> None:
    steps = (NOISE, send(b"ping\n"), expect(text=b"ping"))
    assert plays(program(tmp_path, "serve(echo)"), *steps).verdict is Verdict.PASS


def test_a_program_that_ends_of_it_is_shown_what_it_was(tmp_path: Path) -> None:
    code = (
        "def talk(s):\n  for line in lines(s):\n    if line != b'ping\\n': os._exit(3)\nserve(talk)"
    )
    found = fails(program(tmp_path, code), NOISE)
    assert found.expected == "a program that lives on, whatever is sent to it"
    assert "exit status 3" in found.found
    assert "nc" in found.by_hand


def test_idle_clients_may_have_said_something(tmp_path: Path) -> None:
    code = (
        "said = []\ndef talk(s):\n  for line in lines(s):\n    said.append(line)\n"
        "    if line == b'ping\\n': s.sendall(b'x' * said.count(b'idle\\n') + b'\\n')\nserve(talk)"
    )
    steps = (open_idle(5, says=b"idle\n"), send(b"ping\n"), expect(text=b"xxxxx"))
    assert plays(program(tmp_path, code), *steps).verdict is Verdict.PASS
