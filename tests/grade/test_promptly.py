"""What an answer did without, and what takes its time."""

from pathlib import Path

from cutaway.grade.asking import answers, asked
from cutaway.grade.far import Far
from cutaway.grade.promptly import spared, until, within
from cutaway.grade.stage import Step
from cutaway.grade.steps import expect, pause, send
from cutaway.grade.verdict import CaseResult, Verdict
from tests.grade.toy import Toy, Word, failure, play, program

A = Far(name="a", codec=Toy, variable="A")
SELDOM = """
asks = 0
def ask(line):
    host, port = os.environ["A"].split(":")
    with socket.create_connection((host, int(port))) as far:
        far.sendall(line)
        return far.makefile("rb").readline()
def talk(sock):
    global asks
    for line in lines(sock):
        asks += 1
        sock.sendall(ask(line) if line == b"ask\\n" else b"ripe\\n" if asks > 3 else b"green\\n")
serve(talk)
"""


def seldom(folder: Path, *steps: Step) -> CaseResult:
    return play(program(folder, SELDOM), *steps, far=(A,))


def test_an_answer_without_a_question_is_spared(tmp_path: Path) -> None:
    assert seldom(tmp_path, send(b"no\n"), spared("a", text=b"green")).verdict is Verdict.PASS


def test_a_question_instead_is_told_at_once(tmp_path: Path) -> None:
    told = failure(seldom(tmp_path, send(b"ask\n"), spared("a", text=b"green")))
    assert told.expected == "nothing more to be sent to a"
    assert told.found == '4 bytes: "ask\\n"'


def test_until_waits_for_what_comes_later(tmp_path: Path) -> None:
    tries = until(2.0, send(b"no\n"), spared("a", text=b"ripe"))
    assert seldom(tmp_path, tries).verdict is Verdict.PASS


def test_until_tells_the_last_failure_when_its_time_is_over(tmp_path: Path) -> None:
    told = failure(seldom(tmp_path, until(0.1, send(b"no\n"), expect(text=b"blue"))))
    assert told.expected == 'text: "blue"'
    assert told.found == 'text: "ripe"'


def test_within_holds_for_all_of_its_steps(tmp_path: Path) -> None:
    steps = (send(b"ask\n"), asked("a"), answers("a", Word(b"so")), expect(text=b"so"))
    assert seldom(tmp_path, within(5.0, *steps)).verdict is Verdict.PASS
    told = failure(seldom(tmp_path, within(0.01, pause(0.5), *steps)))
    assert told.expected == "all of it to take at most 0.01 s"
