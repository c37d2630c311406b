"""Steps that work on the program rather than on one connection.

    at_once(50, send(alpha), expect(body=b"alpha"), within=1.0)
    signals(SIGTERM), exits(0), refuses_connections()
    kill(), restart()
    memory_within(32 << 20, open_idle(5000))
    push(block, 256 << 20)                       send without reading anything
    runs("curl", "-s", "{url}/", prints=b"hello")

Left out: what is normal. See steps.py.
"""

from __future__ import annotations

import resource
import shutil
import signal
import socket
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..process import patience
from ..wire import quoted
from .byhand import Act, printed
from .matchers import holds, shown
from .play import ANSWER, CannotTell, Failed, NotTried, Play
from .stage import Step
from .verdict import Reached

LAPSE = 0.3  # seconds without progress after which a push counts as held back


@dataclass(frozen=True, slots=True)
class AtOnce(Step):
    """`count` clients carry out the same steps at the same time, each on connections of its own.

    within  seconds for all of them together, on a nominal machine; None: no limit of its own
    """

    count: int
    steps: tuple[Step, ...]
    within: float | None = None

    def run(self, play: Play) -> None:
        allow_connections(self.count)
        twins = [
            Play(play.stage, play.case, play.way, play.running, play.steady)
            for _ in range(self.count)
        ]
        failures: list[tuple[int, Exception, Play]] = []
        try:
            for twin in twins:
                twin.line()
            began = time.monotonic()
            threads = [
                threading.Thread(target=self._client, args=(number, twin, failures), daemon=True)
                for number, twin in enumerate(twins, 1)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
        finally:
            for twin in twins:
                twin.close()
        self._judge(play, failures, took)

    def _client(self, number: int, twin: Play, failures: list[Any]) -> None:
        try:
            for step in self.steps:
                step.run(twin)
        except Exception as problem:
            failures.append((number, problem, twin))

    def _judge(self, play: Play, failures: list[tuple[int, Exception, Play]], took: float) -> None:
        if failures:
            number, problem, twin = min(failures, key=lambda failure: failure[0])
            play.acts[:] = twin.acts
            play.notes += [*twin.notes, f"client {number} of {self.count} at once"]
            play.notes.append(f"{self.count - len(failures)} of {self.count} were served rightly")
            raise problem
        play.hold(Reached.AS_ASKED)
        if self.within is not None and took > self.within and took > self.within * patience():
            play.acts.append(Act("main", "send", _first_sent(self.steps)))
            raise Failed(
                Reached.ANSWERED,
                f"{self.count} clients at once served within {self.within:g} s",
                f"they took {took:.2f} s",
            )

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        limit = f" within {self.within:g} s" if self.within else ""
        return f"{self.count} clients at once{limit}, each: {inner}"


@dataclass(frozen=True, slots=True)
class Signal(Step):
    number: int

    def run(self, play: Play) -> None:
        play.running.own().signal(self.number)

    def sketch(self) -> str:
        return f"{signal.Signals(self.number).name} to the program"


@dataclass(frozen=True, slots=True)
class Exits(Step):
    """The program ends with this status, by itself."""

    status: int = 0
    seconds: float = 5.0

    def run(self, play: Play) -> None:
        program = play.running.own()
        began = time.monotonic()
        status = program.wait(self.seconds)
        while status is None and play.still_patient(began, self.seconds):
            status = program.wait(0.2)
        if status == self.status:
            play.hold("exited")
            return
        found = (
            f"it still runs after {time.monotonic() - began:.1f} s"
            if status is None
            else f"signal {-status} ended it"
            if status < 0
            else f"status {status}"
        )
        raise Failed("exited", f"the program to end with status {self.status}", found)

    def sketch(self) -> str:
        return f"the program ends with status {self.status} within {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class RefusesConnections(Step):
    """Soon no new client is served: refused, reset, or closed without an answer to `data`."""

    data: bytes
    port: str = ""
    seconds: float = 2.0

    def run(self, play: Play) -> None:
        address = play.running.addresses[self.port or play.stage.port]
        began = time.monotonic()
        while self._served(address):
            if not play.still_patient(began, self.seconds):
                raise Failed(
                    "stopped accepting",
                    "no new client to be served any more",
                    f"one was, {time.monotonic() - began:.1f} s later",
                )
            time.sleep(0.02)
        play.hold("stopped accepting")

    def _served(self, address: tuple[str, int]) -> bool:
        try:
            with socket.create_connection(address, timeout=0.5) as sock:
                sock.settimeout(0.5)
                sock.sendall(self.data)
                return bool(sock.recv(1))
        except OSError:
            return False

    def sketch(self) -> str:
        return "no new client is served"


@dataclass(frozen=True, slots=True)
class Kill(Step):
    """SIGKILL: nothing in the program runs any more. `again`: and it is started anew."""

    again: bool = False

    def run(self, play: Play) -> None:
        if not self.again:
            play.running.own().kill()
        else:
            play.running.own().end()
            play.running.launch()

    def sketch(self) -> str:
        return "start the program again" if self.again else "kill the program (SIGKILL)"


@dataclass(frozen=True, slots=True)
class OpenIdle(Step):
    """So many connections more that say nothing."""

    count: int
    port: str = ""

    def run(self, play: Play) -> None:
        allow_connections(self.count)
        address = play.running.addresses[self.port or play.stage.port]
        for number in range(self.count):
            try:
                sock = socket.create_connection(address, timeout=ANSWER * 2)
            except OSError as problem:
                raise Failed(
                    Reached.CONNECTED,
                    f"{self.count} connections to be open at once",
                    play.told(f"number {number + 1} was not taken ({problem.strerror or problem})"),
                ) from None
            play.idle.append(sock)

    def sketch(self) -> str:
        return f"open {self.count} connections that say nothing"


@dataclass(frozen=True, slots=True)
class MemoryWithin(Step):
    """The resident memory of the program grows by at most `bytes_more` while `steps` are done."""

    bytes_more: int
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        program = play.running.own()
        before = program.memory()
        for step in self.steps:
            step.run(play)
        grown = program.memory() - before
        if program.alive and before and grown <= self.bytes_more:
            play.hold("memory within bounds")
            return
        if not before:
            raise CannotTell("this machine does not tell how much memory a program uses")
        raise Failed(
            "memory within bounds",
            f"at most {mebibytes(self.bytes_more)} more memory than the {mebibytes(before)} before",
            play.told(f"{mebibytes(grown)} more"),
        )

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"at most {mebibytes(self.bytes_more)} more memory while: {inner}"


@dataclass(frozen=True, slots=True)
class Push(Step):
    """Send `block` over and over, reading nothing, until the server holds us back or `most` is sent.

    Either is right: what is bounded is the program's memory, which MemoryWithin looks at.
    """

    block: bytes
    most: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "send", self.block))
        sock, sent = line.recorded.sock, 0
        last = time.monotonic()
        while sent < self.most:
            try:
                at = sent % len(self.block)
                sent += sock.send(self.block[at:])
                last = time.monotonic()
            except BlockingIOError:
                if time.monotonic() - last > LAPSE * min(patience(), 4.0):
                    play.waited += LAPSE
                    break
                time.sleep(0.005)
            except OSError:
                break
        line.pushed += sent
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"send up to {mebibytes(self.most)} without reading an answer"


@dataclass(frozen=True, slots=True)
class SendUntilAnswered(Step):
    """Send `block` over and over until an answer or the end comes; at most `most` octets."""

    block: bytes
    most: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "send", self.block))
        sent = 0
        while sent < self.most:
            # Enough at a time to be quick, little enough to stop soon after an answer.
            if line.recorded.ended or len(line.recorded.arrived) > line.read:
                return
            taken = line.recorded.send(self.block, 5.0, remember=False)
            sent += taken
            line.recorded.receive(0.0)
            if line.recorded.gone or not taken:
                break
        if line.recorded.ended or line.recorded.gone or play.more(line, time.monotonic(), 1.0):
            return
        raise Failed(
            Reached.ANSWERED,
            f"an answer or a close before {mebibytes(self.most)} were taken",
            f"{mebibytes(sent)} were taken, and no answer came",
            line=line,
            offset=line.read,
        )

    def sketch(self) -> str:
        return f"send until there is an answer, at most {mebibytes(self.most)}"


@dataclass(frozen=True, slots=True)
class Runs(Step):
    """An unmodified program of somebody else, against the server.

    words   {url}, {host}, {port}, {other ports by their name} and {folder}, where files of its
            own may lie, are filled in
    prints  what it must print on standard output: octets, or a Matcher
    offers  what its help (-h) must mention: programs of one name differ between systems
    """

    words: tuple[str, ...]
    prints: Any = None
    status: int = 0
    feed: bytes = b""
    seconds: float = 15.0
    offers: bytes = b""

    def run(self, play: Play) -> None:
        import subprocess

        host, port = play.running.addresses[play.stage.port]
        if shutil.which(self.words[0]) is None:
            raise NotTried(f"{self.words[0]} is not installed here")
        if self.offers and self.offers not in help_of(self.words[0]):
            raise NotTried(f"the {self.words[0]} of this machine is another one")
        ports = {name: str(number) for name, (_, number) in play.running.addresses.items()}
        names = {"url": f"http://{host}:{port}", "host": host, "port": str(port), **ports}
        names["folder"] = str(play.running.folder)
        words = [filled(word, names) for word in self.words]
        shown_words = [filled(word, {**names, "url": "http://127.0.0.1:8080", "port": "8080",
                                     "folder": "/tmp"})
                       for word in self.words]  # fmt: skip
        feeding = f"({printed(self.feed)}) | " if self.feed else ""
        play.acts.append(Act("main", "run", (feeding + shell(shown_words)).encode()))
        try:
            done = subprocess.run(
                words, input=self.feed, capture_output=True, timeout=self.seconds * patience()
            )
        except subprocess.TimeoutExpired:
            raise Failed(self.words[0], f"{self.words[0]} to finish", "it still waits") from None
        said = done.stderr.decode(errors="replace").strip()[-300:]
        if done.returncode != self.status:
            raise Failed(
                self.words[0],
                f"{self.words[0]} to end with status {self.status}",
                f"status {done.returncode}" + (f": {said}" if said else ""),
            )
        if self.prints is not None and not holds(self.prints, done.stdout):
            raise Failed(
                self.words[0],
                f"{self.words[0]} to print {shown(self.prints)}",
                quoted(done.stdout) if done.stdout else f"nothing; {said}",
            )
        play.hold(self.words[0])

    def sketch(self) -> str:
        return shell([filled(word, {"url": "http://127.0.0.1:$PORT"}) for word in self.words])


def allow_connections(count: int) -> None:
    """Raise our own limit on open files as far as is needed. Raises CannotTell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise CannotTell(f"needs {wanted} open files; this machine allows {hard} (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def help_of(program: str) -> bytes:
    import subprocess

    try:
        done = subprocess.run([program, "-h"], input=b"", capture_output=True, timeout=5)
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout + done.stderr


def mebibytes(count: int) -> str:
    return f"{count / (1 << 20):.1f} MiB"


def filled(word: str, names: dict[str, str]) -> str:
    """Fill in {names}; other braces stay."""
    for name, value in names.items():
        word = word.replace("{" + name + "}", value)
    return word


def shell(words: list[str]) -> str:
    import shlex

    return shlex.join(words)


def _first_sent(steps: tuple[Step, ...]) -> bytes:
    from .steps import Send

    return next((step.data for step in steps if isinstance(step, Send)), b"")


def at_once(count: int, *steps: Step, within: float | None = None) -> AtOnce:
    return AtOnce(count, steps, within)


def signals(number: int) -> Signal:
    return Signal(number)


def exits(status: int = 0, seconds: float = 5.0) -> Exits:
    return Exits(status, seconds)


def refuses_connections(message: Any, port: str = "") -> RefusesConnections:
    return RefusesConnections(bytes(message), port)


def kill() -> Kill:
    return Kill()


def restart() -> Kill:
    return Kill(again=True)


def open_idle(count: int, port: str = "") -> OpenIdle:
    return OpenIdle(count, port)


def memory_within(bytes_more: int, *steps: Step) -> MemoryWithin:
    return MemoryWithin(bytes_more, steps)


def push(block: bytes, most: int, on: str = "main") -> Push:
    return Push(block, most, on)


def send_until_answered(block: bytes, most: int, on: str = "main") -> SendUntilAnswered:
    return SendUntilAnswered(block, most, on)


def runs(
    *words: str, prints: Any = None, status: int = 0, feed: bytes = b"", offers: bytes = b""
) -> Runs:
    return Runs(words, prints, status, feed, offers=offers)
