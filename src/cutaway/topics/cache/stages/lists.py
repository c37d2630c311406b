"""Lists: a queue or a stack, depending on the end that is used.

    RPUSH q a b c      LPUSH q z          LPOP q    RPOP q
    [a b c]            [z a b c]          z         c

Indexes begin at 0, and at -1 from the other end; both ends of a range are in it. A list without
items is no key: the last one that goes takes the key with it.

Left out: waiting for an item (BLPOP), moving one between lists.
"""

from ....grade.stage import ALL, ONCE, Stage, case
from .. import rules
from ..codec import Resp
from ..messages import Simple
from .clock import later
from .hello import greeting
from .messages import (
    ANY_NUMBER,
    ERR,
    NEIGHBOUR,
    NO_ARRAY,
    NULL,
    OK,
    WRONGTYPE,
    counted,
    number,
    reply,
    talk,
)
from .replies import replies

NUMBERS = range(1000, 3000)
MANY = [f"item-{at}" for at in NUMBERS]

STAGE = Stage(
    name="cache/lists",
    title="lists, and a second kind of value",
    asks="Keep lists beside strings, and refuse a command that is for another kind of value.",
    given="LPUSH, RPUSH, LPOP, RPOP with a count, LLEN, LRANGE, LINDEX, LSET, LREM, LTRIM. A command "
    "on a key of another kind is answered with WRONGTYPE and changes nothing; SET, DEL and others "
    "that replace or remove take any kind.",
    goals=(
        "parse it: an index is an integer, and may be negative",
        "decide: what kind is there, before anything is done",
        "act: remove the key with its last item",
        "answer: where nothing is, $-1 for one item, *0 for a range, *-1 for a count of items",
    ),
    hints=(
        "Which index does -1 stand for, in a list of three? And -4?",
        "Turn a negative index into one from the front by adding the length, then cut the range to "
        "what is there: a start below 0 is 0, a stop behind the end is the last. Behind every command "
        "that removes, look whether something is left. Both ends should be quick: a deque, not an "
        "array that moves all items.",
        "LRANGE key start stop:\n"
        "    if start < 0: start = max(0, start + n)\n"
        "    if stop < 0: stop += n\n"
        "    reply items[start .. min(stop, n - 1)]      # both ends are in it",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "RPUSH adds behind, LPUSH in front, one after the other",
            rules.PUSH,
            *talk(
                ("RPUSH push b c", 2),
                ("LPUSH push a z", 4),
                ("LRANGE push 0 -1", ["z", "a", "b", "c"]),
                ("LLEN push", 4),
                ("TYPE push", Simple(b"list")),
                fresh="push",
            ),
        ),
        case(
            "LPOP takes from the front, RPOP from behind",
            rules.POP,
            *talk(
                ("RPUSH l:pop a b c d e", 5),
                ("LPOP l:pop", "a"),
                ("RPOP l:pop", "e"),
                ("LPOP l:pop 0", []),
                ("LPOP l:pop 2", ["b", "c"]),
                ("RPOP l:pop 5", ["d"]),
                fresh="l:pop",
            ),
        ),
        case(
            "with a count RPOP takes from behind, the last one first",
            rules.POP,
            *talk(
                ("RPUSH back a b c d", 4),
                ("RPOP back 3", ["d", "c", "b"]),
                ("LRANGE back 0 -1", ["a"]),
                fresh="back",
            ),
        ),
        case(
            "where no list is, there is nothing to pop, and nothing to count",
            rules.POP_MISSING,
            *talk(
                ("LPOP l:empty", None),
                ("RPOP l:empty", None),
                ("LPOP l:empty 3", NO_ARRAY),
                ("LLEN l:empty", 0),
                ("LRANGE l:empty 0 -1", []),
                ("LINDEX l:empty 0", None),
                ("EXISTS l:empty", 0),
                fresh="l:empty",
            ),
        ),
        case(
            "in RESP3 nothing is _ each time",
            rules.RESP3_NULL,
            *talk(
                ("HELLO 3", greeting(3)),
                ("LPOP l:three", NULL),
                ("LPOP l:three 2", NULL),
                ("LINDEX l:three 0", NULL),
                ("LRANGE l:three 0 -1", []),
                fresh="l:three",
            ),
        ),
        case(
            "a range has both its ends, and negative ones count from behind",
            rules.LRANGE,
            *talk(
                ("RPUSH l:range a b c d e", 5),
                ("LRANGE l:range 0 0", ["a"]),
                ("LRANGE l:range 1 3", ["b", "c", "d"]),
                ("LRANGE l:range -2 -1", ["d", "e"]),
                ("LRANGE l:range 1 -2", ["b", "c", "d"]),
                fresh="l:range",
            ),
        ),
        case(
            "a range that goes beyond the list is cut, and an empty one is an empty array",
            rules.LRANGE_OUT,
            *talk(
                ("RPUSH beyond a b c", 3),
                ("LRANGE beyond 1 100", ["b", "c"]),
                ("LRANGE beyond -100 1", ["a", "b"]),
                ("LRANGE beyond -100 100", ["a", "b", "c"]),
                ("LRANGE beyond 3 5", []),
                ("LRANGE beyond 2 1", []),
                ("LRANGE beyond 0 -4", []),
                fresh="beyond",
            ),
        ),
        case(
            "LINDEX tells one item, and null beyond the ends",
            rules.LINDEX,
            *talk(
                ("RPUSH index a b c", 3),
                ("LINDEX index 0", "a"),
                ("LINDEX index 2", "c"),
                ("LINDEX index -1", "c"),
                ("LINDEX index -3", "a"),
                ("LINDEX index 3", None),
                ("LINDEX index -4", None),
                fresh="index",
            ),
        ),
        case(
            "LSET replaces one item",
            rules.LSET,
            *talk(
                ("RPUSH set a b c", 3),
                ("LSET set 0 x", OK),
                ("LSET set -1 z", OK),
                ("LRANGE set 0 -1", ["x", "b", "z"]),
                fresh="set",
            ),
        ),
        case(
            "LSET beyond the ends, or without a list, is refused",
            rules.LSET,
            *talk(
                ("LSET nowhere 0 x", ERR),
                ("RPUSH nowhere a", 1),
                ("LSET nowhere 1 x", ERR),
                ("LSET nowhere -2 x", ERR),
                ("LRANGE nowhere 0 -1", ["a"]),
                fresh="nowhere",
            ),
        ),
        case(
            "LREM removes from the front, with a negative count from behind, with 0 all",
            rules.LREM,
            *talk(
                ("RPUSH l:rem x a x b x c x", 7),
                ("LREM l:rem 1 x", 1),
                ("LRANGE l:rem 0 -1", ["a", "x", "b", "x", "c", "x"]),
                ("LREM l:rem -2 x", 2),
                ("LRANGE l:rem 0 -1", ["a", "x", "b", "c"]),
                ("RPUSH l:rem x", 5),
                ("LREM l:rem 0 x", 2),
                ("LREM l:rem 0 x", 0),
                ("LRANGE l:rem 0 -1", ["a", "b", "c"]),
                fresh="l:rem",
            ),
        ),
        case(
            "LTRIM keeps a range",
            rules.LTRIM,
            *talk(
                ("RPUSH trim a b c d e", 5),
                ("LTRIM trim 1 -2", OK),
                ("LRANGE trim 0 -1", ["b", "c", "d"]),
                ("LTRIM trim 0 100", OK),
                ("LRANGE trim 0 -1", ["b", "c", "d"]),
                ("LTRIM trim 5 10", OK),
                ("EXISTS trim", 0),
                fresh="trim",
            ),
        ),
        case(
            "a list without items is no key",
            rules.NO_EMPTY,
            *talk(
                ("RPUSH gone a", 1),
                ("LPOP gone", "a"),
                ("EXISTS gone", 0),
                ("TYPE gone", Simple(b"none")),
                ("RPUSH gone b b", 2),
                ("LREM gone 0 b", 2),
                ("EXISTS gone", 0),
                ("RPUSH gone c d", 2),
                ("RPOP gone 2", ["d", "c"]),
                ("EXISTS gone", 0),
                fresh="gone",
            ),
        ),
        case(
            "pushing and popping leave a lifetime, and a list that went has none left",
            rules.CHANGED,
            *talk(
                ("RPUSH l:timed a b", 2),
                ("PEXPIRE l:timed 100000", 1),
                ("RPUSH l:timed c", 3),
                ("LPOP l:timed", "a"),
                ("PTTL l:timed", number(50_000, 100_000)),
                ("LPOP l:timed 2", ["b", "c"]),
                ("RPUSH l:timed d", 1),
                ("TTL l:timed", -1),
                fresh="l:timed",
            ),
        ),
        case(
            "a list of 2000 items comes back in order",
            rules.LRANGE,
            *talk(("DEL l:many", ANY_NUMBER)),
            counted("RPUSH l:many", "$9\r\nitem-%d\r\n", NUMBERS),
            replies(reply(2000), to="RPUSH l:many …"),
            *talk(
                ("LRANGE l:many 0 -1", [*MANY]),
                ("LRANGE l:many 1990 -5", [*MANY[1990:1996]]),
                ("LINDEX l:many -2000", MANY[0]),
            ),
            ways=ONCE,
        ),
        case(
            "an item is octets",
            rules.OCTETS,
            *talk(
                (("RPUSH", "l:octets", "", b"\r\n", bytes(range(256))), 3),
                ("LRANGE l:octets 0 -1", ["", b"\r\n", bytes(range(256))]),
                (("LREM", "l:octets", 1, ""), 1),
                ("LINDEX l:octets 0", b"\r\n"),
                fresh="l:octets",
            ),
        ),
        case(
            "a command for lists is refused on a string, and one for strings on a list",
            rules.WRONGTYPE,
            *talk(
                ("SET wrong:string alpha", OK),
                ("LPUSH wrong:string a", WRONGTYPE),
                ("LPOP wrong:string", WRONGTYPE),
                ("LLEN wrong:string", WRONGTYPE),
                ("LRANGE wrong:string 0 -1", WRONGTYPE),
                ("GET wrong:string", "alpha"),
                ("RPUSH wrong:list a", 1),
                ("GET wrong:list", WRONGTYPE),
                ("INCR wrong:list", WRONGTYPE),
                ("APPEND wrong:list x", WRONGTYPE),
                ("GETDEL wrong:list", WRONGTYPE),
                ("SET wrong:list v GET", WRONGTYPE),
                ("LRANGE wrong:list 0 -1", ["a"]),
                fresh="wrong:list",
            ),
        ),
        case(
            "MGET has null for a key of another kind",
            rules.MGET,
            *talk(
                ("SET mget:string v", OK),
                ("RPUSH mget:list a", 1),
                ("MGET mget:string mget:list", ["v", None]),
                fresh="mget:list",
            ),
        ),
        case(
            "SET replaces a value of any kind, and DEL and RENAME take any kind",
            rules.SET,
            *talk(
                ("RPUSH any:list a b", 2),
                ("RENAME any:list any:other", OK),
                ("LRANGE any:other 0 -1", ["a", "b"]),
                ("SET any:other v", OK),
                ("GET any:other", "v"),
                ("RPUSH any:list c", 1),
                ("DEL any:list any:other", 2),
                fresh="any:list any:other",
            ),
        ),
        case(
            "a key whose time is over may hold another kind, without a lifetime",
            rules.LAZY,
            *talk(("SET l:over v PX 50", OK)),
            later(80),
            *talk(
                ("RPUSH l:over a", 1),
                ("TTL l:over", -1),
                ("LRANGE l:over 0 -1", ["a"]),
                ("DEL l:over", 1),
            ),
            ways=ONCE,
        ),
        case(
            "an index that is no integer is refused, and so is a wrong number of arguments",
            rules.NOT_INTEGER,
            *talk(
                ("RPUSH l:refused a", 1),
                ("LRANGE l:refused 0 end", ERR),
                ("LINDEX l:refused x", ERR),
                ("LSET l:refused x v", ERR),
                ("LREM l:refused x a", ERR),
                ("LPOP l:refused -1", ERR),
                ("LPUSH l:refused", ERR),
                ("LRANGE l:refused 0", ERR),
                ("LRANGE l:refused 0 -1", ["a"]),
                fresh="l:refused",
            ),
        ),
    ),
)
