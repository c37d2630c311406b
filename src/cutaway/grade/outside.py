"""An unmodified program of somebody else, against the server: the step `runs`.

    runs("curl", "-s", "{url}/", prints=b"hello")

What it prints is bounded, and so is its time: a server that answers without end must not fill our
memory through curl. It runs in a session of its own and is killed with all it started when the time
is over or nobody waits for the check any more.

Left out: installing it. Where it is missing, the case is skipped and says so.
"""

from __future__ import annotations

import os
import selectors
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import IO, Any, NamedTuple

from ..net.recorded import TooMuch
from ..process import patience
from ..process.spawn import no_fork
from ..wire import quoted
from .byhand import Act, printed
from .matchers import holds, shown
from .outcomes import Failed, NotTried
from .play import Play
from .stage import Step

PRINTED = 16 << 20  # octets that are kept of what it prints
STRETCH = 4.0  # times as long at most, on a busy machine: nothing else comes of waiting
SLICE = 0.25  # seconds between two looks at the clock


class Done(NamedTuple):
    status: int
    out: bytes
    err: bytes


@dataclass(frozen=True, slots=True)
class Runs(Step):
    """An unmodified program of somebody else, against the server.

    words   {url}, {host}, {port}, {other ports by their name}, {far sides by theirs} and
            {folder}, where files of its own may lie, are filled in
    prints  what it must print on standard output: octets, or a Matcher
    offers  what its help (-h) must mention: programs of one name differ between systems
    install  where it comes from, as a phrase
    """

    words: tuple[str, ...]
    prints: Any = None
    status: int = 0
    feed: bytes = b""
    seconds: float = 15.0
    offers: bytes = b""
    install: str = ""

    def run(self, play: Play) -> None:
        name = self.words[0]
        if shutil.which(name) is None:
            where = f": {self.install}" if self.install else ""
            raise NotTried(f"{name} is not installed here{where}")
        if self.offers and self.offers not in help_of(name):
            raise NotTried(f"the {name} of this machine is another one")
        play.acts.append(Act("main", "run", self.by_hand(play).encode()))
        words = [filled(word, self._names(play)) for word in self.words]
        if play.running.program is None:
            play.dial(play.stage.port).close()  # some ask a server that has ended for ever
        began = time.monotonic()
        done = run_outside(words, self.feed, self.seconds, play.running.go_on)
        if done is None:
            waits = f"it still waits after {time.monotonic() - began:.1f} s"
            raise Failed(name, f"{name} to finish", play.told(waits))
        said = done.err.decode(errors="replace").strip()[-300:]
        if done.status != self.status:
            found = f"status {done.status}" + (f": {said}" if said else "")
            raise Failed(name, f"{name} to end with status {self.status}", play.told(found))
        if self.prints is not None and not holds(self.prints, done.out):
            found = quoted(done.out) if done.out else f"nothing{said and '; '}{said}"
            raise Failed(name, f"{name} to print {shown(self.prints)}", found)
        play.hold(name)

    def _names(self, play: Play) -> dict[str, str]:
        addresses = play.running.addresses
        far = {name: address_of(side.address) for name, side in play.running.sides.items()}
        folder = str(play.running.folder)
        return {**_names(addresses, play.stage.port), **far, "folder": folder}

    def by_hand(self, play: Play) -> str:
        """The same against a program that was started by hand."""
        addresses = play.running.subject.addresses_by_hand(play.stage)
        far = {far.name: address_of(addresses[far.name]) for far in play.stage.far}
        names = {**_names(addresses, play.stage.port), **far, "folder": "/tmp"}
        words = shlex.join(filled(word, names) for word in self.words)
        return f"({printed(self.feed)}) | {words}" if self.feed else words

    def sketch(self) -> str:
        return shlex.join(filled(word, {"url": "http://127.0.0.1:$PORT"}) for word in self.words)


def _names(addresses: Mapping[str, tuple[str, int]], listener: str) -> dict[str, str]:
    host, port = addresses[listener]
    ports = {name: str(number) for name, (_, number) in addresses.items()}
    return {"url": f"http://{host}:{port}", "host": host, "port": str(port), **ports}


def address_of(address: tuple[str, int]) -> str:
    return "{}:{}".format(*address)


def run_outside(
    words: Sequence[str], feed: bytes, seconds: float, go_on: Callable[[], None] = lambda: None
) -> Done | None:
    """Run it to its end, with `feed` on standard input; None when the time is over.

    seconds  on a nominal machine
    go_on    called again and again; what it raises ends the program
    raises   TooMuch
    """
    with tempfile.TemporaryFile() as given:
        given.write(feed)
        given.seek(0)
        with no_fork:  # not while another thread is proving a port to be free
            process = subprocess.Popen(
                words,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
    with process:
        try:
            return _finish(process, words[0], seconds, go_on)
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)


def _finish(
    process: subprocess.Popen[bytes], name: str, seconds: float, go_on: Callable[[], None]
) -> Done | None:
    assert process.stdout is not None
    assert process.stderr is not None
    kept: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    began = time.monotonic()
    with selectors.DefaultSelector() as waiting:
        for pipe in kept:
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map():
            go_on()
            elapsed = time.monotonic() - began
            if elapsed > seconds and elapsed > seconds * min(patience(), STRETCH):
                return None
            for key, _ in waiting.select(SLICE):
                pipe = key.fileobj  # type: ignore[assignment]
                if not (data := os.read(key.fd, 1 << 16)):
                    waiting.unregister(pipe)
                kept[pipe] += data
                if len(kept[pipe]) > PRINTED:
                    raise TooMuch(f"more than {PRINTED} bytes printed by {name}")
    with suppress(subprocess.TimeoutExpired):
        out, err = kept.values()
        return Done(process.wait(seconds), bytes(out), bytes(err))
    return None


@cache
def help_of(program: str) -> bytes:
    """What it prints about itself."""
    done = run_outside([program, "-h"], b"", 5.0)
    return done.out + done.err if done is not None else b""


def filled(word: str, names: Mapping[str, str]) -> str:
    """Fill in {names}; other braces stay."""
    for name, value in names.items():
        word = word.replace("{" + name + "}", value)
    return word


def runs(
    *words: str,
    prints: Any = None,
    status: int = 0,
    feed: bytes = b"",
    offers: bytes = b"",
    install: str = "",
) -> Runs:
    return Runs(words, prints, status, feed, offers=offers, install=install)
