"""Which upstream takes the next request.

    round_robin          a b c a b c …                in turn, whoever is busy
    weighted 1,2,3       a b b c c c …                in proportion
    least_connections    the one with the fewest under way
    two_choices          the less busy one of two that were drawn
    hash                 /x always to b, /y always to a

Round robin is even in requests, not in work: one slow upstream gets its share all the same, and
more and more of them wait there. Policies that look at what is under way see it at once.

What is drawn at random is judged in bands so wide that a right program leaves them less than once
in ten thousand runs.

Left out: load. That is what the lab is for.
"""

from ....grade.asking import refuses
from ....grade.crowd import at_once
from ....grade.enduring import again
from ....grade.matchers import Matcher, one_of
from ....grade.ruled import awaited, by_rule, releases, tallied
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, connect, expect, send
from ....grade.verdict import Rule
from .. import rules
from .messages import A, B, C, Wire, alpha, get
from .origins import HELD, Origin, Tallies, in_all, requests, shares, tallies

ALL = by_rule(a=Origin("a"), b=Origin("b"), c=Origin("c"))
ANSWERED = expect(status=200, body=one_of(b"a", b"b", b"c"))
PATHS = [b"/item/%d" % number for number in range(60)]
HELD_ONE = (connect("slow"), send(get(HELD), on="slow"), awaited(in_all(1, 1, "one request")))
LET_GO = (releases(), expect(on="slow", status=200))


def policy(name: str, rule: Rule, setting: str, *steps: Step, **more: str) -> Case:
    return case(name, rule, *steps, environment={"POLICY": setting, **more})


def spared(most: int, says: str) -> Matcher:
    """Where one request is held, at most so many others came."""

    def matches(seen: Tallies) -> bool:
        holders = [tally for tally in seen.values() if requests(tally, HELD)]
        return len(holders) == 1 and requests(holders[0]) - 1 <= most

    return tallies(says, matches)


def places(seen: Tallies, which: bytes) -> dict[bytes, str]:
    """Path → the upstream that got it with this query."""
    return {
        asking.message.target.partition(b"?")[0]: name
        for name, tally in seen.items()
        for asking in tally.asked
        if asking.message.target.endswith(which)
    }


def stay(seen: Tallies) -> bool:
    first, second = places(seen, b"?first"), places(seen, b"?second")
    return len(first) == len(PATHS) and first == second


def only_lost_ones_move(seen: Tallies) -> bool:
    """Of those that a does not have; a is gone, and its tally with it."""
    first, second = places(seen, b"?first"), places(seen, b"?second")
    return all(second.get(path) == name for path, name in first.items())


def spread(seen: Tallies) -> bool:
    first = list(places(seen, b"?first").values())
    return all(first.count(name) >= 5 for name in "abc")


STAGE = Stage(
    name="proxy/balance",
    title="five ways to choose an upstream",
    asks="Spread the requests over several upstreams, by the policy that is set.",
    given="$POLICY is round_robin, weighted (with $WEIGHTS), least_connections, two_choices or "
    "hash, which goes by the target's path.",
    goals=(
        "decide: in turn; by weight; by what is under way; by the path",
        "act: count what is under way when a request is given away, and when its answer has ended",
        "recover: a choice that is out is passed over, without disturbing the other choices",
    ),
    hints=(
        "When exactly is a request no longer under way, also when its client has gone?",
        "Keep a counter for each upstream, add one when it is chosen and take one off in the one "
        "place that every request leaves through. For the hash, give each upstream a score from "
        "upstream and path together, and take the highest: when one is out, all other scores are "
        "what they were. hash(path) % N moves nearly all paths when N changes. A hash that differs "
        "from run to run is fine; one that differs from process to process is not.",
        "round_robin: n += 1; choose(ups[n % len(ups)])\n"
        "weighted:    for u: u.current += u.weight; best = max(current); best.current -= sum(weights)\n"
        "least:       min(ups, key=busy), equals in turn\n"
        "two_choices: min(random.sample(ups, 2), key=busy)\n"
        "hash:        max(ups, key=lambda u: sha256(u.address + path))",
    ),
    codec=Wire,
    far=(A, B, C),
    ways=ONCE,
    # What is held may take as long as a busy machine needs for the others.
    environment={"READ_MS": "30000", "TOTAL_MS": "30000"},
    cases=(
        case(
            "thirty requests in turn are ten each",
            rules.ROUND_ROBIN,
            ALL,
            again(30, send(alpha), ANSWERED),
            tallied(shares(a=(10, 10), b=(10, 10), c=(10, 10))),
        ),
        case(
            "also from thirty clients at once",
            rules.ROUND_ROBIN,
            ALL,
            at_once(30, send(alpha), ANSWERED),
            tallied(shares(a=(10, 10), b=(10, 10), c=(10, 10))),
        ),
        case(
            "round robin does not mind who is busy",
            rules.ROUND_ROBIN,
            ALL,
            *HELD_ONE,
            again(29, send(alpha), ANSWERED),
            tallied(shares(a=(10, 10), b=(10, 10), c=(10, 10))),
            *LET_GO,
        ),
        policy(
            "weights of 1, 2 and 3 are proportions",
            rules.WEIGHTED,
            "weighted",
            ALL,
            again(120, send(alpha), ANSWERED),
            tallied(shares(a=(14, 26), b=(32, 48), c=(50, 70))),
            WEIGHTS="1,2,3",
        ),
        policy(
            "without weights all are equal",
            rules.WEIGHTED,
            "weighted",
            ALL,
            again(60, send(alpha), ANSWERED),
            tallied(shares(a=(10, 30), b=(10, 30), c=(10, 30))),
        ),
        policy(
            "the busy one is left alone",
            rules.LEAST,
            "least_connections",
            ALL,
            *HELD_ONE,
            again(20, send(alpha), ANSWERED),
            tallied(spared(0, "all twenty at the two upstreams where nothing is held")),
            *LET_GO,
        ),
        policy(
            "thirty slow ones at once are ten each",
            rules.LEAST,
            "least_connections",
            by_rule(a=Origin("a", after=0.5), b=Origin("b", after=0.5), c=Origin("c", after=0.5)),
            at_once(30, send(alpha), expect(status=200, seconds=5.0)),
            tallied(shares(a=(10, 10), b=(10, 10), c=(10, 10))),
        ),
        policy(
            "what is over is not under way",
            rules.LEAST,
            "least_connections",
            ALL,
            *HELD_ONE,
            *LET_GO,
            close("slow"),
            again(60, send(alpha), ANSWERED),
            tallied(shares(a=(1, 59), b=(1, 59), c=(1, 59))),
        ),
        policy(
            "of two that are drawn the less busy one",
            rules.TWO_CHOICES,
            "two_choices",
            ALL,
            *HELD_ONE,
            again(150, send(alpha), ANSWERED),
            tallied(spared(33, "at most 33 of 150 where one is held (a fair draw would send 50)")),
            tallied(shares(a=(0, 120), b=(0, 120), c=(0, 120))),
            *LET_GO,
        ),
        policy(
            "all of them are drawn",
            rules.TWO_CHOICES,
            "two_choices",
            ALL,
            again(120, send(alpha), ANSWERED),
            tallied(shares(a=(15, 70), b=(15, 70), c=(15, 70))),
        ),
        policy(
            "the same path comes to the same upstream, whatever its query",
            rules.HASH,
            "hash",
            ALL,
            *(step for path in PATHS for step in (send(get(path + b"?first")), ANSWERED)),
            *(step for path in PATHS for step in (send(get(path + b"?second")), ANSWERED)),
            tallied(tallies("each of 60 paths twice at one upstream", stay)),
            tallied(tallies("at least 5 of 60 paths at each upstream", spread)),
        ),
        policy(
            "without one upstream only its own paths move",
            rules.HASH_MOVES,
            "hash",
            ALL,
            *(step for path in PATHS for step in (send(get(path + b"?first")), ANSWERED)),
            refuses("a"),
            *(
                step
                for path in PATHS
                for step in (send(get(path + b"?second")), expect(status=one_of(200, 502, 503)))
            ),
            tallied(tallies("the paths of b and c where they were", only_lost_ones_move)),
            EJECT_AFTER="1",
            EJECT_MS="60000",
        ),
    ),
)
