"""Which upstreams are in: asked for it, or found out by what goes wrong.

    active    GET /health every 250 ms     two bad answers in a row: out; two good ones: in again
    passive   requests themselves          so many failures in a row: out for a while

Out means that no new request goes there. What is under way stays: an upstream that fails its check
may well finish what it has.

Left out: what a check should look at. That is the upstream's business.
"""

from ....grade.asking import recovers, refuses
from ....grade.enduring import again, eventually
from ....grade.matchers import Matcher, one_of
from ....grade.ruled import awaited, begins_anew, by_rule, releases, tallied
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, connect, expect, pause, send
from ....grade.verdict import Rule
from .. import rules
from .messages import A, B, C, Wire, alpha, get
from .origins import HEALTH, HELD, Origin, Tallies, checked, in_all, requests, shares, tallies

ALL = by_rule(a=Origin("a"), b=Origin("b"), c=Origin("c"))
ACTIVE = {"HEALTH_PATH": "/health", "HEALTH_MS": "250", "READ_MS": "30000", "TOTAL_MS": "30000"}
PASSIVE = {"EJECT_AFTER": "3", "EJECT_MS": "60000"}
SHORTLY = {"EJECT_AFTER": "3", "EJECT_MS": "700"}
ANSWERED = expect(status=200, body=one_of(b"a", b"b", b"c"))
ANY = expect(status=one_of(200, 502, 503, 504))
SETTLED = 3  # checks after which two in a row have been answered, and looked at
# A program that was slow to start has asked upstreams in vain that were not answering yet.
ALL_IN = (ALL, awaited(checked(SETTLED + 1, "a", "b", "c"), seconds=5.0))
WITHOUT_B = (begins_anew(), again(12, send(alpha), ANSWERED), tallied(shares(b=(0, 0))))
WITH_B = (begins_anew(), again(12, send(alpha), ANSWERED), tallied(shares(b=(2, 12))))


def active(name: str, rule: Rule, *steps: Step) -> Case:
    return case(name, rule, *steps, environment=ACTIVE)


def passive(name: str, rule: Rule, *steps: Step) -> Case:
    return case(name, rule, *steps, environment=PASSIVE)


def b_turns(health: int, flaky: bool = False, checks: int = SETTLED) -> tuple[Step, ...]:
    """From now on b answers health checks like that, and it has been noticed."""
    changed = by_rule(b=Origin("b", health=health, flaky=flaky))
    return (changed, begins_anew(), awaited(checked(checks, "b"), seconds=5.0))


def by_get(seen: Tallies) -> bool:
    checks = [a.message for tally in seen.values() for a in tally.asked]
    return bool(checks) and all(m.method == b"GET" and m.target == HEALTH for m in checks)


def held_at_b(seen: Tallies) -> bool:
    return requests(seen["b"], HELD) == 1


ASKED_BY_GET: Matcher = tallies("nothing but GET /health", by_get)

STAGE = Stage(
    name="proxy/health",
    title="an upstream that is out gets nothing",
    asks="Find out which upstreams can be used: ask them, and look at what becomes of requests. "
    "Pass over those that are out, and take them in again.",
    given="With $HEALTH_PATH each upstream is asked with GET every $HEALTH_MS: two answers in a row "
    "that are no 2xx, or none in time, take it out, two 2xx take it in. With $EJECT_AFTER, so many "
    "failures in a row (refused, ended early, timed out, or 502, 503, 504 from the upstream itself) "
    "take it out for $EJECT_MS. When none is in, the answer is 503.",
    goals=(
        "bound it: a check has a limit of its own, and only one is under way at an upstream",
        "decide: two in a row, in both directions; a number in a row for failures of requests",
        "act: what is out is passed over by every policy",
        "recover: it comes in again by itself; what was under way is left alone",
    ),
    hints=(
        "What happens to a request that is under way at the moment when its upstream goes out?",
        "Run one loop for each upstream, beside the requests: ask, wait for the answer at most "
        "HEALTH_MS, count good or bad ones in a row, sleep. For the other kind keep a count at the "
        "upstream: a failure adds one, anything else sets it to 0, and at EJECT_AFTER the time of "
        "its return is noted. Being out only changes who is chosen next.",
        "good, bad = (good + 1, 0) if 200 <= status < 300 else (0, bad + 1)\n"
        "if bad >= 2: up.in = False\n"
        "if good >= 2: up.in = True\n"
        "usable = [u for u in ups if u.in and now >= u.ejected_until]   # none: 503",
    ),
    codec=Wire,
    far=(A, B, C),
    ways=ONCE,
    cases=(
        active(
            "each upstream is asked with GET",
            rules.CHECKS,
            ALL,
            awaited(checked(3, "a", "b", "c")),
            tallied(ASKED_BY_GET),
        ),
        active(
            "all are in at the start",
            rules.IN_AGAIN,
            *ALL_IN,
            *WITH_B,
        ),
        active(
            "bad answers take an upstream out, and good ones in again",
            rules.OUT,
            ALL,
            *b_turns(health=500),
            *WITHOUT_B,
            *b_turns(health=204),
            *WITH_B,
        ),
        active(
            "a redirect is no good answer",
            rules.OUT,
            ALL,
            *b_turns(health=302),
            *WITHOUT_B,
        ),
        active(
            "no answer in time takes an upstream out",
            rules.OUT,
            ALL,
            *b_turns(health=0, checks=SETTLED + 1),
            *WITHOUT_B,
        ),
        active(
            "one bad answer between good ones does not",
            rules.ONE_IS_NOT_TWO,
            *ALL_IN,
            *b_turns(health=500, flaky=True, checks=6),
            *WITH_B,
            begins_anew(),
            awaited(checked(1, "b"), seconds=5.0),  # the other kind of answer
            pause(0.1),
            *WITH_B,
        ),
        active(
            "an upstream that is gone is out, and in again when it is back",
            rules.OUT,
            *ALL_IN,
            refuses("b"),
            eventually(again(12, send(alpha), ANSWERED), close()),
            begins_anew(),
            again(12, send(alpha), ANSWERED),
            tallied(shares(a=(1, 11), c=(1, 11))),
            close(),
            recovers("b"),
            ALL,
            awaited(checked(SETTLED, "b")),
            *WITH_B,
        ),
        active(
            "when none is in the answer is 503",
            rules.NONE_IN,
            by_rule(
                a=Origin("a", health=500), b=Origin("b", health=500), c=Origin("c", health=500)
            ),
            awaited(checked(SETTLED, "a", "b", "c")),
            begins_anew(),
            send(alpha),
            expect(status=503),
            tallied(in_all(0, 0, "no request")),
        ),
        active(
            "what is under way goes on",
            rules.UNDER_WAY,
            *ALL_IN,
            *(step for n in "123" for step in (connect(n), send(get(HELD), on=n))),
            awaited(tallies("one request held at b", held_at_b)),
            *b_turns(health=500),
            *WITHOUT_B,
            releases(),
            *(expect(on=n, status=200) for n in "123"),
        ),
        passive(
            "three failures in a row take an upstream out",
            rules.EJECT,
            by_rule(a=Origin("a"), b=Origin("b", status=503), c=Origin("c")),
            again(9, send(alpha), ANY),
            *WITHOUT_B,
        ),
        passive(
            "an end without an answer is a failure",
            rules.EJECT,
            by_rule(a=Origin("a"), b=Origin("b", drops=True), c=Origin("c")),
            again(9, send(alpha), ANY),
            *WITHOUT_B,
        ),
        passive(
            "other statuses are none",
            rules.EJECT,
            by_rule(a=Origin("a"), b=Origin("b", status=500), c=Origin("c")),
            again(24, send(alpha), expect(status=one_of(200, 500))),
            tallied(shares(b=(8, 8))),
        ),
        passive(
            "an answer between failures begins the count anew",
            rules.EJECT_IN_A_ROW,
            by_rule(a=Origin("a"), b=Origin("b", status=503, every=2), c=Origin("c")),
            again(24, send(alpha), ANY),
            tallied(shares(b=(8, 8))),
        ),
        case(
            "after its time an upstream gets requests again",
            rules.EJECT_RETURNS,
            by_rule(a=Origin("a"), b=Origin("b", status=503), c=Origin("c")),
            again(9, send(alpha), ANY),
            by_rule(b=Origin("b")),
            eventually(send(alpha), expect(status=200, body=b"b"), close(), seconds=5.0),
            environment=SHORTLY,
        ),
    ),
)
