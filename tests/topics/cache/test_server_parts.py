"""Parts of the reference by themselves: states, patterns, orders of eviction, sorted sets, the keyspace."""

import gc
import random
import re
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.topics.cache.arriving import Arriving
from cutaway.topics.cache.client import Client, attempt
from cutaway.topics.cache.commands import BY_NAME, TABLE, find
from cutaway.topics.cache.glob import matching
from cutaway.topics.cache.memory import order_for
from cutaway.topics.cache.replies import Failure, number, real, written
from cutaway.topics.cache.server import Server
from cutaway.topics.cache.sortedset import Sorted
from cutaway.topics.cache.states import CLOSING, CONNECTION, NORMAL, QUEUEING, SPOILT, SUBSCRIBED
from cutaway.wire import Misuse

ENTERED = {
    "MULTI": QUEUEING, "SUBSCRIBE": SUBSCRIBED, "QUIT": CLOSING, "no RESP": CLOSING,
    "wrong command": SPOILT, "EXEC": NORMAL, "DISCARD": NORMAL, "last UNSUBSCRIBE": NORMAL,
}  # fmt: skip


def test_every_event_leads_where_its_name_says_and_the_end_is_the_end() -> None:
    for state in CONNECTION.states:
        for event in CONNECTION.events:
            if (state, event) in CONNECTION.table:
                assert CONNECTION.after(state, event) == ENTERED[event]
            else:
                with pytest.raises(Misuse):
                    CONNECTION.after(state, event)
    assert not [event for state, event in CONNECTION.table if state == CLOSING]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (b"*", [b"", b"a", b"a\nb"], []),
        (b"h?llo", [b"hello", b"h\nllo"], [b"hllo", b"heello"]),
        (b"h*llo", [b"hllo", b"heeello"], [b"hell"]),
        (b"h[ae]llo", [b"hallo", b"hello"], [b"hillo"]),
        (b"h[^e]llo", [b"hallo"], [b"hello"]),
        (b"h[a-c]llo", [b"hbllo"], [b"hdllo"]),
        (b"h[c-a]llo", [b"hbllo"], [b"hdllo"]),
        (b"\\*", [b"*"], [b"a"]),
        (b"a.b", [b"a.b"], [b"axb"]),
        (b"*a*b", [b"ab", b"xaxb", b"aab"], [b"ba"]),
        (b"[]", [], [b"", b"a"]),
        (b"[a", [b"a"], [b"b"]),
        (b"a\\", [b"a\\"], [b"a"]),
        (b"[\\]]", [b"]"], [b"a"]),
    ],
)
def test_a_pattern_matches_as_in_a_shell(pattern: bytes, yes: list[bytes], no: list[bytes]) -> None:
    assert all(matching(pattern)(key) for key in yes)
    assert not any(matching(pattern)(key) for key in no)


def test_a_mean_pattern_takes_no_time_to_speak_of() -> None:
    assert not matching(b"a*" * 30 + b"b")(b"a" * 5000)


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_any_octets_are_a_pattern(pattern: bytes, key: bytes) -> None:
    matching(pattern)(key)


WRONG_NUMBERS = [b"", b"+1", b"007", b"1_0", b" 1", b"1 ", b"-", b"1.0", b"9223372036854775808",
                 b"-9223372036854775809", b"\xd9\xa1", b"9" * 5000]  # fmt: skip


@pytest.mark.parametrize("text", WRONG_NUMBERS)
def test_a_number_is_as_strict_as_a_length(text: bytes) -> None:
    with pytest.raises(Failure):
        number(text)


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        (b"1", 1.0, b"1"), (b"-0", 0.0, b"0"), (b"1.50", 1.5, b"1.5"), (b"inf", float("inf"), b"inf"),
        (b"1e20", 1e20, b"1e+20"), (b"0.1", 0.1, b"0.1"), (b"3.0", 3.0, b"3"),
    ],
)  # fmt: skip
def test_a_score_is_written_as_short_as_it_reads_again(
    text: bytes, value: float, shown: bytes
) -> None:
    assert real(text) == value
    assert written(value) == shown


@pytest.mark.parametrize("text", [b"", b"nan", b"1_0", b" 1", b"x", b"1e", b"0x1"])
def test_what_is_no_score_is_refused(text: bytes) -> None:
    with pytest.raises(Failure):
        real(text)


def asked(policy: bytes, samples: int, seed: int) -> float:
    """The hit ratio of a skewed trace that popularity leaves half-way, at 200 keys of 2000."""
    rng = random.Random(seed)
    keys = [b"%d" % n for n in range(2000)]
    weights = [1 / (n + 1) for n in range(2000)]
    trace = rng.choices(keys, weights, k=20_000)
    order, there, hits = order_for(policy, samples, []), set[bytes](), 0
    assert order is not None
    for key in trace:
        hits += key in there
        if key not in there and len(there) == 200:
            victim = order.victim()
            assert victim in there
            there.discard(victim)
            order.gone(victim)
        there.add(key)
        order.asked(key)
    return hits / len(trace)


def test_policies_stand_in_their_order_on_a_skewed_trace() -> None:
    exact_lfu, exact_lru = asked(b"allkeys-lfu", 0, 1), asked(b"allkeys-lru", 0, 1)
    lfu, lru, chance = (asked(b"allkeys-" + p, 5, 1) for p in (b"lfu", b"lru", b"random"))
    assert exact_lfu > exact_lru > chance
    assert abs(exact_lru - lru) < 0.03
    assert abs(exact_lfu - lfu) < 0.05
    assert lfu > lru


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 3), st.booleans()), max_size=60))
def test_a_sorted_set_is_a_sorted_list(steps: list[tuple[int, int, bool]]) -> None:
    members, plain = Sorted(), dict[bytes, float]()
    for name, score, put in steps:
        member = b"%d" % name
        if put:
            members.put(member, float(score))
            plain[member] = float(score)
        else:
            assert members.remove(member) == (plain.pop(member, None) is not None)
        order = sorted((score, member) for member, score in plain.items())
        assert members.order == order
        assert [members.rank(member) for _, member in order] == list(range(len(order)))
        for edge in range(-4, 5):
            assert members.below(edge, included=False) == sum(s < edge for s in plain.values())
            assert members.below(edge, included=True) == sum(s <= edge for s in plain.values())


def done(*commands: str) -> Server:
    """A server without connections that did these."""
    server = Server()
    client = Client(server)
    for command in commands:
        words = tuple(command.encode().split())
        find(words).run(client, words)
    return server


WRITES = [
    "SET a hello", "SET b 1", "APPEND a x", "INCR b", "RPUSH l x y z", "LPUSH l w", "LSET l 0 long", "LREM l 1 y",
    "LTRIM l 0 1", "HSET h f 1 g 2", "HSET h f longer", "HDEL h g", "HINCRBY h n 5", "SADD s x y z", "SREM s x",
    "SPOP s", "ZADD z 1 x 2 y 3 z", "ZREM z x", "ZREMRANGEBYSCORE z 2 2", "RENAME h i", "SET l text", "GETSET b 200",
    "MSET c 1 d 2", "DEL c", "SETEX d 100 x", "GETDEL d",
]  # fmt: skip


def test_what_is_used_is_what_is_there_whatever_was_done() -> None:
    from cutaway.topics.cache.keyspace import ENTRY, weight

    for count in range(len(WRITES) + 1):
        space = done(*WRITES[:count]).space
        there = sum(ENTRY + len(key) + weight(value) for key, value in space.values.items())
        assert space.used == there, WRITES[count - 1]


def test_removing_all_leaves_nothing_used() -> None:
    space = done(*WRITES, "DEL a b l h i s z c d").space
    assert (space.used, space.values, space.ends) == (0, {}, {})


def test_ends_that_are_true_no_more_do_not_pile_up() -> None:
    space = done("SET a 1", *[f"PEXPIRE a {n + 100000}" for n in range(5000)]).space
    assert len(space.heap) < 1100


def test_an_error_that_is_said_often_keeps_nothing() -> None:
    client = Client(done("SET a x"))
    wrong = [b"INCR a", b"LPUSH a b", b"EXPIRE a x", b"SET a 1 FOO", b"EXEC"]

    def say(times: int) -> int:
        for words in [tuple(each.split()) for each in wrong] * times:
            assert attempt(client, words).startswith(b"-")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = say(20)
        assert say(400) - before < 20_000
    finally:
        tracemalloc.stop()


def test_an_arriving_command_is_passed_over_once() -> None:
    whole = b"*2001\r\n" + b"$4\r\nabcd\r\n" * 2001
    arriving = Arriving(whole[:5000], 5001)
    for at in range(5000, len(whole), 10):
        arriving.add(whole[at : at + 10])
        assert arriving.worth_a_look() == (at + 10 >= len(whole))
    assert arriving.take() == whole


def test_the_table_of_commands_is_that_of_the_contract(contract: dict[str, Any]) -> None:
    text = contract["contract"]["text"]
    rows = [line for line in text.splitlines() if line.startswith("|") and "`" in line]
    named = {name.split()[0] for row in rows for name in re.findall(r"`([A-Z][A-Z ]*)`", row)}
    options = {"NX", "XX", "GT", "LT", "CH", "EX", "PX", "EXAT", "PXAT", "KEEPTTL", "GETNAME", "SETNAME", "SETINFO",
               "BYSCORE", "REV", "LIMIT", "WITHSCORES", "NUMSUB", "NUMPAT"}  # fmt: skip
    assert {name.encode() for name in named - options} <= set(BY_NAME)
    assert all(command.run.__doc__ for command in TABLE)


@pytest.fixture
def contract() -> dict[str, Any]:
    from tests.house.source import topics

    return topics()["cache"]
