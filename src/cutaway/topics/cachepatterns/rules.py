"""What the program has to do, one requirement a line: section, level, sentence.

    ASIDE_HIT = Rule("contract", "contract", "what the cache has is answered from it …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
Most rules are a contract of ours: patterns have no specification. A section stands beside a rule only
where a document asks for just that.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule


def ours(text: str) -> Rule:
    """A requirement of the contract."""
    return Rule("contract", "contract", text)


# fmt: off
# Aside.
MISS = ours("what the cache does not have is asked of the origin, and answered")
HIT = ours("what the cache has is answered from it, and the origin is not asked")
LIFETIME = ours("every entry is stored with a lifetime, of TTL_MS at the most")
EXPIRED = ours("an entry whose lifetime is over is a miss")
OWN_ENTRY = ours("each key has an entry of its own, and so has each pattern")
OCTETS = ours("a value is octets of any kind, also none at all, and comes out of the cache as it went in")
NOT_FOUND = ours("the origin's 404 is answered, and /aside does not store it")
FAILURE = ours("a failure of the origin is answered with 502 and never stored")
IN_THE_CACHE = ours("entries are kept in the cache, under PATTERN:KEY, and nowhere else")
PATHS = ours("a path that is not in the contract is answered with 404, and nobody is asked for it")
METHODS = Rule("RFC 9110 §15.5.6", "contract", "a method that a path does not have is answered with 405 or 501, and nobody is asked for it")

# Read-through.
NEGATIVE = ours("that the origin has nothing is remembered, too")
NEGATIVE_TTL = ours("a 404 is remembered for NEGATIVE_MS, and never for longer than TTL_MS")
NEGATIVE_ONLY = ours("only a 404 is remembered as nothing: an empty value is a value, a failure is neither")

# Writes.
ORIGIN_FIRST = ours("the origin is told first: the cache has nothing that the origin has not taken")
TOLD = ours("the origin is told of a write while the client waits for its answer")
ACKNOWLEDGED = ours("a write is answered with 204 once the origin has taken it, not before")
THROUGH = ours("what was written through is in the cache when the write is answered")
NOT_TAKEN = ours("a write that the origin does not take is answered with 502, and is nowhere")
AROUND = ours("nothing of a write to /write-around goes into the cache")
AROUND_REMOVES = ours("a write to /write-around removes the entry that was there, which has grown old by it")
APART = ours("patterns know nothing of each other: a write to one leaves the entries of another")

# Invalidation.
WRITE_REMOVES = ours("a write to /aside removes the entry once the origin has taken it")
INVALIDATE = ours("after POST /invalidate/KEY the entries of KEY are gone, in every pattern but write-behind")
INVALIDATE_QUIET = ours("an invalidation asks the origin for nothing, and is answered with 204 also where no entry was")
INVALIDATE_ONLY = ours("the entries of other keys stay, and no command is used that goes through all of them")
INVALIDATED_WRITE = ours("a write that failed invalidates nothing: what is answered afterwards is what the origin has")

# Write-behind.
BEHIND = ours("a write to /write-behind is answered with 202 before the origin has it")
BEHIND_SENT = ours("what was written is sent to the origin after BEHIND_MS")
BEHIND_READ = ours("while something is owed for a key, it is what GET answers")
BEHIND_ONE = ours("for one key one write is under way at a time, and what came meanwhile is one more, of the last value")
BEHIND_RETRY = ours("a write that fails is tried again within a second, with the last value")
BEHIND_NO_END = ours("an entry does not run out while its value is owed")
BEHIND_PAID = ours("what the origin has taken is no longer owed: the entry has a lifetime from then on")
BEHIND_NEWER = ours("what the origin answered before a write does not replace what was written")
BEHIND_KILLED = ours("after SIGKILL and a new start, what was acknowledged and is still owed is sent within two seconds")
BEHIND_DRAIN = ours("after SIGTERM what is owed is sent, again where that fails, then the program exits with status 0")
BEHIND_KEPT = ours("an invalidation leaves the entries of write-behind: there the cache is ahead of the origin")

# Refresh-ahead.
AHEAD_YOUNG = ours("an entry that is younger than REFRESH_MS is answered, and the origin not asked")
AHEAD_AT_ONCE = ours("an entry older than REFRESH_MS is answered at once, and the origin asked behind the answer")
AHEAD_REPLACES = ours("what the origin answers replaces the entry and begins a new lifetime")
AHEAD_ONCE = ours("for one key the origin is asked once at a time, however many read meanwhile")
AHEAD_FAILS = ours("a refresh that fails leaves the entry as it is")
AHEAD_GONE = ours("a refresh that is answered with 404 removes the entry")
AHEAD_UNREAD = ours("what nobody reads is not fetched")

# Stampedes.
ONE_FLIGHT = ours("however many ask for a key at the same time, the origin is asked once")
OTHER_KEYS = ours("whoever asks for another key does not wait")
SHARED_FAILURE = ours("all who waited have the one answer, failure and 404 included; the next request asks anew")
LEAVER = ours("a client that leaves does not take the answer away from the others")
EARLY_CHANCE = ours("each read fetches anew with the chance exp(-left / EARLY_MS), by itself")
EARLY_NEVER_FAILS = ours("while there is an entry, a failure of the origin is nothing to the client")
EARLY_REPLACES = ours("what was fetched early takes the place of the entry")
STALE_FRESH = ours("for TTL_MS an entry is fresh: it is answered, and the origin not asked")
STALE_AT_ONCE = Rule("RFC 5861 §3", "contract", "for STALE_MS behind TTL_MS the entry is answered at once, while the origin is asked in the background")
STALE_ONCE = ours("for one key the origin is asked once at a time, however many read the stale entry meanwhile")
STALE_ERROR = Rule("RFC 5861 §4", "contract", "while the origin fails, a stale entry goes on to be answered")
STALE_END = ours("behind TTL_MS and STALE_MS an entry is a miss, and nobody gets it any more")

# The race.
RACE = ours("what was asked of the origin before a write is not stored behind it")
RACE_OTHERS = ours("when another program says DEL aside:KEY, an answer from before that is not stored")
RACE_NEWER = ours("an older answer does not take the place of a newer one")
RACE_GOES_ON = ours("whatever keeps old answers out lets the next reader's be stored")

# Without the cache.
DOWN = ours("a cache that cannot be reached is no error to the client: the origin is asked")
DOWN_WRITE = ours("a write that the origin has taken is acknowledged, cache or not")
DOWN_START = ours("the program starts without the cache")
DOWN_BACK = ours("when the cache is back, entries count again within BREAK_MS and a second")
DOWN_OWED = ours("a removal that the cache did not take is made up before an entry of that key is used again")
DOWN_DEBT = ours("what is owed already is not sent behind a newer write")
DOWN_BEHIND = ours("without the cache a debt cannot be noted: the origin has the value before 204, or the answer is 503")
SLOW = ours("the cache may take CACHE_MS; then the origin is asked")
SLOW_BREAKER = ours("after three failures in a row the cache is left alone for BREAK_MS")
SLOW_IN_A_ROW = ours("fewer than three failures in a row leave the cache in use: whatever it answers well ends the row")
SLOW_IS_USED = ours("a cache that answers within CACHE_MS is used")
SLOW_LATE = ours("an answer of the cache that comes late answers nobody: its connection is not used for another question")
LYING = ours("an entry that is not what the program stored under that key of that pattern is a miss")
LYING_REPAIRED = ours("behind such a miss the entry holds the origin's value again")
LYING_CUT = ours("half of an answer of the cache is none: the origin is asked")
FULL = ours("a cache that refuses to store does not keep the value from the client")
# fmt: on
