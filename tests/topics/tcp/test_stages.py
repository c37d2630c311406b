"""The stages of tcp let right servers pass, simple ones as far as they go, and say what is wrong.

The reference is played by tests/soak/test_reference.py, and its faults by test_faults.py. Here are
servers written another way: threads, files made of sockets, one client after the other.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.verdict import CheckResult, Rule, Verdict
from cutaway.process import Command, Program, free_ports
from cutaway.topics.tcp import rules
from cutaway.topics.tcp.stages import STAGES

SLUGS = [stage.slug for stage in STAGES]
SIGNS = ("bound it: ", "frame it: ", "parse it: ", "decide: ", "act: ", "answer: ", "recover: ")
REFERENCE = Command(Path.cwd(), (sys.executable, "-m", "cutaway.topics.tcp.server"))


def played(command: Command, upto: str = SLUGS[-1], seed: int = 1) -> CheckResult:
    stages = STAGES[: SLUGS.index(upto) + 1]
    return check("tcp", stages, Subject(command=command), seed=seed, keep_going=True)


def failed(result: CheckResult) -> dict[str, list[str]]:
    """Stage → the cases that did not pass, for stages with such cases."""
    return {
        stage.name.partition("/")[2]: bad
        for stage in result.stages
        if (bad := [c.name for c in stage.cases if c.verdict is not Verdict.PASS])
    }


@pytest.mark.parametrize(("most", "verdict"), [("3", Verdict.PASS), ("4", Verdict.SKIPPED)])
def test_full_is_tried_on_a_target_that_has_the_limit(most: str, verdict: Verdict) -> None:
    names = ("PORT", "LINES_PORT", "FRAMES_PORT")
    ports = dict(zip(names, free_ports(3), strict=True))
    env = {"MAX_CONNECTIONS": most, **{name: str(port) for name, port in ports.items()}}
    with Program.start(REFERENCE, env) as program:
        program.wait_ready([*ports.values()], within=20)
        target = {name: ("127.0.0.1", port) for name, port in ports.items()}
        full = STAGES[SLUGS.index("full")]
        [stage] = check("tcp", [full], Subject(target=target), seed=1).stages
    assert {case.verdict for case in stage.cases} == {verdict}, stage.failed
    assert all("MAX_CONNECTIONS=3" in case.why for case in stage.cases if case.why)


# Servers of other kinds.

SKELETON = """
import os, socket, threading

def listen(name):
    return socket.create_server(("127.0.0.1", int(os.environ[name])), backlog=256)

def each(server, talk):
    while True:
        sock, _ = server.accept()
        with sock:
            try:
                talk(sock)
            except OSError:
                pass

def threaded(name, talk):
    def one(sock):
        with sock:
            try:
                talk(sock)
            except OSError:
                pass
    def loop():
        while True:
            threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()
    server = listen(name)
    threading.Thread(target=loop).start()

def echo(sock):
    while data := sock.recv(4096):
        sock.sendall(data)
"""

ONE_AFTER_THE_OTHER = "each(listen('PORT'), echo)"
THREADS = "threaded('PORT', echo)\n"
LINES_OF_A_FILE = """
def lines(sock):
    for line in sock.makefile("rb"):
        sock.sendall(line)
threaded('LINES_PORT', lines)
"""
LINES_WITH_LIMIT = """
def lines(sock):
    file = sock.makefile("rb")
    while (line := file.readline(4097)).endswith(b"\\n"):
        sock.sendall(line)
threaded('LINES_PORT', lines)
"""
LINES_AS_TEXT = """
def lines(sock):
    for line in sock.makefile("r", encoding="latin-1"):
        sock.sendall(line.encode("latin-1"))
threaded('LINES_PORT', lines)
"""
FOUR_BYTES_HOPED_FOR = """
def frames(sock):
    while head := sock.recv(4):
        size = int.from_bytes(head, "big")
        if size > 1 << 20:
            return
        body = b""
        while len(body) < size:
            body += sock.recv(size - len(body))
        sock.sendall(head + body)
threaded('FRAMES_PORT', frames)
"""
FRAMES_OF_A_FILE = """
def frames(sock):
    file = sock.makefile("rb")
    while len(head := file.read(4)) == 4:
        size = int.from_bytes(head, "big")
        if size > 1 << 20 or len(body := file.read(size)) < size:
            return
        sock.sendall(head + body)
threaded('FRAMES_PORT', frames)
"""

RIGHT_SO_FAR = [
    ("large", ONE_AFTER_THE_OTHER),
    ("two-clients", THREADS),
    ("lines", THREADS + LINES_WITH_LIMIT),
    ("half-close", THREADS + LINES_WITH_LIMIT + FRAMES_OF_A_FILE),
]

WRONG = [
    ("two-clients", ONE_AFTER_THE_OTHER, "one that says nothing keeps nobody waiting"),
    ("lines", THREADS + LINES_OF_A_FILE, "an LF that never comes is not waited for"),
    ("lines", THREADS + LINES_AS_TEXT, "CR is a byte like any other"),
    (
        "frames",
        THREADS + LINES_WITH_LIMIT + FOUR_BYTES_HOPED_FOR,
        "two frames may be cut anywhere, also inside a length",
    ),
]


def server(folder: Path, text: str) -> Command:
    (folder / "server.py").write_text(SKELETON + text)
    return Command(folder, (sys.executable, "-I", "-S", "server.py"))


@pytest.mark.parametrize(("last", "text"), RIGHT_SO_FAR, ids=[slug for slug, _ in RIGHT_SO_FAR])
def test_a_simple_server_passes_up_to_the_stage_that_asks_more(
    last: str, text: str, tmp_path: Path
) -> None:
    assert failed(played(server(tmp_path, text), upto=last)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "text", "case"), WRONG, ids=[case for _, _, case in WRONG])
def test_a_wrong_server_passes_up_to_the_stage_that_finds_it(
    slug: str, text: str, case: str, tmp_path: Path
) -> None:
    found = failed(played(server(tmp_path, text), upto=slug))
    assert list(found) == [slug]
    assert case in found[slug]


# The texts.


def test_the_stages_stand_in_the_order_of_the_build() -> None:
    assert SLUGS == [
        "echo", "large", "two-clients", "lines", "frames", "half-close", "idle", "slow-reader",
        "many", "full", "drain", "chat",
    ]  # fmt: skip
    assert [stage.slug for stage in STAGES if stage.insight] == ["lines", "slow-reader"]


@pytest.mark.parametrize("stage", STAGES, ids=SLUGS)
def test_a_stage_says_all_that_a_learner_needs(stage) -> None:  # type: ignore[no-untyped-def]
    assert all((stage.title, stage.asks, stage.given))
    assert len(set(stage.hints)) == 3
    assert all(goal.startswith(SIGNS) for goal in stage.goals)
    names = [case.name for case in stage.cases]
    assert len(set(names)) == len(names) >= 3
    assert all(step.sketch().strip() for case in stage.cases for step in case.steps)
    assert stage.port in stage.ports


def test_every_rule_is_tried_by_a_case() -> None:
    tried = {case.rule for stage in STAGES for case in stage.cases}
    known = {name: rule for name, rule in vars(rules).items() if isinstance(rule, Rule)}
    assert {name for name, rule in known.items() if rule not in tried} == set()
