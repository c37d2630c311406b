"""Keys and values: a dictionary that many programs share.

    → SET greeting hello      ← +OK
    → GET greeting            ← $5 hello
    → GET other               ← $-1          nothing is there; $0 would be an empty text

What SET does beyond storing (only if absent, only if present, tell what was there) is done in one
step, so that no other client comes between looking and writing.

Left out: lifetimes. See expiry.py.
"""

from ....grade.stage import ALL, ONCE, Stage, case
from .. import rules
from ..codec import Resp
from .messages import ERR, NEIGHBOUR, OK, PONG, talk, together

OCTETS = bytes(range(256))
LARGE = OCTETS * (8 << 12)

STAGE = Stage(
    name="cache/strings",
    title="strings: SET, GET, and what is done in one step",
    asks="Keep values under keys. Add what looks and writes in one step.",
    given="SET with NX, XX and GET; GET, DEL, UNLINK, EXISTS, MSET, MGET, SETNX, GETSET, GETDEL. "
    "Options come in any order, in any case. Keys and values are octets, compared octet by octet; a "
    "value may have 8 MiB. What is refused changes nothing.",
    goals=(
        "parse it: an option is known, fits the others, or the whole command is refused",
        "decide: look first, then write, with nothing in between",
        "act: a key has one value; SET replaces it",
        "answer: nothing is the null bulk string, $-1; a count is an integer",
    ),
    hints=(
        "Compare what your program sends for an empty value and for none.",
        "Use the octets as they came as keys of the dictionary. For SET, read all options before "
        "anything is changed. NX and XX tell whether to write; GET only changes the reply.",
        "SET key value [NX|XX] [GET]:\n"
        "    old = store.get(key)\n"
        "    write = not (NX and old exists) and not (XX and old is missing)\n"
        "    if write: store[key] = value\n"
        "    reply: GET ? (old or $-1) : write ? +OK : $-1",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "GET answers what SET stored",
            rules.SET,
            *talk(("SET first alpha", OK), ("GET first", "alpha")),
        ),
        case(
            "a key that is not there has the null bulk string",
            rules.MISSING,
            *talk(("GET absent", None), fresh="absent"),
        ),
        case(
            "SET replaces what was there",
            rules.SET,
            *talk(("SET twice a-long-value", OK), ("SET twice b", OK), ("GET twice", "b")),
        ),
        case(
            "an empty value is a value",
            rules.EMPTY,
            *talk((("SET", "empty", ""), OK), ("GET empty", ""), ("EXISTS empty", 1)),
        ),
        case(
            "a key is octets, and so is a value",
            rules.OCTETS,
            *talk(
                (("SET", b"octets\r\n\x00\xff", OCTETS), OK),
                (("GET", b"octets\r\n\x00\xff"), OCTETS),
                (("GET", b"octets\r\n\x00\xfe"), None),
            ),
        ),
        case(
            "the case of a key counts",
            rules.KEY_CASE,
            *talk(
                ("SET Letter A", OK), ("SET letter a", OK), ("GET Letter", "A"), ("GET letter", "a")
            ),
        ),
        case(
            "DEL counts what it removed",
            rules.DEL,
            *talk(
                ("MSET del:a 1 del:b 2 del:c 3", OK),
                ("DEL del:a del:none del:b", 2),
                ("GET del:a", None),
                ("GET del:c", "3"),
                ("DEL del:a", 0),
                ("UNLINK del:c del:c", 1),
                ("EXISTS del:c", 0),
            ),
        ),
        case(
            "EXISTS counts a key as often as it is named",
            rules.EXISTS,
            *talk(
                ("SET exists:a 1", OK),
                ("EXISTS exists:a", 1),
                ("EXISTS exists:none", 0),
                ("EXISTS exists:a exists:none exists:a", 2),
            ),
        ),
        case(
            "MGET answers in the order of its keys, and null where nothing is",
            rules.MGET,
            *talk(
                ("MSET many:a 1 many:b 2", OK),
                ("MGET many:b many:none many:a many:b", ["2", None, "1", "2"]),
            ),
        ),
        case(
            "SET with NX writes only where nothing is",
            rules.SET_NX,
            *talk(
                ("SET nx alpha NX", OK),
                ("SET nx bravo NX", None),
                ("GET nx", "alpha"),
                ("SETNX nx charlie", 0),
                ("DEL nx", 1),
                ("SETNX nx delta", 1),
                ("GET nx", "delta"),
                fresh="nx",
            ),
        ),
        case(
            "SET with XX writes only where something is",
            rules.SET_XX,
            *talk(
                ("SET xx alpha XX", None),
                ("GET xx", None),
                ("SET xx bravo", OK),
                ("SET xx charlie XX", OK),
                ("GET xx", "charlie"),
                fresh="xx",
            ),
        ),
        case(
            "SET with GET answers what was there before",
            rules.SET_GET,
            *talk(
                ("SET told alpha GET", None),
                ("SET told bravo GET", "alpha"),
                ("GETSET told charlie", "bravo"),
                ("GET told", "charlie"),
                fresh="told",
            ),
        ),
        case(
            "NX and GET go together: the old value tells that nothing was written",
            rules.SET_GET,
            *talk(
                ("SET both alpha NX GET", None),
                ("SET both bravo NX GET", "alpha"),
                ("GET both", "alpha"),
                fresh="both",
            ),
        ),
        case(
            "options come in any order and in small letters",
            rules.OPTIONS,
            *talk(
                ("SET any alpha", OK),
                ("set any bravo get xx", "alpha"),
                ("set any charlie xX gEt", "bravo"),
                ("get any", "charlie"),
            ),
        ),
        case(
            "GETDEL answers the value and removes the key",
            rules.GETDEL,
            *talk(
                ("SET once alpha", OK),
                ("GETDEL once", "alpha"),
                ("GETDEL once", None),
                ("EXISTS once", 0),
            ),
        ),
        case(
            "a value of 8 MiB is kept whole",
            rules.SET,
            *talk(
                (("SET", "string:large", LARGE), OK),
                ("GET string:large", LARGE),
                ("DEL string:large", 1),
                seconds=5.0,
            ),
            ways=ONCE,
        ),
        case(
            "what was sent together is done in order",
            rules.PIPELINE,
            *together(
                ("SET order a", OK),
                ("GET order", "a"),
                ("SET order b", OK),
                ("DEL order", 1),
                ("GET order", None),
                ("PING", PONG),
            ),
        ),
        case(
            "an option that is not known is refused, and nothing is written",
            rules.SYNTAX,
            *talk(
                ("SET refused alpha", OK),
                ("SET refused bravo NOPE", ERR),
                ("SET refused bravo NX XX", ERR),
                ("GET refused", "alpha"),
            ),
        ),
        case(
            "MSET with a key that has no value is refused, and nothing is written",
            rules.ARITY,
            *talk(
                ("MSET odd:a 1 odd:b", ERR), ("MGET odd:a odd:b", [None, None]), fresh="odd:a odd:b"
            ),
        ),
        case(
            "a wrong number of arguments is refused",
            rules.ARITY,
            *talk(
                ("GET", ERR),
                ("GET few few", ERR),
                ("SET few", ERR),
                ("DEL", ERR),
                ("EXISTS", ERR),
                ("MGET", ERR),
                ("PING", PONG),
            ),
        ),
    ),
)
