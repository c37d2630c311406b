"""What has to be there before a case is tried by hand: the program, its files, a tag it has given.

    first     mkdir -p /tmp/data; printf 'the file as it was\\n' > /tmp/data/known.txt
              PORT=8080 DATA_DIR=/tmp/data ./server &
    by hand   tag=$( (printf 'GET /files/known.txt …'; sleep 1) | nc … | sed …)
              (printf 'GET /files/known.txt … If-None-Match: '"$tag"'…'; sleep 1) | nc …

What an answer had and a later request repeats is another one each time, so a command asks for it; for
several things that answers had once, and each is taken out of what was said.

Left out: the command itself (byhand.py), and a program with far sides, which says its own start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """The command, which asks for what the play kept of answers before it repeats it."""
    kept = kept_fields(play)
    uses = [n for n, act in enumerate(play.acts) if any(k.value in act.data for k in kept)]
    first = uses[0] if uses else 0
    before, after = play.acts[:first], play.acts[first:]
    asked = sum(act.kind == "send" for act in before)
    known = [k for k in kept if k.place <= asked and any(k.value in act.data for act in after)]
    if not asked or not known:
        return by_hand(play.acts, line, addresses, run)
    spoken = {act.line for act in before if act.kind == "send"}
    asks = by_hand(
        [act for act in before if act.line in spoken], "main", addresses, run
    ).removesuffix(" | xxd")
    connects = [act for act in before if act.kind == "connect" and act.line == after[0].line]
    rest = by_hand([*connects[-1:], *after], line, addresses, run)
    for each in known:
        escaped = printed(each.value).removeprefix("printf '").removesuffix("'")
        rest = rest.replace(escaped, "'" + f'"${each.variable}"' + "'")
    if len(known) == 1:
        return f"{known[0].variable}=$( {asks} | tr -d '\\r' | {known[0].picks(asked)})\n{rest}"
    lines = [f"said=$( {asks} | tr -d '\\r')"]
    lines += [f"{k.variable}=$(printf '%s\\n' \"$said\" | {k.picks(asked)})" for k in known]
    return "\n".join([*lines, rest])


@dataclass(frozen=True, slots=True)
class KeptField:
    """place: how many answers had that field, up to the one whose it is; 0 where that is not known."""

    name: str
    field: str
    value: bytes
    place: int

    @property
    def variable(self) -> str:
        return self.name.replace(" ", "_")

    def picks(self, asked: int) -> str:
        """What takes it out of that many answers."""
        letters = "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in self.field)
        which = f"sed -n {self.place}p" if self.place and asked > 1 else "tail -n 1"
        return f"sed -n 's/^{letters}: *//p' | {which}"


def kept_fields(play: Play) -> list[KeptField]:
    """What was kept of the fields of answers, and long enough to be seen again."""
    found = []
    for step in play.case.steps:
        for name, where in getattr(step, "keep", {}).items():
            kind, _, field = where.partition(" ")
            value = play.kept.get(name) or b""
            if kind == "header" and len(value) > 4:
                found.append(KeptField(name, field, value, place_of(play, field, value)))
    return found


def place_of(play: Play, field: str, value: bytes) -> int:
    """Among the fields of that name that came on the main connection; 0 where it did not."""
    main = play.lines.get("main")
    form = rb"(?im)^%b: *(.*?)\r?$" % re.escape(field.encode())
    values = re.findall(form, main.data()) if main is not None else []
    return values.index(value) + 1 if value in values else 0


def laid(name: str, data: bytes = b"", size: int = 0) -> Act:
    """A file was laid in $DATA_DIR, or beside it."""
    return Act("", "file", data, port=name, times=size)
