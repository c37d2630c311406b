"""Ten thousand messages a second on a wire: every one is counted, and the page gets a sample. And a
part that prints without end."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from cutaway.process import Command
from cutaway.process.scratch import make_folder, remove_folder
from cutaway.system.blueprint import made_of
from cutaway.system.ear import Message
from cutaway.system.machine import SHOWN, TICK, Machine
from cutaway.system.supervisor import Supervisor
from cutaway.web import told
from cutaway.workshop.machine import made

WIRE = "traffic-to-cache"
QUESTION, ANSWER = b"*2\r\n$3\r\nGET\r\n$5\r\nnokey\r\n", b"$-1\r\n"
MOST_PRINTED, MOST_MEMORY = 2 << 20, 32 << 20  # octets
AT_ONCE, CONNECTIONS, SECONDS, RATE = 10, 4, 2, 10_000


@pytest.fixture
def machine() -> Iterator[Machine]:
    home = make_folder()
    one = made(
        made_of(
            {
                "slot": [
                    {"name": "traffic", "title": "Traffic", "does": "asks"},
                    {"name": "cache", "title": "Cache", "does": "answers", "topic": "cache"},
                ],
                "link": [{"from": "traffic", "to": "cache", "topic": "cache"}],
            }
        ),
        {},
        home,
    )
    try:
        with one.supervisor:
            one.start()
            one.supervisor.up()
            yield one
            one.stop()
    finally:
        remove_folder(home)


def ask(address: str, each: int) -> None:
    """So many questions, at their times."""
    host, port = address.split(":")
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=30) as sock:
        for sent in range(0, each, AT_ONCE):
            due = began + SECONDS * sent / each
            time.sleep(max(0.0, due - time.monotonic()))
            sock.sendall(QUESTION * AT_ONCE)
            came = 0
            while came < AT_ONCE * len(ANSWER):
                came += len(sock.recv(4096))


@pytest.mark.slow
def test_all_of_ten_thousand_messages_a_second_are_counted_and_a_sample_is_told(
    machine: Machine,
) -> None:
    news: list[tuple[int, int]] = []

    def hear(messages: list[Message], of: int) -> None:
        news.append((len(messages), of))

    machine.news.append(hear)
    each = RATE * SECONDS // 2 // CONNECTIONS
    asking = [
        threading.Thread(target=ask, args=(machine.supervisor.address(WIRE), each))
        for _ in range(CONNECTIONS)
    ]
    for thread in asking:
        thread.start()
    while any(thread.is_alive() for thread in asking):
        told.picture(machine)  # what the page asks for meanwhile
        time.sleep(TICK)
    totals, until = machine.ear.wires[WIRE].totals, time.monotonic() + 30
    while totals.messages < 2 * each * CONNECTIONS and time.monotonic() < until:
        time.sleep(TICK)
    time.sleep(3 * TICK)
    assert machine.lost == 0
    assert totals.messages == 2 * each * CONNECTIONS
    assert totals.exchanges == each * CONNECTIONS
    assert sum(of for _, of in news) == totals.messages
    assert max(count for count, _ in news) <= SHOWN


FLOODS = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    sys.stdout.write("<b>all of it</b>\\n" * 4096)
"""


@pytest.mark.slow
def test_a_part_that_prints_without_end_is_kept_in_bounds() -> None:
    home = make_folder()
    blueprint = made_of(
        {
            "slot": [
                {"name": "traffic", "title": "Traffic", "does": "asks"},
                {"name": "app", "title": "App", "does": "prints", "topic": "t"},
            ],
            "link": [{"from": "traffic", "to": "app", "topic": "t"}],
        }
    )
    command = Command(home, (sys.executable, "-c", FLOODS))
    try:
        with Supervisor(blueprint, lambda *_: command, lambda slot: ("PORT",), home) as machine:
            machine.up()
            part, memory = machine.parts["app"], psutil.Process().memory_info().rss
            before, until = part.cpu(), time.monotonic() + 30
            while part.cpu() < before + 0.5 and time.monotonic() < until:
                time.sleep(0.05)
            assert part.state == "up"
            assert "<b>all of it</b>" in part.printed()
            assert len(part.printed()) < MOST_PRINTED
            assert psutil.Process().memory_info().rss < memory + MOST_MEMORY
    finally:
        remove_folder(home)
    assert part.state == "down"
