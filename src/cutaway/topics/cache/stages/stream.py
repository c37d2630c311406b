r"""A connection is a stream of bytes: where a read ends says nothing about where a command does.

    one write     *1⏎$4⏎PING⏎*2⏎$4⏎ECHO⏎$5⏎alpha⏎     two commands
    two writes    *2⏎$4⏎ECHO⏎$5⏎al      pha⏎          one command

Since a client need not wait for an answer, it can send many commands at once: pipelining. The
lengths are what keeps them apart, and they count octets, whatever these look like.

Left out: what is no command at all. See limits.py.
"""

from ....grade.stage import BOTH, ONCE, Stage, case
from ....grade.steps import at_every_split, drip, send
from .. import rules
from ..codec import Resp
from .messages import ERR, PONG, cmd, counted, inline, reply, talk, together
from .replies import replies

OCTETS = bytes(range(256))
LOOKS_LIKE_ONE = bytes(cmd("PING"))
MIB = 1 << 20
THOUSAND = range(1000, 2000)
alpha, bravo = cmd("ECHO alpha"), cmd("ECHO bravo")
tricky = cmd(("ECHO", b"al\r\n$3\r\npha"))

STAGE = Stage(
    name="cache/stream",
    title="split and merged: a stream, not messages",
    asks="Answer every command, in order, wherever the stream was cut on its way and however many "
    "commands came together.",
    given="PING and ECHO. An argument is octets of any kind, up to 8 MiB in these checks. An error "
    "leaves the connection as it is.",
    goals=(
        "bound it: a command is whole when its last announced octet is there; until then, read on",
        "frame it: what stands behind it belongs to the next command; keep it",
        "parse it: skip as many octets as the length says; do not look for CR LF in them",
        "answer: one reply for each command, in the order of the commands",
    ),
    hints=(
        "What does your program do when one read brings half a command? One and a half?",
        "Give each connection a buffer. Reading appends to it; a command is taken from its front "
        "when it is complete, and only that much. Look again before the next read. For a long "
        "argument, do not parse from the start again with every read: remember how far you are.",
        "buffer = b''\n"
        "loop:\n"
        "    buffer += read()\n"
        "    while (command, size = parse(buffer)) is complete:\n"
        "        buffer = buffer[size:]\n"
        "        answer(command)",
    ),
    codec=Resp,
    insight=True,
    ways=BOTH,
    cases=(
        case(
            "a command is one command wherever it is cut in two",
            rules.STREAM,
            at_every_split(tricky, replies(reply(b"al\r\n$3\r\npha"))),
            ways=ONCE,
        ),
        case(
            "a line is one command wherever it is cut in two",
            rules.STREAM,
            at_every_split(inline("ECHO alpha"), replies(reply("alpha"))),
            ways=ONCE,
        ),
        case(
            "a command that comes byte by byte is one command",
            rules.STREAM,
            drip(bytes(alpha), 0.0005),
            replies(reply("alpha")),
            ways=ONCE,
        ),
        case(
            "two commands in one write are two commands",
            rules.PIPELINE,
            *together(("ECHO alpha", "alpha"), ("ECHO bravo", "bravo")),
        ),
        case(
            "one command and half of the next are two in the end",
            rules.REST_IS_NEXT,
            send(bytes(alpha) + bytes(bravo)[:9]),
            replies(reply("alpha")),
            send(bytes(bravo)[9:]),
            replies(reply("bravo")),
            ways=ONCE,
        ),
        case(
            "a thousand commands in one write are answered in order",
            rules.PIPELINE,
            counted("", "*2\r\n$4\r\nECHO\r\n$4\r\n%d\r\n", THOUSAND),
            *(replies(reply(str(at)), to=f"ECHO {at}") for at in THOUSAND),
            ways=ONCE,
        ),
        case(
            "lines and arrays may follow each other",
            rules.INLINE,
            send(inline("ECHO alpha"), bravo, inline("PING"), alpha),
            *(replies(reply(short)) for short in ("alpha", "bravo", PONG, "alpha")),
        ),
        case(
            "an argument is octets of any kind",
            rules.BINARY_SAFE,
            *talk((("ECHO", OCTETS), OCTETS), (("ECHO", "zwölf"), "zwölf")),
        ),
        case(
            "an argument that looks like a command is an argument",
            rules.LENGTH,
            *together((("ECHO", LOOKS_LIKE_ONE), LOOKS_LIKE_ONE), ("ECHO alpha", "alpha")),
        ),
        case(
            "an empty argument is one",
            rules.EMPTY,
            *together((("ECHO", ""), ""), ("ECHO alpha", "alpha")),
        ),
        case(
            "an argument of 1 MiB comes back whole",
            rules.LENGTH,
            *together((("ECHO", OCTETS * (MIB // 256)), OCTETS * (MIB // 256)), ("PING", PONG)),
        ),
        case(
            "an unknown command among others is one error in its place",
            rules.UNKNOWN,
            *together(
                ("ECHO alpha", "alpha"),
                ("NOPE alpha", ERR),
                ("ECHO bravo", "bravo"),
                ("PING", PONG),
            ),
        ),
        case(
            "a wrong number of arguments is an error in its place",
            rules.ARITY,
            *together(
                ("ECHO", ERR),
                ("ECHO alpha bravo", ERR),
                ("PING alpha bravo", ERR),
                ("ECHO alpha", "alpha"),
            ),
        ),
        case(
            "an error is one line, whatever the command was called",
            rules.ERROR_LINE,
            *together((("NO\r\n+PE", "al\r\npha"), ERR), ("ECHO alpha", "alpha")),
        ),
    ),
)
