"""`cutaway up`: the whole machine, running, and the page that shows it.

    $ cutaway up --with cache=valkey --with proxy=./mine
      cache    valkey       up after 0.6 s
      store    reference    up after 0.7 s
      …
    Open  http://127.0.0.1:8080/?token=…
    Ctrl-C ends it.

Everything is looked at before anything is started: what stands where, the port of the page, the
folder. Parts come up floor by floor, and the page is imported meanwhile.

The first Ctrl-C ends all in order, whoever asks first; the second ends what is left at once.

Left out: what is printed with --headless, which is up_headless.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import sys
import threading
import time
import webbrowser
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..process.scratch import make_folder, remove_folder
from ..system.blueprint import TRAFFIC, Blueprint, read
from ..system.certificates import CA
from ..system.filling import CannotFill, Filling
from ..system.machine import Machine
from ..system.supervisor import CannotRun
from ..workshop import machine as workshop
from ..workshop.errors import Trouble, did_you_mean
from .interrupt import ending_in_order
from .screen import look
from .trouble import say

if TYPE_CHECKING:
    from ..web.serving import Serving

HOST, USUAL = "127.0.0.1", 8080
BACKLOG = 1024
FAILED = 1
LOOK = 0.5  # seconds between two looks at whether it still runs


def run(options: Namespace) -> int:
    if options.json and not options.headless:
        raise Trouble("--json is for a machine without a page.", "Add --headless.")
    blueprint = read().unsealed() if options.no_tls else read()
    fillings = fillings_of(options.filling, blueprint)
    began = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(ending_in_order())
        listener = None if options.headless else stack.enter_context(_listener(options.port))
        home = stack.enter_context(_home(options.home))
        if listener is not None:
            threading.Thread(target=_import_page, daemon=True).start()
        tells = _quiet if options.json else _told(began)
        machine = stack.enter_context(running(blueprint, fillings, home, tells))
        machine.traffic.set(rate=options.rate)
        if listener is None:
            from .up_headless import follow

            return follow(machine, options.json)
        page = stack.enter_context(_page(machine, listener, home))
        _say_where(page, machine)
        if not options.no_open:
            _open(page.address)
        return _stay(machine)


# What is asked


def fillings_of(asked: list[tuple[str, str]], blueprint: Blueprint) -> dict[str, Filling]:
    """Raises Trouble."""
    slots = {slot.name: slot for slot in blueprint.slots if slot.name != TRAFFIC}
    found: dict[str, Filling] = {}
    for name, what in asked:
        if name not in slots:
            step = did_you_mean(name, slots, f"There are: {', '.join(slots)}.")
            raise Trouble(f"There is no slot {name!r}.", step)
        found[name] = workshop.filling_of(what, slots[name])
    return found


@contextmanager
def _listener(wanted: int | None) -> Iterator[socket.socket]:
    """For the page: the port that was asked for, the usual one, or any. Raises Trouble."""
    try:
        sock = _listening(USUAL if wanted is None else wanted)
    except OSError as problem:
        if wanted is not None:
            raise Trouble(
                f"Port {wanted} cannot be listened on: {problem.strerror}.",
                "Name another one with --port, or leave --port out for a free one.",
            ) from None
        sock = _listening(0)
        say(f"Port {USUAL} is in use by another program, so the page is on another one.")
    with sock:
        yield sock


def _listening(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


@contextmanager
def _home(named: str | None) -> Iterator[Path]:
    """Where the machine keeps its things: a folder that stays, or one that goes. Raises Trouble."""
    if named is None:
        folder = make_folder()
        try:
            yield folder
        finally:
            remove_folder(folder)
        return
    folder = Path(named).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as problem:
        raise Trouble(
            f"{folder} cannot be used: {problem.strerror}.", "Name another folder."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(
                f"Another machine runs in {folder}.", "End it, or name another folder."
            ) from None
        yield folder


# What is started


@contextmanager
def running(
    blueprint: Blueprint,
    fillings: dict[str, Filling],
    home: Path,
    told: Callable[[Machine, str], None],
) -> Iterator[Machine]:
    """Everything is up and heard, and nobody asks yet. Raises Trouble."""
    try:
        machine = workshop.made(blueprint, fillings, home)
    except CannotRun as problem:
        raise Trouble(f"The machine cannot be laid out: {problem}", "", FAILED) from None
    except OSError as problem:
        raise Trouble(
            f"{home} cannot be written: {problem.strerror or problem}.",
            "Make room, or name another folder with --home.",
            FAILED,
        ) from None
    with machine.supervisor as supervisor:
        try:
            machine.start()  # the traffic takes its time to begin, as parts do
            supervisor.up(lambda name: told(machine, name))
            yield machine
        except (CannotRun, CannotFill) as problem:
            raise Trouble(str(problem), "", FAILED) from None
        finally:
            machine.stop()
            (home / workshop.KEYS).unlink(missing_ok=True)


def _told(began: float) -> Callable[[Machine, str], None]:
    out = look()

    def tell(machine: Machine, name: str) -> None:
        part = machine.supervisor.parts[name]
        after = time.monotonic() - began
        line = f"  {name:<8} {part.filling.title:<24} up after {after:.1f} s"
        print(out.paint(line, "dim"), flush=True)

    return tell


def _quiet(machine: Machine, name: str) -> None:
    """Standard output is for data."""


# The page


def _import_page() -> None:
    """While the parts start: it takes a quarter of a second."""
    with contextlib.suppress(ImportError):
        from ..web import serving  # noqa: F401


@contextmanager
def _page(machine: Machine, listener: socket.socket, home: Path) -> Iterator[Serving]:
    from ..web.answers import Desk
    from ..web.events import Hub
    from ..web.serving import Serving

    with Serving(Desk(machine, Hub(), Path.cwd(), home), listener) as serving:
        yield serving


def _say_where(page: Serving, machine: Machine) -> None:
    out = look()
    print(out.paint("Open", "bold"), page.address)
    print(out.paint(f"By hand: {by_hand(machine)}", "dim"))
    print(out.paint("Ctrl-C ends it.", "dim"), flush=True)


def by_hand(machine: Machine) -> str:
    """A command that takes the same way as the traffic."""
    port = machine.supervisor.entrance.rpartition(":")[2]
    if machine.blueprint.out_of(TRAFFIC)[0].link.sealed:
        return f"curl -i --cacert {machine.supervisor.home / CA} https://localhost:{port}/todos"
    return f"curl -i http://127.0.0.1:{port}/todos"


def _open(address: str) -> None:
    """In a browser, where there is one to see."""
    seen = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not seen:
        return

    def opening() -> None:
        with contextlib.suppress(Exception):  # whatever a browser of this machine does
            webbrowser.open(address)

    threading.Thread(target=opening, daemon=True).start()


def _stay(machine: Machine) -> int:
    while machine.supervisor.relays.alive:
        time.sleep(LOOK)
    raise Trouble("The process with all the wires ended.", "Start the machine again.", FAILED)
