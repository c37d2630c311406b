"""What each command takes, and its --help.

    read(["check", "echo", "--seed", "7"])       ("check", Namespace(stage="echo", seed=7, …))
    read(["chek"])                               2, after one sentence on standard error

Only the parser of the command that is asked for is made. What cannot be read is one sentence, not a
page of usage.

Left out: what the values mean. A path that does not exist is the command's business.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from . import COMMANDS

USAGE = 2
FORMATS = ("json", "junit", "github", "exercism")
WIDTH = 100


class Parser(argparse.ArgumentParser):
    """Says one sentence, and where the options are told."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:]
        end = "" if sentence.endswith((".", "?")) else "."
        print(f"cutaway: {sentence}{end} See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(USAGE)


def read(arguments: list[str]) -> tuple[str, argparse.Namespace] | int:
    """The command and its options, or the exit status where there is nothing left to do."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        if arguments[:1] == ["help"] and len(arguments) > 1:
            return read([arguments[1], "--help"])
        print(overview(), end="")
        return 0
    if arguments[0] in ("-V", "--version"):
        from .. import __version__

        print(f"cutaway {__version__}")
        return 0
    command = arguments[0]
    if command not in COMMANDS:
        print(f"cutaway: {_unknown(command)}", file=sys.stderr)
        return USAGE
    try:
        return command, parser_of(command).parse_intermixed_args(arguments[1:])
    except SystemExit as ended:
        return int(ended.code or 0)


def overview() -> str:
    """What `cutaway --help` says."""
    lines = ["Cutaway: a backend with its side cut off, to see it work and to build it.", ""]
    lines += [f"  cutaway {name:<9} {about}" for name, (_, about) in COMMANDS.items()]
    lines += ["", "`cutaway COMMAND --help` tells its options. `cutaway topics` is where to begin."]
    return "\n".join(lines) + "\n"


def _unknown(command: str) -> str:
    from difflib import get_close_matches

    if command.startswith("-"):
        return f"The option {command} stands before a command. See: cutaway --help"
    near = get_close_matches(command, COMMANDS, n=1)
    step = f"Did you mean {near[0]}?" if near else "See: cutaway --help"
    return f"There is no command {command!r}. {step}"


def parser_of(command: str) -> Parser:
    """The parser of one command."""
    about = COMMANDS[command][1]
    parser = Parser(
        prog=f"cutaway {command}",
        description=about[:1].upper() + about[1:] + ".",
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=WIDTH),
    )
    OPTIONS[command](parser)
    return parser


def _start(parser: Parser) -> None:
    parser.add_argument("topic", metavar="TOPIC", help="such as http1; see `cutaway topics`")
    parser.add_argument("folder", metavar="DIR", nargs="?", help="default: ./TOPIC")
    parser.add_argument(
        "--lang", metavar="LANG", help="python, node, go, or bare for any other language"
    )


def _check(parser: Parser) -> None:
    parser.add_argument(
        "stage", metavar="STAGE", nargs="?", help="only this one; default: up to the first failure"
    )
    parser.add_argument("--watch", action="store_true", help="again whenever a file changes")
    parser.add_argument("--all", action="store_true", help="do not stop at the first failure")
    parser.add_argument("--topic", metavar="TOPIC", help="where no cutaway.toml says it")
    parser.add_argument(
        "--target",
        metavar="HOST:PORT[,NAME=HOST:PORT…]",
        help="a server that runs already; NAME is a further listener, such as LINES_PORT",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="with --target: its $DATA_DIR, to lay files in"
    )
    parser.add_argument("--seed", metavar="N", type=_seed, help="repeat a run exactly")
    group = parser.add_mutually_exclusive_group()
    for name in FORMATS:
        group.add_argument(
            f"--{name}",
            metavar="FILE",
            nargs="?",
            const="-",
            help=f"the result as {FORMAT_HELP[name]}; - or nothing: standard output",
        )


FORMAT_HELP = {
    "json": "one JSON object",
    "junit": "JUnit XML",
    "github": "GitHub annotations",
    "exercism": "Exercism's results.json, version 3",
}


def _stage_of_project(parser: Parser) -> None:
    parser.add_argument(
        "stage",
        metavar="STAGE",
        nargs="?",
        help="such as echo or tcp/echo; default: the one this project is at",
    )


def _lesson(parser: Parser) -> None:
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help="default: the project's")
    parser.add_argument("--pager", action="store_true", help="show it in $PAGER")
    parser.add_argument(
        "--recall", action="store_true", help="questions about it instead, for some days later"
    )


def _serve(parser: Parser) -> None:
    parser.add_argument("topic", metavar="TOPIC")
    parser.add_argument("--port", metavar="P", type=_port, help="of the first listener")
    parser.add_argument(
        "--data-dir", metavar="DIR", help="default: an empty one, removed at the end"
    )
    parser.add_argument(
        "--fault", metavar="NAME", help="with this fault in it; find it from outside"
    )
    parser.add_argument("--faults", action="store_true", help="list the faults there are")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="what else it reads from its environment, such as UPSTREAMS=127.0.0.1:8081",
    )
    parser.add_argument("--diff", action="store_true", help="with --fault: show what it changes")
    parser.add_argument("--bytes", action="store_true", help="show every message, its bytes named")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.replace("_", "a").isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is no setting, which is NAME=VALUE")
    return name, value


def _up(parser: Parser) -> None:
    parser.add_argument(
        "--with",
        dest="filling",
        metavar="SLOT=WHAT",
        type=_filling,
        action="append",
        default=[],
        help="what stands in a slot: cache=valkey, proxy=./mine, app=reference:FAULT",
    )
    parser.add_argument("--headless", action="store_true", help="no page, but a line a second")
    parser.add_argument("--json", action="store_true", help="with --headless: as JSON objects")
    parser.add_argument("--no-tls", action="store_true", help="traffic reaches the proxy unsealed")
    parser.add_argument(
        "--rate", metavar="N", type=_rate, default=20.0, help="requests a second; default: 20"
    )
    parser.add_argument(
        "--port", metavar="P", type=_port, help="of the page; default: 8080, or any free one"
    )
    parser.add_argument(
        "--home",
        metavar="DIR",
        help="where the store keeps its data; default: an empty one, removed at the end",
    )
    parser.add_argument("--no-open", action="store_true", help="open no browser")


def _filling(text: str) -> tuple[str, str]:
    slot, equals, what = text.partition("=")
    if not (slot and equals and what):
        raise argparse.ArgumentTypeError(f"{text!r} fills no slot, which is SLOT=WHAT")
    return slot, what


def _rate(text: str) -> float:
    whole, _, part = text.partition(".")
    if text.isascii() and whole.isdigit() and (part or "0").isdigit() and float(text) <= 5000:
        return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no rate, which is a number from 0 to 5000")


def _lab(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="such as tcp/nagle; default: list")
    parser.add_argument(
        "--predict", metavar="CHOICE", help="what will come out; without it you are asked"
    )
    parser.add_argument(
        "--confidence", metavar="N", type=int, choices=(50, 70, 90), help="how sure, in percent"
    )
    parser.add_argument(
        "--set", metavar="KNOB=VALUE", action="append", help="turn a knob; may be given again"
    )
    parser.add_argument(
        "--draw", metavar="POINTS", help="also the curve that you expect: VARIANT=VALUE,…"
    )
    parser.add_argument("--runs", metavar="N", type=_runs, help="of each variant, 3 to 50")
    parser.add_argument("--last", action="store_true", help="show the latest result again")
    parser.add_argument(
        "--bytes", action="store_true", help="also one exchange of each, octet by octet"
    )
    parser.add_argument(
        "--events", action="store_true", help="for programs: each step as a line of JSON"
    )
    parser.add_argument("--png", metavar="FILE", help="the picture")
    parser.add_argument("--svg", metavar="FILE", help="the picture")
    for name, what in (("csv", "every run, a line each"), ("json", "the result as one object")):
        parser.add_argument(
            f"--{name}",
            metavar="FILE",
            nargs="?",
            const="-",
            help=f"{what}; - or nothing: standard output",
        )


def _runs(text: str) -> int:
    if text.isascii() and text.isdigit() and 3 <= int(text[:9]) <= 50:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of runs, which goes from 3 to 50")


def _load(parser: Parser) -> None:
    parser.add_argument("url", metavar="URL", help="such as http://127.0.0.1:8080/")
    parser.add_argument("--rate", metavar="R", help="requests a second")
    parser.add_argument("--for", metavar="TIME", dest="seconds", help="default: 10s")
    parser.add_argument(
        "--shape",
        metavar="SHAPE",
        help="steady, poisson, ramp:FROM..TO, steps:R,R,… or steps:RxTIME,…;"
        " +poisson behind ramp or steps; default: steady",
    )
    parser.add_argument("--seed", metavar="N", type=_seed, help="repeat a poisson shape exactly")
    parser.add_argument("--warmup", metavar="TIME", help="of it, left out of the figures")
    parser.add_argument("--connections", metavar="N", help="at most; default: 256")
    parser.add_argument("--timeout", metavar="TIME", help="from the intended time; default: 10s")
    parser.add_argument("--grace", metavar="TIME", help="for the last answers; default: 5s")
    parser.add_argument("--method", metavar="M", help="default: GET, with a body POST")
    parser.add_argument("--header", metavar="'NAME: VALUE'", action="append", default=[])
    parser.add_argument("--body", metavar="TEXT", help="or @FILE")
    parser.add_argument(
        "--closed",
        metavar="N",
        help="a closed loop of N clients instead of a rate, to see what that hides",
    )
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")
    parser.add_argument("--plot", metavar="FILE", help="the latencies as a picture: .png or .svg")
    parser.add_argument("--anywhere", action="store_true", help="also another machine; only yours")


def _tap(parser: Parser) -> None:
    parser.add_argument("listen", metavar="LISTEN", nargs="?", help="PORT or HOST:PORT; 0: any")
    parser.add_argument("upstream", metavar="UPSTREAM", nargs="?", help="PORT or HOST:PORT")
    parser.add_argument(
        "--as", dest="topic", metavar="TOPIC", help="read it as http1, tcp/lines …; default: bytes"
    )
    parser.add_argument(
        "--anywhere", action="store_true", help="LISTEN may be where others can reach it"
    )
    parser.add_argument("--bytes", action="store_true", help="every message with its bytes named")
    parser.add_argument("--udp", action="store_true", help="datagrams instead of connections")
    for word, example, about in LINK:
        parser.add_argument(f"--{word}", metavar=example, help=about)
    parser.add_argument("--stall", action="store_true", help="nothing passes, nothing is lost")
    for way in ("server", "client"):
        parser.add_argument(
            f"--to-{way}",
            metavar="ORDER",
            action="append",
            help=f"of the way to the {way} alone, such as 'latency 20ms rate 1Mbit'",
        )
    parser.add_argument("--script", metavar="FILE", help="changes by time, count and chance")
    parser.add_argument("--seed", metavar="N", type=_seed, default=0, help="of whatever is drawn")
    parser.add_argument("--record", metavar="FILE", help="keep what passes, as pcapng")
    parser.add_argument("--read", metavar="FILE", help="show a recording instead of a connection")
    parser.add_argument("--to", metavar="UPSTREAM", help="with --read: play it to this server")


#: Option of tap, an example of its value, what it does. Each way alone, and both ways alike.
LINK = (
    ("latency", "20ms", "one way; a round trip takes twice as long"),
    ("jitter", "5ms", "so much more latency at most, drawn for each read; only datagrams overtake"),
    ("rate", "1Mbit", "at most so much a second: 125k octets, or 1Mbit"),
    ("pieces", "7", "at most so many octets a write"),
    ("gap", "10ms", "between two writes"),
    ("drip", "100ms", "an octet at a time, so far apart"),
    ("stall-after", "1000", "nothing passes behind so many octets of a connection"),
    ("cut-after", "1000", "both sides are closed behind so many octets of a connection"),
    ("reset-after", "1000", "both sides are reset behind so many octets of a connection"),
    ("half-close-after", "1000", "this way is closed behind so many octets; the other one goes on"),
    ("loss", "SHARE", "with --udp: so many datagrams are lost, such as 10%%"),
    ("duplicate", "SHARE", "with --udp: so many arrive twice"),
    ("reorder", "SHARE", "with --udp: so many are held back, and others overtake them"),
    ("corrupt", "SHARE", "with --udp: one bit of so many is changed"),
    ("limit", "1200", "with --udp: longer ones are lost"),
)


def _nothing(parser: Parser) -> None:
    """No options."""


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port, which is a number from 0 to 65535")


def _seed(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no seed, which is a whole number")


OPTIONS: dict[str, Callable[[Parser], None]] = {
    "up": _up,
    "start": _start,
    "check": _check,
    "hint": _stage_of_project,
    "explain": _stage_of_project,
    "lesson": _lesson,
    "topics": _nothing,
    "status": _nothing,
    "serve": _serve,
    "lab": _lab,
    "load": _load,
    "tap": _tap,
    "doctor": _nothing,
}
