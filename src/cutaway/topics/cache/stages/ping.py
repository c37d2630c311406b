r"""The first command, in both forms in which a command can be written.

    → *1\r\n$4\r\nPING\r\n      an array of bulk strings, as clients send it
    → PING\r\n                  a line, as a person types it
    ← +PONG\r\n

A reply begins with an octet that says its kind. So a client knows how to read it without knowing
what it asked.

Left out: commands that do not come in one piece. See stream.py.
"""

from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, send
from .. import rules
from ..codec import Resp
from .messages import ERR, PONG, inline, reply, talk
from .replies import replies

STAGE = Stage(
    name="cache/ping",
    title="PING, as an array and as a line",
    asks="Listen on $PORT, take connections one after the other, read a command and answer it: PING "
    "with PONG, ECHO with what it was given, any other with an error.",
    given="PING, PING with a message, ECHO. Names of commands are read without regard to case. A "
    "command that is not known is answered with an error that begins with ERR.",
    goals=(
        "frame it: * and a count, then for each word $, its length, its octets; each part ends with CR LF",
        "frame it: whatever begins with another octet is a line, and its words stand between spaces",
        "answer: + for a short text, $ for octets with their length, - for an error",
        "recover: when a connection is over, take the next one",
    ),
    hints=(
        "Print the octets that come, with their line ends. Which of them say how many follow?",
        "Read a line. If it begins with *, as many words follow as it says, each as a line with $ "
        "and a length, then that many octets, then CR LF. Compare the first word in one case only.",
        "PING          +PONG\\r\\n\n"
        "PING alpha    $5\\r\\nalpha\\r\\n\n"
        "ECHO alpha    $5\\r\\nalpha\\r\\n\n"
        "NOPE          -ERR unknown command\\r\\n",
    ),
    codec=Resp,
    ways=ONCE,
    cases=(
        case(
            "PING as an array is answered with PONG",
            rules.ARRAY,
            *talk(("PING", PONG)),
        ),
        case(
            "PING as a line is answered with PONG",
            rules.INLINE,
            send(inline("PING")),
            replies(PONG),
        ),
        case(
            "one command after the other is answered on one connection",
            rules.MANY_COMMANDS,
            *talk(("PING", PONG), ("PING", PONG), ("PING", PONG)),
        ),
        case(
            "small letters name the same command",
            rules.NAME_CASE,
            *talk(("ping", PONG), ("PiNg", PONG)),
            send(inline("ping")),
            replies(PONG),
        ),
        case(
            "PING with a message answers the message",
            rules.PING,
            *talk(("PING alpha", "alpha")),
        ),
        case(
            "ECHO answers what it was given",
            rules.ECHO,
            *talk(("ECHO alpha", "alpha"), (("ECHO", "two words"), "two words")),
            send(inline("ECHO alpha")),
            replies(reply("alpha")),
        ),
        case(
            "a command that is not known is an error, and the next one is answered",
            rules.UNKNOWN,
            *talk(("NOPE", ERR), ("PING", PONG)),
            send(inline("NOPE alpha")),
            replies(ERR),
            *talk(("PING", PONG)),
        ),
        case(
            "the next client is answered, too",
            rules.NEXT_CLIENT,
            *talk(("PING", PONG)),
            close(),
            *talk(("ECHO bravo", "bravo")),
            close(),
            *talk(("PING", PONG)),
        ),
    ),
)
