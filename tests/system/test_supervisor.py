"""A machine of small programs: kept running, swapped under traffic, ended without a trace."""

import os
import socket
import sys
import threading
import time

import psutil
import pytest

from cutaway.process import Command
from cutaway.system.blueprint import made_of
from cutaway.system.filling import CannotFill, Filling
from cutaway.system.supervisor import CannotRun, Supervisor

HOST = "127.0.0.1"
WITHIN = 20

#: Answers each line with its name, who it leads to, and how often it was asked in its folder.
PROGRAM = """
import os, signal, socket, sys, threading
name, folder = sys.argv[1], os.environ.get("DATA_DIR")
busy, over = threading.Semaphore(1000), threading.Event()
def count():
    if folder is None:
        return ""
    with open(os.path.join(folder, "count"), "a") as file:
        file.write("x")
        return str(file.tell())
def serve(sock):
    with sock:
        for line in sock.makefile("rb"):
            below = os.environ.get("BELOW", "")
            sock.sendall(f"{name} {below} {count()}".strip().encode() + b"\\n")
            if over.is_set():
                return
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
def stop(*_):
    over.set()
    listener.close()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("here I am", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
"""
BLUEPRINT = made_of(
    {
        "slot": [
            {"name": "traffic", "title": "Traffic", "does": "asks"},
            {"name": "app", "title": "App", "does": "answers", "topic": "t", "count": 2},
            {"name": "store", "title": "Store", "does": "keeps", "topic": "t", "keeps": True},
        ],
        "link": [
            {"from": "traffic", "to": "app", "topic": "t"},
            {"from": "app", "to": "store", "topic": "t", "variable": "BELOW"},
        ],
    }
)
SILENT = (sys.executable, "-c", "import time; time.sleep(60)")


#: The first start goes well, the second does not.
ONCE = """
import os, sys
program, mark = sys.argv[1:]
os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
sys.argv[1:] = ["app:other"]
exec(program)
"""


@pytest.fixture
def machine(tmp_path):
    """Makes supervisors that are down again afterwards. carried: what was carried over."""
    made = []

    def fill(slot, filling):
        if filling.kind == "yours":
            raise CannotFill("There is no project there.")
        words = (sys.executable, "-c", PROGRAM, f"{slot.name}:{filling}")
        return Command(tmp_path, SILENT if filling.name == "silent" else words)

    def make(blueprint=BLUEPRINT, **options):
        home = tmp_path / "home"
        supervisor = Supervisor(blueprint, fill, lambda slot: ("PORT",), home, **options)
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.down()


def asked(supervisor, wire="traffic-to-app-1"):
    """One question on a connection of its own; "" where there was no answer."""
    try:
        with socket.create_connection((HOST, supervisor.relays.ports[wire]), WITHIN) as sock:
            sock.sendall(b"?\n")
            return sock.makefile().readline().strip()
    except OSError:
        return ""


def until(holds):
    end = time.monotonic() + WITHIN
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_every_part_is_told_where_its_wires_are(machine):
    supervisor = machine()
    told = []
    supervisor.up(told.append)
    assert told[0] == "store"
    assert sorted(told[1:]) == ["app-1", "app-2"]
    assert asked(supervisor) == f"app:reference {supervisor.address('app-1-to-store')}"
    assert asked(supervisor, "app-2-to-store") == "store:reference  1"
    assert supervisor.parts["app-1"].printed() == "here I am\n"


def test_nothing_is_left_of_it(machine):
    supervisor = machine()
    supervisor.up()
    pids = [part.pid for part in supervisor.parts.values()] + [supervisor.relays.pid]
    ports = list(supervisor.relays.ports.values())
    supervisor.down()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    for port in ports:
        with socket.socket() as sock:
            assert sock.connect_ex((HOST, port)) != 0


def test_a_part_that_does_not_listen_is_told_and_nothing_is_left(machine, monkeypatch):
    monkeypatch.setattr("cutaway.system.part.START", 0.5)
    supervisor = machine(fillings={"app": Filling("real", "silent")})
    with pytest.raises(CannotRun, match=r"app-[12] did not start"):
        supervisor.up()
    assert supervisor.parts["store"].state == "down"
    assert not supervisor.relays.alive


def test_a_part_that_is_killed_is_started_again(machine):
    supervisor = machine()
    supervisor.up()
    part = supervisor.parts["app-1"]
    os.kill(part.pid, 9)
    assert until(lambda: part.starts == 2)
    assert until(lambda: asked(supervisor)) == asked(supervisor)
    whys = [happening.why for happening in part.history if happening.what == "crashed"]
    assert whys == ["It ended by signal 9."]
    part.kill()
    assert until(lambda: part.starts == 3)


def test_a_part_that_is_paused_answers_when_it_is_resumed(machine):
    supervisor = machine()
    supervisor.up()
    supervisor.parts["app-1"].pause()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(asked(supervisor)))
    waiting.start()
    waiting.join(0.3)
    assert not answers
    supervisor.parts["app-1"].resume()
    waiting.join(WITHIN)
    assert answers[0].startswith("app:reference")


def test_parts_are_swapped_while_they_are_asked(machine):
    supervisor = machine()
    supervisor.up()
    answers, over = [], threading.Event()

    def ask():
        while not over.is_set():
            answers.append(asked(supervisor).partition(" ")[0])

    asking = threading.Thread(target=ask)
    asking.start()
    assert until(lambda: len(answers) > 10)
    supervisor.fill("app", Filling("real", "other"))
    before = len(answers)
    assert until(lambda: len(answers) > before + 10)
    over.set()
    asking.join()
    assert set(answers) == {"app:reference", "app:other"}
    assert answers == sorted(answers, reverse=True), "first the old one, then the new one"


def test_what_cannot_stand_there_changes_nothing(machine):
    supervisor = machine()
    supervisor.up()
    with pytest.raises(CannotFill):
        supervisor.fill("app", Filling("yours", folder="/nowhere"))
    assert asked(supervisor).startswith("app:reference")


def test_a_part_that_keeps_has_its_folder_again_after_a_crash(machine):
    supervisor = machine()
    supervisor.up()
    wire = "app-1-to-store"
    assert [asked(supervisor, wire).split()[-1] for _ in range(3)] == ["1", "2", "3"]
    supervisor.parts["store"].kill()
    assert until(lambda: asked(supervisor, wire)) == "store:reference  4"


def test_what_one_part_kept_is_carried_into_the_next_while_who_asks_waits(machine):
    carried = []

    def carry(slot, there, here):
        carried.append((slot.name, there != here))
        time.sleep(0.3)

    supervisor = machine(carry=carry)
    supervisor.up()
    swap = threading.Thread(target=supervisor.fill, args=("store", Filling("real", "other")))
    swap.start()
    assert until(lambda: carried)
    assert asked(supervisor, "app-1-to-store").startswith("store:other")
    swap.join()
    assert carried == [("store", True)]


def test_what_is_kept_and_cannot_be_carried_stays(machine):
    supervisor = machine()
    supervisor.up()
    with pytest.raises(CannotRun, match="cannot be carried over"):
        supervisor.fill("store", Filling("real", "other"))
    assert asked(supervisor, "app-1-to-store").startswith("store:reference")


def test_when_one_of_two_does_not_start_neither_is_replaced(machine, tmp_path):
    supervisor = machine()
    supervisor.up()
    before = dict(supervisor.parts)
    words = (sys.executable, "-c", ONCE, PROGRAM, str(tmp_path / "first"))
    supervisor._filler = lambda slot, filling: Command(tmp_path, words)
    with pytest.raises(CannotRun, match=r"other, as app-[12], did not start"):
        supervisor.fill("app", Filling("real", name="other"))
    assert supervisor.parts == before
    for part in before.values():
        if part.slot.name == "app":
            assert part.history[-1].what == "not replaced by other"
            assert "did not start" in part.history[-1].why
    assert asked(supervisor).startswith("app:reference")
    assert asked(supervisor, "traffic-to-app-2").startswith("app:reference")


def test_a_part_that_cannot_start_again_keeps_no_other_waiting(machine, tmp_path):
    supervisor = machine()
    supervisor.up()
    stuck, other = supervisor.parts["app-1"], supervisor.parts["app-2"]
    stuck.command = Command(tmp_path, SILENT)
    os.kill(stuck.pid, 9)
    assert until(lambda: stuck.state == "starting")
    os.kill(other.pid, 9)
    assert until(lambda: other.starts == 2)
    assert stuck.state == "starting"


def test_a_swap_that_does_not_come_leaves_no_folder_behind(machine):
    supervisor = machine(carry=lambda slot, there, here: None)
    supervisor.up()
    folder = supervisor.home / "store"
    supervisor._filler = lambda slot, filling: Command(folder, (sys.executable, "-c", ""))
    with pytest.raises(CannotRun, match="did not start"):
        supervisor.fill("store", Filling("real", "other"))
    assert [one.name for one in folder.iterdir() if one.is_dir()] == ["1"]


def test_a_disk_that_takes_nothing_more_is_said_and_the_old_part_stays(machine, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    supervisor = machine(carry=lambda slot, there, here: None)
    supervisor.up()
    for step in ("now", "fresh"):
        monkeypatch.setattr(f"cutaway.system.kept.Kept.{step}", full)
        with pytest.raises(CannotRun, match="cannot be written: No space left on device"):
            supervisor.fill("store", Filling("real", "other"))
        assert asked(supervisor, "app-1-to-store").startswith("store:reference")
    with pytest.raises(CannotRun, match="cannot be written"):
        machine().up()


def test_nothing_comes_into_a_machine_that_is_being_ended(machine):
    supervisor = machine()
    supervisor.up()
    supervisor.down()
    with pytest.raises(CannotRun, match="being ended"):
        supervisor.fill("app", Filling("real", "other"))
    assert {part.state for part in supervisor.parts.values()} == {"down"}


def test_a_machine_that_cannot_be_made_patient_is_as_it_was_and_may_be_asked_again(machine):
    blueprint = made_of(
        {
            "slot": [
                {"name": "traffic", "title": "Traffic", "does": "asks"},
                *(
                    {
                        "name": name,
                        "title": name,
                        "does": "answers",
                        "topic": "t",
                        "patient": {"BELOW": "patient"},
                    }
                    for name in ("front", "back")
                ),
            ],
            "link": [
                {"from": "traffic", "to": "front", "topic": "t"},
                {"from": "front", "to": "back", "topic": "t"},
            ],
        }
    )
    supervisor = machine(blueprint)
    supervisor.up()
    fill, fails = supervisor._filler, ["front"]

    def filler(slot, filling):
        if slot.name in fails:
            raise CannotFill("It was not built.")
        return fill(slot, filling)

    supervisor._filler = filler

    def told():
        return {asked(supervisor, wire) for wire in supervisor.relays.ports}

    impatient = told()
    with pytest.raises(CannotFill):
        supervisor.be_patient(True)
    assert told() == impatient
    fails.clear()
    supervisor.be_patient(True)
    assert told() == {"front:reference patient", "back:reference patient"}
    supervisor.be_patient(False)
    assert told() == impatient


def test_its_wires_hear_no_signal_of_the_terminal(machine):
    assert os.getsid(machine().relays.pid) != os.getsid(0)
