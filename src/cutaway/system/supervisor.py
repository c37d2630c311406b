"""The machine as a whole: every part kept running, every wire a relay.

    with Supervisor(blueprint, filler, listeners, home) as machine:
        machine.up()                                   everything listens; wires lead to parts
        machine.fill("cache", Filling("real", "valkey"))   swapped while traffic flows
        machine.order("app-1-to-store", "latency 50ms")
        machine.parts["app-2"].kill()
    # here nothing is left of it

A part is replaced without anybody noticing, as far as the part allows: the new one is started and
listens, its wires lead new connections to it, and then the old one is asked to end: it finishes what
it has begun.

    old  ══ up ═══════════════════╗ SIGTERM ── drains ── ended
    new        ── start ── listens ╝ lead ══ up ══════════════════▶

A part that keeps what is written is replaced while who asks it waits: its wires are stalled, what the
old one kept is carried over, and the wires lead to the new one and flow again. What was asked on a
connection to the old one and has not reached it is lost with that connection, unanswered.

Left out: what passes on the wires (ear.py), and who decides about it.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import TracebackType
from typing import Any

from ..net.relay import CannotListen
from ..net.relay.many import Many
from ..process import ProgramError
from .blueprint import TRAFFIC, Blueprint, Slot
from .filling import REFERENCE, CannotFill, Filler, Filling
from .kept import Kept
from .part import DRAIN, Part, Ports

HOST = "127.0.0.1"
NOWHERE = (HOST, 9)  # until its part listens, a wire leads to the discard port, which is not used
WATCH = 0.1  # seconds between two looks at every part
TURN = 0.05  # seconds after which wires have carried out an order, where they are not heard
SURE = 15.0  # seconds that they may take

#: slot → the variables that each want a port of their own.
Listeners = Callable[[Slot], tuple[str, ...]]
#: slot, address of the old part, address of the new one: carries over what was kept.
Carry = Callable[[Slot, tuple[str, int], tuple[str, int]], None]


class CannotRun(Exception):
    """One sentence, and the next step."""


class Supervisor:
    """fillings: slot → what stands in it, reference where nothing is said.

    filler     makes a command of a filling
    home       a folder for what parts keep, and for certificates
    settings   more environment for every part
    carry      how what one part kept gets into another; None: it cannot
    changed    told of each part whose state changed
    """

    def __init__(
        self,
        blueprint: Blueprint,
        filler: Filler,
        listeners: Listeners,
        home: Path,
        *,
        fillings: Mapping[str, Filling] | None = None,
        settings: Mapping[str, str] | None = None,
        carry: Carry | None = None,
        changed: Callable[[Part], None] = lambda part: None,
    ) -> None:
        self.blueprint, self.home = blueprint, home
        self.parts: dict[str, Part] = {}
        self._filler, self._listeners, self._carry = filler, listeners, carry
        self._settings, self._changed = dict(settings or {}), changed
        self._fillings = {slot.name: REFERENCE for slot in blueprint.slots} | dict(fillings or {})
        self._filling = threading.Lock()  # one swap at a time
        self._patient = False
        self._beginning: list[Part] = []  # started, and in no slot yet
        self._scratch = home / "tmp"
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._ended = threading.Event()
        try:
            self.relays = Many({wire.name: NOWHERE for wire in blueprint.wires})
        except CannotListen as problem:
            raise CannotRun(f"The wires cannot be laid: {problem}.") from None

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    # Up and down

    def up(self, told: Callable[[str], None] = lambda name: None) -> None:
        """Start every part; who is asked stands before who asks. told: of each that is up.

        Raises CannotRun, with nothing left running.
        """
        try:
            for floor in self.blueprint.floors():
                self.parts |= {name: self._first(name) for name in floor}
                self._start([self.parts[name] for name in floor], told=told)
            for slot in self.blueprint.slots:
                if slot.keeps and self.parts[slot.parts[0]].filling != self._fillings[slot.name]:
                    self.fill(slot.name, self._fillings[slot.name])
        except BaseException:
            self.down()
            raise
        for name in self.parts:
            threading.Thread(
                target=self._look, args=(name,), name=f"look {name}", daemon=True
            ).start()

    def _start(
        self, parts: list[Part], lead: bool = True, told: Callable[[str], None] = lambda name: None
    ) -> None:
        """Side by side. Raises CannotRun for the first that does not start; then none of them runs."""
        self._beginning += parts
        pool = ThreadPoolExecutor(len(parts), thread_name_prefix="start")
        starting = {pool.submit(part.start, lead): part for part in parts}
        try:
            for started in as_completed(starting):
                part = starting[started]
                try:
                    started.result()
                except ProgramError as problem:
                    what = part.name if lead else f"{part.filling}, as {part.name},"
                    raise CannotRun(f"{what} did not start. {problem}") from None
                told(part.name)
        except BaseException:
            stop(parts, grace=0.0)
            raise
        finally:
            pool.shutdown()
            self._beginning = [part for part in self._beginning if part not in parts]

    def down(self) -> None:
        """End every part, whoever asks first, then the wires. A second call does nothing."""
        if self._ended.is_set():
            return
        self._ended.set()
        stop(self._beginning, grace=0.0)
        for floor in reversed(self.blueprint.floors()):
            stop([self.parts[name] for name in floor if name in self.parts], grace=1.0)
        self.relays.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _look(self, name: str) -> None:
        """At one part: the others do not wait while it is started again."""
        while not self._ended.wait(WATCH):
            self.parts[name].look()

    # Parts

    def fill(self, slot_name: str, filling: Filling) -> None:
        """Put something else into a slot while traffic flows. Waits for it.

        Raises CannotRun; then what was there is there still. CannotFill; KeyError.
        """
        slot = self.blueprint.slot(slot_name)
        with self._filling:
            if self._ended.is_set():
                raise CannotRun("The machine is being ended.")
            try:
                self._fill(slot, filling)
            except (CannotRun, CannotFill) as problem:
                for name in slot.parts:
                    self.parts[name].stays(filling, str(problem))
                raise
            finally:
                if self._ended.is_set():  # meanwhile: what came after that is not to stay
                    stop([self.parts[name] for name in slot.parts], grace=0.0)
            self._fillings[slot_name] = filling

    def _fill(self, slot: Slot, filling: Filling) -> None:
        if not slot.keeps:
            self._replace(slot, filling)
            return
        for name in slot.parts:
            self._replace_keeper(slot, self.parts[name], filling)

    def be_patient(self, patient: bool) -> None:
        """Have no part give up on another, or give up in time again. Parts learn what they may wait for
        when they start, so each makes room for its like. Raises CannotRun, CannotFill; then they are as
        they were, as far as they start."""
        if patient == self._patient:
            return
        self._patient, done = patient, list[str]()
        try:
            for slot in reversed(self.blueprint.slots):
                if slot.patient:
                    self.fill(slot.name, self._fillings[slot.name])
                    done.append(slot.name)
        except (CannotRun, CannotFill):
            self._patient = not patient
            for name in done:
                with contextlib.suppress(CannotRun, CannotFill):
                    self.fill(name, self._fillings[name])
            raise

    def _replace(self, slot: Slot, filling: Filling) -> None:
        """All of its parts: the new ones are up before the first old one is asked to end."""
        new = [self._made(name, slot, filling) for name in slot.parts]
        self._start(new, lead=False)
        old = [self.parts[name] for name in slot.parts]
        self.parts |= {part.name: part for part in new}
        try:
            for part in new:
                part.lead()
            for part in new:
                self._carried_out(part.name)
        finally:
            stop(old)

    def _replace_keeper(self, slot: Slot, old: Part, filling: Filling) -> None:
        """Who asks waits from the moment that nothing more comes to the old one until the new one has
        all that it kept."""
        if self._carry is None:
            raise CannotRun(f"What {old.name} keeps cannot be carried over.")
        kept = Kept(self.home / old.name)
        try:
            with _written(kept.folder):
                folder = kept.fresh()
            new = self._made(old.name, slot, filling, folder)
            self._start([new], lead=False)
            self._take_over(slot, old, new, kept, folder)
        finally:
            kept.tidy()

    def _take_over(self, slot: Slot, old: Part, new: Part, kept: Kept, folder: Path) -> None:
        try:
            with self._stalled(old.name):
                self._hand_over(slot, old, new)
                with _written(kept.folder):
                    kept.now(new.filling, folder)
                self.parts[new.name] = new
                new.lead()
                old.stop()
        finally:
            if self.parts[old.name] is old:
                new.stop(grace=0.0)

    def _hand_over(self, slot: Slot, old: Part, new: Part) -> None:
        """Raises CannotRun."""
        assert self._carry is not None
        try:
            self._carry(slot, (HOST, old.ports["PORT"]), (HOST, new.ports["PORT"]))
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise CannotRun(f"What {old.name} keeps was not carried over: {why}.") from None

    @contextlib.contextmanager
    def _stalled(self, part: str) -> Iterator[None]:
        """Nothing new comes to it meanwhile; connections that there are end with it."""
        wires = [wire.name for wire in self.blueprint.into(part)]
        for wire in wires:
            self.order(wire, "queue")
            self.order(wire, "to-server stall")
        try:
            self._carried_out(part)
            yield
        finally:
            for wire in wires:
                self.order(wire, "to-server flow")
                self.order(wire, "accept")

    def _carried_out(self, part: str) -> None:
        """Wait until every order to the wires of a part has been. Raises CannotRun."""
        if not self.relays.heard:  # nobody reads what they say
            time.sleep(TURN)
            return
        until = time.monotonic() + SURE
        for wire in self.blueprint.into(part):
            while not self.relays.carried_out(wire.name):
                if time.monotonic() > until or not self.relays.alive:
                    raise CannotRun(f"The wire {wire.name} does not do what it is told.")
                time.sleep(0.005)

    def _first(self, name: str) -> Part:
        """As what it starts. Who keeps starts as what wrote the files that are there."""
        slot = self.blueprint.parts[name]
        filling = self._fillings[slot.name]
        if not slot.keeps:
            return self._made(name, slot, filling)
        kept = Kept(self.home / name)
        with _written(kept.folder):
            filling, folder = kept.holds() or (filling, kept.fresh())
            kept.now(filling, folder)
        return self._made(name, slot, filling, folder)

    def _made(self, name: str, slot: Slot, filling: Filling, folder: Path | None = None) -> Part:
        """folder: for what it keeps. Raises CannotFill."""
        return Part(
            name,
            slot,
            filling,
            self._filler(slot, filling),
            listeners=tuple(
                dict.fromkeys((*self._listeners(slot), *self.blueprint.listeners(slot.name)))
            ),
            environment=lambda: self._environment(name, slot, folder),
            ready=lambda ports: self._lead(name, ports),
            changed=self._changed,
        )

    def _environment(self, name: str, slot: Slot, folder: Path | None) -> dict[str, str]:
        said: dict[str, Any] = {**self._settings, **slot.environment}
        if self._patient:
            said |= slot.patient
        for wire in self.blueprint.out_of(name):
            if wire.link.variable:
                said.setdefault(wire.link.variable, []).append(self.address(wire.name))
        if folder is not None:
            said["DATA_DIR"] = str(folder)
        said["TMPDIR"] = str(self._scratch)
        return {
            key: ",".join(value) if isinstance(value, list) else value
            for key, value in said.items()
        }

    # Wires

    def address(self, wire: str) -> str:
        """Where it listens, as HOST:PORT."""
        return f"{HOST}:{self.relays.ports[wire]}"

    def order(self, wire: str, line: str) -> None:
        """A line of net/relay/orders.py. What is wrong with it comes back with the events."""
        self.relays.order(wire, line)

    def _lead(self, name: str, ports: Ports) -> None:
        for wire in self.blueprint.into(name):
            if wire.link.port in ports:
                self.order(wire.name, f"lead {HOST}:{ports[wire.link.port]}")

    @property
    def entrance(self) -> str:
        """Where traffic comes in."""
        return self.address(self.blueprint.out_of(TRAFFIC)[0].name)


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Raises CannotRun where it cannot be."""
    try:
        yield
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise CannotRun(f"{folder} cannot be written: {why}. Make room there.") from None


def stop(parts: list[Part], grace: float = DRAIN) -> None:
    """Side by side."""
    stopping = [threading.Thread(target=part.stop, args=(grace,), name="stop") for part in parts]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
