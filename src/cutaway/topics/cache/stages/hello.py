"""What real clients ask first.

    redis-cli           COMMAND DOCS, for its completion; HELLO 3 with -3
    client libraries    HELLO 3, CLIENT SETINFO LIB-NAME …, CLIENT SETNAME …, SELECT 0, INFO

None of it stores anything, and a client may give up when it is not answered as it expects. HELLO
changes what a connection speaks: from RESP2, where nothing is $-1 or *-1, to RESP3, where it is _ and
where maps, sets and doubles have kinds of their own. That concerns this connection alone.

Left out: AUTH. See the contract for what else is.
"""

from __future__ import annotations

from typing import Any

from ....grade.matchers import Matcher, kept
from ....grade.stage import ALL, BOTH, ONCE, Stage, case
from ....grade.steps import close, closes, send
from .. import rules
from ..codec import Resp
from ..messages import Array, Bulk, Integer, Map, Verbatim
from .messages import ANY_NUMBER, ERR, NEIGHBOUR, NULL, OK, PONG, ask, cmd, talk, together
from .replies import error, matching, replies, text_of

ASKED = ("server", "version", "proto")


def entries(found: Any) -> dict[bytes, Any]:
    """A map of RESP3, or the flat array that stands for one in RESP2."""
    both: list[Any] = []
    if isinstance(found, Map):
        both = [*found.pairs]
    elif isinstance(found, Array) and found.items and len(found.items) % 2 == 0:
        both = [*zip(found.items[::2], found.items[1::2], strict=True)]
    return {text_of(name): value for name, value in both}


def greeting(proto: int, identity: bytes | None = None) -> Matcher:
    """What HELLO answers: a map in RESP3, the same as an array in RESP2."""
    kind, sign = (Map, "a map (%)") if proto == 3 else (Array, "an array (*) of names and values")

    def fits(found: Any) -> bool:
        said = entries(found)
        return (
            isinstance(found, kind)
            and all(name.encode() in said for name in ASKED)
            and said[b"proto"] == Integer(proto)
            and (identity is None or said.get(b"id") == Integer(int(identity)))
        )

    also = "" if identity is None else f" and id {identity.decode(errors='replace')}"
    return Matcher(f"{sign} with server, version, proto {proto}{also}", fits)


def same_identity(proto: int) -> Any:
    return lambda value: greeting(proto, value)


def other_number(value: bytes) -> Matcher:
    return matching(
        f"an integer other than {value.decode(errors='replace')}",
        lambda found: isinstance(found, Integer) and found != Integer(int(value)),
    )


AN_ARRAY = matching("an array (*)", lambda found: isinstance(found, Array))
A_MAP = matching("a map (%)", lambda found: isinstance(found, Map))
DOCS = matching(
    "an array of names, each with its documentation behind it (*)",
    lambda found: isinstance(found, Array) and len(found.items or ()) % 2 == 0,
)
COUNT = matching("an integer above 0", lambda found: isinstance(found, Integer) and found.value > 0)


def is_report(found: Any) -> bool:
    """Lines of name:value; sections begin with #, lines may be empty."""
    if not isinstance(found, Bulk | Verbatim):
        return False
    text = (found.data if isinstance(found, Bulk) else found.text) or b""
    lines = [line for line in text.split(b"\r\n") if line and not line.startswith(b"#")]
    return bool(lines) and all(b":" in line and b"\n" not in line for line in lines)


REPORT = matching("a text of lines, each a name, a colon and a value", is_report)

STAGE = Stage(
    name="cache/hello",
    title="what real clients ask first",
    asks="Answer what client libraries and redis-cli ask before anything else, and speak RESP3 with "
    "those who ask for it.",
    given="HELLO with 2 or 3, SETNAME; CLIENT ID, GETNAME, SETNAME, SETINFO; COMMAND, COMMAND COUNT, "
    "COMMAND DOCS; SELECT 0; INFO; QUIT. How much COMMAND tells is free, also nothing.",
    goals=(
        "parse it: some commands have a second word; an unknown one is an error, not a closed connection",
        "decide: which protocol a connection speaks belongs to that connection",
        "answer: in RESP3 a map begins with %, and nothing is _",
        "answer: in RESP2 a map is an array of names and values in turn",
    ),
    hints=(
        "Type redis-cli -p $PORT, and print what it sends before your first command.",
        "Keep a protocol version with each connection, 2 at first, and give it to whatever writes "
        "replies. Let commands say what they mean (nothing, a map, a set, a double), and the writer "
        "choose the octets. HELLO switches first and answers in the new one.",
        "nothing     RESP2 $-1\\r\\n                 RESP3 _\\r\\n\n"
        "a map       RESP2 *2\\r\\n$1\\r\\na\\r\\n:1\\r\\n    RESP3 %1\\r\\n$1\\r\\na\\r\\n:1\\r\\n\n"
        "HELLO 4     -NOPROTO unsupported protocol version",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "HELLO alone tells about server and connection, and changes nothing",
            rules.HELLO,
            *talk(("HELLO", greeting(2)), ("GET hello:none", None), fresh="hello:none"),
        ),
        case(
            "HELLO 3 is answered with a map",
            rules.HELLO_3,
            *talk(("HELLO 3", greeting(3)), ("hello 3", greeting(3))),
        ),
        case(
            "behind HELLO 3 nothing is _",
            rules.RESP3_NULL,
            *talk(
                ("SET hello:one 1", OK),
                ("HELLO 3", greeting(3)),
                ("GET hello:two", NULL),
                ("MGET hello:one hello:two", ["1", NULL]),
                ("SET hello:one 2 NX", NULL),
                ("GET hello:one", "1"),
                ("INCR hello:one", 2),
                fresh="hello:one hello:two",
            ),
        ),
        case(
            "HELLO 2 goes back to RESP2",
            rules.HELLO,
            *talk(
                ("HELLO 3", greeting(3)),
                ("HELLO 2", greeting(2)),
                ("GET hello:back", None),
                fresh="hello:back",
            ),
        ),
        case(
            "commands in one write with HELLO 3 are answered each in its protocol",
            rules.HELLO_3,
            *together(
                ("GET hello:turn", None),
                ("HELLO 3", greeting(3)),
                ("GET hello:turn", NULL),
                ("HELLO 2", greeting(2)),
                ("GET hello:turn", None),
                fresh="hello:turn",
            ),
        ),
        case(
            "RESP3 is for the connection that asked",
            rules.HELLO_OWN,
            *talk(("HELLO 3", greeting(3)), on="new"),
            *talk(("GET hello:own", None), fresh="hello:own"),
            *talk(("GET hello:own", NULL), on="new"),
            close("new"),
            *talk(("GET hello:own", None), on="newer"),
            ways=ONCE,
        ),
        case(
            "a version that is not spoken is NOPROTO, and nothing changes",
            rules.NOPROTO,
            *talk(
                ("HELLO 4", error("NOPROTO")),
                ("HELLO three", error("ERR", "NOPROTO")),
                ("GET hello:four", None),
                ("HELLO 3", greeting(3)),
                ("HELLO 99", error("NOPROTO")),
                ("GET hello:four", NULL),
                fresh="hello:four",
            ),
        ),
        case(
            "an option of HELLO that is not known is an error, and nothing changes",
            rules.HELLO,
            *talk(("HELLO 3 NOPE", ERR), ("GET hello:nope", None), fresh="hello:nope"),
        ),
        case(
            "CLIENT ID stays the same on a connection, and HELLO tells it",
            rules.CLIENT_ID,
            ask("CLIENT ID"),
            replies(ANY_NUMBER, kept_as="id", to="CLIENT ID"),
            ask("HELLO 3"),
            replies(kept("id", same_identity(3)), to="HELLO 3"),
            ask("HELLO 2"),
            replies(kept("id", same_identity(2)), to="HELLO 2"),
            ask("CLIENT ID", on="other"),
            replies(kept("id", other_number), on="other", to="CLIENT ID"),
            ways=ONCE,
        ),
        case(
            "a connection has no name until it is given one",
            rules.CLIENT_NAME,
            *talk(
                ("CLIENT GETNAME", None),
                ("CLIENT SETNAME alpha", OK),
                ("client getname", "alpha"),
                ("HELLO 2 SETNAME bravo", greeting(2)),
                ("CLIENT GETNAME", "bravo"),
                (("CLIENT", "SETNAME", ""), OK),
                ("CLIENT GETNAME", None),
            ),
        ),
        case(
            "each connection has a name of its own",
            rules.CLIENT_NAME,
            *talk(("CLIENT SETNAME alpha", OK)),
            *talk(("CLIENT GETNAME", None), ("CLIENT SETNAME bravo", OK), on="other"),
            *talk(("CLIENT GETNAME", "alpha")),
            *talk(("CLIENT GETNAME", "bravo"), on="other"),
            ways=ONCE,
        ),
        case(
            "a name with a space is refused",
            rules.CLIENT_NAME,
            *talk(
                ("CLIENT SETNAME alpha", OK),
                (("CLIENT", "SETNAME", "two words"), ERR),
                ("CLIENT GETNAME", "alpha"),
            ),
        ),
        case(
            "CLIENT SETINFO takes name and version of a library",
            rules.CLIENT_SETINFO,
            *together(
                ("CLIENT SETINFO LIB-NAME a-client", OK),
                ("CLIENT SETINFO lib-ver 1.2.3", OK),
                ("CLIENT SETINFO nothing 1", ERR),
                (("CLIENT", "SETINFO", "LIB-NAME", "two words"), ERR),
                ("PING", PONG),
            ),
        ),
        case(
            "an unknown second word is an error",
            rules.SUBCOMMAND,
            *talk(("CLIENT NOPE", ERR), ("COMMAND NOPE", ERR), ("CLIENT", ERR), ("PING", PONG)),
        ),
        case(
            "COMMAND tells about commands, as much as the program likes",
            rules.COMMAND,
            *talk(("COMMAND COUNT", COUNT), ("COMMAND", AN_ARRAY), ("PING", PONG)),
            ways=ONCE,
        ),
        case(
            "COMMAND DOCS is a map, so in RESP2 an array of pairs",
            rules.COMMAND_DOCS,
            *talk(
                ("COMMAND DOCS", DOCS),
                ("COMMAND DOCS get", DOCS),
                ("COMMAND DOCS no-such-command", []),
                ("HELLO 3", greeting(3)),
                ("COMMAND DOCS get", A_MAP),
                ("PING", PONG),
            ),
            ways=ONCE,
        ),
        case(
            "SELECT 0 is taken, and what is no number is refused",
            rules.SELECT,
            *talk(("SELECT 0", OK), ("SELECT alpha", ERR), ("SELECT -1", ERR), ("PING", PONG)),
        ),
        case(
            "INFO is a text of names and values",
            rules.INFO,
            *talk(
                ("INFO", REPORT),
                ("INFO memory", REPORT),
                ("HELLO 3", greeting(3)),
                ("INFO", REPORT),
            ),
            ways=BOTH,
        ),
        case(
            "a library's whole beginning in one write",
            rules.PIPELINE,
            *together(
                ("HELLO 3", greeting(3)),
                ("CLIENT SETNAME worker-1", OK),
                ("CLIENT SETINFO LIB-NAME a-client(worker)", OK),
                ("CLIENT SETINFO LIB-VER 9.9.9", OK),
                ("SELECT 0", OK),
                ("CLIENT GETNAME", "worker-1"),
                ("PING", PONG),
            ),
        ),
        case(
            "QUIT is answered, and then the connection is closed",
            rules.QUIT,
            send(cmd("ECHO alpha"), cmd("QUIT")),
            replies(Bulk(b"alpha"), to="ECHO alpha"),
            replies(OK, to="QUIT"),
            closes(),
        ),
    ),
)
