r"""The words of RESP: every named place on the wire, and the lines that they make.

    *2\r\n  $3\r\n  GET\r\n  $1\r\n  a\r\n        a command: an array of bulk strings
    │└┬─┘   │└┬─┘   └┬─┘                         the first octet is the type; a length or a count
    │ count │ length argument                    runs up to CR LF; octets of that length follow
    type    type

A `Shape` is one line, a regular expression whose groups tile it, a field for each. What reads as the
beginning of a line that may still become right is said beside it, in SO_FAR: what does not is refused
at once, however slowly the rest comes.

Left out: what commands and replies mean. That is the business of who acts on them.
"""

from __future__ import annotations

import re

from ...wire import Field, Shape

TYPES = {
    b"+": "simple string: a line of text",
    b"-": "error: a line of text, its first word a code",
    b":": "integer: decimal digits",
    b"$": "bulk string: a length, then as many octets",
    b"*": "array: a count, then as many values",
    b"_": "null: nothing",
    b"#": "boolean: t or f",
    b",": "double: a number with a fraction",
    b"(": "big number: digits without end",
    b"!": "bulk error: a length, then as many octets",
    b"=": "verbatim string: a length, three octets of format, a colon, text",
    b"%": "map: a count, then as many keys and values",
    b"~": "set: a count, then as many values",
    b">": "push: what nobody asked for; a count, then as many values",
    b"|": "attribute: as a map, about the value that follows",
}

TYPE = Field("type", TYPES, "RESP §RESP protocol description")
END = Field("line end", "CR LF, between all parts", "RESP §RESP protocol description")
DATA_END = Field("line end", "CR LF, not counted by the length", "RESP §Bulk strings")
TEXT = Field("text", "any octets but CR and LF", "RESP §Simple strings")
CODE = Field("code", "what kind of error it is, in upper case by convention", "RESP §Simple errors")
SENTENCE = Field("sentence", "what went wrong, for a person", "RESP §Simple errors")
INTEGER = Field("integer", "decimal digits of a signed number of 64 bits", "RESP §Integers")
LENGTH = Field("length", "octets that follow; -1 is nothing at all, in RESP2", "RESP §Bulk strings")
DATA = Field("data", "as many octets as the length says, of any value", "RESP §Bulk strings")
COUNT = Field("count", "how many values follow; -1 is nothing at all, in RESP2", "RESP §Arrays")
PAIRS = Field("count", "how many keys follow, each with a value", "RESP §Maps")
TRUTH = Field("boolean", {b"t": "true", b"f": "false"}, "RESP §Booleans")
DOUBLE = Field("double", "a number with fraction and exponent, inf or nan", "RESP §Doubles")
BIG_NUMBER = Field("big number", "decimal digits, as many as it takes", "RESP §Big numbers")
FORMAT = Field(
    "format", {b"txt": "plain text", b"mkd": "Markdown"}, "RESP §Verbatim strings"
)  # fmt: skip
COLON = Field("colon", "between format and text", "RESP §Verbatim strings")

COMMAND_TYPE = Field("type", {b"*": "a command: a count, then as many words"}, "RESP §Arrays")
WORD_TYPE = Field("type", {b"$": "a word: a length, then as many octets"}, "RESP §Bulk strings")
WORDS = Field(
    "count", "how many words the command has", "RESP §Sending commands to a Valkey server"
)
WORD_LENGTH = Field("length", "octets of the word", "RESP §Bulk strings")
NAME = Field("name", "what is asked for, in any case", "RESP §Sending commands to a Valkey server")
ARGUMENT = Field(
    "argument", "what it is asked about, or how", "RESP §Sending commands to a Valkey server"
)

SPACE = Field("space", "between words", "RESP §Inline commands")
INLINE_WORD = Field("word", "the name, or an argument; may be quoted", "RESP §Inline commands")
LINE = Field("line", "the words of an inline command", "RESP §Inline commands")
LINE_END = Field("line end", "LF, mostly behind CR", "RESP §Inline commands")

COMMAND = Field("command", "what a client asks", "RESP §Sending commands to a Valkey server")
VALUE = Field("value", "an answer, or a part of one", "RESP §RESP protocol description")
DEPTH = Field("depth", "values within values", "RESP §RESP protocol description")

NUMBER = rb"0|-?[1-9][0-9]{0,18}"
NUMBER_SO_FAR = rb"(?:(?:0|-?[1-9][0-9]{0,18})(?:\r\n?)?|-?)"
SIGNED = rb"[+-]?[0-9]{1,20}"
FLOAT = rb"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|inf)|-?nan"
MOST_DIGITS = 4096  # of a big number: Python converts no more than 4300 without being told to
MOST_TEXT = 65536  # octets of a line of text


def line(regex: bytes, *fields: Field, keep: tuple[int, ...]) -> Shape:
    """A line that begins with its type and ends with CR LF."""
    return Shape(regex + rb"(\r\n)", TYPE, *fields, END, keep=keep)


#: Type → the line that it begins.
LINES = {
    b"+": line(rb"(\+)([^\r\n]*+)", TEXT, keep=(2,)),
    b"-": line(rb"(-)([^\r\n ]*+)([^\r\n]*+)", CODE, SENTENCE, keep=(2, 3)),
    b":": line(rb"(:)(%s)" % SIGNED, INTEGER, keep=(2,)),
    b"$": line(rb"(\$)(%s)" % NUMBER, LENGTH, keep=(2,)),
    b"*": line(rb"(\*)(%s)" % NUMBER, COUNT, keep=(2,)),
    b"_": Shape(rb"(_)(\r\n)", TYPE, END, keep=(1,)),
    b"#": line(rb"(#)([tf])", TRUTH, keep=(2,)),
    b",": line(rb"(,)(%s)" % FLOAT, DOUBLE, keep=(2,)),
    b"(": line(rb"(\()([+-]?[0-9]{1,%d})" % MOST_DIGITS, BIG_NUMBER, keep=(2,)),
    b"!": line(rb"(!)(%s)" % NUMBER, LENGTH, keep=(2,)),
    b"=": line(rb"(=)(%s)" % NUMBER, LENGTH, keep=(2,)),
    b"%": line(rb"(%%)(%s)" % NUMBER, PAIRS, keep=(2,)),
    b"~": line(rb"(~)(%s)" % NUMBER, COUNT, keep=(2,)),
    b">": line(rb"(>)(%s)" % NUMBER, COUNT, keep=(2,)),
    b"|": line(rb"(\|)(%s)" % NUMBER, PAIRS, keep=(2,)),
}

#: Type → what may stand behind it as long as the line is not all here.
SO_FAR = dict.fromkeys(LINES, re.compile(NUMBER_SO_FAR).match) | {
    b"+": re.compile(rb"[^\r\n]*+(?:\r\n?)?").match,
    b"-": re.compile(rb"[^\r\n]*+(?:\r\n?)?").match,
    b":": re.compile(rb"[+-]?(?:[0-9]{1,20}(?:\r\n?)?)?").match,
    b"_": re.compile(rb"(?:\r\n?)?").match,
    b"#": re.compile(rb"(?:[tf](?:\r\n?)?)?").match,
    b",": re.compile(rb"[0-9+.eEinfa-]{0,400}(?:(?<!,)\r\n?)?").match,
    b"(": re.compile(rb"[+-]?(?:[0-9]{1,%d}(?:\r\n?)?)?" % MOST_DIGITS).match,
}

#: What the line of each type is about, for what is said when it is none.
ABOUT = {
    b"+": TEXT, b"-": CODE, b":": INTEGER, b"$": LENGTH, b"*": COUNT, b"_": END, b"#": TRUTH,
    b",": DOUBLE, b"(": BIG_NUMBER, b"!": LENGTH, b"=": LENGTH, b"%": PAIRS, b"~": COUNT,
    b">": COUNT, b"|": PAIRS,
}  # fmt: skip

FORMAT_SHAPE = Shape(rb"([^\r\n:]{3})(:)", FORMAT, COLON, keep=(1,))
DATA_END_SHAPE = Shape(rb"(\r\n)", DATA_END)

# Commands. A whole one of a few short words is one match: its lengths are compared with its words
# afterwards, and a word with a CR in it takes the longer way.

WORDS_SHAPE = Shape(rb"(\*)(%s)(\r\n)" % NUMBER, COMMAND_TYPE, WORDS, END, keep=(2,))
LENGTH_SHAPE = Shape(rb"(\$)(%s)(\r\n)" % NUMBER, WORD_TYPE, WORD_LENGTH, END, keep=(2,))
SHORT_WORD = rb"(\$)([0-9]{1,3})(\r\n)([^\r]{0,999}+)(\r\n)"
MOST_SHORT = 5


def short() -> Shape:
    """A command of one to five short words; keeps the count, then length, word, length, word …"""
    fields, regex = [COMMAND_TYPE, WORDS, END], rb""
    for number in range(MOST_SHORT):
        fields += [WORD_TYPE, WORD_LENGTH, END, ARGUMENT if number else NAME, DATA_END]
        regex = rb"%b(?:%b)?" % (SHORT_WORD, regex) if regex else SHORT_WORD
    keep = [at for first in range(4, 5 * MOST_SHORT, 5) for at in (first + 1, first + 3)]
    return Shape(rb"(\*)([1-5])(\r\n)" + regex, *fields, keep=(2, *keep))


SHORT = short()

#: Eight short words of a long command; keeps length, word, length, word …
RUN = Shape(
    SHORT_WORD * 8,
    *[WORD_TYPE, WORD_LENGTH, END, ARGUMENT, DATA_END] * 8,
    keep=tuple(at for first in range(1, 41, 5) for at in (first + 1, first + 3)),
)

SPACES = rb"[ \t\v\f\r]"
INLINE_SHAPE = Shape(
    rb"(%b*+)((?:\"(?:[^\"\\\n]|\\[^\n])*+\"|'(?:[^'\\\n]|\\[^\n])*+'|[^ \t\v\f\r\n\"'])++)(%b*+)"
    % (SPACES, SPACES),
    SPACE,
    INLINE_WORD,
    SPACE,
    keep=(2,),
)
BLANK_SHAPE = Shape(rb"((?:[ \t\v\f]|\r(?!\n))*+)(\r?\n)", SPACE, LINE_END, keep=(2,))
LINE_END_SHAPE = Shape(rb"(\r?\n)", LINE_END)
LF = re.compile(rb"\n")
