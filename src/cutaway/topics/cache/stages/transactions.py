"""Transactions: several commands as one.

    MULTI            +OK
    INCR a           +QUEUED
    INCR b           +QUEUED
    EXEC             *2  :1  :1        nobody sees a without b

A queue and nothing more: there is no way back. A command that cannot be queued calls the whole off; one
that fails while it is executed leaves the others standing. What a client has read before it may have
changed meanwhile, so it says WATCH first, and EXEC is answered with null when somebody was faster.

Left out: scripts.
"""

from __future__ import annotations

from typing import Any

from ....grade.drastic import at_once
from ....grade.stage import ALL, ONCE, Stage, Step, case
from ....grade.steps import close, send
from .. import rules
from ..codec import Resp
from ..messages import Array, Integer, Simple
from .clock import later
from .hello import greeting
from .messages import (
    ANY_NUMBER,
    ERR,
    NEIGHBOUR,
    NO_ARRAY,
    NULL,
    OK,
    PONG,
    WRONGTYPE,
    Exchange,
    cmd,
    talk,
    together,
)
from .replies import error, matching, replies

QUEUED = Simple(b"QUEUED")
EXECABORT = error("EXECABORT")
CLIENTS, TIMES = 8, 25
LONG = 1000  # commands in one transaction


def both_alike(found: Any) -> bool:
    """n, n, n + 1, n + 1"""
    if not isinstance(found, Array) or found.items is None or len(found.items) != 4:
        return False
    numbers = [item.value for item in found.items if isinstance(item, Integer)]
    return len(numbers) == 4 and numbers == [numbers[0]] * 2 + [numbers[0] + 1] * 2


ALIKE = matching("*4 [n, n, n + 1, n + 1] (an array)", both_alike)


def pairs_of_counts() -> tuple[Step, ...]:
    """Two counters, both twice in one transaction, many times in one write."""
    queued: list[Exchange] = [(f"INCR pair:{name}", QUEUED) for name in "abab"]
    return together(*[("MULTI", OK), *queued, ("EXEC", ALIKE)] * TIMES)


STAGE = Stage(
    name="cache/transactions",
    title="several commands as one",
    asks="Queue what comes behind MULTI, and execute all of it at EXEC with nobody in between; not at "
    "all when a watched key has changed.",
    given="MULTI, EXEC, DISCARD, WATCH, UNWATCH.",
    goals=(
        "parse it: a command that does not exist, or with too few arguments, is found out when it comes",
        "decide: queue it, or execute it: EXEC, DISCARD, MULTI and WATCH are never queued",
        "act: execute the queue without serving anybody in between",
        "answer: one array, with an error in it where a command failed",
        "recover: whatever comes of it, the connection is back to normal and watches nothing",
    ),
    hints=(
        "Which of your commands look at the data before all of them are there? Behind MULTI none may.",
        "Keep with each connection a queue (or none), a mark that something could not be queued, and the "
        "watched keys. Each change of a key marks the connections that watch it. EXEC: the first mark is "
        "EXECABORT, the second is null, else run the queue.",
        "exec:  if not in multi: -ERR\n"
        "       if broken: answer -EXECABORT\n"
        "       elif changed, or a watched key is over: answer *-1\n"
        "       else: answer [execute(command) for command in queue]\n"
        "       queue = none; broken = changed = false; unwatch all",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    side_by_side=True,
    cases=(
        case(
            "what is queued is executed in order, and answered together",
            rules.EXEC,
            *talk(
                ("MULTI", OK),
                ("SET tx:a 1", QUEUED),
                ("INCR tx:a", QUEUED),
                ("GET tx:a", QUEUED),
                ("GET tx:none", QUEUED),
                ("EXEC", [OK, 2, "2", None]),
                ("GET tx:a", "2"),
                fresh="tx:a",
            ),
        ),
        case(
            "all of it may come in one write",
            rules.EXEC,
            *together(
                ("MULTI", OK),
                ("RPUSH tx:b 1 2", QUEUED),
                ("LRANGE tx:b 0 -1", QUEUED),
                ("EXEC", [2, ["1", "2"]]),
                ("PING", PONG),
                fresh="tx:b",
            ),
        ),
        case(
            "nothing is done before EXEC",
            rules.MULTI,
            *talk(("MULTI", OK), ("SET tx:c 1", QUEUED), fresh="tx:c"),
            *talk(("GET tx:c", None), on="other"),
            *talk(("EXEC", [OK])),
            *talk(("GET tx:c", "1"), on="other"),
        ),
        case(
            "a transaction of nothing answers the empty array",
            rules.EXEC,
            *talk(("MULTI", OK), ("EXEC", []), ("PING", PONG)),
        ),
        case(
            f"{LONG} commands are one transaction, too",
            rules.EXEC,
            *together(
                ("MULTI", OK),
                *[("INCR tx:d", QUEUED)] * LONG,
                ("EXEC", [*range(1, LONG + 1)]),
                fresh="tx:d",
            ),
            ways=ONCE,
        ),
        case(
            "EXEC and DISCARD without MULTI are errors",
            rules.EXEC_ALONE,
            *talk(("EXEC", ERR), ("DISCARD", ERR), ("MULTI", OK), ("EXEC", []), ("EXEC", ERR)),
        ),
        case(
            "DISCARD forgets what was queued",
            rules.DISCARD,
            *talk(
                ("MULTI", OK),
                ("SET tx:e 1", QUEUED),
                ("DISCARD", OK),
                ("GET tx:e", None),
                ("SET tx:e 2", OK),
                ("EXEC", ERR),
                ("GET tx:e", "2"),
                fresh="tx:e",
            ),
        ),
        case(
            "too few arguments call the whole off",
            rules.EXECABORT,
            *talk(
                ("MULTI", OK),
                ("SET tx:f 1", QUEUED),
                ("SET tx:f", ERR),
                ("SET tx:f 3", QUEUED),
                ("EXEC", EXECABORT),
                ("GET tx:f", None),
                ("EXEC", ERR),
                fresh="tx:f",
            ),
        ),
        case(
            "and so does a command that does not exist",
            rules.EXECABORT,
            *talk(
                ("MULTI", OK),
                ("NOSUCHCOMMAND tx", ERR),
                ("SET tx:g 1", QUEUED),
                ("EXEC", EXECABORT),
                ("GET tx:g", None),
                ("MULTI", OK),
                ("SET tx:g 2", QUEUED),
                ("EXEC", [OK]),
                ("GET tx:g", "2"),
                fresh="tx:g",
            ),
        ),
        case(
            "a command that fails while it is executed leaves the others",
            rules.NO_ROLLBACK,
            *talk(
                ("SET tx:h text", OK),
                ("MULTI", OK),
                ("SET tx:i 1", QUEUED),
                ("INCR tx:h", QUEUED),
                ("LPUSH tx:h x", QUEUED),
                ("INCR tx:i", QUEUED),
                ("EXEC", [OK, ERR, WRONGTYPE, 2]),
                ("GET tx:h", "text"),
                ("GET tx:i", "2"),
                fresh="tx:h tx:i",
            ),
        ),
        case(
            "MULTI and WATCH behind MULTI are errors",
            rules.NOT_NESTED,
            *talk(
                ("MULTI", OK), ("SET tx:j 1", QUEUED), ("MULTI", ERR), ("DISCARD", OK), fresh="tx:j"
            ),
            *talk(("MULTI", OK), ("WATCH tx:j", ERR), ("DISCARD", OK)),
            *talk(("EXEC", ERR), ("GET tx:j", None)),
        ),
        case(
            "a watched key that nobody changed",
            rules.WATCH_UNCHANGED,
            *talk(("SET tx:k 1", OK), ("WATCH tx:k", OK), ("GET tx:k", "1")),
            *talk(("GET tx:k", "1"), ("TTL tx:k", -1), ("SET tx:k 2 NX", None), on="other"),
            *talk(("MULTI", OK), ("INCR tx:k", QUEUED), ("EXEC", [2])),
        ),
        case(
            "a watched key that another client changed",
            rules.WATCH,
            *talk(("SET tx:l 1", OK), ("WATCH tx:l", OK), ("GET tx:l", "1")),
            *talk(("SET tx:l 5", OK), on="other"),
            *talk(
                ("MULTI", OK),
                ("SET tx:l 2", QUEUED),
                ("SET tx:l:more 2", QUEUED),
                ("EXEC", NO_ARRAY),
                ("GET tx:l", "5"),
                ("GET tx:l:more", None),
            ),
        ),
        case(
            "a change between MULTI and EXEC counts, too",
            rules.WATCH,
            *talk(("SET tx:m 1", OK), ("WATCH tx:m", OK), ("MULTI", OK), ("INCR tx:m", QUEUED)),
            *talk(("INCR tx:m", 2), on="other"),
            *talk(("EXEC", NO_ARRAY), ("GET tx:m", "2")),
        ),
        case(
            "the same value once more is a change",
            rules.WATCH,
            *talk(("SET tx:n 1", OK), ("WATCH tx:n", OK)),
            *talk(("SET tx:n 1", OK), on="other"),
            *talk(("MULTI", OK), ("INCR tx:n", QUEUED), ("EXEC", NO_ARRAY)),
        ),
        case(
            "a key that came, and one that went",
            rules.WATCH,
            *talk(("WATCH tx:o", OK), fresh="tx:o"),
            *talk(("RPUSH tx:o 1", 1), on="other"),
            *talk(("MULTI", OK), ("PING", QUEUED), ("EXEC", NO_ARRAY), ("WATCH tx:o", OK)),
            *talk(("DEL tx:o", 1), on="other"),
            *talk(("MULTI", OK), ("PING", QUEUED), ("EXEC", NO_ARRAY)),
        ),
        case(
            "a change within: one more item of a list",
            rules.WATCH,
            *talk(("RPUSH tx:p 1", 1), ("WATCH tx:p", OK), fresh="tx:p"),
            *talk(("RPUSH tx:p 2", 2), on="other"),
            *talk(("MULTI", OK), ("LLEN tx:p", QUEUED), ("EXEC", NO_ARRAY)),
        ),
        case(
            "a client's own change counts like any other",
            rules.WATCH,
            *talk(
                ("SET tx:q 1", OK),
                ("WATCH tx:q", OK),
                ("SET tx:q 2", OK),
                ("MULTI", OK),
                ("INCR tx:q", QUEUED),
                ("EXEC", NO_ARRAY),
                ("GET tx:q", "2"),
            ),
        ),
        case(
            "of several watched keys one is enough",
            rules.WATCH,
            *talk(("WATCH tx:r1 tx:r2", OK), ("WATCH tx:r3", OK), fresh="tx:r1 tx:r2 tx:r3"),
            *talk(("SET tx:r2 1", OK), on="other"),
            *talk(("MULTI", OK), ("PING", QUEUED), ("EXEC", NO_ARRAY)),
        ),
        case(
            "a change of another key does not matter, nor one from before WATCH",
            rules.WATCH_UNCHANGED,
            *talk(("SET tx:s 1", OK), ("WATCH tx:s", OK)),
            *talk(("SET tx:s2 1", OK), on="other"),
            *talk(("MULTI", OK), ("GET tx:s", QUEUED), ("EXEC", ["1"])),
        ),
        case(
            "a lifetime that ends is a change",
            rules.WATCH_EXPIRES,
            *together(("SET tx:t 1 PX 200", OK), ("WATCH tx:t", OK)),
            later(250),
            *talk(("MULTI", OK), ("SET tx:t 2", QUEUED), ("EXEC", NO_ARRAY), ("EXISTS tx:t", 0)),
            ways=ONCE,
        ),
        case(
            "UNWATCH, DISCARD and EXEC forget what was watched",
            rules.UNWATCHED,
            *talk(("SET tx:u 1", OK), ("WATCH tx:u", OK)),
            *talk(("INCR tx:u", 2), on="other"),
            *talk(("UNWATCH", OK), ("MULTI", OK), ("PING", QUEUED), ("EXEC", [PONG])),
            *talk(("WATCH tx:u", OK), ("MULTI", OK), ("DISCARD", OK)),
            *talk(("INCR tx:u", 3), on="other"),
            *talk(("MULTI", OK), ("PING", QUEUED), ("EXEC", [PONG]), ("WATCH tx:u", OK)),
            *talk(("INCR tx:u", 4), on="other"),
            *talk(
                ("MULTI", OK), ("EXEC", NO_ARRAY), ("MULTI", OK), ("PING", QUEUED), ("EXEC", [PONG])
            ),
        ),
        case(
            "a client that goes ahead of EXEC has done nothing",
            rules.LOST_CLIENT,
            *talk(("MULTI", OK), ("SET tx:v 1", QUEUED), fresh="tx:v", on="gone"),
            close("gone"),
            *talk(("GET tx:v", None)),
        ),
        case(
            "another client's command is no part of the transaction",
            rules.MULTI,
            *talk(("MULTI", OK), ("SET tx:w 1", QUEUED), fresh="tx:w"),
            *talk(("SET tx:w 2", OK), ("GET tx:w", "2"), on="other"),
            *talk(("DISCARD", OK), ("GET tx:w", "2")),
        ),
        case(
            "others see all of it or nothing",
            rules.ISOLATED,
            *talk(("DEL pair:a pair:b", ANY_NUMBER)),
            at_once(CLIENTS, *pairs_of_counts()),
            *talk(("MGET pair:a pair:b", [str(CLIENTS * TIMES * 2)] * 2)),
            ways=ONCE,
        ),
        case(
            "in RESP3 the null of EXEC is _",
            rules.EXEC_NULL_3,
            send(cmd("HELLO 3"), cmd("WATCH tx:x")),
            replies(greeting(3)),
            replies(OK),
            *talk(("SET tx:x 1", OK), on="other"),
            *talk(("MULTI", OK), ("PING", QUEUED), ("EXEC", NULL)),
        ),
    ),
)
