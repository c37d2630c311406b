"""The later stages let a plain server pass; each wrong one fails the case about it.

A server that is wrong plays that case alone: the others are no concern of it. Drain, strangers and the
cases that need every kind of value are played on the reference and on programs that others wrote.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Stage
from cutaway.grade.verdict import CaseResult, Failure, Reached, Verdict
from cutaway.process import Command
from cutaway.process.calls import cannot_observe
from cutaway.topics.cache.policies import Policy
from cutaway.topics.cache.stages import STAGES, traces
from cutaway.topics.cache.stages.traces import Band, Phase, Phases, SampledSoonest, Soonest, ratio

HERE = Path(__file__).parent
STAGE = {stage.slug: stage for stage in STAGES}

#: Names of cases; all of the stage where there are none.
# Asks for room of one's own for what a subscriber has not read yet; a plain server has the kernel's,
# which is enough on a machine that has little else to do.
DEAF = "a subscriber that does not read holds up nobody"
PLAIN: dict[str, tuple[str, ...]] = {
    "memory": (),
    "transactions": (),
    "publish": tuple(case.name for case in STAGE["publish"].cases if case.name != DEAF),
    "eviction": (
        "LRU: a working set outlives keys that come once",
        "LRU: what was popular once has to go",
        "LFU: what was asked for often outlives many that came since",
        "random: some of what was there first is left",
        "volatile-ttl: with lifetimes of one length, what came first goes first",
        "volatile-ttl: what ends soonest goes first, whenever it came",
    ),
    "durability": (
        "every acknowledged write of several clients is there, with always",
        "an end that is torn is cut off, and what stands ahead of it is there",
        "what is written behind a torn end is there, too",
    ),
    "limits": (
        "a line of 1024 octets is taken",
        "a line without an end is refused",
        "a count above 2147483647 is a protocol error",
        "a length below 0 is a protocol error",
        "an array in a command is a protocol error",
        "what went ahead is answered first",
        "a count of 0 or -1 is passed over",
        "nonsense ends nothing but its own connection",
    ),
    "flushing": (),
}


def lasting(*change: str) -> Subject:
    words = (sys.executable, "-I", "-S", str(HERE / "lasting.py"), *change)
    return Subject(command=Command(HERE, words), variables=("PORT", "DATA_DIR"))


def only(slug: str, *names: str) -> Stage:
    stage = STAGE[slug]
    cases = tuple(case for case in stage.cases if not names or case.name in names)
    assert len(cases) == len(names) or not names
    return replace(stage, cases=cases)


def told(slug: str, case: str, *change: str) -> CaseResult:
    [stage] = check("cache", [only(slug, case)], lasting(*change), seed=1).stages
    return stage.cases[0]


@pytest.mark.slow
@pytest.mark.parametrize("slug", PLAIN)
def test_a_plain_server_passes(slug: str) -> None:
    if slug == "flushing" and (why := cannot_observe()):
        pytest.skip(why)
    [stage] = check("cache", [only(slug, *PLAIN[slug])], lasting(), seed=1).stages
    assert [
        (case.name, case.failure, case.why) for case in stage.cases if case.verdict != "pass"
    ] == []


WRONG: dict[tuple[str, str], tuple[str, ...]] = {
    ("memory", "keys count as values do"): ("return len(key) + 100 + (", "return 100 + ("),
    ("memory", "what is removed counts no more"): (
        "    total -= octets(key, store.pop(key)[0])",
        "    store.pop(key)",
    ),
    ("memory", "noeviction refuses what adds"): (
        '            raise Wrong("OOM command not allowed")',
        "            return",
    ),
    ("memory", "what had to go is counted"): ("        evicted += 1", "        pass"),
    ("memory", "volatile-ttl removes nothing that has no lifetime"): (
        'if policy != b"volatile-ttl" or store[key][1] is not None]',
        "]",
        "key=lambda key: store[key][1])",
        "key=lambda key: store[key][1] or 0)",
    ),
    # A queue: a read is no use.
    ("eviction", "LRU: a working set outlives keys that come once"): (
        "    if value is not None:\n        use(key)\n",
        "",
    ),
    ("eviction", "LRU: what was popular once has to go"): ("used[key][1])", "used[key][0])"),
    ("eviction", "LFU: what was asked for often outlives many that came since"): (
        "used[key][0])",
        "used[key][1])",
    ),
    ("eviction", "random: some of what was there first is left"): (
        "return random.choice(some)",
        "return next(iter(store))",
    ),
    ("eviction", "volatile-ttl: what ends soonest goes first, whenever it came"): (
        "return min(some, key=lambda key: store[key][1])",
        "return some[0]",
    ),
    ("transactions", "nothing is done before EXEC"): (
        "        client.queue.append(words)\n        return",
        "        client.queue.append(words)\n        function(client, *words[1:])\n        return",
    ),
    ("transactions", "too few arguments call the whole off"): (
        "        client.broken = True\n        return Wrong(\"ERR wrong number",
        "        return Wrong(\"ERR wrong number",
    ),
    ("transactions", "a watched key that another client changed"): ("    if changed:\n", "    if False:\n"),
    ("transactions", "a lifetime that ends is a change"): (
        "client.changed or over",
        "client.changed",
        "    touch(key)\n\ndef find",
        "\ndef find",
    ),
    ("transactions", "in RESP3 the null of EXEC is _"): (
        'return b"_\\r\\n" if proto == 3 else b"*-1\\r\\n"',
        'return b"*-1\\r\\n"',
    ),
    ("publish", "who subscribes twice gets a message once"): (
        "    for other in list(channels.get(channel, ())):",
        "    for other in [*channels.get(channel, ())] * 2:",
    ),
    ("publish", "patterns match as they should"): ('.replace(b"[^", b"[!")', ""),
    ("publish", "in RESP2 a subscriber may not do anything else"): (
        "if client.listens and client.proto == 2 and name not in MAY_LISTEN:",
        "if False:",
    ),
    ("publish", "channels and patterns count together"): (
        "name, len(client.listens)]",
        "name, len([1 for other, _ in client.listens if other == kind])]",
    ),
    ("publish", "in RESP3 messages are pushes, and any command may be sent"): (
        'b">" if isinstance(value, Pushed) and proto == 3 else b"*"',
        'b"*"',
    ),
    ("publish", DEAF): (
        "waiting.select([], [self.sock], [], 0.5)[1] == []",
        "False",
    ),
    ("durability", "every acknowledged write of several clients is there, with always"): (
        "    os.write(log, data)",
        "    kept.append(data)\n    if len(kept) == 5000:\n        os.write(log, b''.join(kept))\n        kept.clear()",
        "dirty = False\n\ndef wire",
        "dirty = False\nkept = []\n\ndef wire",
    ),
    ("durability", "an end that is torn is cut off, and what stands ahead of it is there"): (
        "        if len(data) != int(size[1:]) + 2:\n            return None\n",
        "        assert len(data) == int(size[1:]) + 2\n",
    ),
    ("durability", "what is written behind a torn end is there, too"): ("    os.ftruncate(file, end)\n", ""),
    ("flushing", "with always, a write is flushed before it is acknowledged"): (
        "    os.write(log, data)\n    dirty = True\n    if limits",
        "    global dirty_too\n    if limits",
        "        sync()\n\ndef sync",
        "        dirty = True\n        sync()\n    os.write(log, data)\n    dirty = True\n\ndef sync",
    ),
    ("limits", "a line without an end is refused"): (
        "f.readline((64 << 10) + 1024)",
        "f.readline()",
    ),
    ("limits", "an array in a command is a protocol error"): (
        '            raise Refused("no bulk string")',
        "            continue",
    ),
    ("limits", "a count of 0 or -1 is passed over"): ("number(line[1:], -1,", "number(line[1:], 0,"),
    ("limits", "nonsense ends nothing but its own connection"): (
        'raise Refused("number")',
        "os._exit(1)",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "case"), WRONG, ids=[case for _, case in WRONG])
def test_a_server_that_is_wrong_in_one_way_fails_the_case_about_it(slug: str, case: str) -> None:
    if slug == "flushing" and (why := cannot_observe()):
        pytest.skip(why)
    result = told(slug, case, *WRONG[slug, case])
    assert result.verdict is Verdict.FAIL, result
    assert isinstance(result.failure, Failure)
    assert result.failure.step is not Reached.CONNECTED, "it has to start and serve"
    assert result.failure.by_hand


# Traces, without a server.

ROOM = 500


def trace(name: str, seed: int = 1) -> Phases:
    made: Phases = getattr(traces, name)(ROOM, random.Random(seed))
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("room", [200, 800, 1500])
@pytest.mark.parametrize("case", STAGE["eviction"].cases, ids=lambda case: case.name)
def test_every_trace_tells_the_policies_apart_whatever_has_room(
    case: object, room: int, seed: int
) -> None:
    [step] = case.steps  # type: ignore[attr-defined]
    phases = step.trace(room, random.Random(seed))
    wanted = Band.of(step.policy, room, phases, step.ends)
    for name in step.apart:
        other = Band.of(name, room, phases, step.ends)
        assert max(other.low - wanted.high, wanted.low - other.high) > 0.03, (name, wanted, other)


class LfuThatForgets(Policy):
    """Counts are halved again and again, as by a clock; of several with one count, the first goes."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.counts: dict[int, int] = {}
        self.asked = 0

    def __len__(self) -> int:
        return len(self.counts)

    def ask(self, key: int) -> bool:
        self.asked += 1
        if self.asked % (5 * self.capacity) == 0:
            self.counts = {key: count // 2 for key, count in self.counts.items()}
        hit = key in self.counts
        if not hit and len(self.counts) >= self.capacity:
            del self.counts[min(self.counts, key=self.counts.__getitem__)]
        self.counts[key] = self.counts.get(key, 0) + 1
        return hit


@pytest.mark.parametrize("name", ["favourites", "popular"])
def test_counts_that_fade_are_taken_for_lfu(name: str) -> None:
    phases = trace(name)
    found = ratio(LfuThatForgets(ROOM), phases)
    band = Band.of("lfu", ROOM, phases, traces.equal)
    assert band.away(found) <= 0.05


def test_what_ends_soonest_goes() -> None:
    cache: Policy = Soonest(2, lambda key, came: key)
    assert [cache.ask(key) for key in (3, 1, 2, 3, 1)] == [False, False, False, True, False]
    assert len(cache) == 2
    by_lots = SampledSoonest(2, lambda key, came: key)
    assert ratio(by_lots, [Phase([1, 2, 3]), Phase([2, 3], counted=True)]) in (0.5, 1.0)


def test_a_band_is_left_by_so_much() -> None:
    band = Band(0.2, 0.4)
    assert (band.away(0.1), band.away(0.3), round(band.away(0.5), 6)) == (0.1, 0.0, 0.1)
    assert (str(band), str(Band(0.2, 0.2))) == ("0.20 to 0.40", "0.20")
