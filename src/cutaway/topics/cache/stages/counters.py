"""Numbers in strings: counted in one step, and bounded.

    → INCR visits     ← :1         nothing counts as 0
    → GET visits      ← $1 1       and it is kept as the text of a decimal number

Two clients who each GET, add one and SET lose a count now and then; INCR cannot. Its numbers are
signed, of 64 bits, on every machine and in every language: a language whose numbers are doubles
goes wrong above 2**53, one whose integers never end goes wrong above 2**63.

Left out: INCRBYFLOAT.
"""

from ....grade.stage import ALL, Stage, case
from .. import rules
from ..codec import Resp
from .messages import ERR, NEIGHBOUR, OK, talk

MOST, LEAST = (1 << 63) - 1, -(1 << 63)
EXACT = 1 << 53  # the last integer behind which doubles have gaps

STAGE = Stage(
    name="cache/counters",
    title="counters of 64 bits, and appending",
    asks="Count in one step, within 64 bits, and refuse what is no number. Append to a value.",
    given="INCR, DECR, INCRBY, DECRBY; APPEND and STRLEN. A missing key counts as 0, or as an empty "
    "text. What is refused changes nothing.",
    goals=(
        "parse it: digits, with a minus perhaps, and nothing else; not what your language takes for one",
        "decide: within -2**63 and 2**63 - 1, before anything is written",
        "act: read, add and write with nothing in between",
        "answer: the new number as an integer; kept as its decimal text",
    ),
    hints=(
        'What does your language make of "1_0", of " 10", of 9007199254740992 + 1?',
        "Check the text with a pattern, an optional minus and digits, then its range. Use integers of "
        "64 bits and check for overflow before adding, or integers without end and check after. "
        "STRLEN counts octets, not characters.",
        "INCRBY key n:\n"
        "    old = integer(store.get(key, '0'))     # -ERR where it is none\n"
        "    new = old + integer(n)\n"
        "    if not -2**63 <= new < 2**63: -ERR\n"
        "    store[key] = decimal text of new; reply :new",
    ),
    codec=Resp,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "INCR counts from 0 where nothing is",
            rules.INCR,
            *talk(("INCR up", 1), ("INCR up", 2), ("GET up", "2"), fresh="up"),
        ),
        case(
            "DECR goes below 0",
            rules.INCR,
            *talk(("DECR n:down", -1), ("DECR n:down", -2), ("GET n:down", "-2"), fresh="n:down"),
        ),
        case(
            "INCRBY and DECRBY take the amount, which may be negative",
            rules.INCR,
            *talk(
                ("SET n:by 10", OK),
                ("INCRBY n:by 32", 42),
                ("DECRBY n:by 2", 40),
                ("INCRBY n:by -50", -10),
                ("DECRBY n:by -5", -5),
                ("GET n:by", "-5"),
            ),
        ),
        case(
            "a number above 2**53 is counted exactly",
            rules.INCR_RANGE,
            *talk(
                (f"SET n:exact {EXACT}", OK),
                ("INCR n:exact", EXACT + 1),
                ("GET n:exact", str(EXACT + 1)),
            ),
        ),
        case(
            "the largest number is reached, and not passed",
            rules.INCR_RANGE,
            *talk(
                (f"SET most {MOST - 1}", OK),
                ("INCR most", MOST),
                ("INCR most", ERR),
                ("INCRBY most 1", ERR),
                ("GET most", str(MOST)),
                ("INCRBY most -1", MOST - 1),
            ),
        ),
        case(
            "the smallest number is reached, and not passed",
            rules.INCR_RANGE,
            *talk(
                (f"SET least {LEAST + 1}", OK),
                ("DECR least", LEAST),
                ("DECR least", ERR),
                ("INCRBY least -1", ERR),
                ("GET least", str(LEAST)),
                (f"INCRBY least {MOST}", -1),
            ),
        ),
        case(
            "a text that is no number is not counted, and stays",
            rules.NOT_INTEGER,
            *talk(
                ("SET n:word alpha", OK),
                ("INCR n:word", ERR),
                ("GET n:word", "alpha"),
                ("SET n:word 1.5", OK),
                ("INCR n:word", ERR),
                ("SET n:word 1_0", OK),
                ("INCR n:word", ERR),
                ("SET n:word 0x10", OK),
                ("DECR n:word", ERR),
                (("SET", "n:word", " 10"), OK),
                ("INCR n:word", ERR),
                (("SET", "n:word", "10\n"), OK),
                ("INCR n:word", ERR),
                (("SET", "n:word", ""), OK),
                ("INCR n:word", ERR),
                (f"SET n:word {MOST + 1}", OK),
                ("DECR n:word", ERR),
                ("GET n:word", str(MOST + 1)),
            ),
        ),
        case(
            "an amount that is no integer of 64 bits is refused",
            rules.NOT_INTEGER,
            *talk(
                ("SET amount 7", OK),
                ("INCRBY amount alpha", ERR),
                ("INCRBY amount 1.5", ERR),
                (f"INCRBY amount {MOST + 1}", ERR),
                (f"DECRBY amount {MOST + 1}", ERR),
                ("INCRBY amount", ERR),
                ("GET amount", "7"),
            ),
        ),
        case(
            "APPEND adds to the end and answers the length",
            rules.APPEND,
            *talk(
                ("APPEND tail alpha", 5),
                ("APPEND tail bravo", 10),
                ("GET tail", "alphabravo"),
                (("APPEND", "tail", ""), 10),
                ("STRLEN tail", 10),
                fresh="tail",
            ),
        ),
        case(
            "STRLEN counts octets, and 0 where nothing is",
            rules.STRLEN,
            *talk(
                (("SET", "length", "zwölf"), OK),
                ("STRLEN length", 6),
                (("SET", "length", b"\x00\xff\r\n"), OK),
                ("STRLEN length", 4),
                ("DEL length", 1),
                ("STRLEN length", 0),
            ),
        ),
        case(
            "what was appended to is counted as it reads then",
            rules.APPEND,
            *talk(
                ("SET n:digits 1", OK),
                ("APPEND n:digits 0", 2),
                ("INCR n:digits", 11),
                ("APPEND n:digits x", 3),
                ("INCR n:digits", ERR),
                ("GET n:digits", "11x"),
            ),
        ),
    ),
)
