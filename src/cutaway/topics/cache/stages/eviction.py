"""Eviction: which key goes, judged by what is still found.

    asked for     hot   once   hot   once   hot          the hot keys fit, with room to spare
    LRU           ✓            ✓            ✓            what came once is older, and goes
    FIFO          ✓            ✗            …            the hot ones came first, and go first

No policy is the best one. Each is a guess about what will be asked for next, and for each there is a
way of asking that makes the guess wrong. A loop that is a little longer than the cache defeats all that
look at time, and random removal finds more than half of it.

FIFO has no name among the policies: it is volatile-ttl when all lifetimes are of one length.

Left out: the other volatile policies; admission, which decides whether a newcomer is let in at all.
"""

from __future__ import annotations

from ....grade.stage import ONCE, Stage, case
from .. import rules
from ..codec import Resp
from .playing import plays
from .traces import by_key, favourites, loop, popular, unlike_lifetimes, working_set

STAGE = Stage(
    name="cache/eviction",
    title="the right key goes",
    asks="Remove the key that the policy names: the one used longest ago, least often, ending soonest, "
    "or any.",
    given="maxmemory-policy allkeys-lru, allkeys-lfu, allkeys-random, volatile-ttl, exactly or by "
    "samples. The hit ratio over a trace is compared with that of the policy, for as many keys as the "
    "limit leaves room for. Between what was used before and since, a second passes, by CLOCK ADVANCE "
    "or by waiting.",
    goals=(
        "bound it: a few octets a key say when it was used, or how often",
        "decide: compare all keys, or some that are drawn at random",
        "act: a read is a use, too: it changes what is known of the key",
        "recover: what is known of a key goes with it",
    ),
    hints=(
        "Which of your commands use a key? Print what is known of a key before and after a GET.",
        "LRU: a dictionary that keeps order does it exactly, when each use moves the key to its end. By "
        "samples: a number from a clock in each entry, and of five entries drawn at random the one with "
        "the lowest goes. LFU: a count instead, and a newcomer must not go at once. volatile-ttl: draw "
        "among keys with a lifetime only.",
        "victim():\n"
        "    some = five entries, drawn at random\n"
        "    lru           return min(some, by when it was used)\n"
        "    lfu           return min(some, by how often it was used)\n"
        "    random        return some[0]\n"
        "    volatile-ttl  return min(five of those with a lifetime, by when it ends)\n"
        "get(key):  entry.used = now(); entry.count += 1",
    ),
    codec=Resp,
    ways=ONCE,
    insight=True,
    cases=tuple(
        # Where time has to pass, each waits on a program of its own.
        case(name, rule, step, alone=rule is rules.LRU)
        for name, rule, step in (
            (
                "LRU: a working set outlives keys that come once",
                rules.LRU,
                plays("lru", working_set, apart=("fifo", "random")),
            ),
            (
                "LRU: what was popular once has to go",
                rules.LRU,
                plays("lru", favourites, apart=("lfu", "random")),
            ),
            (
                "LFU: what was asked for often outlives many that came since",
                rules.LFU,
                plays("lfu", favourites, apart=("lru", "fifo", "random")),
            ),
            (
                "LFU: of what is popular to all degrees more is found than by any other",
                rules.LFU,
                plays("lfu", popular, apart=("lru", "fifo", "random")),
            ),
            (
                "random: some of what was there first is left",
                rules.RANDOM,
                plays("random", favourites, apart=("lru", "lfu", "fifo"), within=0.12),
            ),
            (
                "random: a loop longer than the cache does not defeat it",
                rules.RANDOM,
                plays("random", loop, apart=("lru",), within=0.08),
            ),
            (
                "volatile-ttl: with lifetimes of one length, what came first goes first",
                rules.SOONEST,
                plays("fifo", working_set, apart=("lru", "lfu")),
            ),
            (
                "volatile-ttl: and reading does not save it",
                rules.SOONEST,
                plays("fifo", favourites, apart=("lfu", "random")),
            ),
            (
                "volatile-ttl: what ends soonest goes first, whenever it came",
                rules.SOONEST,
                plays("soonest", unlike_lifetimes, apart=("fifo", "random"), ends=by_key),
            ),
        )
    ),
)
