"""Hashes: a record under one key, whose fields can be read and written one by one.

    HSET user:7 name ada visits 1     ← :2      fields that are new
    HINCRBY user:7 visits 1           ← :2
    HGETALL user:7                    ← *4  name ada visits 2       RESP3: %2

Left out: lifetimes of single fields, HSCAN.
"""

from ....grade.stage import ALL, ONCE, Stage, case
from .. import rules
from ..codec import Resp
from ..messages import Map, Simple
from .hello import greeting
from .messages import ANY_NUMBER, ERR, NEIGHBOUR, NULL, OK, WRONGTYPE, counted, number, reply, talk
from .replies import mapping, members, pairs, replies

MOST = (1 << 63) - 1
NUMBERS = range(1000, 2000)
MANY = [(b"field-%d" % at, b"value-%d" % at) for at in NUMBERS]

STAGE = Stage(
    name="cache/hashes",
    title="hashes: fields under a key",
    asks="Keep records whose fields are written and read one by one.",
    given="HSET, HGET, HMGET, HDEL, HLEN, HEXISTS, HGETALL, HKEYS, HVALS, HINCRBY. Fields come in "
    "any order.",
    goals=(
        "parse it: behind the key stand pairs; an odd word is refused before anything is written",
        "act: a dictionary in the dictionary; without fields it is removed",
        "answer: a map in RESP3, a flat array in RESP2",
    ),
    hints=(
        "What does HSET count: the fields it wrote, or those that were new?",
        "Give each kind of value a type of its own, so that one look tells what is there. HGETALL "
        "returns something that your writer knows as a map, and the writer chooses the octets.",
        "HSET key f v [f v ...]: odd number of words: -ERR\n"
        "    new = fields not there before; write all; reply :new",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "HSET counts the fields that are new",
            rules.HSET,
            *talk(
                ("HSET h name ada", 1),
                ("HSET h name eve visits 1", 1),
                ("HSET h name ada visits 2", 0),
                ("HGET h name", "ada"),
                ("HGET h visits", "2"),
                ("HLEN h", 2),
                ("TYPE h", Simple(b"hash")),
                fresh="h",
            ),
        ),
        case(
            "a field that is said twice has its last value, and counts once",
            rules.HSET,
            *talk(
                ("HSET h:twice f a f b", 1),
                ("HGET h:twice f", "b"),
                ("HLEN h:twice", 1),
                fresh="h:twice",
            ),
        ),
        case(
            "where no field is, HGET is null and HEXISTS is 0",
            rules.HGET,
            *talk(
                ("HGET h:none f", None),
                ("HEXISTS h:none f", 0),
                ("HLEN h:none", 0),
                ("HSET h:none g 1", 1),
                ("HGET h:none f", None),
                ("HEXISTS h:none f", 0),
                ("HEXISTS h:none g", 1),
                fresh="h:none",
            ),
        ),
        case(
            "HMGET answers in the order of its fields",
            rules.HMGET,
            *talk(
                ("HSET some a 1 b 2", 2),
                ("HMGET some b none a b", ["2", None, "1", "2"]),
                ("HMGET some:none a b", [None, None]),
                fresh="some some:none",
            ),
        ),
        case(
            "HGETALL tells all fields with their values",
            rules.HGETALL,
            *talk(
                ("HSET all a 1 b 2 c 3", 3),
                ("HGETALL all", pairs((b"a", b"1"), (b"b", b"2"), (b"c", b"3"))),
                ("HKEYS all", members(b"a", b"b", b"c")),
                ("HVALS all", members(b"1", b"2", b"3")),
                fresh="all",
            ),
        ),
        case(
            "two fields with one value are two values",
            rules.HVALS,
            *talk(("HSET alike a 1 b 1", 2), ("HVALS alike", members(b"1", b"1")), fresh="alike"),
        ),
        case(
            "where no hash is, there are no fields",
            rules.HGETALL,
            *talk(
                ("HGETALL h:empty", []),
                ("HKEYS h:empty", []),
                ("HVALS h:empty", []),
                ("HDEL h:empty f", 0),
                ("EXISTS h:empty", 0),
                fresh="h:empty",
            ),
        ),
        case(
            "in RESP3 HGETALL is a map",
            rules.RESP3_MAP,
            *talk(
                ("HELLO 3", greeting(3)),
                ("HSET map a 1 b 2", 2),
                ("HGETALL map", mapping((b"a", b"1"), (b"b", b"2"))),
                ("HGET map c", NULL),
                ("HMGET map a c", ["1", NULL]),
                ("HGETALL map:none", Map(())),
                fresh="map map:none",
            ),
        ),
        case(
            "HDEL counts what it removed, and the last field takes the key",
            rules.HDEL,
            *talk(
                ("HSET del a 1 b 2 c 3", 3),
                ("HDEL del a none b a", 2),
                ("HLEN del", 1),
                ("HDEL del c", 1),
                ("EXISTS del", 0),
                ("TYPE del", Simple(b"none")),
                fresh="del",
            ),
        ),
        case(
            "HINCRBY counts from 0, within 64 bits",
            rules.HINCRBY,
            *talk(
                ("HINCRBY h:count n 5", 5),
                ("HINCRBY h:count n -7", -2),
                ("HGET h:count n", "-2"),
                (f"HSET h:count n {MOST - 1}", 0),
                ("HINCRBY h:count n 1", MOST),
                ("HINCRBY h:count n 1", ERR),
                ("HGET h:count n", str(MOST)),
                fresh="h:count",
            ),
        ),
        case(
            "HINCRBY refuses what is no integer, and changes nothing",
            rules.HINCRBY,
            *talk(
                ("HSET h:word f alpha", 1),
                ("HINCRBY h:word f 1", ERR),
                ("HINCRBY h:word new alpha", ERR),
                ("HINCRBY h:word new 1.5", ERR),
                ("HGETALL h:word", pairs((b"f", b"alpha"))),
                fresh="h:word",
            ),
        ),
        case(
            "fields and values are octets",
            rules.OCTETS,
            *talk(
                (("HSET", "h:octets", b"\r\n\x00", bytes(range(256)), "", ""), 2),
                (("HGET", "h:octets", b"\r\n\x00"), bytes(range(256))),
                (("HGET", "h:octets", ""), ""),
                fresh="h:octets",
            ),
        ),
        case(
            "a thousand fields are all there",
            rules.HGETALL,
            *talk(("DEL h:many", ANY_NUMBER)),
            counted("HSET h:many", "$10\r\nfield-%d\r\n$10\r\nvalue-%d\r\n", NUMBERS),
            replies(reply(1000), to="HSET h:many …"),
            *talk(("HLEN h:many", 1000), ("HGETALL h:many", pairs(*MANY))),
            ways=ONCE,
        ),
        case(
            "writing a field leaves the lifetime",
            rules.CHANGED,
            *talk(
                ("HSET h:timed a 1", 1),
                ("PEXPIRE h:timed 100000", 1),
                ("HSET h:timed b 2", 1),
                ("HINCRBY h:timed a 1", 2),
                ("HDEL h:timed b", 1),
                ("PTTL h:timed", number(50_000, 100_000)),
                fresh="h:timed",
            ),
        ),
        case(
            "a field without a value is refused, and nothing is written",
            rules.ARITY,
            *talk(
                ("HSET odd a 1 b", ERR),
                ("HSET odd a", ERR),
                ("HSET odd", ERR),
                ("HGET odd", ERR),
                ("HMGET odd", ERR),
                ("HDEL odd", ERR),
                ("EXISTS odd", 0),
                fresh="odd",
            ),
        ),
        case(
            "another kind of value is refused, and stays",
            rules.WRONGTYPE,
            *talk(
                ("SET h:wrong alpha", OK),
                ("HSET h:wrong f v", WRONGTYPE),
                ("HGET h:wrong f", WRONGTYPE),
                ("HMGET h:wrong f", WRONGTYPE),
                ("HGETALL h:wrong", WRONGTYPE),
                ("HDEL h:wrong f", WRONGTYPE),
                ("HINCRBY h:wrong f 1", WRONGTYPE),
                ("GET h:wrong", "alpha"),
                ("HSET wrong:hash f v", 1),
                ("GET wrong:hash", WRONGTYPE),
                ("LPUSH wrong:hash a", WRONGTYPE),
                ("HGET wrong:hash f", "v"),
                fresh="wrong:hash",
            ),
        ),
    ),
)
