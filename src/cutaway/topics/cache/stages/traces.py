"""Traces: what is asked for, one key after the other, and how much of it a policy finds.

    plays("lru", working_set, apart=("fifo", "random"))

    rounds        1                 2                 3                 4
    asked for     hot  once only    hot  once only    hot  once only    hot  once only
    counted                                           ↑                 ↑
    found         LRU all of it, FIFO and random about half of it

Nobody knows how a server counts its memory, so that is not asked. The limit is set above what is used
already, keys are set until some have to go, and DBSIZE tells how many have room. The trace is made for
that number. A key that is read and not there is set, as a program does that fetches what it lacks.

The hit ratio is compared with that of the same trace in classes of policies.py with as much room:
exact, and by five samples. It has to lie between them, give or take a little, and nearer to them than
to the policies that this trace is there to tell apart.

Valkey knows when a key was last used to the second, so time has to pass between what was used before
and what was used since. Its counters for LFU rise more slowly the higher they stand, and fall by the
minute; in no trace here does that matter.

Left out: popularity as it is in the world, which is for the lab; here each trace defeats somebody.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from ....grade.byhand import Act
from ....grade.outcomes import CannotTell, Failed
from ....grade.play import ANSWER, Play
from ....grade.stage import Step
from ....wire import NeedMore, Reader, WireError
from ..codec import Resp
from ..messages import Bulk, Error, Integer, Simple, Value
from ..policies import SAMPLES, Chance, Fifo, Lfu, Lru, Policy, SampledLfu, SampledLru
from .clock import later
from .messages import cmd
from .replies import told

ROOM = 800  # entries that the limit is set for
PROBES = 400  # entries from which it is known what one of them costs
LEAST = 100  # entries without which nothing can be told
BATCH = 20  # reads in one write
VALUE = b"v" * 1024
END = 4102444800000  # the moment from which lifetimes are counted, 2100-01-01, in milliseconds
TICK = 1100  # milliseconds: more than the second to which a server may know when a key was used
SETTLES = 0.005  # seconds between two looks at memory that is given back
SEEDS = 4  # runs of what draws by lots
NAMES = {
    "lru": "allkeys-lru",
    "lfu": "allkeys-lfu",
    "random": "allkeys-random",
    "fifo": "volatile-ttl",
    "soonest": "volatile-ttl",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """Keys in order. counted: whether their hits count; ends: time passes behind them, for LRU."""

    keys: Sequence[int]
    counted: bool = False
    ends: bool = False


Phases = list[Phase]
#: Room in entries and a source of lots → what is asked for.
Trace = Callable[[int, random.Random], Phases]
#: Key and how many came before it → milliseconds behind END at which it ends.
Lifetime = Callable[[int, int], int]


# Traces.


def working_set(room: int, lots: random.Random) -> Phases:
    """The same keys in every round, and in every round as many that never come again."""
    hot, strangers, phases = list(range(room * 35 // 100)), once_only(), []
    for number in range(4):
        lots.shuffle(hot)
        phases.append(Phase([*hot], counted=number > 1))
        phases.append(Phase([next(strangers) for _ in hot], ends=number < 3))
    return phases


def favourites(room: int, lots: random.Random) -> Phases:
    """Keys that are asked for again and again, then others, and in the end the first ones again."""
    old, strangers = list(range(room * 4 // 10)), once_only()
    return [
        *[Phase(old) for _ in range(5)],
        Phase([], ends=True),
        Phase([next(strangers) for _ in range(room * 6 // 10)], ends=True),
        Phase([next(strangers) for _ in range(room * 6 // 10)], ends=True),
        Phase(old, counted=True),
    ]


def loop(room: int, lots: random.Random) -> Phases:
    """A little more than there is room for, round and round."""
    keys = list(range(room * 11 // 10))
    return [Phase(keys), Phase(keys), *[Phase(keys, counted=True)] * 4]


def popular(room: int, lots: random.Random) -> Phases:
    """The n-th most popular key comes 1/n as often as the first; and scans of keys that come once."""
    keys, strangers = range(room * 10), once_only()
    weights = [1 / (number + 1) for number in keys]
    drawn = lots.choices(keys, weights, k=room * 9)
    phases, size = [], room // 2
    for start in range(0, len(drawn), size):
        phases.append(Phase(drawn[start : start + size], counted=start >= room * 3))
        phases.append(Phase([next(strangers) for _ in range(room // 6)]))
    return phases


def unlike_lifetimes(room: int, lots: random.Random) -> Phases:
    """Twice as many as there is room for, then those of them whose lifetimes are the longest."""
    keys = list(range(room * 2))
    lots.shuffle(keys)
    return [Phase(keys), Phase(range(room * 14 // 10, room * 2), counted=True)]


def once_only() -> Iterator[int]:
    return count(1 << 30)


def equal(key: int, came: int) -> int:
    """Lifetimes of one length: what came first ends first."""
    return came * 10


def by_key(key: int, came: int) -> int:
    """The greater the key, the later it ends."""
    return key * 1000


# The same in a model.


class Soonest(Policy):
    """Removes what ends soonest. `ends`: key, and how many came before it → when it ends."""

    def __init__(self, capacity: int, ends: Lifetime) -> None:
        super().__init__(capacity)
        self.ends, self.came = ends, 0
        self.keys: set[int] = set()
        self.heap: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.keys)

    def ask(self, key: int) -> bool:
        if key in self.keys:
            return True
        if len(self.keys) >= self.capacity:
            self.keys.remove(heappop(self.heap)[1])
        self.came += 1
        self.keys.add(key)
        heappush(self.heap, (self.ends(key, self.came), key))
        return False


class SampledSoonest(SampledLru):
    """Of some that are drawn, the one that ends soonest goes."""

    def __init__(self, capacity: int, ends: Lifetime, seed: int = 1) -> None:
        super().__init__(capacity, SAMPLES, seed)
        self.ends = ends

    def hit(self, key: int) -> None: ...

    def came(self, key: int) -> None:
        self.now += 1
        self.worth[key] = self.ends(key, self.now)


def models(policy: str, room: int, ends: Lifetime) -> list[Policy]:
    match policy:
        case "lru":
            return [Lru(room), SampledLru(room)]
        case "lfu":
            return [Lfu(room), SampledLfu(room)]
        case "fifo":
            return [Fifo(room), SampledSoonest(room, equal)]
        case "soonest":
            return [Soonest(room, ends), SampledSoonest(room, ends)]
    return [Chance(room, seed) for seed in range(SEEDS)]


def ratio(policy: Policy, phases: Iterable[Phase]) -> float:
    """Of what counts, how much is found."""
    hits = asked = 0
    for phase in phases:
        found = sum(map(policy.ask, phase.keys))
        if phase.counted:
            hits += found
            asked += len(phase.keys)
    return hits / asked


@dataclass(frozen=True, slots=True)
class Band:
    """The hit ratios of one policy, exact and by samples."""

    low: float
    high: float

    @classmethod
    def of(cls, policy: str, room: int, phases: Phases, ends: Lifetime) -> Band:
        found = [ratio(model, phases) for model in models(policy, room, ends)]
        return cls(min(found), max(found))

    def away(self, found: float) -> float:
        return max(self.low - found, found - self.high, 0.0)

    def __str__(self) -> str:
        return f"{self.low:.2f}" if self.low == self.high else f"{self.low:.2f} to {self.high:.2f}"


# And on a server.


class Client:
    """A connection of its own, many commands in one write, and nothing of it kept."""

    def __init__(self, play: Play) -> None:
        self.play, self.codec, self.data, self.at = play, Resp(), b"", 0
        self.sock = play.dial(play.stage.port)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(5 * ANSWER)

    def ask(self, *commands: bytes) -> list[Value]:
        """raises  Failed"""
        try:
            self.sock.sendall(b"".join(commands))
            return [self._value() for _ in commands]
        except TimeoutError:
            found = f"silence for {5 * ANSWER:g} s"
        except OSError as problem:
            found = f"the connection ended ({problem.strerror})"
        except WireError as problem:
            found = str(problem)
        raise Failed("answered", "an answer to each command", self.play.told(found, ended=True))

    def one(self, command: bytes, wanted: Value | None = None) -> Value:
        [answer] = self.ask(command)
        if wanted is not None and answer != wanted:
            asked = command.split(b"\r\n")[2::2]
            what = b" ".join(asked).decode(errors="replace")[:70]
            raise Failed("as asked", f"{told(wanted)} to {what}", told(answer))
        return answer

    def number(self, command: bytes) -> int:
        answer = self.one(command)
        if not isinstance(answer, Integer):
            raise Failed("as asked", "an integer", told(answer))
        return answer.value

    def used(self) -> int:
        """used_memory, of INFO memory."""
        return field_of(self.one(bytes(cmd("INFO memory"))), b"used_memory")

    def emptied(self) -> int:
        """used_memory behind FLUSHALL; a server may give back the memory behind its answer.

        raises  NotTried for a server that somebody else has started: its keys are not ours
        """
        self.play.running.own()
        self.one(bytes(cmd("FLUSHALL")), Simple(b"OK"))
        began, used = time.monotonic(), self.used()
        while time.monotonic() - began < ANSWER:
            time.sleep(SETTLES)
            before, used = used, self.used()
            if used > before - len(VALUE):
                break
        return used

    def _value(self) -> Value:
        while True:
            reader = Reader(self.data, self.at)
            try:
                value: Value = self.codec.to_client(reader)
            except NeedMore:
                if not (more := self.sock.recv(1 << 18)):
                    raise ConnectionResetError(0, "by the server") from None
                self.data, self.at = self.data[self.at :] + more, 0
            else:
                self.at = reader.pos
                return value


def field_of(answer: Value, name: bytes) -> int:
    """A number of INFO. Raises Failed."""
    text = answer.data if isinstance(answer, Bulk) else b""
    for row in (text or b"").splitlines():
        key, _, value = row.partition(b":")
        if key == name and value.strip().isdigit():
            return int(value)
    raise Failed("as asked", f"a line {name.decode()}:NUMBER", told(answer))


@dataclass(frozen=True, slots=True)
class Plays(Step):
    """The trace on the server: its hit ratio is that of the policy.

    apart   policies from which the trace tells it
    ends    lifetimes, where the policy looks at them
    within  how far from the models it may lie
    """

    policy: str
    trace: Trace
    apart: tuple[str, ...]
    ends: Lifetime = equal
    within: float = 0.05

    def run(self, play: Play) -> None:
        # Buffers of a connection may count: it is open before it is known how many entries fit.
        later(1).run(play)
        play.acts.clear()
        client, came = Client(play), count(1)
        try:
            room = self._room(play, client, came)
            phases = self.trace(room, play.steady)
            found, sizes = self._asked(play, client, phases, came)
        finally:
            client.sock.close()
        room = sorted(sizes)[len(sizes) // 2]
        self._judge(room, phases, found)
        play.hold("hit ratio")

    def _room(self, play: Play, client: Client, came: Iterator[int]) -> int:
        """Set the limit, and find out how many entries have room."""
        ok = Simple(b"OK")
        limit = [
            cmd("CONFIG SET maxmemory 0"),
            cmd(f"CONFIG SET maxmemory-policy {NAMES[self.policy]}"),
        ]
        for command in limit:
            client.one(bytes(command), ok)
        before = client.emptied()
        self._set(client, range(PROBES), came)
        each = (client.used() - before) / PROBES
        if each < len(VALUE):
            raise Failed(
                "memory counted",
                f"used_memory to grow by {len(VALUE)} octets or more with each value of that size",
                f"it grew by {each:.0f}",
            )
        limit[0] = cmd(f"CONFIG SET maxmemory {before + round(each * ROOM)}")
        client.one(bytes(limit[0]), ok)
        play.acts += [Act("main", "connect", port=play.stage.port)]
        play.acts += [Act("main", "send", bytes(command)) for command in limit]
        self._set(client, range(3 * ROOM), came)
        room = client.number(bytes(cmd("DBSIZE")))
        if not LEAST <= room < 2 * ROOM:
            raise Failed(
                "room",
                f"about {ROOM} of {3 * ROOM} keys to be left, at a limit of {ROOM} times"
                f" {each:.0f} octets above the {before} before",
                f"{room} of them are there",
            )
        client.emptied()
        return room

    def _asked(
        self, play: Play, client: Client, phases: Phases, came: Iterator[int]
    ) -> tuple[float, list[int]]:
        """The hit ratio of what counts, and how many entries there were meanwhile."""
        hits = asked = 0
        sizes: list[int] = []
        for phase in phases:
            for start in range(0, len(phase.keys), BATCH):
                keys = phase.keys[start : start + BATCH]
                *answers, size = client.ask(*map(get, keys), bytes(cmd("DBSIZE")))
                missed = dict.fromkeys(
                    key for key, answer in zip(keys, answers, strict=True) if not there(answer)
                )
                if phase.counted:
                    # What is asked for twice at once is fetched once.
                    asked += len(keys)
                    hits += len(keys) - len(missed)
                    sizes.append(size.value if isinstance(size, Integer) else 0)
                self._set(client, missed, came)
            if phase.ends and self.policy == "lru":
                acts = len(play.acts)
                later(TICK).run(play)
                del play.acts[acts:]
                play.running.go_on()
        return hits / asked, sizes

    def _set(self, client: Client, keys: Iterable[int], came: Iterator[int]) -> None:
        keys = list(keys)
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            answers = client.ask(*(self._setting(key, next(came)) for key in batch))
            for answer in answers:
                if answer != Simple(b"OK"):
                    raise Failed(
                        "room made", "+OK to SET, for which another key goes", told(answer)
                    )

    def _setting(self, key: int, came: int) -> bytes:
        if NAMES[self.policy] != "volatile-ttl":
            return bytes(cmd(("SET", b"key:%d" % key, VALUE)))
        end = END + self.ends(key, came)
        return bytes(cmd(("SET", b"key:%d" % key, VALUE, "PXAT", end)))

    def _judge(self, room: int, phases: Phases, found: float) -> None:
        if room < 1:
            raise Failed("room", "keys to be there", "none is")
        wanted = Band.of(self.policy, room, phases, self.ends)
        others = {name: Band.of(name, room, phases, self.ends) for name in self.apart}
        away = wanted.away(found)
        for name, band in others.items():
            if wanted.low <= band.high and band.low <= wanted.high:
                raise CannotTell(f"with room for {room} this trace cannot tell {name} apart")
        near = min(others, key=lambda name: others[name].away(found))
        if away <= self.within and others[near].away(found) > away:
            return
        like = f"; {called(near)} has {others[near]}" if others[near].away(found) < away else ""
        raise Failed(
            "hit ratio",
            f"a hit ratio of {wanted}, as {called(self.policy)} has it, exact or by samples, in"
            f" {room} entries (± {self.within:g})",
            f"{found:.2f}{like}",
            notes=(
                f"what was asked for: {self.says}",
                "a key that is not there is set behind it, as a cache is used",
            ),
        )

    @property
    def says(self) -> str:
        return (self.trace.__doc__ or "").strip()

    def sketch(self) -> str:
        return f"{NAMES[self.policy]} with room for about {ROOM}: {self.says} Expect its hit ratio"


def called(policy: str) -> str:
    names = {"random": "removing at random", "soonest": "removing what ends soonest"}
    return names.get(policy, policy.upper())


def get(key: int) -> bytes:
    return bytes(cmd(("GET", b"key:%d" % key)))


def there(answer: Value) -> bool:
    """Whether it was a hit. Raises Failed."""
    if isinstance(answer, Bulk) and answer.data in (None, VALUE):
        return answer.data is not None
    kind = "an error" if isinstance(answer, Error) else "another value"
    raise Failed("as asked", "the value that was set, or $-1", f"{kind}: {told(answer)}")


def plays(
    policy: str, trace: Trace, apart: Sequence[str], ends: Lifetime = equal, within: float = 0.05
) -> Plays:
    return Plays(policy, trace, tuple(apart), ends, within)
