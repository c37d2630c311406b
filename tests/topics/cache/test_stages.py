"""The first stages let a plain server pass; each wrong one fails its own case and passes those before
it.

The reference is played by tests/soak/test_reference.py, and its faults by test_faults.py. Here are
servers written another way: threads, files made of sockets, one lock.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Case, Step
from cutaway.grade.steps import Send
from cutaway.grade.verdict import CheckResult, Rule
from cutaway.process import Command
from cutaway.topics.cache import rules
from cutaway.topics.cache.codec import Resp
from cutaway.topics.cache.messages import (
    Array,
    Bulk,
    Double,
    Error,
    Integer,
    Map,
    Null,
    Set,
    Value,
)
from cutaway.topics.cache.stages import STAGES
from cutaway.topics.cache.stages.messages import OK, called, reply
from cutaway.topics.cache.stages.replies import (
    Wanted,
    error,
    mapping,
    members,
    number,
    pairs,
    row,
    score,
    told,
    unlike,
)
from cutaway.wire import Reader

HERE = Path(__file__).parent
SLUGS = [stage.slug for stage in STAGES]
FIRST = SLUGS[: SLUGS.index("hello") + 1]
SLOW = {"many-clients"}
GOALS = {"bound it", "frame it", "parse it", "decide", "act", "answer", "recover"}


def plain(*change: str, upto: str, case: str = "") -> CheckResult:
    """Up to the first stage that fails. Of a changed one the last two stages, and up to `case`."""
    command = Command(HERE, (sys.executable, "-I", "-S", str(HERE / "plain.py"), *change))
    stages = [*STAGES[: SLUGS.index(upto) + 1]]
    if change:
        stages = [stage for stage in stages if stage.slug not in SLOW][-2:]
    if case:
        names = [each.name for each in stages[-1].cases]
        stages[-1] = replace(stages[-1], cases=stages[-1].cases[: names.index(case) + 1])
    return check("cache", stages, Subject(command=command), seed=1)


def failed(result: CheckResult) -> list[tuple[str, str]]:
    return [(s.name.partition("/")[2], case.name) for s in result.stages for case in s.failed]


@pytest.mark.slow
def test_a_plain_server_passes_the_first_stages() -> None:
    assert failed(plain(upto=FIRST[-1])) == []


NO_CLOCK = ('b"CLOCK": clock,', "")
LAZY_ALONE = ("        purge()\n", "        pass\n", "    purge()\n    return OK", "    return OK")
SYNTAX = 'raise Wrong("ERR syntax error")'

WRONG: dict[tuple[str, str], tuple[str, ...]] = {
    ("ping", "PING as a line is answered with PONG"): (
        'return line.split() if line.endswith(b"\\n") else None',
        'return [b"LINE"]',
    ),
    ("ping", "small letters name the same command"): (
        "COMMANDS.get(words[0].upper())",
        "COMMANDS.get(words[0])",
    ),
    ("ping", "PING with a message answers the message"): (
        'Text("PONG") if message is None else message',
        'Text("PONG")',
    ),
    ("ping", "ECHO answers what it was given"): (
        'b"ECHO": lambda client, message: message',
        'b"ECHO": lambda client, message: Text(message.decode("latin-1"))',
    ),
    ("ping", "a command that is not known is an error, and the next one is answered"): (
        "return Wrong(\"ERR unknown command '%s'\"",
        "raise ValueError(\"ERR unknown command '%s'\"",
    ),
    ("stream", "a command is one command wherever it is cut in two"): (
        'sock.makefile("rb")',
        'sock.makefile("rb", 0)',
    ),
    ("stream", "an argument is octets of any kind"): (
        "words.append(f.read(int(size[1:]) + 2)[:-2])",
        'words.append(f.read(int(size[1:]) + 2)[:-2].decode("utf-8", "replace").encode())',
    ),
    ("stream", "an empty argument is one"): ("case None:", 'case None | b"":'),
    ("stream", "a wrong number of arguments is an error in its place"): (
        "except (TypeError, IndexError):",
        "except IndexError:",
    ),
    ("stream", "an error is one line, whatever the command was called"): (
        're.sub(r"[\\r\\n]", " ", str(value))',
        "str(value)",
    ),
    ("strings", "a key that is not there has the null bulk string"): (
        'else b"$-1\\r\\n"',
        'else b"*-1\\r\\n"',
    ),
    ("strings", "DEL counts what it removed"): (
        "sum(find(key) is not None and bool(store.pop(key)) for key in keys)",
        "len([store.pop(key, None) for key in keys])",
    ),
    ("strings", "EXISTS counts a key as often as it is named"): (
        "sum(find(key) is not None for key in keys)",
        "sum(find(key) is not None for key in set(keys))",
    ),
    ("strings", "MGET answers in the order of its keys, and null where nothing is"): (
        "[look(key) for key in keys]",
        '[look(key) or b"" for key in keys]',
    ),
    ("strings", "SET with NX writes only where nothing is"): (
        'not (b"NX" in flags and old) and ',
        "",
    ),
    ("strings", "SET with XX writes only where something is"): (
        ' and not (b"XX" in flags and not old)',
        "",
    ),
    ("strings", "SET with GET answers what was there before"): (
        "return old[0] if old else None",
        "return value",
    ),
    ("strings", "NX and GET go together: the old value tells that nothing was written"): (
        'if {b"NX", b"XX"} <= flags',
        'if {b"NX", b"XX"} <= flags or {b"NX", b"GET"} <= flags',
    ),
    ("strings", "options come in any order and in small letters"): (
        "[option.upper() for option in options]",
        "[*options]",
    ),
    ("strings", "an option that is not known is refused, and nothing is written"): (
        f"else:\n            {SYNTAX}",
        "else:\n            pass",
    ),
    ("strings", "MSET with a key that has no value is refused, and nothing is written"): (
        "if len(words) % 2:",
        "if False:",
    ),
    ("counters", "a number above 2**53 is counted exactly"): (
        " + amount\n    if not",
        " + amount\n    new = int(float(new))\n    if not",
    ),
    ("counters", "the largest number is reached, and not passed"): (
        "if not -2**63 <= new < 2**63:",
        "if False:",
    ),
    ("counters", "a text that is no number is not counted, and stays"): (
        '-?[0-9]{1,19}"',
        '\\s*-?[0-9_]{1,19}\\s*"',
    ),
    ("counters", "APPEND adds to the end and answers the length"): (
        '(look(key) or b"") + value',
        'value + (look(key) or b"")',
    ),
    ("counters", "STRLEN counts octets, and 0 where nothing is"): (
        'len(look(key) or b"")',
        'len((look(key) or b"").decode("utf-8", "replace"))',
    ),
    ("expiry", "EX counts seconds, PX milliseconds"): (
        '1000 if word.startswith(b"EX") else 1',
        "1000",
    ),
    ("expiry", "without a lifetime it is -1, without a key -2"): ("return -2\n", "return -1\n"),
    ("expiry", "a moment is kept as it was said"): ('0 if word.endswith(b"AT") else now()', "now()"),
    ("expiry", "a key whose time is over is gone for every command"): (
        *LAZY_ALONE,
        "sum(find(key) is not None for key in keys)",
        "sum(key in store for key in keys)",
    ),
    ("expiry", "the old lifetime does not end a new value"): (
        *NO_CLOCK,
        "    store[key] = (value, ends)",
        "    store[key] = (value, ends)\n"
        "    if ends and ends - now() < 1000:\n"
        "        threading.Timer((ends - now()) / 1000, lambda: store.pop(key, None)).start()",
    ),
    ("expiry", "what changes a value leaves its lifetime"): (
        "put(key, value, entry[1] if entry else None)",
        "put(key, value)",
    ),
    ("expiry", "KEEPTTL keeps the lifetime, also when there is none"): (
        "old[1] if keep and old else ends",
        "ends",
    ),
    ("expiry", "a lifetime of 0 or less, or a moment that has passed, removes the key"): (
        "put(key, look(key), ends)",
        "ends > now() and put(key, look(key), ends)",
    ),
    ("expiry", "what nobody asks for is given back"): LAZY_ALONE,
    ("expiry", "SET refuses a lifetime that is not positive, or no integer"): (
        "if amount <= 0:",
        "if False:",
    ),
    ("expiry", "two lifetimes in one SET are refused"): (" and words and ends is None", " and words"),
    ("hello", "behind HELLO 3 nothing is _"): ('b"_\\r\\n" if proto == 3 else b', "b"),
    ("hello", "RESP3 is for the connection that asked"): (
        "    client.proto = proto",
        "    Client.proto = proto",
        "class Client:\n",
        "class Client:\n    proto = 2\n",
        'self.ident, self.name, self.proto = ident, b"", 2',
        'self.ident, self.name = ident, b""',
    ),
    ("hello", "a version that is not spoken is NOPROTO, and nothing changes"): (
        '"NOPROTO unsupported',
        '"ERR unsupported',
    ),
    ("hello", "CLIENT ID stays the same on a connection, and HELLO tells it"): (
        "return client.ident",
        "return next(idents)",
    ),
    ("hello", "each connection has a name of its own"): (
        "class Client:\n",
        "class Client:\n    names = [b'']\n    name = property(lambda self: self.names[0],"
        " lambda self, name: self.names.__setitem__(0, name))\n",
        "self.ident, self.name, self.proto = ident, b\"\", 2",
        "self.ident, self.proto = ident, 2",
    ),
    ("hello", "a name with a space is refused"): (' and b" " not in words[0]', ""),
    ("hello", "COMMAND DOCS is a map, so in RESP2 an array of pairs"): ('b"DOCS": Pairs()', 'b"DOCS": []'),
}  # fmt: skip


#: By hand its time is over, too, before somebody looks.
BY_HAND = {"what nobody asks for is given back": r"sleep 2; printf '*1\r\n$6\r\nDBSIZE"}


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "case"), WRONG, ids=[case for _, case in WRONG])
def test_a_server_that_is_wrong_in_one_way_fails_the_case_about_it(slug: str, case: str) -> None:
    result = plain(*WRONG[slug, case], upto=slug, case=case)
    assert failed(result) == [(slug, case)]
    failure = result.stages[-1].failed[0].failure
    assert failure is not None
    assert BY_HAND.get(case, " | nc ") in failure.by_hand


def test_a_program_whose_clock_does_not_move_is_waited_for() -> None:
    expiry = [stage for stage in STAGES if stage.slug == "expiry"]
    command = Command(HERE, (sys.executable, "-I", "-S", str(HERE / "plain.py"), *NO_CLOCK))
    result = check("cache", expiry, Subject(command=command), seed=1)
    assert failed(result) == []
    assert sum(case.waited for case in result.stages[0].cases) > 1.0


# What a reply is compared with.


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Bulk(None), Bulk(None)),
        (error("ERR"), Error(b"ERR no")),
        (error("ERR", "NOPROTO"), Error(b"NOPROTO")),
        (number(1, 3), Integer(3)),
        (row(Bulk(b"a"), score(1)), Array((Bulk(b"a"), Bulk(b"1.0")))),
        (members(b"a", b"b"), Array((Bulk(b"b"), Bulk(b"a")))),
        (members(), Array(())),
        (members(b"a", kind=Set), Set((Bulk(b"a"),))),
        (pairs((b"a", b"1"), (b"b", b"2")), Array(tuple(map(Bulk, (b"b", b"2", b"a", b"1"))))),
        (mapping((b"a", b"1")), Map(((Bulk(b"a"), Bulk(b"1")),))),
        (score(0.1), Bulk(b"0.10000000000000001")),
        (score(float("inf")), Bulk(b"inf")),
        (Double(1.5), Double(1.5, b"1.50")),
    ],
)
def test_a_reply_that_is_allowed_is_taken(wanted: Wanted, found: Value) -> None:
    assert unlike(wanted, found, "reply") is None


@pytest.mark.parametrize(
    ("wanted", "found", "path", "expected", "shown"),
    [
        (Bulk(None), Array(None), "reply", "$-1 (the null bulk string)", "*-1 (the null array)"),
        (Bulk(None), Null(), "reply", "$-1 (the null bulk string)", "_ (the null of RESP3)"),
        (Integer(1), Bulk(b"1"), "reply", ":1 (an integer)", '$1 "1" (a bulk string)'),
        (OK, Error(b"ERR no"), "reply", "+OK (a simple string)", "-ERR no (an error)"),
        (reply(["a", "b"]), Array((Bulk(b"a"), Bulk(None))), "item 1 of the reply",
         '$1 "b" (a bulk string)', "$-1 (the null bulk string)"),
        (reply([["a"], 1]), Array((Array((Integer(2),)), Integer(1))), "item 0 of the item 0 of the reply",
         '$1 "a" (a bulk string)', ":2 (an integer)"),
        (reply(["a"]), Array((Bulk(b"a"), Bulk(b"b"))), "reply",
         '*1 [$1 "a"] (an array)', '*2 [$1 "a", $1 "b"] (an array)'),
        (reply([]), Array(None), "reply", "*0 [] (an array)", "*-1 (the null array)"),
        (members(b"a"), Array((Bulk(b"a"), Bulk(b"a"))), "reply",
         '*1 [$1 "a"] in any order (an array)', '*2 [$1 "a", $1 "a"] (an array)'),
        (members(b"a"), Set((Bulk(b"a"),)), "reply",
         '*1 [$1 "a"] in any order (an array)', '~1 [$1 "a"] (a set)'),
        (error("WRONGTYPE"), Error(b"ERR wrong type"), "reply",
         "-WRONGTYPE … (an error)", "-ERR wrong type (an error)"),
        (score(3), Double(3.0), "reply", '$1 "3" (a bulk string with that number)', ",3.0 (a double)"),
        (pairs((b"a", b"1")), Array((Bulk(b"a"),)), "reply",
         '*2 ["a" "1"], pairs in any order (an array)', '*1 [$1 "a"] (an array)'),
        (mapping((b"a", b"1")), Map(()), "reply", '%1 ["a" → "1"] in any order (a map)', "%0 [] (a map with these names)"),
    ],
)  # fmt: skip
def test_a_reply_that_differs_is_told_by_its_first_difference(
    wanted: Wanted, found: Value, path: str, expected: str, shown: str
) -> None:
    differs = unlike(wanted, found, "reply")
    assert differs is not None
    assert (differs[0], told(differs[1]), told(differs[2])) == (path, expected, shown)


def test_the_octet_that_differs_is_pointed_at() -> None:
    change = (
        "[look(key) for key in keys]",
        '[look(key) or b"none" for key in keys]',
    )
    [*_, result] = plain(*change, upto="strings").stages
    failure = result.failed[0].failure
    assert failure is not None
    assert failure.expected == (
        "item 1 of the reply to MGET many:b many:none many:a many:b: $-1 (the null bulk string)"
    )
    assert failure.found.endswith(': $4 "none" (a bulk string)')
    # +OK, then *4 and the first item.
    assert failure.offset == len(b"+OK\r\n*4\r\n$1\r\n2\r\n")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("ECHO", "two words"), 'ECHO "two words"'),
        (("SET", "a", ""), 'SET a ""'),
        (("SET", "a", b"\x00\r\n"), 'SET a "\\x00\\r\\n"'),
        (("SET", "a", b"x" * 1000), 'SET a "xxxxxxxx"… (1000 octets)'),
        (("SET", "a", b"a b " * 5, "NX"), 'SET a "a b a b "… (20 octets) NX'),
        (["MGET", *"abcdefgh"], "MGET a b c d e f g …"),
    ],
)
def test_a_command_is_told_as_it_is_typed_and_what_was_cut_is_counted(
    words: list[str | bytes], text: str
) -> None:
    assert called(words) == text


def test_an_answer_that_does_not_come_is_told_by_its_question() -> None:
    [*_, result] = plain(
        "except (TypeError, IndexError):", "except IndexError:", upto="stream"
    ).stages
    failure = result.failed[0].failure
    assert failure is not None
    assert (failure.expected, failure.found) == (
        "an answer to ECHO",
        "the connection was closed without one",
    )


def test_what_is_shown_by_hand_prints_the_same_octets() -> None:
    sends = [step for stage in STAGES for case in stage.cases for step in sends_of(case.steps)]
    assert len(sends) > 5
    for step in sends:
        printed = subprocess.run(["sh", "-c", step.shell], capture_output=True, check=True).stdout
        assert printed == step.data, step.shell


def sends_of(steps: tuple[Step, ...]) -> Iterator[Send]:
    for step in steps:
        if isinstance(step, Send) and step.shell:
            yield step
        yield from sends_of((*getattr(step, "steps", ()), *getattr(step, "between", ())))


# The texts.


def test_the_stages_stand_in_the_order_of_the_build() -> None:
    assert SLUGS[:12] == [
        "ping", "stream", "strings", "counters", "expiry", "many-clients", "hello", "keys",
        "lists", "hashes", "sets", "sorted-sets",
    ]  # fmt: skip


@pytest.mark.parametrize("stage", STAGES, ids=SLUGS)
def test_a_stage_says_all_that_a_learner_needs(stage) -> None:  # type: ignore[no-untyped-def]
    assert all((stage.title, stage.asks, stage.given))
    assert len({*stage.hints}) == 3
    assert stage.goals
    assert all(goal.split(": ")[0] in GOALS for goal in stage.goals)
    names = [case.name for case in stage.cases]
    assert len({*names}) == len(names) >= 3
    assert all(step.sketch().strip() for case in stage.cases for step in case.steps)


def test_every_rule_is_tried_by_a_case() -> None:
    tried = {case.rule for stage in STAGES for case in stage.cases}
    known = {name: rule for name, rule in vars(rules).items() if isinstance(rule, Rule)}
    assert {name for name, rule in known.items() if rule not in tried} == set()


# Cases share a program, so each has keys of its own.

NO_KEY = {b"PING", b"ECHO", b"HELLO", b"CLIENT", b"COMMAND", b"SELECT", b"INFO", b"QUIT", b"DBSIZE",
          b"KEYS", b"SCAN", b"FLUSHALL", b"FLUSHDB", b"NOPE"}  # fmt: skip
ALL_KEYS = {b"DEL", b"UNLINK", b"EXISTS", b"MGET", b"SINTER", b"SUNION", b"SDIFF"}


def keys_of(words: tuple[bytes, ...]) -> set[bytes]:
    name, *rest = words
    match name.upper():
        case b"MSET":
            return {*rest[::2]}
        case b"RENAME":
            return {*rest[:2]}
        case upper if upper in ALL_KEYS:
            return {*rest}
        case upper if upper in NO_KEY:
            return set()
    return {*rest[:1]}


def commands(steps: tuple[Step, ...]) -> list[tuple[bytes, ...]]:
    found: list[tuple[bytes, ...]] = []
    for step in steps:
        inner = [*getattr(step, "steps", ()), *getattr(step, "between", ())]
        found += commands(tuple(inner))
        data = getattr(step, "data", b"")
        reader = Reader(data if data.startswith(b"*") else b"")
        while reader.pos < len(reader.data):
            try:
                found.append(Resp().to_server(reader).words)
            except Exception:
                break  # a part of one, sent on purpose
    return found


def test_no_two_cases_use_one_key() -> None:
    """Nor do those of two stages: on a --target they are played at the same time."""
    users: dict[bytes, set[str]] = defaultdict(set)
    for slug in SLUGS[:12]:
        for case in cases(slug):
            if not case.alone:
                for words in commands(case.steps):
                    for key in keys_of(words):
                        users[key].add(f"{slug} · {case.name}")
    assert {key: names for key, names in users.items() if len(names) > 1} == {}


def cases(slug: str) -> tuple[Case, ...]:
    return STAGES[SLUGS.index(slug)].cases
