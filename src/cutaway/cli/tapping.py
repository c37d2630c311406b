"""What passes relays, shown as it passes; and the orders that come on standard input meanwhile.

    with opened(("127.0.0.1", 9000), ("127.0.0.1", 8080), ["latency 20ms"]) as relay:
        follow([Tapped(relay, Http1, look(), octets=False)], Typed(relay))

The relay is a process of its own, so however much is shown, the traffic does not wait for it.

Orders come a line each, from a person or from a program: `(sleep 5; echo stall) | cutaway tap …`.
Where standard input ends, the tap goes on. A tap in the background of a terminal leaves the keyboard
to whoever has it.

Left out: options and addresses, which are tap.py; what the lines look like, which is heard.py.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ..grade.reports.terminal import Look
from ..net.hearing import Hearing
from ..net.relay import CannotListen, Event
from ..net.relay.apart import Apart
from ..net.relay.orders import CONNECTIONS, DATAGRAMS
from ..net.relay.pcap import PcapFile
from ..wire import Annotator, Codec, Reader
from ..workshop.errors import Trouble
from .heard import Telling

KEPT = 1.0  # seconds after which what was recorded is in the file
LAST = 0.2  # seconds that what is still on its way from the relay is waited for
LOOK = 0.25  # seconds until it is looked whether a message waits for its rest
LONGEST = 4096  # octets of an order; what is longer is none
FAILED = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Address = tuple[str, int]
Maker = Callable[[], Codec] | None


class Tapped:
    """A relay whose traffic is shown as it passes, and kept where there is a file."""

    def __init__(
        self, relay: Apart, codec: Maker, out: Look, octets: bool, file: PcapFile | None = None
    ) -> None:
        self.relay, self.file, self.out = relay, file, out
        self.telling = telling_of(codec, out, octets)
        self.telling.upstream = shown(relay.upstream)
        self.telling.taken = "datagram" if relay.udp else "connection"
        self.hearing = Hearing(codec, Annotator if octets else Reader, datagrams=relay.udp)
        self._lost = 0
        self._flushed = time.monotonic()

    def show(self, within: float) -> None:
        """What came, waiting so long for it."""
        for event in self.relay.take(within):
            self._keep(event)
            for heard in self.hearing.receive(event):
                for line in self.telling.lines(heard):
                    print(line)
        for heard in self.hearing.waiting(time.monotonic()):
            for line in self.telling.lines(heard):
                print(line)
        lost = self.relay.lost[1] - self._lost
        if lost:
            print(self.out.paint(f"          {lost} bytes passed too fast to be shown", "yellow"))
            self._lost += lost
        while self.relay.done:
            print(self.telling.order(*self.relay.done.pop(0)))
        while self.relay.answers:
            print(f"cutaway: {self.relay.answers.pop(0)}", file=sys.stderr, flush=True)

    def _keep(self, event: Event) -> None:
        if self.file is not None:
            with self._recording():
                self.file.write(event)

    def flush(self) -> None:
        """What was recorded is in the file: once a second, so that little is lost with us."""
        if self.file is not None and time.monotonic() - self._flushed >= KEPT:
            self._flushed = time.monotonic()
            with self._recording():
                self.file.flush()

    @contextmanager
    def _recording(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.file = None
            print(f"cutaway: The recording ends here: {error.strerror}.", file=sys.stderr)


class Typed:
    """Lines on standard input, each an order to the relay."""

    def __init__(self, relay: Apart) -> None:
        self.relay, self._begun = relay, b""
        self.speech = DATAGRAMS if relay.udp else CONNECTIONS
        self.open = sys.stdin is not None and not sys.stdin.closed and not in_background()

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def read(self) -> None:
        try:
            data = os.read(self.fileno(), 4096)
        except OSError:
            data = b""
        self.open = bool(data)
        *lines, self._begun = (self._begun + data).split(b"\n")
        if not data or len(self._begun) > LONGEST:
            lines, self._begun = [*lines, self._begun], b""
        for line in lines:
            self._order(line[:LONGEST].decode("utf-8", "replace").strip())

    def _order(self, line: str) -> None:
        if line in ("?", "help"):
            print(f"  {' · '.join(self.speech.words)}", flush=True)
        elif line:
            self.relay.order(line)


def in_background() -> bool:
    """Whether standard input is a terminal that another job has: reading it would stop us."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
    except OSError:
        return False


def follow(
    tapped: list[Tapped], typed: Typed | None = None, meanwhile: Callable[[], None] | None = None
) -> None:
    """Until Ctrl-C. meanwhile: called ten times a second at least; it may raise."""
    looked = time.monotonic()
    while all(one.relay.alive for one in tapped):
        watched: list[Apart | Typed] = [one.relay for one in tapped]
        if typed is not None and typed.open:
            watched.append(typed)
        ready = select.select(watched, [], [], 0.1 if meanwhile else 1.0)[0]
        if typed is not None and typed in ready:
            typed.read()
        due = time.monotonic() - looked >= LOOK
        looked = time.monotonic() if due else looked
        for one in tapped:
            if due or one.relay in ready:
                one.show(0.0)
            one.flush()
        sys.stdout.flush()
        if meanwhile is not None:
            meanwhile()
    raise Trouble("The relay ended by itself.", "", FAILED)


def telling_of(codec: Maker, out: Look, octets: bool, began: float | None = None) -> Telling:
    """How messages of this codec are told."""
    says = getattr(codec(), "says", None) if codec is not None else None
    return Telling(out, time.monotonic() if began is None else began, octets, says)


@contextmanager
def opened(
    listen: Address,
    upstream: Address,
    words: list[str],
    script: str = "",
    seed: int = 0,
    udp: bool = False,
) -> Iterator[Apart]:
    """A relay in a process of its own. Raises Trouble."""
    try:
        relay = Apart(listen, upstream, words=words, script=script, seed=seed, udp=udp)
    except CannotListen as problem:
        what, _, step = str(problem).partition(": ")
        raise Trouble(sentence(what), sentence(step or "choose another address")) from None
    with relay:
        yield relay


def sentence(text: str) -> str:
    text = text[:1].upper() + text[1:].rstrip(".")
    return text if text.endswith("?") else f"{text}."


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], None]]:
    """What to call between two events: it raises KeyboardInterrupt once a signal has come.

    So none is lost half-way to the screen and the file. A second signal ends it at once.
    """
    came = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if came.is_set():
            raise KeyboardInterrupt
        came.set()

    def end() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield end
        return
    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield end
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def shown(where: Address) -> str:
    host, port = where
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
