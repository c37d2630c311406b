"""A topic's reference part, running: what `serve` and `up` have in common.

    with running(topic, ports={"PORT": 8080}, data_dir=None, fault=None) as program:
        follow(program)              what it prints, until it ends

It runs as any program under test does, so nothing of it is left afterwards. Without --data-dir it
gets an empty folder, which is removed at the end. One that asks others needs somebody to ask: what
topic.toml names under `beside` runs beside it, where nobody has named others.

Left out: what it serves.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..grade.reports.text import escaped
from ..process import Command, Program, ProgramError, free_ports, patience
from ..topics import planted
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble, did_you_mean

USUAL = 8080
START = 10.0  # seconds to begin listening, on a nominal machine
NO_LIMIT = 2**63
FAILED = 1


def choose_ports(topic: Topic, wanted: int | None) -> dict[str, int]:
    """A port for each listener: `wanted`, the usual one, or any that is free. Raises Trouble."""
    if not topic.ports:
        raise Trouble(f"The reference of {topic.slug} is no server.", "")
    names = topic.ports
    if wanted:
        try:
            _bind(wanted)
        except OSError as error:
            raise Trouble(
                f"Port {wanted} cannot be listened on: {error.strerror}.",
                "Name another one with --port, or leave --port out for a free one.",
            ) from None
    first = wanted or (USUAL if wanted is None and _is_free(USUAL) else free_ports(1)[0])
    ports = {names[0]: first}
    for number, name in enumerate(names[1:], 1):
        near = first + number
        ports[name] = near if near < 65536 and _is_free(near) else free_ports(1)[0]
    return ports


def _is_free(port: int) -> bool:
    try:
        _bind(port)
    except OSError:
        return False
    return True


def _bind(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))


def fault_named(slug: str, name: str) -> planted.Fault:
    """Raises Trouble."""
    from ..workshop import catalog

    known: dict[str, planted.Fault] = {fault.name: fault for fault in catalog.faults(slug)}
    if name not in known:
        step = did_you_mean(name, known, f"`cutaway serve {slug} --faults` lists them.")
        raise Trouble(f"There is no fault {name!r} in {slug}.", step)
    return known[name]


@contextmanager
def running(
    topic: Topic,
    ports: Mapping[str, int],
    data_dir: str | None,
    fault: str | None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """The part, once it listens. `settings` go into its environment. Raises Trouble."""
    words = planted.command(topic.slug, fault) if fault else _server(topic)
    settings = settings or {}
    with _data_folder(topic, data_dir) as folder, _beside(topic, settings) as behind:
        env = {**behind, **settings, **{name: str(port) for name, port in ports.items()}}
        if folder is not None:
            env["DATA_DIR"] = str(folder)
        with _started(words, env, list(ports.values())) as program:
            yield program


@contextmanager
def _started(words: tuple[str, ...], env: Mapping[str, str], ports: list[int]) -> Iterator[Program]:
    """A program of ours, once it listens. Raises Trouble."""
    try:
        with Program.start(Command(Path.cwd(), words), env, memory_limit=NO_LIMIT) as program:
            program.wait_ready(ports, within=START * patience())
            yield program
    except ProgramError as problem:
        raise Trouble(f"The reference did not start. {problem}", "", FAILED) from None


def _server(topic: Topic) -> tuple[str, ...]:
    if not (topic.folder / "server.py").is_file():
        raise Trouble(
            f"The topic {topic.slug} has no reference server in this version.",
            "`cutaway topics` lists what there is.",
        )
    return sys.executable, "-m", f"cutaway.topics.{topic.slug}.server"


@contextmanager
def _beside(topic: Topic, settings: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Whom the part asks, where nobody has named others: variable → addresses."""
    with ExitStack() as stack:
        yield {
            variable: ",".join(stack.enter_context(_other(name)) for name in programs)
            for variable, programs in topic.beside.items()
            if variable not in {**os.environ, **settings}
        }


@contextmanager
def _other(name: str) -> Iterator[str]:
    """The address of a reference ("cache") or of a module of a topic ("cachepatterns.items")."""
    from ..workshop import catalog

    [port] = free_ports(1)
    if "." not in name:
        other = catalog.topic(name)
        with running(other, {other.ports[0]: port}, None, None):
            yield f"127.0.0.1:{port}"
        return
    words = (sys.executable, "-m", f"cutaway.topics.{name}")
    with _started(words, {"PORT": str(port)}, [port]):
        yield f"127.0.0.1:{port}"


@contextmanager
def _data_folder(topic: Topic, named: str | None) -> Iterator[Path | None]:
    if "DATA_DIR" not in topic.environment:
        if named:
            raise Trouble(f"The reference of {topic.slug} keeps no files.", "Leave --data-dir out.")
        yield None
    elif named:
        if not Path(named).is_dir():
            raise Trouble(f"There is no folder {named}.", "Make it first: mkdir -p " + named)
        yield Path(named).absolute()
    else:
        folder = Path(tempfile.mkdtemp(prefix="cutaway-data-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Printed:
    """What a program prints, as it comes; but not where it listens, which we have said."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.shown = 0
        self.known = [f"127.0.0.1:{port}" for port in program.ports]

    def news(self) -> str:
        """What was printed since the last call, harmless to a terminal."""
        output = self.program.output()
        total = len(output.head) + output.dropped + len(output.tail)
        data = (output.head + output.tail)[-(total - self.shown) :] if total > self.shown else b""
        self.shown = total
        lines = escaped(data.decode("utf-8", "replace"), keep="\n\t").splitlines(keepends=True)
        return "".join(line for line in lines if not any(k in line for k in self.known))


def follow(program: Program) -> int:
    """Show what it prints until it ends by itself; the status that says so."""
    printed = Printed(program)
    while program.wait(within=0.2) is None:
        sys.stderr.write(printed.news())
        sys.stderr.flush()
    sys.stderr.write(printed.news())
    status = program.status
    if status:
        raise Trouble(f"The reference ended by itself, with status {status}.", "", FAILED)
    return 0
