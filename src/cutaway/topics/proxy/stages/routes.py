"""Which upstream a request goes to, by its host and the beginning of its path.

    shop.example /anything   ─▶  b        a route with a host comes first
    /api/v2/x?y              ─▶  c, as /new/x?y     the longer path, with its prefix replaced
    /api/x                   ─▶  a
    /apix                    ─▶  404      a prefix is whole segments

Paths are compared as they came. A proxy that decodes what it compares, and passes on what came, has
two opinions on one path; an upstream that resolves /api/../admin has a third one.

Left out: regular expressions.
"""

import json

from ....grade.asking import answers, asked, not_asked
from ....grade.enduring import again
from ....grade.ruled import by_rule, tallied
from ....grade.stage import BOTH, Case, Stage, Step, case
from ....grade.steps import close, expect, send
from ....grade.verdict import Rule
from .. import rules
from .messages import FINE, A, B, C, Wire, get
from .origins import Origin, shares

ROUTES = [
    {"path": "/api", "to": [0]},
    {"host": "Shop.example", "path": "/", "to": [1]},
    {"path": "/api/v2", "to": [2], "replace": "/new"},
    {"path": "/old", "to": [2], "replace": "/"},
    {"path": "/shared", "to": [0, 2]},
    {"host": "shop.example", "path": "/cart", "to": [2]},
]


def goes(
    target: bytes, far: str, to: bytes | None = None, host: bytes = b"x.example"
) -> list[Step]:
    """That target reaches this upstream, as `to`."""
    return [
        send(get(target, host=host)),
        asked(far, target=to or target, header={"host": host}),
        answers(far, FINE),
        expect(status=200, body=b"fine"),
    ]


def refused(name: str, rule: Rule, status: int, *targets: bytes) -> Case:
    """None of these reaches anybody."""
    steps: list[Step] = []
    for target in targets:
        steps += [send(get(target, host=b"x.example")), expect(status=status), close()]
        steps += [not_asked("a"), not_asked("b"), not_asked("c")]
    return case(name, rule, *steps)


STAGE = Stage(
    name="proxy/routes",
    title="by host and path to the right upstream",
    asks="Choose the upstream by the host and the path of a request, and replace the prefix where "
    "the route says so.",
    given="$ROUTES is a JSON list of objects: host (optional), path (a prefix in whole segments), "
    "to (places in $UPSTREAMS, counted from 0), replace (optional). A route with a host comes "
    "before one without, then the longer path. What no route takes gets 404. A path with . or .. "
    "as a segment, plain or percent-encoded, gets 400.",
    goals=(
        "parse it: the path ends at the first question mark; the host at its port",
        "decide: sort the routes once, and take the first that fits",
        "act: replace the prefix, leave everything behind it as it is",
        "answer: 404 where nothing fits, 400 where a segment means up",
    ),
    hints=(
        "Does your comparison of prefixes know where a segment ends?",
        "A prefix fits when the path is equal to it or goes on with a slash. Compare the raw path, "
        "percent signs included. Split it at slashes and refuse it when a segment is . or .., with "
        "%2e in the place of either dot, in either case. Only the prefix is replaced; the query "
        "never takes part.",
        "path = target.split('?')[0]\n"
        "if any(re.fullmatch('(?i)(\\\\.|%2e){1,2}', s) for s in path.split('/')): refuse(400)\n"
        "for route in sorted(routes, key=lambda r: (not r.host, -len(r.path))):\n"
        "    if route.host in (None, host) and (path + '/').startswith(route.path + '/'): …",
    ),
    codec=Wire,
    far=(A, B, C),
    ways=BOTH,
    environment={"ROUTES": json.dumps(ROUTES)},
    cases=(
        case("a prefix leads to its upstream", rules.ROUTE, *goes(b"/api/x", "a")),
        case(
            "with or without a slash, and with a query",
            rules.SEGMENTS,
            *goes(b"/api", "a"),
            *goes(b"/api/", "a"),
            *goes(b"/api?x=1", "a"),
            *goes(b"/api/x?y=/../..", "a"),
        ),
        refused("a part of a segment is no prefix", rules.SEGMENTS, 404, b"/apix", b"/api-v2/x"),
        case(
            "the longer path comes first, wherever it stands in the list",
            rules.ROUTE,
            *goes(b"/api/v2/x", "c", b"/new/x"),
            *goes(b"/api/v22/x", "a"),
        ),
        case(
            "the prefix is replaced, and nothing else",
            rules.REPLACE,
            *goes(b"/api/v2/a%2Fb//c?x=/api/v2", "c", b"/new/a%2Fb//c?x=/api/v2"),
            *goes(b"/api/v2", "c", b"/new"),
            *goes(b"/api/v2?x=1", "c", b"/new?x=1"),
        ),
        case(
            "replaced by / a path still begins with one slash",
            rules.REPLACE,
            *goes(b"/old/x", "c", b"/x"),
            *goes(b"/old", "c", b"/"),
            *goes(b"/old?x=1", "c", b"/?x=1"),
        ),
        case(
            "a route with a host comes before longer paths",
            rules.ROUTE,
            *goes(b"/api/v2/x", "b", host=b"shop.example"),
            *goes(b"/", "b", host=b"shop.example"),
            *goes(b"/cart/1", "c", host=b"shop.example"),
        ),
        case(
            "hosts are compared without case and port",
            rules.HOST_CASE,
            *goes(b"/x", "b", host=b"SHOP.Example:8443"),
            *goes(b"/api/x", "a", host=b"shop.example.org"),
        ),
        refused(
            "what no route takes is not found", rules.NO_ROUTE, 404, b"/", b"/nobody", b"/API/x"
        ),
        refused("paths are not decoded to find a route", rules.NOT_DECODED, 404, b"/%61pi/x"),
        refused(
            "a segment that means up is refused",
            rules.DOTS,
            400,
            b"/api/../old",
            b"/api/..",
            b"/api/./x",
            b"/api/%2e%2E/old",
            b"/api/.%2e/old",
        ),
        case(
            "dots within a segment are dots",
            rules.DOTS,
            *goes(b"/api/.../a..b/.x", "a"),
            *goes(b"/api/%2ex", "a"),
        ),
        case(
            "several upstreams of one route take turns",
            rules.ROUTE,
            by_rule(a=Origin("a"), b=Origin("b"), c=Origin("c")),
            again(4, send(get(b"/shared/x", host=b"x.example")), expect(status=200)),
            tallied(shares(a=(2, 2), b=(0, 0), c=(2, 2))),
        ),
    ),
)
