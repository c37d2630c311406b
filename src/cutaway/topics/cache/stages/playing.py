"""Plays a trace on a server, and compares what it found with what the policy would have found.

    plays("lru", working_set, apart=("fifo", "random"))

Nobody knows how a server counts its memory, so that is not asked. The limit is set above what is used
already, keys are set until some have to go, and DBSIZE tells how many have room. The trace is made for
that number. A key that is read and not there is set, as a program does that fetches what it lacks.

The hit ratio has to lie between those of the models, exact and by samples, give or take a little, and
nearer to them than to the policies that this trace is there to tell apart.

Valkey knows when a key was last used to the second, so time has to pass between what was used before
and what was used since. Its counters for LFU rise more slowly the higher they stand, and fall by the
minute; in no trace here does that matter.

Left out: the traces and the models. See traces.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ....grade.byhand import Act
from ....grade.outcomes import CannotTell, Failed
from ....grade.play import Play
from ....grade.stage import Step
from ..messages import Bulk, Error, Integer, Simple, Value
from .clock import later
from .messages import cmd
from .replies import told
from .room import VALUE, Client
from .traces import Band, Lifetime, Phases, Trace, equal

ROOM = 800  # entries that the limit is set for
PROBES = 400  # entries from which it is known what one of them costs
LEAST = 100  # entries without which nothing can be told
BATCH = 20  # reads in one write
END = 4102444800000  # the moment from which lifetimes are counted, 2100-01-01, in milliseconds
TICK = 1100  # milliseconds: more than the second to which a server may know when a key was used
NAMES = {
    "lru": "allkeys-lru",
    "lfu": "allkeys-lfu",
    "random": "allkeys-random",
    "fifo": "volatile-ttl",
    "soonest": "volatile-ttl",
}


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
