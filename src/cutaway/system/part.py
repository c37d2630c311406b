"""One part of the machine: a program that is started, watched, restarted, paused, killed, replaced.

        start ──▶ starting ──listens──▶ up ──pause──▶ paused
                     │                   │ ◀─resume──╯
                     ╰─cannot──▶ down    ├─ended by itself──▶ crashed ──after a while──▶ starting
                                         ╰─stop──▶ draining ──ended──▶ down

A part that ends by itself is started again: at once the first time, then after twice as long each
time, until it has been up for STEADY seconds. What it printed and what happened to it are kept, both
in bounds.

A new start has new ports. Nobody outside knows them: the wires lead there.

Left out: what it says on its wires. Limits on what it may use, beside memory.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..process import Command, NotReady, Program, ProgramError, StartFailed, free_ports, patience
from .blueprint import Slot
from .filling import Filling

START = 15.0  # seconds to begin listening, on a nominal machine
TOO = 2.0  # seconds for its other ports, behind the first
SEALED, NO_TLS = "TLS_PORT", "Until it speaks TLS, start the machine with --no-tls."
DRAIN = 8.0  # seconds that an old part may take to finish what it began
FIRST, LONGEST = 0.1, 5.0  # seconds before a crashed part is started again
STEADY = 10.0  # seconds after which a crash is the first again
HISTORY = 200  # things that happened to it

State = Literal["starting", "up", "paused", "crashed", "draining", "down"]
Ports = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Happening:
    """Monotonic seconds, a word or two, and a sentence where there is more to say."""

    at: float
    what: str
    why: str = ""


class Part:
    """Of a slot. All methods may be called from any thread; those that wait say so.

    listeners    variables that each want a port: PORT, TLS_PORT
    environment  settings and addresses, made anew for each start
    ready        told the ports once it listens on them
    changed      told whenever its state did
    """

    def __init__(
        self,
        name: str,
        slot: Slot,
        filling: Filling,
        command: Command,
        *,
        listeners: tuple[str, ...],
        environment: Callable[[], Mapping[str, str]],
        ready: Callable[[Ports], None],
        changed: Callable[[Part], None] = lambda part: None,
    ) -> None:
        self.name, self.slot, self.filling, self.command = name, slot, filling, command
        self.listeners, self.environment = listeners, environment
        self.ports: Ports = {}
        self.state: State = "down"
        self.history: deque[Happening] = deque(maxlen=HISTORY)
        self.starts = 0
        self._program: Program | None = None
        self._ready, self._changed = ready, changed
        self._lock = threading.RLock()
        self._wait, self._since, self._again = FIRST, 0.0, 0.0
        self._over = False

    def start(self, lead: bool = True) -> None:
        """Returns once it listens. lead: tell the wires. Raises ProgramError, also behind `stop`."""
        with self._lock:
            self._end_program(grace=0.0)
            if self._over:
                raise StartFailed(f"{self.name} was taken out.")
            self.ports = dict(zip(self.listeners, free_ports(len(self.listeners)), strict=True))
            self._turn("starting")
            environment = {**self.environment(), **{n: str(p) for n, p in self.ports.items()}}
            try:
                self._program = Program.start(self.command, environment)
                if self._over:
                    raise StartFailed(f"{self.name} was taken out.")
                self._wait_ready(self._program)
            except ProgramError as problem:
                self._end_program(grace=0.0)
                self._turn("down", str(problem))
                raise
            self.starts += 1
            self._since = time.monotonic()
            self._turn("up")
            if lead:
                self.lead()

    def _wait_ready(self, program: Program) -> None:
        """It listens on the first port when it is ready, and on the others with it. Raises NotReady."""
        first, *more = self.ports.values()
        program.wait_ready([first], START * patience())
        try:
            program.wait_ready(more, TOO * patience())
        except NotReady as problem:
            if SEALED not in self.ports:
                raise
            raise NotReady(problem.sentence, NO_TLS, problem.output) from None

    def lead(self) -> None:
        """Have its wires lead to it."""
        self._ready(self.ports)

    def stays(self, instead_of: Filling, why: str) -> None:
        """What was to stand there instead did not come."""
        self.history.append(Happening(time.monotonic(), f"not replaced by {instead_of}", why))
        self._changed(self)

    def stop(self, grace: float = DRAIN) -> None:
        """SIGTERM, and `grace` seconds to finish what it began; returns when it is gone, for good.

        A start that goes on meanwhile is broken off.
        """
        self._over = True
        if self.state == "starting" and self._program is not None:
            self._program.end(grace=0.0)
        with self._lock:
            if self._program is not None:
                self._turn("draining")
            self._end_program(grace)
            self._turn("down")

    def pause(self) -> None:
        with self._lock:
            if self._program is not None and self.state == "up":
                self._program.pause()
                self._turn("paused")

    def resume(self) -> None:
        with self._lock:
            if self._program is not None and self.state == "paused":
                self._program.resume()
                self._turn("up")

    def kill(self) -> None:
        """SIGKILL. It is started again as after any crash."""
        with self._lock:
            if self._program is not None and self.state in ("up", "paused"):
                self._program.kill()
                self._crashed("killed by hand")

    def look(self) -> None:
        """See whether it ended by itself, and start it again when it is time. Waits for the start."""
        if not self._lock.acquire(blocking=False):
            return  # something is being done to it
        try:
            if self.state in ("up", "paused") and self._program and not self._program.alive:
                self._crashed(ending(self._program))
            elif self.state == "crashed" and time.monotonic() >= self._again:
                try:
                    self.start()
                except (ProgramError, OSError) as problem:
                    self._crashed(str(problem))
        finally:
            self._lock.release()

    def printed(self) -> str:
        """The end of what it printed."""
        program = self._program
        if program is None:
            return ""
        output = program.output()
        return (output.head + output.tail).decode("utf-8", "replace")

    @property
    def pid(self) -> int | None:
        return self._program.pid if self._program is not None else None

    def memory(self) -> int:
        """Resident octets of all that it started."""
        program = self._program
        return program.memory() if program is not None and self.state != "down" else 0

    def cpu(self) -> float:
        """Seconds of processor time of this start."""
        program = self._program
        return program.cpu() if program is not None else 0.0

    def _crashed(self, why: str) -> None:
        now = time.monotonic()
        if now - self._since > STEADY:
            self._wait = FIRST
        self._again = now + self._wait
        self._wait = min(2 * self._wait, LONGEST)
        self._end_program(grace=0.0)
        self._turn("crashed", why)

    def _end_program(self, grace: float) -> None:
        if self._program is not None:
            self._program.end(grace)

    def _turn(self, state: State, why: str = "") -> None:
        self.state = state
        self.history.append(Happening(time.monotonic(), state, why))
        self._changed(self)


def ending(program: Program) -> str:
    """How a program ended by itself."""
    status = program.status or 0
    if program.ended_because:
        return program.ended_because
    return f"It ended by signal {-status}." if status < 0 else f"It ended with status {status}."
