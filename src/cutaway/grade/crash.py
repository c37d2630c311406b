r"""What a crash leaves behind: a program is killed while it writes, and its files lose their end.

    crash_under_load(4, writes, reads, after=400)   four clients write; SIGKILL; all is there again
    torn(last, then)                                the end of the file is cut; the program reads on

`crash_under_load` keeps a ledger of what was acknowledged. What was under way when the program died
may be there or not: nobody was told.

`torn` knows no format. It looks which file grew by the last write, and takes from its end as much as
a crash in the middle of that write would have left out: one octet, all of them, and a few numbers in
between. A program that replaces its file by a new one, or writes in its midst, has no such end.

Left out: a machine that loses its power, and with it what was not flushed; see flushes.py.
"""

from __future__ import annotations

import random
import shutil
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..process import patience
from ..wire import quoted
from .byhand import Act
from .drastic import kill, restart
from .firsthand import FOLDER
from .outcomes import CannotTell, Failed, NotTried
from .play import ANSWER, WHOLE, Play
from .stage import Step

CUTS = 3  # places where an end is torn, of those that there are
OFTEN = 200  # reads in one write, when all is looked for again

Exchange = tuple[bytes, bytes]
#: (client, number) → what is sent, and what answers it
Exchanges = Callable[[int, int], Exchange]


@dataclass(slots=True)
class Ledger:
    """What one client did.

    acknowledged  writes that were answered as they should be, from 0 on
    odd           an answer that was another one
    """

    acknowledged: int = 0
    odd: bytes | None = None


@dataclass(slots=True)
class Load:
    """Clients that write as fast as they are answered, until their connections end."""

    writes: Exchanges
    after: int
    ledgers: list[Ledger]
    enough: threading.Event = field(default_factory=threading.Event)

    def client(self, number: int, sock: socket.socket) -> None:
        ledger = self.ledgers[number]
        while True:
            request, answer = self.writes(number, ledger.acknowledged)
            found = asked(sock, request, len(answer))
            if found is None:
                break
            if found != answer:
                ledger.odd = found
                break
            ledger.acknowledged += 1
            if sum(each.acknowledged for each in self.ledgers) >= self.after:
                self.enough.set()
        self.enough.set()


def asked(sock: socket.socket, request: bytes, size: int) -> bytes | None:
    """What came, up to `size` octets or a line end before that; None when the connection ended."""
    found = b""
    try:
        sock.sendall(request)
        while len(found) < size and not (found and found.endswith(b"\n")):
            data = sock.recv(size - len(found))
            if not data:
                return None
            found += data
    except OSError:
        return None
    return found


@dataclass(frozen=True, slots=True)
class CrashUnderLoad(Step):
    """After so many acknowledgements SIGKILL, a new start, and every acknowledged write is there.

    ready  what has to hold behind the new start before anything is asked
    """

    clients: int
    writes: Exchanges
    reads: Exchanges
    after: int
    ready: tuple[Step, ...] = ()

    def run(self, play: Play) -> None:
        load = Load(self.writes, self.after, [Ledger() for _ in range(self.clients)])
        self._write(play, load)
        for client, ledger in enumerate(load.ledgers):
            if ledger.odd is not None:
                request, answer = self.writes(client, ledger.acknowledged)
                raise Failed(
                    "acknowledged",
                    f"{quoted(answer, 40)} to {quoted(request, 60)}",
                    play.told(quoted(ledger.odd, 40)),
                )
        if sum(ledger.acknowledged for ledger in load.ledgers) < self.after:
            raise Failed(
                "acknowledged",
                f"{self.after} writes to be acknowledged",
                play.told(f"{sum(each.acknowledged for each in load.ledgers)} were"),
            )
        play.hold("acknowledged")
        for step in (restart(), *self.ready):
            step.run(play)
        for client, ledger in enumerate(load.ledgers):
            self._look(play, client, ledger)
        play.hold("there again")

    def _write(self, play: Play, load: Load) -> None:
        socks = [play.dial(play.stage.port) for _ in range(self.clients)]
        for sock in socks:
            sock.settimeout(WHOLE * ANSWER)
        threads = [
            threading.Thread(target=load.client, args=(number, sock), daemon=True)
            for number, sock in enumerate(socks)
        ]
        try:
            for thread in threads:
                thread.start()
            limit = WHOLE * ANSWER
            while not load.enough.wait(limit) and limit < WHOLE * ANSWER * min(patience(), 4.0):
                limit *= 2
        finally:
            program = play.running.own()
            program.kill()
            for thread in threads:
                thread.join()
            for sock in socks:
                sock.close()
        play.acts.append(Act("main", "connect", port=play.stage.port))
        play.acts.append(Act("main", "send", self.writes(0, 0)[0]))
        play.acts.append(Act("", "killed"))

    def _look(self, play: Play, client: int, ledger: Ledger) -> None:
        from .steps import receive

        for start in range(0, ledger.acknowledged, OFTEN):
            numbers = range(start, min(start + OFTEN, ledger.acknowledged))
            line = play.line()
            play.write(line, b"".join(self.reads(client, number)[0] for number in numbers))
            for number in numbers:
                try:
                    receive(self.reads(client, number)[1]).run(play)
                except Failed as failed:
                    failed.notes += (self._which(client, number, ledger),)
                    self._by_hand(play, client, number)
                    raise

    def _by_hand(self, play: Play, client: int, number: int) -> None:
        """One write is enough to see it, if it is the one that is lost."""
        lives = [act for act in play.acts if act.kind in ("killed", "again")]
        connect = Act("main", "connect", port=play.stage.port)
        written, read = (each(client, number)[0] for each in (self.writes, self.reads))
        play.acts[:] = [connect, Act("main", "send", written), *lives]
        play.acts += [connect, Act("main", "send", read)]

    def _which(self, client: int, number: int, ledger: Ledger) -> str:
        return (
            f"this is write {number + 1} of the {ledger.acknowledged} that were acknowledged to"
            f" client {client + 1} of {self.clients} before the program was killed"
        )

    def sketch(self) -> str:
        sample = quoted(self.writes(0, 0)[0], 40)
        return (
            f"{self.clients} clients write ({sample}); after {self.after} acknowledgements SIGKILL;"
            " start again: every acknowledged write is there"
        )


class Grown(NamedTuple):
    """The file that the last write made longer, in octets."""

    path: Path
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Torn(Step):
    """After `last` the program is killed and its file cut, then `then` holds: for several cuts.

    cuts  how many places; one is within the last write, of two the other is its last octet, of
          more one is all of it
    """

    last: tuple[Step, ...]
    then: tuple[Step, ...]
    cuts: int = CUTS

    def run(self, play: Play) -> None:
        folder = play.running.data_dir
        program = play.running.own()
        assert folder is not None
        before = sizes(folder)
        for step in self.last:
            step.run(play)
        kill().run(play)
        program.kill()
        grown = what_grew(before, sizes(folder))
        kept = play.running.folder / "before-the-tear"
        shutil.copytree(folder, kept)
        acts = len(play.acts)
        for octets in places(grown, self.cuts, play.steady):
            del play.acts[acts:]
            self._once(play, kept, grown.path.relative_to(folder), octets)

    def _once(self, play: Play, kept: Path, name: Path, octets: int) -> None:
        folder = play.running.data_dir
        assert folder is not None
        play.running.own().kill()
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
        with open(folder / name, "r+b") as file:
            file.truncate((kept / name).stat().st_size - octets)
        play.acts.append(Act("", "cut", port=f"{FOLDER}/{name}", times=octets))
        try:
            restart().run(play)
            for step in self.then:
                step.run(play)
        except Failed as failed:
            failed.notes += (f"the last {octets} octets of {name} were cut off",)
            raise

    def sketch(self) -> str:
        first, rest = ("; ".join(s.sketch() for s in steps) for steps in (self.last, self.then))
        return f"{first}; SIGKILL; cut the end of what grew by that, and start again: {rest}"


def sizes(folder: Path) -> dict[Path, tuple[int, int]]:
    """File → its number and its size."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: ((stat := path.stat()).st_ino, stat.st_size) for path in files}


def what_grew(before: dict[Path, tuple[int, int]], after: dict[Path, tuple[int, int]]) -> Grown:
    """The file that grew most. Raises CannotTell, NotTried."""
    grown = []
    for path, (number, size) in after.items():
        was = before.get(path, (number, 0))
        if was[0] != number:
            raise NotTried(f"{path.name} is replaced as a whole, so that its end is never torn")
        if size > was[1]:
            grown.append(Grown(path, was[1], size))
    if not grown:
        raise CannotTell(
            "no file in $DATA_DIR grew by the last write, so that it cannot be known which end a"
            " crash would tear"
        )
    return max(grown, key=lambda each: each.after - each.before)


def places(grown: Grown, count: int, steady: random.Random) -> Sequence[int]:
    """How many octets to take away: within what the last write added."""
    most = grown.after - grown.before
    if count == 1:
        return [steady.randint(1, most)]
    between = range(2, most)
    if count == 2:
        return sorted({1, steady.choice(between or (most,))})
    some = steady.sample(between, min(len(between), count - 2))
    return sorted({1, most, *some})


def crash_under_load(
    clients: int, writes: Exchanges, reads: Exchanges, after: int, ready: Sequence[Step] = ()
) -> CrashUnderLoad:
    return CrashUnderLoad(clients, writes, reads, after, tuple(ready))


def torn(last: Sequence[Step], then: Sequence[Step], cuts: int = CUTS) -> Torn:
    return Torn(tuple(last), tuple(then), cuts)
