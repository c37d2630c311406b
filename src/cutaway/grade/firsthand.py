"""What has to be there before a case is tried by hand: the program, its files, a tag it has given.

    first     mkdir -p /tmp/data; printf 'the file as it was\\n' > /tmp/data/known.txt
              PORT=8080 DATA_DIR=/tmp/data ./server &
    by hand   tag=$( (printf 'GET /files/known.txt …'; sleep 1) | nc … | sed …)
              (printf 'GET /files/known.txt … If-None-Match: '"$tag"'…'; sleep 1) | nc …

What an answer had and a later request repeats is another one each time, so a command asks for it.

Left out: the command itself (byhand.py), and a program with far sides, which says its own start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .byhand import Act, by_hand, printed

if TYPE_CHECKING:
    from .play import Play

FOLDER = "/tmp/data"  # of the program that is tried by hand
OUTSIDE = "/tmp/outside.txt"


def first_steps(play: Play) -> str:
    """Commands that lay the files of the case and start the program; none for a --target."""
    subject = play.running.subject
    if subject.command is None or play.stage.far or play.stage.parts:
        return ""
    lays = [f"{printed(data)} > {FOLDER}/{name}" for name, data in play.case.files.items()]
    lays += [
        f"ln -s {to.format(outside=OUTSIDE)} {FOLDER}/{n}" for n, to in play.case.links.items()
    ]
    for act in play.acts:
        if act.kind == "file":
            content = f"head -c {act.times} /dev/zero" if not act.data else printed(act.data)
            lays.append(f"{content} > {FOLDER}/{act.port}")
    if any(OUTSIDE in command for command in lays):
        lays.insert(0, f"echo outside > {OUTSIDE}")
    start = start_of(play)
    if f"DATA_DIR={FOLDER}" not in start:
        return start
    return "; ".join([f"mkdir -p {FOLDER}", *lays]) + f"\n{start}"


def start_of(play: Play) -> str:
    """The command that starts the program in the background, on its files."""
    start = play.running.subject.start_by_hand(play.stage, play.case.environment)
    return start.replace("DATA_DIR=. ", f"DATA_DIR={FOLDER} ") + " &"


def asked_anew(
    play: Play, line: str, addresses: Mapping[str, tuple[str, int]], run: Sequence[str]
) -> str:
    """The command, which asks for what the play kept of an answer before it repeats it."""
    for name, (field, value) in kept_fields(play).items():
        uses = [at for at, act in enumerate(play.acts) if value in act.data]
        if not uses or not any(act.kind == "send" for act in play.acts[: uses[0]]):
            continue
        before, after = play.acts[: uses[0]], play.acts[uses[0] :]
        spoken = {act.line for act in before if act.kind == "send"}
        asks = by_hand(
            [act for act in before if act.line in spoken], "main", addresses, run
        ).removesuffix(" | xxd")
        letters = "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in field)
        picks = f"tr -d '\\r' | sed -n 's/^{letters}: *//p' | tail -n 1"
        connects = [act for act in before if act.kind == "connect" and act.line == after[0].line]
        rest = by_hand([*connects[-1:], *after], line, addresses, run)
        escaped = printed(value).removeprefix("printf '").removesuffix("'")
        rest = rest.replace(escaped, "'" + f'"${name}"' + "'")
        return f"{name}=$( {asks} | {picks})\n{rest}"
    return by_hand(play.acts, line, addresses, run)


def kept_fields(play: Play) -> dict[str, tuple[str, bytes]]:
    """Name → field and value, of what was kept of the fields of answers."""
    found = {}
    for step in play.case.steps:
        for name, where in getattr(step, "keep", {}).items():
            kind, _, field = where.partition(" ")
            if kind == "header" and len(play.kept.get(name) or b"") > 4:
                found[name] = (field, play.kept[name])
    return found


def laid(name: str, data: bytes = b"", size: int = 0) -> Act:
    """A file was laid in $DATA_DIR, or beside it."""
    return Act("", "file", data, port=name, times=size)
