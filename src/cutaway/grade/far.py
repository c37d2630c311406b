"""Far sides: what the program under test connects to, played by the grader.

    FAR = (Far(name="a", codec=Http1, called="upstream a"), Far(name="b", …))
    Stage(…, far=FAR)                 the program gets UPSTREAMS=127.0.0.1:23456,127.0.0.1:23457

    client ──── main ────▶ program ──── a ────▶ the far side a: a listener of ours
                                    └── b ────▶ the far side b

A far side listens before the program starts, and lives as long as the program. Connections that the
program makes wait in `loose` until a step asks for what came on one of them (asking.py); a step
that has one gives it a name, and then it is a line like any other. What a case leaves whole, asked
and answered, stays open for the next case, since programs keep connections; what it leaves half
done is reset, so that no case disturbs the next.

Instead of steps a rule can answer: answering.py. And one may lie behind a link (net/relay), which a
step makes slow, stalls or cuts: then the program is given the relay's address.

    program ──── relay ────▶ the far side        Far(name="distant", …, link=Link(latency=0.05))

Left out: protocols: a far side has a codec, as a stage has. And connections that a program makes
because it was looked at whether it listens: nobody can tell for whom they were made.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..net.held import opened, shut
from ..net.recorded import Recorded
from ..process.spawn import no_fork
from ..wire import Codec
from .line import Line
from .outcomes import CannotTell

if TYPE_CHECKING:
    from ..net.relay import Link, Relay
    from .answering import Answering, Rule

HOST = "127.0.0.1"
BACKLOG = 1024
CROWDED = 64  # connections after which a queue that should be full counts as one that cannot be
UNANSWERED = 0.15  # seconds after which a connection that is not made waits for a full queue
KEPT_LOOSE = 4096  # connections that nobody asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """name      in the steps of a case: asked("a", …)
    codec     how its connections are read; a new one for every connection
    called    in a report; the name where nothing is said
    variable  the environment variable that has its address; of several far sides with the same
              one the addresses stand there in order, with commas. "": the program is not told
    form      how an address is written there
    link      what lies between the program and it; None: nothing does
    """

    name: str
    codec: Callable[[], Codec]
    called: str = ""
    variable: str = ""
    form: str = "{address}"
    link: Link | None = None

    @property
    def title(self) -> str:
        return self.called or self.name


class Told(Protocol):
    """What the program is told the address of."""

    @property
    def name(self) -> str: ...
    @property
    def variable(self) -> str: ...
    @property
    def form(self) -> str: ...


@dataclass(slots=True)
class FarSide:
    """One of them while the program runs. From one thread at a time, but for `rule`."""

    far: Far
    listener: socket.socket | None = None
    held: socket.socket | None = None  # its port, while it does not listen
    address: tuple[str, int] = (HOST, 0)
    loose: list[Line] = field(default_factory=list)
    rule: Answering | None = None
    made: int = 0  # connections since it recovered
    relay: Relay | None = None
    _crowd: list[socket.socket] = field(default_factory=list)

    def listen(self, port: int = 0, backlog: int = BACKLOG) -> None:
        """Take connections again. Raises OSError."""
        if self.listener is None:
            held, self.held = self.held, None
            if held is not None:
                self.listener = opened(held, backlog)
            else:
                where = (HOST, port or self.address[1])
                self.listener = socket.create_server(where, backlog=backlog)
                self.listener.setblocking(False)
            self.address = (HOST, self.listener.getsockname()[1])

    @property
    def reached(self) -> tuple[str, int]:
        """The address that the program is given."""
        return self.relay.address if self.relay is not None else self.address

    def refuse(self) -> None:
        """Be gone: new connections are refused, and those that nobody uses are reset."""
        self.answer(None)
        if self.relay is not None:
            self.relay.refuse()
        if self.listener is not None:
            self.take()
            with no_fork:  # a child being started would listen here a moment longer
                self.held = shut(self.listener)
            self.listener = None
        for line in self.loose:
            line.recorded.reset()
        self.loose.clear()
        self._leave()

    def overflow(self) -> None:
        """Keep the queue of new connections full, so that nobody gets one. Raises CannotTell."""
        self.refuse()
        self.listen(backlog=0)
        for _ in range(CROWDED):
            sock = socket.socket()
            self._crowd.append(sock)
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(self.address)
            if not select.select([], [sock], [], UNANSWERED)[1]:
                return
        raise CannotTell("on this machine a queue of new connections does not get full")

    def recover(self) -> None:
        """Whatever was done to it: listen, and let steps answer."""
        self.answer(None)
        if self._crowd:
            self.refuse()
        self.listen()
        if self.relay is not None and self.far.link is not None:
            self.relay.change(self.far.link)
            self.relay.accept()
        self.sweep()
        self.made = 0
        for line in self.loose:
            line.early = True

    def answer(self, rule: Rule | None) -> None:
        """Let a rule answer from now on; None: let steps do it."""
        from .answering import Answering

        if rule is not None and self.rule is not None:
            self.rule.change(rule)
        elif rule is not None:
            self.recover()
            self.rule = Answering(self, rule)
            self.rule.start()
        elif self.rule is not None:
            idle, self.rule = self.rule.stop(), None
            for sock, used in idle:
                self.loose.append(self._line(sock))
                self.loose[-1].fresh = not used

    def take(self) -> None:
        """Accept what is there, and drop what the program has closed unused."""
        while self.listener is not None and not self._crowd:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                break
            self.made += 1
            self.loose.append(self._line(sock))
        for line in self.loose:
            line.recorded.receive(0.0)
        ended = [line for line in self.loose if line.recorded.ended and not line.unread]
        for line in [*ended, *self.loose[KEPT_LOOSE:]]:
            line.recorded.close()
            self.loose.remove(line)

    def _line(self, sock: socket.socket) -> Line:
        far = self.far
        sent = f"your program sent to {far.title}"
        return Line(far.name, Recorded(sock), far.codec(), far=far, sender=sent)

    def asked(self) -> Line | None:
        """A connection on which something has come that nobody has read."""
        return next((line for line in self.loose if line.unread), None)

    def newly_made(self) -> Line | None:
        """A connection that was made in this case, and on which no message has come."""
        return next((line for line in self.loose if line.fresh and not line.early), None)

    def give_back(self, line: Line) -> None:
        """No step needs it any more: keep it for the next one, or end it."""
        if line.recorded.sock.fileno() < 0:
            return
        line.recorded.receive(0.0)
        if line.asked_and_answered():
            self.loose.append(line)
        else:
            line.recorded.reset()

    def sweep(self) -> None:
        """Reset what nobody asked for: it is no business of the next case."""
        if self.rule is None:
            self.take()
        for line in [line for line in self.loose if line.unread]:
            line.recorded.reset()
            self.loose.remove(line)

    def close(self) -> None:
        """Nothing is left of it."""
        self.refuse()
        if self.held is not None:
            self.held.close()
            self.held = None
        if self.relay is not None:
            self.relay.close()

    def _leave(self) -> None:
        while self._crowd:
            self._crowd.pop().close()


def await_any(sides: Iterable[FarSide], lines: Iterable[Line], seconds: float) -> None:
    """Wait until something may have come on one of them, at most so many seconds."""
    poll = select.poll()
    for side in sides:
        if side.listener is not None:
            poll.register(side.listener, select.POLLIN)
        for line in side.loose:
            poll.register(line.recorded.sock, select.POLLIN)
    for line in lines:
        if line.recorded.ended is None:
            poll.register(line.recorded.sock, select.POLLIN)
    began = time.monotonic()
    poll.poll(max(0.0, seconds) * 1000)
    if time.monotonic() - began < 0.0005:  # what is there already must not make us spin
        time.sleep(0.0005)


def open_all(fars: Iterable[Far]) -> dict[str, FarSide]:
    """A listener for each. Raises OSError, and then leaves none behind."""
    from ..process import free_ports

    sides: dict[str, FarSide] = {}
    fars = tuple(fars)
    try:
        for far, port in zip(fars, free_ports(len(fars)), strict=True):
            side = sides[far.name] = FarSide(far)
            side.listen(port)
            if far.link is not None:
                from ..net.relay import Relay

                side.relay = Relay((HOST, 0), side.address, far.link)
    except OSError:
        for side in sides.values():
            side.close()
        raise
    return sides


def settings_of(fars: Iterable[Told], addresses: dict[str, tuple[str, int]]) -> dict[str, str]:
    """What the program is told about them: variable → addresses."""
    told: dict[str, list[str]] = {}
    for far in fars:
        if far.variable:
            host, port = addresses[far.name]
            told.setdefault(far.variable, []).append(far.form.format(address=f"{host}:{port}"))
    return {variable: ",".join(each) for variable, each in told.items()}


def placed(text: str, addresses: dict[str, tuple[str, int]]) -> str:
    """`text` with {name} replaced by the address of the far side of that name."""
    for name, (host, port) in addresses.items():
        text = text.replace("{" + name + "}", f"{host}:{port}")
    return text
