"""What a cache gains and costs: round trips saved, a long command, policies, room, a flush.

    depths    the same GET, one by one and many in one write
    blocked   a PING behind a command that looks at every key
    race      six policies on four ways to ask; simulated, so the same on every machine
    room      hits against entries; simulated as well
    flush     a SET under each of the three flush policies

Left out: other engines. The labs ask those too.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping

from cutaway.process.ports import free_ports
from cutaway.topics.cache import traces
from cutaway.topics.cache.codec import Command
from cutaway.topics.cache.policies import POLICIES, best_possible, hit_ratio

from .figures import Figures, ms
from .reference import Client, program

SERVER = [sys.executable, "-m", "cutaway.topics.cache.server"]
DEPTHS = (1, 4, 16, 64)
TIMES = 300  # of each depth
KEYS = 100_000  # that the long command looks at
ASKED = 100_000  # of each simulated run
ROOM = (100, 300, 1000, 3000, 10_000)
NAMES = {
    "lru": "LRU", "lfu": "LFU", "fifo": "FIFO", "random": "random", "sieve": "SIEVE",
    "w-tinylfu": "W-TinyLFU",
}  # fmt: skip
WRITES = 60  # of each flush policy


def command(*words: str) -> bytes:
    return bytes(Command(tuple(word.encode() for word in words)))


def exchange(client: Client, octets: bytes, answer: int) -> float:
    """Seconds from a write until so many octets have come."""
    start, heard = time.perf_counter(), 0
    client.send(octets)
    while heard < answer:
        heard += len(client.socket.recv(1 << 20))
    return time.perf_counter() - start


# Round trips.


def depths() -> Figures:
    [port] = free_ports(1)
    with program(SERVER, {"PORT": port}), Client(port) as client:
        exchange(client, command("SET", "key", "alpha"), 5)
        each = {depth: at_depth(client, depth) / depth for depth in DEPTHS}
    lines = [
        "GET of 5 octets on one connection, from the reference, the median",
        f"{'in one write':<14}{'time of each':>14}{'a second':>12}",
        *(f"{d:<14}{each[d] * 1e6:>11.1f} µs{1 / each[d]:>12.0f}" for d in DEPTHS),
    ]
    claims = {
        "16 in one write take less than half the time each": each[16] < each[1] / 2,
        "64 take less again": each[64] < each[16],
    }
    return Figures(lines, claims)


def at_depth(client: Client, depth: int) -> float:
    """Seconds from a write of so many requests to the last of their answers, the median."""
    octets, answer = command("GET", "key") * depth, len(b"$5\r\nalpha\r\n") * depth
    return statistics.median(exchange(client, octets, answer) for _ in range(TIMES))


# One thread.


def blocked() -> Figures:
    [port] = free_ports(1)
    with program(SERVER, {"PORT": port}), Client(port) as long, Client(port) as short:
        for start in range(0, KEYS, 10_000):
            pairs = [f"key:{n}" for at in range(start, start + 10_000) for n in (at, at)]
            exchange(long, command("MSET", *pairs), 5)
        alone = statistics.median(exchange(short, command("PING"), 7) for _ in range(50))
        worst = statistics.median(behind(long, short) for _ in range(5))
    lines = [
        f"a PING alone                                {ms(alone):>8}",
        f"the same while another client says KEYS     {ms(worst):>8}",
        f"with {KEYS} keys in the reference",
    ]
    return Figures(lines, {"who comes behind a long command waits for it": worst > 10 * alone})


def behind(long: Client, short: Client) -> float:
    """Seconds of a PING that comes when the server has begun to look at all keys."""
    long.send(command("KEYS", "nothing*"))
    time.sleep(0.001)
    seconds = exchange(short, command("PING"), 7)
    long.socket.recv(100)
    return seconds


# Policies and room.

SHOWN: dict[str, Callable[[int], list[int]]] = {
    "skewed": traces.zipf,
    "with scans": traces.zipf_with_scans,
    "shifting": traces.zipf_that_shifts,
    f"loop of {traces.LOOP}": traces.loop,
}


def race() -> Figures:
    found: dict[str, dict[str, float]] = {}
    for label, made in SHOWN.items():
        keys = made(ASKED)
        found[label] = {name: 100 * hit_ratio(POLICIES[name](1000), keys) for name in NAMES}
    head = "".join(f"{name:>11}" for name in NAMES.values())
    lines = ["hits of 100, with room for 1000 entries", f"{'':<13}{head}"]
    lines += [f"{label:<13}{in_a_row(ratios)}" for label, ratios in found.items()]
    skewed, scans, shifting, loop = found.values()
    claims = {
        "where popularity stays who counts wins": skewed["lfu"] > skewed["lru"] > skewed["fifo"],
        "scans cost LRU more than SIEVE": scans["sieve"] > scans["lru"],
        "a shift costs who only counts": shifting["lfu"] < shifting["lru"],
        "a loop that does not fit is nothing for LRU": loop["lru"] < 1 < 50 < loop["random"],
    }
    return Figures(lines, claims)


def in_a_row(ratios: Mapping[str, float]) -> str:
    return "".join(f"{ratio:>11.0f}" for ratio in ratios.values())


def room() -> Figures:
    keys = traces.zipf(ASKED)
    policies = {"LRU": "lru", "W-TinyLFU": "w-tinylfu"}
    found = {
        label: [100 * hit_ratio(POLICIES[name](size), keys) for size in ROOM]
        for label, name in policies.items()
    }
    found["best possible"] = [100 * best_possible(size, keys) for size in ROOM]
    lines = [
        "hits of 100, where few keys are popular",
        f"{'entries':<14}" + "".join(f"{size:>8}" for size in ROOM),
        *(f"{label:<14}" + "".join(f"{r:>8.0f}" for r in row) for label, row in found.items()),
    ]
    lru = found["LRU"]
    claims = {
        "more room is more hits": lru == sorted(lru),
        "ten times the room is by far not ten times the hits": lru[2] < 4 * lru[0],
        "and less again the next time": lru[4] / lru[2] < lru[2] / lru[0],
        "nobody is above who knows what comes": all(
            best >= max(lru[i], found["W-TinyLFU"][i])
            for i, best in enumerate(found["best possible"])
        ),
    }
    return Figures(lines, claims)


# The disk.


def flush() -> Figures:
    found = {name: of_writes(settings) for name, settings in KEPT.items()}
    lines = ["SET of 64 octets, from write to answer, the median"]
    lines += [f"{name:<26}{ms(seconds):>10}" for name, seconds in found.items()]
    claims = {
        "an answer that waits for the disk is not quicker": found["always"]
        > 0.8 * found["no file"],
    }
    return Figures(lines, claims)


KEPT = {
    "no file": {},
    **{name: {"APPENDONLY": "yes", "APPENDFSYNC": name} for name in ("no", "everysec", "always")},
}


def of_writes(settings: Mapping[str, str]) -> float:
    [port] = free_ports(1)
    with program(SERVER, {"PORT": port}, settings), Client(port) as client:
        octets = command("SET", "key", "x" * 64)
        return statistics.median(exchange(client, octets, 5) for _ in range(WRITES))
