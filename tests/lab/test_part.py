"""A program beside an experiment: there while it is needed, gone afterwards, one sentence if it fails."""

import socket
import sys

import pytest

from cutaway.lab.lab import Missing, Unmeasured
from cutaway.lab.part import engine, part

LISTENS = (
    "import os, socket, time\n"
    "s = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
    "open(os.path.join(os.environ['DATA'], 'here'), 'w').close()\n"
    "time.sleep(60)\n"
)


def test_a_part_listens_while_it_is_needed_and_is_gone_afterwards() -> None:
    with part((sys.executable, "-c", LISTENS), data="DATA") as running:
        socket.create_connection(running.address(), timeout=5).close()
    assert running.program.status is not None
    with pytest.raises(OSError, match=r"refused|Connection"):
        socket.create_connection(running.address(), timeout=5)


def test_a_part_that_does_not_start_is_one_sentence() -> None:
    with pytest.raises(Unmeasured, match="did not start"), part((sys.executable, "-c", "1/0")):
        pass


def test_an_engine_that_is_not_there_is_told_with_how_to_get_it() -> None:
    with pytest.raises(
        Missing, match=r"no-such-engine is not on this machine\. Get it: somewhere\."
    ):
        engine("no-such-engine", "somewhere")
