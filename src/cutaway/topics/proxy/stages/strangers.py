"""Strangers: clients that nobody wrote for this.

    curl http://…/                     through the reverse proxy
    curl -x http://… http://target/    through the forward proxy
    curl --haproxy-protocol            with a PROXY header ahead
    wrk                                many connections, as fast as they go

A case is skipped where its program is not installed.

Left out: browsers.
"""

from ....grade.asking import not_asked
from ....grade.drastic import runs
from ....grade.far import Far
from ....grade.matchers import Matcher, containing
from ....grade.ruled import by_rule, tallied
from ....grade.stage import ONCE, Stage, case
from .. import rules
from . import certificates
from .messages import MIB, A, B, Wire
from .origins import Origin, in_all, tallies

UPLOAD = bytes(range(256)) * (4 * MIB // 256)
CURL = ("curl", "-sS", "--max-time", "10")
ALL = by_rule(a=Origin("a"), b=Origin("b"), t=Origin("t"))
NO_ERRORS = Matcher(
    "a summary without errors",
    lambda found: b"requests in" in found and b"Non-2xx" not in found and b"Socket" not in found,
)
LOADED = tallies(
    "at least 100 requests, at both",
    lambda seen: all(seen[name].count >= 50 for name in "ab"),
)

STAGE = Stage(
    name="proxy/strangers",
    title="clients that nobody wrote for this",
    asks="Nothing new: clients that know nothing of this check work through the proxy.",
    given="All listeners and settings as before, two upstreams, and one target in $CONNECT_ALLOW.",
    goals=("answer: whoever asks, as the specifications say",),
    hints=(
        "What does the client print about its connection with -v?",
        "Run the command from the report by hand. curl --trace-ascii - shows each octet.",
        "curl -v http://127.0.0.1:8080/ · curl -v -x http://127.0.0.1:8080 http://127.0.0.1:9003/",
    ),
    codec=Wire,
    far=(A, B, Far(name="t", codec=Wire, called="the target t")),
    ways=ONCE,
    ports=("PORT", "TLS_PORT", "PROXY_PORT"),
    environment={"CONNECT_ALLOW": "{t}", "CERTIFICATES": "certificates"},
    lays=certificates.lay,
    cases=(
        case(
            "curl gets an answer",
            rules.CURL,
            ALL,
            runs(
                *(*CURL, "{url}/"),
                prints=Matcher("a or b", lambda found: found in (b"a", b"b")),
            ),
        ),
        case(
            "curl sends 4 MiB in chunks",
            rules.CURL,
            ALL,
            runs(
                *(*CURL, "-H", "Expect:", "-H", "Transfer-Encoding: chunked"),
                *("-T", "-", "{url}/upload"),
                feed=UPLOAD,
                prints=Matcher("a or b", lambda found: found in (b"a", b"b")),
            ),
            tallied(
                tallies(
                    "all 4 MiB, as they were sent",
                    lambda seen: any(
                        one.message.body == UPLOAD for tally in seen.values() for one in tally.asked
                    ),
                )
            ),
        ),
        case(
            "curl waits for 100 and sends 1 MiB",
            rules.CURL,
            ALL,
            runs(
                *(*CURL, "-H", "Expect: 100-continue", "--data-binary", "@-", "{url}/upload"),
                feed=UPLOAD[:MIB],
                prints=Matcher("a or b", lambda found: found in (b"a", b"b")),
            ),
        ),
        case(
            "curl over TLS",
            rules.CURL,
            ALL,
            runs(
                *(*CURL, "-k", "--resolve", "a.example:{TLS_PORT}:127.0.0.1"),
                *("-w", "%{http_version}", "https://a.example:{TLS_PORT}/"),
                prints=Matcher("a or b, and 1.1", lambda found: found in (b"a1.1", b"b1.1")),
            ),
        ),
        case(
            "curl with a PROXY header",
            rules.CURL,
            ALL,
            runs(
                *(*CURL, "--haproxy-protocol", "http://127.0.0.1:{PROXY_PORT}/"),
                prints=Matcher("a or b", lambda found: found in (b"a", b"b")),
            ),
        ),
        case(
            "curl -x asks for an absolute target",
            rules.CURL,
            ALL,
            runs(*CURL, "-x", "{url}", "http://{t}/x", prints=b"t"),
        ),
        case(
            "curl -p -x makes a tunnel",
            rules.CURL,
            ALL,
            runs(*CURL, "-p", "-x", "{url}", "http://{t}/x", prints=b"t"),
        ),
        case(
            "curl is refused what is not in the list",
            rules.CURL,
            runs(*CURL, "-i", "-x", "{url}", "http://{a}/x", prints=containing(b" 403 ")),
            not_asked("a"),
        ),
        case(
            "wrk gets nothing but answers",
            rules.WRK,
            ALL,
            runs("wrk", "-t1", "-c16", "-d1s", "{url}/", prints=NO_ERRORS, offers=b"--connections"),
            tallied(LOADED),
            tallied(in_all(100, 1 << 30, "at least 100 requests")),
        ),
    ),
)
