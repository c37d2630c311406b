"""Memory: a limit, what counts towards it, and what happens above it.

    used_memory ─────────────────┬──── maxmemory
    noeviction                   │ SET  ← -OOM …        GET, DEL ← as ever
    any other policy   ◀─ a key ─┤ SET  ← +OK

A cache that grows without a limit is ended by the system, with everything in it. So it counts what it
keeps: keys, values, and what it needs beside them. How is its own business, if the count is neither
far too low nor far too high. Above the limit it refuses, or forgets.

Left out: which keys are forgotten (eviction.py), memory that connections take (limits.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ....grade.byhand import Act
from ....grade.matchers import Matcher
from ....grade.outcomes import Failed
from ....grade.play import ANSWER, Play
from ....grade.stage import ONCE, Stage, Step, case
from .. import rules
from ..codec import Resp
from ..messages import Array, Error, Value
from .messages import ERR, OK, Words, cmd, talk
from .replies import matching, told
from .room import SETTLES, VALUE, Client, field_of

KEYS, SIZE = 1000, len(VALUE)
BESIDE = 1024  # octets that the server may count beside such a value
SLACK = 128 << 10  # octets that buffers of connections and growing tables may take
LONG_KEYS = 200
WRITES = 40  # in one write
MIB = 1 << 20
#: SET of one key after the other, in a shell that counts in $i.
NUMBERED = rf"printf '*3\r\n$3\r\nSET\r\n$13\r\nmemory:%06d\r\n${SIZE}\r\n%0{SIZE}d\r\n' $i 0"
REMOVED = r"printf '*2\r\n$3\r\nDEL\r\n$13\r\nmemory:%06d\r\n' $i"

Judge = Callable[[Client, Play], None]


@dataclass(frozen=True, slots=True)
class Counts(Step):
    """Many commands, and what they do to the memory that the server counts."""

    says: str
    judge: Judge

    def run(self, play: Play) -> None:
        client = Client(play)
        try:
            client.one(bytes(cmd("CONFIG SET maxmemory 0")), OK)
            client.emptied()
            self.judge(client, play)
        finally:
            client.sock.close()
        play.hold("memory counted")

    def sketch(self) -> str:
        return self.says


def key(number: int) -> bytes:
    return b"memory:%06d" % number


def sets(client: Client, play: Play, numbers: range, *more: str) -> list[Value]:
    """SET each, in order; their answers."""
    if not any(act.times > 1 for act in play.acts):
        first = bytes(cmd(("SET", key(0), VALUE)))
        play.acts.append(Act("main", "connect", port=play.stage.port))
        play.acts.append(Act("main", "send", first, times=len(numbers), shell=NUMBERED))
        play.acts.append(Act("main", "send", bytes(cmd("INFO memory"))))
    answers: list[Value] = []
    for start in range(numbers.start, numbers.stop, WRITES):
        some = range(start, min(start + WRITES, numbers.stop))
        answers += client.ask(*(bytes(cmd(("SET", key(at), VALUE, *more))) for at in some))
    return answers


def shown(play: Play, words: Words, times: int = 1, shell: str = "") -> None:
    """By hand, too."""
    play.acts.append(Act("main", "send", bytes(cmd(words)), times=times, shell=shell))


def all_ok(answers: list[Value]) -> None:
    for at, answer in enumerate(answers):
        if answer != OK:
            raise Failed("as asked", f"+OK to SET number {at + 1}", told(answer))


def limited(client: Client, play: Play, policy: str, keys: int) -> int:
    """The policy, and a limit with room for about so many keys, whose octets it gives."""
    each = SIZE + BESIDE // 2
    limit = client.used() + keys * each
    play.acts.append(Act("main", "connect", port=play.stage.port))
    for words in (f"CONFIG SET maxmemory-policy {policy}", f"CONFIG SET maxmemory {limit}"):
        client.one(bytes(cmd(words)), OK)
        play.acts.append(Act("main", "send", bytes(cmd(words))))
    return limit


def counted(client: Client, play: Play) -> None:
    """used_memory grows with what is stored."""
    before = client.used()
    all_ok(sets(client, play, range(KEYS)))
    grown = client.used() - before
    least = KEYS * (SIZE + len(key(0)))
    most = least + KEYS * BESIDE + SLACK
    if not least <= grown <= most:
        expected = f"used_memory to grow by {least} to {most} with {KEYS} keys of {SIZE} octets"
        raise Failed("memory counted", expected, f"it grew by {grown}")


def keys_counted(client: Client, play: Play) -> None:
    """used_memory grows with keys, though their values are next to nothing."""
    names = [b"memory:%06d:" % at + VALUE for at in range(LONG_KEYS)]
    play.acts.append(Act("main", "connect", port=play.stage.port))
    play.acts.append(Act("main", "send", bytes(cmd("INFO memory"))))
    play.acts.append(Act("main", "send", bytes(cmd(("SET", names[0], "v"))), times=LONG_KEYS))
    play.acts.append(Act("main", "send", bytes(cmd("INFO memory"))))
    before = client.used()
    for start in range(0, LONG_KEYS, WRITES):
        some = names[start : start + WRITES]
        all_ok(client.ask(*(bytes(cmd(("SET", name, "v"))) for name in some)))
    grown, least = client.used() - before, sum(len(name) + 1 for name in names)
    if grown < least:
        expected = f"used_memory to grow by {least} or more with {LONG_KEYS} keys of 1 KiB"
        raise Failed("memory counted", expected, f"it grew by {grown}")


def given_back(client: Client, play: Play) -> None:
    """It shrinks with what is removed, perhaps a moment later."""
    before = client.used()
    all_ok(sets(client, play, range(KEYS)))
    client.ask(*(bytes(cmd(("DEL", key(at)))) for at in range(KEYS)))
    shown(play, ("DEL", key(0)), KEYS, REMOVED)
    shown(play, "INFO memory")
    began = time.monotonic()
    while (left := client.used() - before) > SLACK and play.still_patient(began, ANSWER):
        time.sleep(SETTLES)
    if left > SLACK:
        expected = f"used_memory to be within {SLACK} of what it was, when they are removed"
        raise Failed("memory given back", expected, f"{left} more")


def filled(client: Client, play: Play) -> int:
    """With noeviction, how many keys were taken before one was refused with OOM."""
    limited(client, play, "noeviction", 200)
    answers = sets(client, play, range(KEYS))
    taken = next((at for at, answer in enumerate(answers) if answer != OK), KEYS)
    if taken == KEYS:
        raise Failed("refused", f"-OOM before {KEYS} keys are there", "all of them were taken")
    wanted(answers[taken], "OOM", f"SET number {taken + 1}")
    return taken


def refused(client: Client, play: Play) -> None:
    """OOM for what adds, and nothing removed."""
    taken = filled(client, play)
    if (size := client.number(bytes(cmd("DBSIZE")))) < taken:
        raise Failed("nothing removed", f"the {taken} keys that were taken", f"{size} of them")
    wanted(client.one(bytes(cmd(("RPUSH", b"memory:list", VALUE)))), "OOM", "RPUSH")


def goes_on(client: Client, play: Play) -> None:
    """Reads and DEL are answered, and when enough is removed there is room again."""
    filled(client, play)
    for name in ("GET", "EXISTS", "STRLEN", "TTL"):
        shown(play, (name, key(0)))
        answer = client.one(bytes(cmd((name, key(0)))))
        if isinstance(answer, Error):
            raise Failed("reads go on", f"an answer to {name}", told(answer))
    shown(play, ("DEL", key(0)), KEYS, REMOVED)
    for at in range(KEYS):
        answer = client.one(bytes(cmd(("DEL", key(at)))))
        if isinstance(answer, Error):
            raise Failed("removing goes on", "an answer to DEL", told(answer))
    client.one(bytes(cmd(("SET", b"memory:after", VALUE))), OK)


def wanted(answer: Value, code: str, to: str) -> None:
    if not isinstance(answer, Error) or answer.code != code.encode():
        raise Failed("refused", f"-{code} … to {to}", told(answer))


def evicted(client: Client, play: Play) -> None:
    """Every SET is taken, and the memory stays within the limit."""
    limit = limited(client, play, "allkeys-random", 200)
    all_ok(sets(client, play, range(KEYS)))
    within(client, limit)


def evictions(client: Client, play: Play) -> None:
    """Each key that went is counted.

    Any command may make room first, so that the count is looked at on both sides of DBSIZE.
    """
    limited(client, play, "allkeys-random", 200)
    stats = bytes(cmd("INFO stats"))
    before = field_of(client.one(stats), b"evicted_keys")
    all_ok(sets(client, play, range(KEYS)))
    low = field_of(client.one(stats), b"evicted_keys") - before
    gone = KEYS - client.number(bytes(cmd("DBSIZE")))
    shown(play, "INFO stats")
    shown(play, "DBSIZE")
    high = field_of(client.one(stats), b"evicted_keys") - before
    if not low <= gone <= high or not gone:
        expected = f"evicted_keys to grow by {gone or 'some'}, as many as went"
        raise Failed("counted", expected, f"it grew by {low}")


def within(client: Client, limit: int) -> None:
    used = client.used()
    if used > limit + SLACK:
        raise Failed(
            "memory within its limit",
            f"used_memory at most at its limit of {limit}, give or take {SLACK} for connections",
            str(used),
        )


def lowered(client: Client, play: Play) -> None:
    """A limit below what is used."""
    all_ok(sets(client, play, range(KEYS)))
    limit = client.used() - KEYS * SIZE // 2
    for words in ("CONFIG SET maxmemory-policy allkeys-lru", f"CONFIG SET maxmemory {limit}"):
        client.one(bytes(cmd(words)), OK)
        shown(play, words)
    all_ok(sets(client, play, range(KEYS, KEYS + 1)))
    shown(play, ("SET", key(KEYS), VALUE))
    shown(play, "INFO memory")
    within(client, limit)


def volatile_only(client: Client, play: Play) -> None:
    """Those with a lifetime go, the others never; and with none of them left it is OOM."""
    limited(client, play, "volatile-ttl", 400)
    all_ok(sets(client, play, range(100)))
    all_ok(sets(client, play, range(100, 700), "EX", "1000"))
    stay = bytes(cmd(("EXISTS", *(key(at) for at in range(100)))))
    if (left := client.number(stay)) != 100:
        found = f"{left} of the 100 are there"
        raise Failed("kept", "every key without a lifetime to stay", found)
    answers = sets(client, play, range(1000, 1000 + KEYS))
    last = next((answer for answer in answers if answer != OK), None)
    if last is None:
        raise Failed("refused", "-OOM when no key with a lifetime is left", "all were taken")
    wanted(last, "OOM", "SET, when no key with a lifetime is left")


def setting(name: str, value: str) -> Matcher:
    """What CONFIG GET answers."""
    name_and_value = (name.encode(), value.encode())
    return matching(
        f"*2 [{name}, {value}] (an array)",
        lambda found: (
            isinstance(found, Array)
            and tuple(getattr(item, "data", None) for item in found.items or ()) == name_and_value
        ),
    )


STAGE = Stage(
    name="cache/memory",
    title="a limit on memory",
    asks="Count the memory that keys and values take, and hold it within maxmemory.",
    given="CONFIG SET and GET of maxmemory, maxmemory-policy and maxmemory-samples; used_memory of "
    "INFO memory; evicted_keys of INFO stats. Policies: noeviction, allkeys-lru, allkeys-lfu, "
    "allkeys-random, volatile-ttl. Any of them may choose as it likes yet.",
    goals=(
        "bound it: count each key with its value when it comes, changes and goes",
        "decide: does the command add? Only what adds is refused, or makes room first",
        "act: remove keys until the count is within the limit, then do what was asked",
        "answer: OOM where nothing may be removed",
    ),
    hints=(
        "When does the count change? Find every place where a key comes, grows, shrinks or goes: "
        "lifetimes and FLUSHALL are such places, too.",
        "Keep one number. Add len(key) + len(value) + a constant when a key comes, subtract the same "
        "when it goes. Ahead of each command that adds: while the number is above the limit, remove a "
        "key that the policy allows; when there is none, answer OOM.",
        "before a command that adds:\n"
        "    while maxmemory and used > maxmemory:\n"
        "        key = victim()                  # None with noeviction, or where no key may go\n"
        "        if key is None: return -OOM command not allowed when used memory > 'maxmemory'\n"
        "        remove(key); evicted += 1",
    ),
    codec=Resp,
    ways=ONCE,
    cases=(
        case(
            "at the start there is no limit",
            rules.NO_LIMIT,
            *talk(
                ("CONFIG GET maxmemory", setting("maxmemory", "0")),
                ("CONFIG GET maxmemory-policy", setting("maxmemory-policy", "noeviction")),
            ),
            Counts("2000 keys of 1 KiB are taken", lambda c, p: all_ok(sets(c, p, range(2000)))),
        ),
        case(
            "CONFIG SET is told by CONFIG GET",
            rules.CONFIG_SET,
            *talk(
                (f"CONFIG SET maxmemory {64 * MIB}", OK),
                ("CONFIG GET maxmemory", setting("maxmemory", str(64 * MIB))),
                ("CONFIG SET maxmemory-policy allkeys-lfu", OK),
                ("CONFIG GET maxmemory-policy", setting("maxmemory-policy", "allkeys-lfu")),
                ("CONFIG SET maxmemory-samples 10", OK),
                ("CONFIG GET maxmemory-samples", setting("maxmemory-samples", "10")),
                ("CONFIG SET maxmemory 0", OK),
                ("CONFIG SET maxmemory-policy noeviction", OK),
            ),
        ),
        case(
            "a value that a setting cannot have is refused",
            rules.CONFIG_REFUSED,
            *talk(
                ("CONFIG SET maxmemory-policy allkeys-fifo", ERR),
                ("CONFIG GET maxmemory-policy", setting("maxmemory-policy", "noeviction")),
                ("CONFIG SET maxmemory many", ERR),
                ("CONFIG GET maxmemory", setting("maxmemory", "0")),
            ),
        ),
        case(
            "what is stored counts",
            rules.MEMORY_COUNTED,
            Counts(f"used_memory grows with {KEYS} keys of {SIZE} octets", counted),
        ),
        case(
            "keys count as values do",
            rules.MEMORY_COUNTED,
            Counts(f"used_memory grows with {LONG_KEYS} keys of 1 KiB", keys_counted),
        ),
        case(
            "what is removed counts no more",
            rules.MEMORY_GIVEN_BACK,
            Counts(f"used_memory is as before when {KEYS} keys were set and removed", given_back),
        ),
        case(
            "noeviction refuses what adds",
            rules.NOEVICTION,
            Counts("set keys until OOM: nothing has gone", refused),
        ),
        case(
            "what reads or removes goes on above the limit",
            rules.OOM_READS,
            Counts("set keys until OOM; GET and DEL go on; then there is room again", goes_on),
        ),
        case(
            "a policy makes room",
            rules.EVICTS,
            Counts("set five times as much as there is room for: each is taken", evicted),
        ),
        case(
            "what had to go is counted",
            rules.EVICTED_KEYS,
            Counts("evicted_keys grows by as many as have gone", evictions),
        ),
        case(
            "a limit below what is used removes keys",
            rules.LOWERED,
            Counts("fill, then set a limit of half as much, then one more key", lowered),
        ),
        case(
            "volatile-ttl removes nothing that has no lifetime",
            rules.ONLY_VOLATILE,
            Counts("keys without and with lifetimes, until the latter have gone", volatile_only),
        ),
    ),
)
