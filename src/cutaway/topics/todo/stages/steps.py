"""Steps that only this topic has: pages, a second program, a store that is killed, writers, pace.

    pages("/todos?limit=2", "a", "b", "c")       from page to page, and these are all of them
    beside(*steps)                               a second program on the same parts: port OTHER
    dies("store"), starts("store")               SIGKILL of a part; the same again with its files
    acknowledged(200, kill(), restart())         writers, an end with force, and all is there

Left out: what any topic could use. That is in grade.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ....grade.byhand import Act
from ....grade.line import is_interim
from ....grade.outcomes import CannotTell, Failed
from ....grade.play import ANSWER, Play
from ....grade.stage import Step
from ....grade.steps import Send, expect
from ....grade.verdict import Reached
from ....process import Command, Program, ProgramError, free_ports, patience
from ...cache.codec import Command as Say
from ...cache.codec import plain
from .messages import get, looks, parsed

MOST_PAGES = 50
OTHER = "OTHER"
WRITERS = 4


@dataclass(frozen=True, slots=True)
class Pages(Step):
    """Follow `next` to the end. between: done once, behind the first page."""

    target: str
    titles: tuple[str, ...]
    between: tuple[Step, ...] = ()

    def run(self, play: Play) -> None:
        target, found, between = self.target, [], self.between
        for _ in range(MOST_PAGES):
            Send(bytes(get(target))).run(play)
            expect(status=200, body=IS_PAGE, keep={"page": "body"}).run(play)
            page = parsed(play.kept["page"])
            found += [each["title"] for each in page["todos"]]
            if page["next"] is None:
                break
            target = page["next"]
            for step in between:
                step.run(play)
            between = ()
        if found != [*self.titles]:
            expected = f"the pages together to have {', '.join(self.titles)}"
            raise Failed(Reached.AS_ASKED, expected, ", ".join(found) or "nothing")

    def sketch(self) -> str:
        meanwhile = "; behind the first page: " if self.between else ""
        told = meanwhile + "; ".join(step.sketch() for step in self.between)
        return f"the pages from {self.target} have {', '.join(self.titles)}{told}"


def is_page(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("todos"), list)
        and all(isinstance(each, dict) and "title" in each for each in value["todos"])
        and (value.get("next", 0) is None or str(value.get("next", "")).startswith("/todos?"))
    )


IS_PAGE = looks("todos, and next: null or a target as in /todos?…", is_page)


@dataclass(frozen=True, slots=True)
class Beside(Step):
    """A second program on the same parts while the steps are done.

    command  another one than the program's own
    instead  variable → the part that it names to this one
    """

    steps: tuple[Step, ...]
    command: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    def run(self, play: Play) -> None:
        play.running.own()
        command = play.running.subject.command
        if self.command:
            command = Command(play.running.folder, self.command)
        assert command is not None
        [port] = free_ports(1)
        settings = {**play.running.environment, "PORT": str(port)}
        for variable, name in self.instead.items():
            host, number = play.part(name).reached
            settings[variable] = f"{host}:{number}"
        if not self.instead:
            play.notes_once("a second program, on the same store and cache")
        program = Program.start(command, settings)
        try:
            program.wait_ready([port], within=10.0 * min(patience(), 4.0))
            play.running.addresses[OTHER] = ("127.0.0.1", port)
            for step in self.steps:
                step.run(play)
        except ProgramError as problem:
            expected = "a second program to start on the same store"
            raise Failed(Reached.CONNECTED, expected, problem.sentence) from None
        finally:
            for name in [name for name, line in play.lines.items() if line.far is None]:
                if name.startswith("other"):
                    play.lines.pop(name).recorded.close()
            # By hand there is one program, and one address.
            here = play.stage.port
            play.acts[:] = [replace(a, port=here) if a.port == OTHER else a for a in play.acts]
            play.running.addresses.pop(OTHER, None)
            program.end()

    def sketch(self) -> str:
        return f"beside a second program: {'; '.join(step.sketch() for step in self.steps)}"


@dataclass(frozen=True, slots=True)
class Dies(Step):
    """SIGKILL of a part that is given; `again`: it starts with its files, at the same address."""

    part: str
    again: bool = False

    def run(self, play: Play) -> None:
        part = play.part(self.part)
        assert part.program is not None
        part.program.end(grace=0.0)
        if self.again:
            port = part.address[1]
            settings = {"PORT": str(port), "DATA_DIR": str(part.folder), **part.given.settings}
            command = Command(part.folder, part.given.words(port, part.folder))
            try:
                part.program = Program.start(command, settings)
                part.program.wait_ready([port], within=30.0)
            except ProgramError as problem:
                raise CannotTell(f"{part.given.title} did not start again") from problem
        play.acts.append(Act("", "back" if self.again else "gone", port=self.part))
        play.notes_once(self.sketch())

    def sketch(self) -> str:
        return f"{self.part} {'is started again' if self.again else 'is killed (SIGKILL)'}"


@dataclass(slots=True)
class Writer:
    """One client that creates to-dos until its connection ends or it is told to stop."""

    number: int
    address: tuple[str, int]
    stop: threading.Event
    done: list[str] = field(default_factory=list)
    odd: str = ""

    def work(self) -> None:
        client = http.client.HTTPConnection(*self.address, timeout=2 * ANSWER)
        try:
            while not self.stop.is_set():
                title = f"w{self.number}-{len(self.done)}"
                kind = {"Content-Type": "application/json"}
                client.request("POST", "/todos", json.dumps({"title": title}), kind)
                answer = client.getresponse()
                answer.read()
                if answer.status != 201:
                    self.odd = f"{answer.status}"
                    return
                self.done.append(title)
        except (OSError, http.client.HTTPException):
            return
        finally:
            client.close()


@dataclass(frozen=True, slots=True)
class Acknowledged(Step):
    """So many creations are answered, then the steps, meanwhile more; then all of them are there."""

    count: int
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        address = play.running.addresses[play.stage.port]
        stop = threading.Event()
        writers = [Writer(number, address, stop) for number in range(WRITERS)]
        threads = [threading.Thread(target=writer.work, daemon=True) for writer in writers]
        try:
            for thread in threads:
                thread.start()
            self._wait(play, writers, threads)
            for step in self.steps:
                step.run(play)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        told = [title for writer in writers for title in writer.done]
        found = self._listed(play)
        lost = [title for title in told if title not in found]
        if lost:
            raise Failed(
                "there again",
                f"all {len(told)} to-dos that were acknowledged",
                f"{len(lost)} of them are not there: {', '.join(lost[:5])}",
            )
        if len(found) != len(set(found)):
            raise Failed("there again", "every to-do once", "some are there twice")
        play.hold("there again")

    def _wait(self, play: Play, writers: list[Writer], threads: list[threading.Thread]) -> None:
        began = time.monotonic()
        while sum(len(writer.done) for writer in writers) < self.count:
            play.running.go_on()
            late = not play.still_patient(began, 4 * ANSWER)
            if late or not any(thread.is_alive() for thread in threads):
                done = sum(len(writer.done) for writer in writers)
                odd = next((f", then {one.odd}" for one in writers if one.odd), "")
                found = play.told(f"{done} were{odd}")
                raise Failed("acknowledged", f"{self.count} creations to be answered", found)
            time.sleep(0.005)
        play.hold("acknowledged")

    def _listed(self, play: Play) -> list[str]:
        target, found = "/todos?limit=100", []
        for _ in range(MOST_PAGES):
            Send(bytes(get(target))).run(play)
            expect(status=200, body=IS_PAGE, keep={"page": "body"}).run(play)
            page = parsed(play.kept["page"])
            found += [each["title"] for each in page["todos"]]
            if page["next"] is None:
                return found
            target = page["next"]
        raise CannotTell("more to-dos were created than are looked at")

    def sketch(self) -> str:
        steps = "; ".join(step.sketch() for step in self.steps)
        return f"{WRITERS} clients create; after {self.count} answers: {steps}; all are there"


@dataclass(frozen=True, slots=True)
class OneOfThem(Step):
    """Of the answers on these connections one has the first status, all others the second."""

    names: tuple[str, ...]
    won: int
    lost: int

    def run(self, play: Play) -> None:
        found = []
        for name in self.names:
            line = play.line(name)
            message, reader = play.message(line)
            while is_interim(line.codec, message):
                line.read = reader.pos
                message, reader = play.message(line)
            line.read, line.fresh, line.partial = reader.pos, False, False
            line.answers += 1
            found.append(message.status)
        if sorted(found) != sorted([self.won, *[self.lost] * (len(self.names) - 1)]):
            said = ", ".join(map(str, found))
            raise Failed(Reached.AS_ASKED, f"{self.won} once, else {self.lost}", said)
        play.hold(Reached.AS_ASKED)

    def sketch(self) -> str:
        return f"{self.won} once, and {self.lost} for the others"


def one_of_them(names: Sequence[str], won: int, lost: int) -> OneOfThem:
    return OneOfThem((*names,), won, lost)


@dataclass(frozen=True, slots=True)
class Spoiled(Step):
    """What the program has put into the cache is no longer what it was. It is asked in RESP2."""

    how: str

    def run(self, play: Play) -> None:
        names = list(self._say(play, b"KEYS", b"*") or ())
        strings = {name: self._say(play, b"GET", name) for name in names}
        entries = {name: value for name, value in strings.items() if isinstance(value, bytes)}
        swapped = dict(zip(entries, [*entries.values()][::-1], strict=True))
        for name, value in entries.items():
            if self.how == "list":
                self._say(play, b"DEL", name)
                self._say(play, b"RPUSH", name, value)
            else:
                self._say(play, b"SET", name, self._other(value, swapped[name]))
        play.notes_once(f"entries in the cache were put in another's place or changed: {self.how}")

    def _other(self, value: bytes, swapped: bytes) -> bytes:
        middle = len(value) // 2
        return {
            "text": b"hello",
            "empty": b"",
            "half": value[:middle],
            "changed": value.replace(b"milk", b"silk"),
            "swapped": swapped,
        }[self.how]

    def _say(self, play: Play, *words: bytes) -> Any:
        Send(bytes(Say(words)), "cache").run(play)
        line = play.line("cache")
        message, reader = play.message(line)
        line.read, line.fresh, line.partial = reader.pos, False, False
        line.answers += 1
        return plain(message)

    def sketch(self) -> str:
        return f"entries in the cache are spoiled: {self.how}"


def spoiled(how: str) -> Spoiled:
    """text, empty, half, changed, list, swapped"""
    return Spoiled(how)


def pages(target: str, *titles: str, between: tuple[Step, ...] = ()) -> Pages:
    return Pages(target, titles, between)


def beside(*steps: Step) -> Beside:
    return Beside(steps)


def dies(part: str) -> Dies:
    return Dies(part)


def starts(part: str) -> Dies:
    return Dies(part, again=True)


def acknowledged(count: int, *steps: Step) -> Acknowledged:
    return Acknowledged(count, steps)


__all__ = [
    "OTHER",
    "acknowledged",
    "beside",
    "dies",
    "one_of_them",
    "pages",
    "spoiled",
    "starts",
]
