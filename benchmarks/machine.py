"""The whole machine: how soon it serves, what it knows of each request, and how much it can hear.

The start is that of `cutaway up`, the command as it is typed, until its page answers, and until its
first request was answered. What is known of a request is the share of its time, by the clock of who
sent it, that its waterfall accounts for. The flood is 20,000 messages a second on one wire, half of
them questions, from a process of its own; meanwhile the picture for the page is made four times a
second.
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cutaway.process.scratch import make_folder, remove_folder
from cutaway.system.blueprint import read
from cutaway.system.machine import Machine
from cutaway.web import told
from cutaway.workshop.machine import filling_of, made

from .measure import Figure
from .servers import PEERS

CUTAWAY = str(Path(sys.executable).with_name("cutaway"))
STARTS = 7
FOLLOWED = 400  # requests
FLOOD, FLOODED = 10_000, 6.0  # questions a second, seconds
WIRE = "app-1-to-cache"
WITHIN = 60.0


def figures() -> list[Figure]:
    starts = [start() for _ in range(STARTS)]
    with running() as machine:
        shares = followed(machine)
        rate, lost, pictures = flooded(machine)
    return [
        Figure("`cutaway up`: the page answers", tuple(page for page, _ in starts), "s", 3),
        Figure("`cutaway up`: first request answered", tuple(first for _, first in starts), "s", 3),
        Figure("time of a request that is accounted for", shares, "%", 95, most=False),
        Figure(
            "messages heard on one wire, of 20,000 a second", (rate,), "a second", 10_000, False
        ),
        Figure("octets that passed unheard meanwhile", (lost,), "", 0),
        Figure("a picture for the page meanwhile", pictures, "ms", 250),
    ]


def start() -> tuple[float, float]:
    """Seconds to the page, and to the first answer that the traffic got."""
    began = time.perf_counter()
    command = [CUTAWAY, "up", "--no-open"]
    up = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        port, token = opened(up)
        page = Page(port, token)
        answers = time.perf_counter() - began
        wait(lambda: page.picture()["traffic"]["answered"] > 0)
        return answers, time.perf_counter() - began
    finally:
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=WITHIN)


def opened(up: subprocess.Popen[str]) -> tuple[int, str]:
    assert up.stdout is not None
    for line in up.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line):
            return int(found[1]), found[2]
    raise SystemExit("`cutaway up` ended without an address")


class Page:
    """What a browser asks for."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)
        answer = self.ask(f"/?token={token}", "")
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        answer.read()

    def ask(self, path: str, cookie: str) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = self.connection.getresponse()
        if answer.status >= 400:
            raise SystemExit(f"{path} was answered with {answer.status}")
        return answer

    def picture(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = json.loads(self.ask("/api/machine", self.cookie).read())
        return found


@contextmanager
def running() -> Iterator[Machine]:
    home, blueprint = make_folder(), read()
    fillings = {"cache": filling_of("valkey", blueprint.slot("cache"))}
    machine = made(blueprint, fillings, home)
    try:
        with machine.supervisor:
            machine.start()
            machine.supervisor.up()
            machine.traffic.set(rate=20)
            yield machine
            machine.stop()
    finally:
        remove_folder(home)


def followed(machine: Machine) -> tuple[float, ...]:
    """Of requests for which it is sure what they caused."""
    wait(lambda: machine.traffic.look().answered >= FOLLOWED)
    time.sleep(0.5)  # until the traffic has told of the last of them
    with machine.lock:
        latest = list(machine.tracer.over[machine.front])
    accounts = [machine.account(exchange) for exchange in latest]
    return tuple(
        100 * account.share
        for tree, account in accounts
        if account.share is not None and all(node.sure for node in tree)
    )


def flooded(machine: Machine) -> tuple[float, float, tuple[float, ...]]:
    """Messages a second that were counted, octets that were not, milliseconds of each picture."""
    host, _, port = machine.supervisor.address(WIRE).partition(":")
    assert host == "127.0.0.1"
    totals, lost = machine.ear.wires[WIRE].totals, machine.lost
    before, began, pictures = totals.messages, time.monotonic(), []
    words = [sys.executable, str(PEERS / "asker.py"), port, str(FLOOD), str(FLOODED)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as asker:
        while asker.poll() is None:
            now = time.perf_counter()
            told.picture(machine)
            pictures.append((time.perf_counter() - now) * 1000)
            time.sleep(0.25)
        took = time.monotonic() - began
        asked = int(asker.communicate()[0])
    wait(lambda: totals.messages - before >= 2 * asked)
    return 2 * asked / took, machine.lost - lost, tuple(pictures)


def wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not holds():
        if time.monotonic() > until:
            raise SystemExit("what was waited for did not come")
        time.sleep(0.02)
