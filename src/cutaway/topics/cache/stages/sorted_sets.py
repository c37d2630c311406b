"""Sorted sets: members with a score, kept in order.

    ZADD board 30 ada 10 bob 20 eve
    ZRANGE board 0 -1               bob eve ada
    ZRANGE board 15 +inf BYSCORE    eve ada
    ZRANK board eve                 :1

The order is that of the scores, doubles of 64 bits; where two are equal, that of the members' octets.
A leaderboard, an index by time, a queue with priorities: each asks for a range or a rank, and neither
may take as long as walking from one end.

Left out: ranges by members (BYLEX), storing the result under a key, ZSCAN.
"""

from ....grade.stage import ALL, ONCE, Stage, case
from .. import rules
from ..codec import Resp
from ..messages import Double, Simple
from .hello import greeting
from .messages import ANY_NUMBER, ERR, NEIGHBOUR, NULL, OK, WRONGTYPE, counted, number, reply, talk
from .replies import Row, error, replies, row, score

NUMBERS = range(1000, 2000)
IN_ORDER = [f"m{at}" for at in NUMBERS]
#: The same numbers in an order that looks like none, and what prints them.
SHUFFLED = [1000 + at * 7919 % 1000 for at in range(1000)]
IN_SHELL = "seq 0 999 | awk '{print 1000 + $1 * 7919 % 1000}'"


def scored(*members: tuple[str, float]) -> Row:
    """Each member and behind it its score, as RESP2 has it."""
    return row(*(part for name, value in members for part in (reply(name), score(value))))


def board(key: str) -> tuple[str, int]:
    """Three members: bob 10, eve 20, ada 30."""
    return f"ZADD {key} 30 ada 10 bob 20 eve", 3


def letters(key: str) -> tuple[str, int]:
    """Five members: a 1 … e 5."""
    return f"ZADD {key} 3 c 1 a 5 e 2 b 4 d", 5


STAGE = Stage(
    name="cache/sorted-sets",
    title="sorted sets: scores, ranks and ranges",
    asks="Keep members in the order of their scores, and answer ranks and ranges.",
    given="ZADD with NX, XX, GT, LT, CH, INCR; ZREM, ZSCORE, ZCARD, ZRANK, ZREVRANK, ZINCRBY, ZCOUNT, "
    "ZRANGE by index and BYSCORE, with REV, LIMIT, WITHSCORES; ZRANGEBYSCORE, ZREMRANGEBYSCORE. How "
    "a score is written is free as long as it reads as the same double.",
    goals=(
        "parse it: a score is a double, or +inf or -inf, and never nan; ( before it leaves it out",
        "decide: the options that contradict each other are refused before anything is written",
        "act: by score, and among equals by octets",
        "answer: a score is text in RESP2, a double in RESP3",
    ),
    hints=(
        "In which order are Z and a, and two members with the score 0?",
        "Keep two things: a dictionary from member to score, and the pairs (score, member) in order, "
        "as a sorted array, a skip list or a balanced tree. A new score takes the pair out and puts "
        "it in again. Compare octets, not characters. ZRANGE … REV BYSCORE takes the larger end first.",
        "ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member ...\n"
        "    read all scores first; then for each: skip it, add it, or move it\n"
        "    reply :added, with CH :added + changed, with INCR the new score or $-1",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "ZADD counts the members that are new, and moves the others",
            rules.ZADD,
            *talk(
                board("add"),
                ("ZADD add 5 ada 40 kim", 1),
                ("ZRANGE add 0 -1", ["ada", "bob", "eve", "kim"]),
                ("ZCARD add", 4),
                ("TYPE add", Simple(b"zset")),
                fresh="add",
            ),
        ),
        case(
            "a member that is said twice has its last score, and counts once",
            rules.ZADD,
            *talk(
                ("ZADD z:twice 1 a 5 b 9 a", 2),
                ("ZSCORE z:twice a", score(9)),
                ("ZRANGE z:twice 0 -1", ["b", "a"]),
                ("ZINCRBY z:twice 5 b", score(10)),
                ("ZRANGE z:twice 0 -1", ["a", "b"]),
                ("ZCARD z:twice", 2),
                fresh="z:twice",
            ),
        ),
        case(
            "equal scores are in the order of the octets",
            rules.ZORDER,
            *talk(
                (("ZADD", "tie", 0, "b", 0, "a", 0, "B", 0, b"\xc3\xa4", 0, "ab", 0, b"\xff"), 6),
                ("ZRANGE tie 0 -1", ["B", "a", "ab", "b", b"\xc3\xa4", b"\xff"]),
                ("ZRANGE tie 0 1 REV", [b"\xff", b"\xc3\xa4"]),
                fresh="tie",
            ),
        ),
        case(
            "scores are numbers, not texts",
            rules.ZORDER,
            *talk(
                ("ZADD numbers 10 ten 9 nine -1 minus", 3),
                ("ZADD numbers 1e2 hundred 0.5 half", 2),
                ("ZRANGE numbers 0 -1", ["minus", "half", "nine", "ten", "hundred"]),
                ("ZSCORE numbers hundred", score(100)),
                ("ZSCORE numbers half", score(0.5)),
                ("ZADD numbers 0.1 tenth", 1),
                ("ZSCORE numbers tenth", score(0.1)),
                fresh="numbers",
            ),
        ),
        case(
            "a score may be infinite",
            rules.ZSCORE_VALUE,
            *talk(
                ("ZADD ends 0 zero +inf last -inf first inf later", 4),
                ("ZRANGE ends 0 -1", ["first", "zero", "last", "later"]),
                ("ZSCORE ends last", score(float("inf"))),
                ("ZSCORE ends first", score(float("-inf"))),
                ("ZCOUNT ends -inf +inf", 4),
                ("ZCOUNT ends (-inf (+inf", 1),
                fresh="ends",
            ),
        ),
        case(
            "an integer of 53 bits is kept exactly",
            rules.ZSCORE_VALUE,
            *talk(
                ("ZADD z:exact 9007199254740991 a 9007199254740992 b", 2),
                ("ZSCORE z:exact a", score(9007199254740991)),
                ("ZCOUNT z:exact 9007199254740992 +inf", 1),
                fresh="z:exact",
            ),
        ),
        case(
            "where no member is, score and rank are null",
            rules.ZSCORE,
            *talk(
                ("ZSCORE z:none a", None),
                ("ZRANK z:none a", None),
                ("ZCARD z:none", 0),
                ("ZCOUNT z:none -inf +inf", 0),
                ("ZRANGE z:none 0 -1", []),
                ("ZREM z:none a", 0),
                ("ZADD z:none 1 a", 1),
                ("ZSCORE z:none b", None),
                ("ZREVRANK z:none b", None),
                fresh="z:none",
            ),
        ),
        case(
            "NX only adds, XX only changes",
            rules.ZADD_OPTIONS,
            *talk(
                ("ZADD only 1 a", 1),
                ("ZADD only NX 2 a 2 b", 1),
                ("ZSCORE only a", score(1)),
                ("ZADD only XX 3 a 3 c", 0),
                ("ZSCORE only a", score(3)),
                ("ZSCORE only c", None),
                ("zadd only xx ch 4 a", 1),
                fresh="only",
            ),
        ),
        case(
            "GT and LT change in one direction, and still add",
            rules.ZADD_OPTIONS,
            *talk(
                ("ZADD way 5 a", 1),
                ("ZADD way GT 4 a", 0),
                ("ZSCORE way a", score(5)),
                ("ZADD way GT 6 a 1 b", 1),
                ("ZSCORE way a", score(6)),
                ("ZADD way LT 7 a", 0),
                ("ZSCORE way a", score(6)),
                ("ZADD way LT 2 a", 0),
                ("ZSCORE way a", score(2)),
                ("ZADD way XX GT 9 c", 0),
                ("ZCARD way", 2),
                fresh="way",
            ),
        ),
        case(
            "with CH those that changed are counted, too",
            rules.ZADD_CH,
            *talk(
                ("ZADD ch 1 a 2 b", 2),
                ("ZADD ch CH 1 a 3 b 4 c", 2),
                ("ZADD ch CH 1 a", 0),
                ("ZADD ch GT CH 0 a 9 b", 1),
                fresh="ch",
            ),
        ),
        case(
            "with INCR, and by ZINCRBY, a score is added to",
            rules.ZINCRBY,
            *talk(
                ("ZINCRBY more 5 a", score(5)),
                ("ZINCRBY more -7.5 a", score(-2.5)),
                ("ZADD more INCR 2.5 a", score(0)),
                ("ZADD more INCR 1 b", score(1)),
                ("ZADD more NX INCR 1 b", None),
                ("ZADD more XX INCR 1 c", None),
                ("ZRANGE more 0 -1", ["a", "b"]),
                fresh="more",
            ),
        ),
        case(
            "ZRANK counts from the lowest, ZREVRANK from the highest",
            rules.ZRANK,
            *talk(
                letters("rank"),
                ("ZRANK rank a", 0),
                ("ZRANK rank d", 3),
                ("ZREVRANK rank e", 0),
                ("ZREVRANK rank a", 4),
                ("ZADD rank 10 a", 0),
                ("ZRANK rank a", 4),
                fresh="rank",
            ),
        ),
        case(
            "a range of ranks has both its ends, and is cut to what is there",
            rules.ZRANGE,
            *talk(
                letters("z:range"),
                ("ZRANGE z:range 0 0", ["a"]),
                ("ZRANGE z:range 1 3", ["b", "c", "d"]),
                ("ZRANGE z:range -2 -1", ["d", "e"]),
                ("ZRANGE z:range -100 100", ["a", "b", "c", "d", "e"]),
                ("ZRANGE z:range 5 9", []),
                ("ZRANGE z:range 3 1", []),
                fresh="z:range",
            ),
        ),
        case(
            "WITHSCORES puts its score behind each member",
            rules.ZRANGE,
            *talk(
                board("with"),
                (
                    "ZRANGE with 0 -1 WITHSCORES",
                    scored(("bob", 10), ("eve", 20), ("ada", 30)),
                ),
                ("ZRANGE with 2 2 withscores", scored(("ada", 30))),
                fresh="with",
            ),
        ),
        case(
            "REV counts from the highest",
            rules.ZRANGE_REV,
            *talk(
                letters("rev"),
                ("ZRANGE rev 0 1 REV", ["e", "d"]),
                ("ZRANGE rev -2 -1 REV", ["b", "a"]),
                ("ZRANGE rev 0 0 REV WITHSCORES", scored(("e", 5))),
                fresh="rev",
            ),
        ),
        case(
            "BYSCORE takes scores, with ( the end itself is left out",
            rules.ZRANGE_BYSCORE,
            *talk(
                letters("z:by"),
                ("ZRANGE z:by 2 4 BYSCORE", ["b", "c", "d"]),
                ("ZRANGE z:by (2 4 BYSCORE", ["c", "d"]),
                ("ZRANGE z:by (2 (4 BYSCORE", ["c"]),
                ("ZRANGE z:by (2 (3 BYSCORE", []),
                ("ZRANGE z:by -inf 2.5 BYSCORE", ["a", "b"]),
                ("ZRANGE z:by 4 +inf BYSCORE", ["d", "e"]),
                ("ZRANGE z:by 4 2 BYSCORE", []),
                ("ZRANGEBYSCORE z:by (1 3", ["b", "c"]),
                ("ZRANGEBYSCORE z:by 5 inf WITHSCORES", scored(("e", 5))),
                fresh="z:by",
            ),
        ),
        case(
            "with REV the larger score comes first",
            rules.ZRANGE_REV,
            *talk(
                letters("z:down"),
                ("ZRANGE z:down 4 2 BYSCORE REV", ["d", "c", "b"]),
                ("ZRANGE z:down +inf (3 REV BYSCORE", ["e", "d"]),
                ("ZRANGE z:down 2 4 BYSCORE REV", []),
                fresh="z:down",
            ),
        ),
        case(
            "LIMIT skips and counts",
            rules.ZRANGE_LIMIT,
            *talk(
                letters("limit"),
                ("ZRANGE limit -inf +inf BYSCORE LIMIT 1 2", ["b", "c"]),
                ("ZRANGE limit -inf +inf BYSCORE LIMIT 3 -1", ["d", "e"]),
                ("ZRANGE limit -inf +inf BYSCORE LIMIT 9 2", []),
                ("ZRANGE limit -inf +inf BYSCORE LIMIT 0 0", []),
                ("ZRANGE limit +inf -inf BYSCORE REV LIMIT 1 2", ["d", "c"]),
                ("ZRANGEBYSCORE limit 2 5 LIMIT 1 2", ["c", "d"]),
                ("ZRANGEBYSCORE limit 2 5 WITHSCORES LIMIT 1 1", scored(("c", 3))),
                ("ZRANGEBYSCORE limit 2 5 LIMIT 2 1 WITHSCORES", scored(("d", 4))),
                fresh="limit",
            ),
        ),
        case(
            "ZCOUNT counts a range of scores",
            rules.ZCOUNT,
            *talk(
                letters("z:count"),
                ("ZCOUNT z:count 2 4", 3),
                ("ZCOUNT z:count (2 4", 2),
                ("ZCOUNT z:count (2 (3", 0),
                ("ZCOUNT z:count -inf +inf", 5),
                fresh="z:count",
            ),
        ),
        case(
            "ZREM and ZREMRANGEBYSCORE count what they removed, and the last one takes the key",
            rules.ZREM,
            *talk(
                letters("z:rem"),
                ("ZREM z:rem a none c", 2),
                ("ZRANGE z:rem 0 -1", ["b", "d", "e"]),
                ("ZRANK z:rem e", 2),
                ("ZREMRANGEBYSCORE z:rem (2 4", 1),
                ("ZRANGE z:rem 0 -1", ["b", "e"]),
                ("ZREMRANGEBYSCORE z:rem -inf +inf", 2),
                ("EXISTS z:rem", 0),
                ("TYPE z:rem", Simple(b"none")),
                fresh="z:rem",
            ),
        ),
        case(
            "in RESP3 a score is a double, and members come in pairs with it",
            rules.RESP3_DOUBLE,
            *talk(
                ("HELLO 3", greeting(3)),
                ("ZADD z:three 1.5 a 2 b +inf c", 3),
                ("ZSCORE z:three a", Double(1.5)),
                ("ZSCORE z:three c", Double(float("inf"))),
                ("ZSCORE z:three none", NULL),
                ("ZINCRBY z:three 1 a", Double(2.5)),
                ("ZRANGE z:three 0 1", ["b", "a"]),
                (
                    "ZRANGE z:three 0 1 WITHSCORES",
                    row(row(reply("b"), Double(2.0)), row(reply("a"), Double(2.5))),
                ),
                ("ZRANK z:three none", NULL),
                fresh="z:three",
            ),
        ),
        case(
            "a thousand members that came in any order are in order",
            rules.ZORDER,
            *talk(("DEL z:many", ANY_NUMBER)),
            counted("ZADD z:many", "$4\r\n%d\r\n$5\r\nm%d\r\n", SHUFFLED, IN_SHELL),
            replies(reply(1000), to="ZADD z:many …"),
            *talk(
                ("ZRANGE z:many 0 -1", [*IN_ORDER]),
                ("ZRANGE z:many 1990 (1995 BYSCORE", [*IN_ORDER[990:995]]),
                ("ZRANK z:many m1777", 777),
                ("ZREMRANGEBYSCORE z:many 1100 1899", 800),
                ("ZRANK z:many m1900", 100),
            ),
            ways=ONCE,
        ),
        case(
            "a new score leaves the lifetime",
            rules.CHANGED,
            *talk(
                ("ZADD z:timed 1 a 2 b", 2),
                ("PEXPIRE z:timed 100000", 1),
                ("ZINCRBY z:timed 5 a", score(6)),
                ("ZREM z:timed b", 1),
                ("PTTL z:timed", number(50_000, 100_000)),
                fresh="z:timed",
            ),
        ),
        case(
            "a score that is no number is refused, and nothing is written",
            rules.ZSCORE_VALUE,
            *talk(
                ("ZADD z:bad 1 a alpha b", ERR),
                ("ZADD z:bad nan a", ERR),
                ("ZADD z:bad 1 a 2", ERR),
                ("ZADD z:bad", ERR),
                ("ZINCRBY z:bad x a", ERR),
                ("EXISTS z:bad", 0),
                ("ZADD z:bad +inf a", 1),
                ("ZINCRBY z:bad -inf a", ERR),
                ("ZSCORE z:bad a", score(float("inf"))),
                fresh="z:bad",
            ),
        ),
        case(
            "options that contradict each other are refused, and nothing is written",
            rules.ZADD_OPTIONS,
            *talk(
                ("ZADD no NX XX 1 a", ERR),
                ("ZADD no NX GT 1 a", ERR),
                ("ZADD no GT LT 1 a", ERR),
                ("ZADD no INCR 1 a 2 b", ERR),
                ("EXISTS no", 0),
                fresh="no",
            ),
        ),
        case(
            "an end of a range that is no number is refused, and so is LIMIT by index",
            rules.ZRANGE_SYNTAX,
            *talk(
                letters("end"),
                ("ZRANGE end a b BYSCORE", ERR),
                ("ZRANGE end 0 last", ERR),
                ("ZCOUNT end 1 x", ERR),
                ("ZRANGE end 0 -1 LIMIT 0 1", ERR),
                ("ZRANGE end 0 -1 NOPE", ERR),
                ("ZRANGE end 0 9 BYSCORE LIMIT 0", ERR),
                ("ZCARD end", 5),
                fresh="end",
            ),
        ),
        case(
            "another kind of value is refused, and stays",
            rules.WRONGTYPE,
            *talk(
                ("SADD z:wrong a", 1),
                ("ZADD z:wrong 1 a", WRONGTYPE),
                ("ZSCORE z:wrong a", WRONGTYPE),
                ("ZRANGE z:wrong 0 -1", WRONGTYPE),
                ("ZINCRBY z:wrong 1 a", WRONGTYPE),
                ("SCARD z:wrong", 1),
                ("ZADD wrong:zset 1 a", 1),
                ("GET wrong:zset", WRONGTYPE),
                ("SADD wrong:zset b", WRONGTYPE),
                ("SET wrong:zset v GET", error("WRONGTYPE")),
                ("SET wrong:zset v", OK),
                ("ZADD wrong:zset 1 a", WRONGTYPE),
                fresh="z:wrong wrong:zset",
            ),
        ),
    ),
)
