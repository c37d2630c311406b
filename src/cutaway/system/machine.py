"""The machine, running and heard: what the page looks at.

    machine = Machine(supervisor, codecs, keys)
    machine.start()
    machine.rate("proxy-to-app-1")  how much passes, of late
    machine.traffic.set(rate=50)    people come; each failure of theirs is held against `causes`
    machine.news.append(f)          f(messages, of): some of what passed in a tick, of how many
    machine.stop()

One thread takes what the relays tell, and hands it to whoever reads it:

    relays ──events──▶ unsealed ──▶ ear ──messages, exchanges──▶ tracer · freezer · rates · news

All the rest may be asked from any thread: `lock` is held while something is taken in, for a few
milliseconds at most.

When more passes than this thread reads, the relays drop it, and count it: `lost`.

Left out: how it looks in a browser (web/), and what moves the traffic (traffic/).
"""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..net.relay import Event
from ..net.relay.orders import BadOrder, order_of
from ..process import ProgramError
from .account import Account, accounted
from .blueprint import TRAFFIC
from .causes import ENDS, OURS, Causes, Standing
from .ear import Ear, Exchange, Make, Message
from .freezer import Freezer
from .hidden import Hidden
from .part import Part
from .rates import Now, Rates, together
from .shown import overloaded, own_answer
from .supervisor import CannotRun, Supervisor
from .trace import Node, Tracer, ending
from .traffic import Judged, Row, Traffic, Where
from .unsealed import Keys, Unsealed

TICK = 0.1  # seconds between two tellings
SHOWN = 60  # messages of a tick that are told
STALE = 60.0  # seconds for which a cache may remember what it was not told is over
SLACK = 0.002  # seconds by which a relay may note what was sent before it was
LOOKS = 10  # failures of a tick whose way is looked at
SAME = 0.25  # seconds within which failures are taken for failures of the same
LATEST = 8  # exchanges of a connection of the traffic
PORTS = 5000  # connections of the traffic that are remembered
SURE = 2.0  # seconds that a wire may take to carry out an order
HELD = "The machine is held still, and nothing passes. Let it go first."

#: Messages of a tick, and how many there were in all.
News = Callable[[list[Message], int], None]


class Machine:
    """codecs: wire → what reads it. keys: where the traffic writes its secrets.

    traffic  where it is not given, there is one that goes in unsealed; it rests until it has a rate
    """

    def __init__(
        self,
        supervisor: Supervisor,
        codecs: Mapping[str, Make],
        keys: Path,
        traffic: Traffic | None = None,
    ) -> None:
        self.supervisor, self.blueprint = supervisor, supervisor.blueprint
        self.started = time.monotonic()
        self.ear = Ear(codecs)
        self.tracer = Tracer(self.blueprint, self.ear)
        sealed = {wire.name for wire in self.blueprint.wires if wire.link.sealed}
        held = {
            wire.name: (wire.source, wire.target)
            for wire in self.blueprint.wires
            if wire.name not in sealed
        }
        self.freezer = Freezer(held, supervisor.order, self._of_traffic)
        self.rates = {name: Rates() for name in codecs}
        self.links = {name: Standing() for name in codecs}  # as they were ordered
        self.news: list[News] = []
        self.causes = Causes()
        self.hidden: Hidden | None = None  # a fault that nobody is told of
        self.traffic = traffic or Traffic(Where.of(supervisor.entrance))
        self.traffic.explain = self.explained
        self._ports: OrderedDict[int, int] = OrderedDict()  # of connections on the front wire
        self._by_port: OrderedDict[int, deque[Exchange]] = OrderedDict()  # the latest of each
        self._looks = 0
        self._crowd = 0.0, ""  # when it was looked at last, and what was found
        self.lock = threading.RLock()
        self._holding = threading.Lock()
        self._unsealed = {name: Unsealed(Keys(keys)) for name in sealed}
        self._ended = threading.Event()
        self._loads: dict[str, tuple[float, float]] = {}
        self._passed: list[Message] = []
        self._of = 0
        self._draws = random.Random(0)
        self.ear.listeners += [self._heard, self.freezer.heard]
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.traffic.start()

    def stop(self) -> None:
        """Nobody comes any more, and nothing is heard. The parts are the supervisor's to end."""
        self.traffic.stop()
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    @property
    def lost(self) -> int:
        """Octets that passed too fast to be read."""
        return self.supervisor.relays.lost[1]

    def parts(self) -> list[Part]:
        """In the order of the blueprint."""
        known = self.supervisor.parts
        return [known[name] for name in self.blueprint.parts if name in known]

    def rate(self, wire: str) -> Now:
        with self.lock:
            return self.rates[wire].at(time.monotonic())

    def asked(self, part: str) -> tuple[Now, int]:
        """What comes to it on all its wires, and how many questions it has not answered yet."""
        names = [wire.name for wire in self.blueprint.into(part)]
        with self.lock:
            waiting = sum(self.ear.wires[name].waiting for name in names)
            return together([self.rates[name] for name in names], time.monotonic()), waiting

    def hold(self) -> None:
        """Nothing passes any more but step by step, and no part gives up meanwhile. Takes a second or
        two. Raises CannotRun."""
        with self._holding, self._discreet():
            self.supervisor.be_patient(True)
            self.freezer.freeze()

    def release(self) -> None:
        """Everything passes, and parts give up in time again. Raises CannotRun."""
        with self._holding, self._discreet():
            self.freezer.thaw(lambda wire: self.links[wire].flows)
            self.supervisor.be_patient(False)

    def restart(self, part: Part) -> None:
        """Returns once it listens. Raises ProgramError, CannotRun."""
        with self._discreet():
            part.start()

    @contextmanager
    def _discreet(self) -> Iterator[None]:
        """Why something was not done does not name a fault that is hidden."""
        try:
            yield
        except (CannotRun, ProgramError) as problem:
            if self.hidden is None:
                raise
            raise CannotRun(self.hidden.said(str(problem))) from None

    def order(self, wire: str, line: str) -> None:
        """An order to a link; returns when it holds. Raises BadOrder, BadLink for one that cannot be
        given."""
        order = order_of(line)
        if order.act in OURS:
            raise BadOrder(f"The machine itself says `{order.act}` to its wires.")
        if self.freezer.frozen and (order.clear or order.changes.get("stalled") is False):
            raise BadOrder(HELD)
        self.supervisor.order(wire, " ".join(line.split()))
        if self.hidden is not None:
            self.hidden.ordered(wire)
        self._carried_out(wire)

    def _carried_out(self, wire: str) -> None:
        """Wait until it was, and is known here."""
        relays, until = self.supervisor.relays, time.monotonic() + SURE
        while relays.alive and self._thread.is_alive() and time.monotonic() < until:
            with self.lock:
                if relays.carried_out(wire) and not relays.done:
                    return
            time.sleep(0.005)

    def load(self, part: Part) -> float:
        """How much of one core it used since it was asked last, 0 to 1 for one thread."""
        now, used = time.monotonic(), part.cpu()
        before, had = self._loads.get(part.name, (now, used))
        self._loads[part.name] = now, used
        return max(0.0, (used - had) / (now - before)) if now > before and used >= had else 0.0

    def standing(self, wire: str) -> list[str]:
        """The orders that make its link what it is, but for a fault that is hidden."""
        lines = self.links[wire].lines
        return lines if self.hidden is None else self.hidden.orders(wire, lines)

    def partner(self, message: Message) -> str:
        """The id of what answers it, or of what it answers; "" where there is none."""
        for exchange in reversed(self.tracer.over[message.wire]):
            if exchange.question is message and exchange.answer is not None:
                return exchange.answer.id
            if exchange.answer is message:
                return exchange.question.id
        return ""

    def sealed(self, message: Message) -> tuple[int, int] | None:
        """Where its first octet was in the encrypted stream: offset and octets of that record."""
        unsealed = self._unsealed.get(message.wire)
        if unsealed is None:
            return None
        with self.lock:
            piece = unsealed.sealed(message.number, message.way, message.offset)
        return (piece.sealed, piece.length) if piece is not None else None

    @property
    def front(self) -> str:
        """The wire by which the traffic comes in."""
        return self.blueprint.out_of(TRAFFIC)[0].name

    def sender(self, exchange: Exchange) -> Row | None:
        """What the traffic measured of an exchange on the front wire; None where it is not its own,
        or too long ago."""
        port = self._ports.get(exchange.number) if exchange.wire == self.front else None
        if port is None:
            return None
        return self.traffic.over_port(port, exchange.began, ending(exchange))

    def account(self, exchange: Exchange) -> tuple[Node, Account]:
        """What an exchange on the front wire led to, and where all its time went."""
        with self.lock:
            tree = self.tracer.tree(exchange)
            return tree, accounted(self.tracer, tree, self.sender(exchange))

    def explained(self, row: Row) -> Judged:
        """What was done to the machine, on the way of a request of the traffic, that may have made it
        fail; else, that more was asked of it than it can answer. An answer that is not right may be
        what a write before it left behind, by any way."""
        places: Collection[str] = [*self.blueprint.parts, *self.ear.wires]
        left = 0 < row.status < 500
        since = row.intended - STALE * left
        with self.lock:
            been = self.been(row)
            own = own_answer(been) if been is not None else None
            if not left:
                places = self.way(row, been)
            causes = [
                cause
                for cause in self.causes.during(since, row.ended, places)
                if own is None or cause.where != own.part or cause.ended is None
            ]
            crowded = "" if causes or left or own else self._overloaded(row.ended)
        return Judged(str(causes[0]) if causes else crowded, own.says if own is not None else "")

    def _overloaded(self, at: float) -> str:
        """Of many that fail at once, all fail of the same."""
        if abs(at - self._crowd[0]) > SAME:
            self._crowd = at, overloaded(self.tracer, self.front, at)
        return self._crowd[1]

    def way(self, row: Row, tree: Node | None) -> set[str]:
        """The parts and wires that may have made a request fail: where it was, and what lies behind
        that; but not those beside it, where it was with another part of the same slot."""
        been = {node.wire.target for node in tree or ()}
        slots = {self.blueprint.parts[part].name for part in been}
        way, further = {self.front}, [self.blueprint.out_of(TRAFFIC)[0].target]
        while further:
            part = further.pop()
            if part in been or self.blueprint.parts[part].name not in slots:
                way.add(part)
                for wire in self.blueprint.out_of(part):
                    way.add(wire.name)
                    further.append(wire.target)
        return way

    def been(self, row: Row) -> Node | None:
        """Where a request of the traffic is known to have been. Of many that fail at once only some
        are looked at. Only while the lock is held."""
        self._looks += 1
        if self._looks <= LOOKS:
            for exchange in reversed(self._by_port.get(row.port, ())):
                if row.sent - SLACK <= exchange.began <= row.ended:
                    return self.tracer.tree(exchange)
        return None

    def _listen(self) -> None:
        told = time.monotonic()
        while not self._ended.is_set():
            relays = self.supervisor.relays
            try:
                for wire, event in relays.take(TICK / 2):
                    with self.lock:
                        self._take(wire, event)
            except OSError:
                return  # the wires were taken down
            with self.lock:
                self._take_orders()
                self.causes.look(self.supervisor.parts.values())
            if self.freezer.frozen != self.traffic.resting:
                self.traffic.rest(self.freezer.frozen)
            if time.monotonic() - told >= TICK:
                told = time.monotonic()
                self._tell()
            if not relays.alive:
                return

    def _take(self, wire: str, event: Event) -> None:
        self.rates[wire].octets(event.at, len(event.data))
        unsealed = self._unsealed.get(wire)
        for one in unsealed.receive(event) if unsealed is not None else (event,):
            self.ear.receive(wire, one)
            if one.happened is not None:
                self.freezer.happened(wire, one)

    def _take_orders(self) -> None:
        relays = self.supervisor.relays
        while relays.done:
            at, wire, line = relays.done.pop(0)
            self.causes.ordered(at, wire, line)
            if not self.freezer.done(at, wire, line) and line.split()[0] not in (*OURS, *ENDS):
                self.links[wire].ordered(line)
        while relays.came:
            wire, number, port = relays.came.popleft()
            if wire == self.front:
                self._ports[number] = port
                self._by_port[port] = deque(maxlen=LATEST)
                for known in (self._ports, self._by_port):
                    if len(known) > PORTS:
                        known.popitem(last=False)
        relays.answers.clear()  # each order was read here before it was given

    def _of_traffic(self, message: Message) -> bool:
        """Whether it is what the traffic asks and waits for, or the same words on a wire behind."""
        front = self.ear.wires[self.blueprint.out_of(TRAFFIC)[0].name]
        return message.wire == front.name or any(
            exchange.question.says == message.says
            for talk in list(front.talks.values())
            for exchange in talk.waiting
        )

    def _heard(self, one: Message | Exchange) -> None:
        if isinstance(one, Message):
            self.rates[one.wire].message(one.at)
            self._sample(one)
        else:
            latest = self._by_port.get(self._ports.get(one.number, 0))
            if one.wire == self.front and latest is not None:
                latest.append(one)
            answered = one.answer is not None
            self.rates[one.wire].exchange(
                ending(one), ending(one) - one.began if answered else None
            )

    def _sample(self, message: Message) -> None:
        """Each message of a tick has the same chance to be told."""
        self._of += 1
        if len(self._passed) < SHOWN:
            self._passed.append(message)
        elif (at := self._draws.randrange(self._of)) < SHOWN:
            self._passed[at] = message

    def _tell(self) -> None:
        with self.lock:
            self._looks = 0
            messages, of = self._passed, self._of
            self._passed, self._of = [], 0
        messages.sort(key=lambda message: message.at)
        for listener in self.news:
            listener(messages, of)
