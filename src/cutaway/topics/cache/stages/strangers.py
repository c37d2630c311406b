"""Strangers: clients that nobody wrote for this.

    redis-cli              one command, many from a pipe, RESP3 with -3, mass insertion with --pipe
    redis-benchmark        many connections, with and without pipelining

A case is skipped where its program is not installed.

Left out: client libraries, which need a language around them.
"""

from __future__ import annotations

from ....grade.drastic import runs
from ....grade.matchers import Matcher, containing
from ....grade.outside import Runs
from ....grade.stage import ONCE, Stage, case
from .. import rules
from ..codec import Resp
from .messages import cmd

CLI = ("redis-cli", "-h", "{host}", "-p", "{port}")
BENCHMARK = ("redis-benchmark", "-h", "{host}", "-p", "{port}", "-q", "--csv")
PACKAGE = "it comes with redis-tools (Debian, Ubuntu) or redis (Fedora, Homebrew)"
ASKED = (
    b"SET st:a 1\nINCR st:a\nGET st:b\nRPUSH st:l x y\nLRANGE st:l 0 -1\n"
    b"HSET st:h f v\nHGETALL st:h\nMULTI\nINCR st:a\nEXEC\nNOSUCH\n"
)
ANSWERED = b"OK\n2\n\n2\nx\ny\n1\nf\nv\nOK\nQUEUED\n3\nERR "
PIPED = b"".join(bytes(cmd(f"SET st:pipe:{at} {at}")) for at in range(2000))
TESTS = (
    "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,lrange_100,mset"
)
COUNT = len(TESTS.split(",")) + 1  # lrange fills its list first


def measured(found: bytes) -> bool:
    """A row for each test, with requests per second."""
    rows = [row for row in found.splitlines() if row.startswith(b'"') and b"rps" not in row]
    return len(rows) >= COUNT - 1 and b"rror" not in found and b"ERR" not in found


ROWS = Matcher("a row for each test, and no error", measured)


def cli(*words: str, prints: object, feed: bytes = b"") -> Runs:
    return runs(*CLI, *words, prints=prints, feed=feed, install=PACKAGE)


STAGE = Stage(
    name="cache/strangers",
    title="clients that nobody wrote for this",
    asks="Nothing new: clients that know nothing of this check work with the server.",
    given="Everything up to here.",
    goals=("answer: whoever asks, as the documentation says",),
    hints=(
        "What does the client print about an answer that it does not like?",
        "Run the command from the report by hand, through `cutaway tap`: it shows each octet of both "
        "sides.",
        "cutaway tap 7000 8080 --as cache   and then   redis-cli -p 7000 …",
    ),
    codec=Resp,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case(
            "redis-cli asks one thing",
            rules.REDIS_CLI,
            cli("SET", "st:one", "a b", prints=b"OK\n"),
            cli("GET", "st:one", prints=b"a b\n"),
            cli("--no-raw", "GET", "st:none", prints=b"(nil)\n"),
        ),
        case(
            "redis-cli speaks RESP3",
            rules.REDIS_CLI,
            cli("-3", "HSET", "st:three", "f", "v", prints=b"1\n"),
            cli("-3", "--no-raw", "HGETALL", "st:three", prints=b'1# "f" => "v"\n'),
            cli("-3", "--no-raw", "GET", "st:none", prints=b"(nil)\n"),
        ),
        case(
            "redis-cli reads commands from a pipe",
            rules.REDIS_CLI,
            cli(
                feed=ASKED,
                prints=Matcher("the answers in order", lambda found: found.startswith(ANSWERED)),
            ),
        ),
        case(
            "redis-cli --pipe inserts 2000 keys",
            rules.REDIS_CLI,
            cli("--pipe", feed=PIPED, prints=containing(b"errors: 0, replies: 2000")),
            cli("GET", "st:pipe:1999", prints=b"1999\n"),
        ),
        case(
            "redis-cli --scan finds every key",
            rules.REDIS_CLI,
            cli("MSET", "sc:a", "1", "sc:b", "2", "sc:c", "3", prints=b"OK\n"),
            cli(
                "--scan",
                "--pattern",
                "sc:*",
                prints=Matcher(
                    "sc:a, sc:b and sc:c, a line each",
                    lambda found: set(found.split()) == {b"sc:a", b"sc:b", b"sc:c"},
                ),
            ),
        ),
        case(
            "redis-benchmark is answered, command for command",
            rules.REDIS_BENCHMARK,
            runs(*BENCHMARK, "-n", "500", "-c", "20", "-t", TESTS, prints=ROWS, install=PACKAGE),
        ),
        case(
            "and with pipelines of 16",
            rules.REDIS_BENCHMARK,
            runs(
                *BENCHMARK,
                "-n",
                "2000",
                "-c",
                "20",
                "-P",
                "16",
                "-t",
                "set,get,incr",
                prints=Matcher(
                    "rows, and no error", lambda found: b"GET" in found and b"ERR" not in found
                ),
                install=PACKAGE,
            ),
        ),
    ),
)
