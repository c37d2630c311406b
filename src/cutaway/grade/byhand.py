"""The same thing by hand: a command line that sends what a play sent.

    (printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd

A server that keeps the connection open would keep `nc` waiting, and `xxd` its last line with it:
`-w` ends the wait, after more seconds than any pause takes. `-N` is a half-close, which the `nc` of
macOS does without being told.

What a play did is kept as acts. `printf` knows octal escapes in every shell, so what is not plain
text is written as one. A long run of one octet is made by `tr`. Of other long data the beginning
and the end are shown, and in between stand as many x: a command is there to be read, too.

Other connections that were open at that moment are held open in the background, when they are few.
Where two said something in turn, each waits for the other by the clock, a second for each turn.
What was poured in is poured in again, into `nc` whose output nobody reads: `| sleep 9` takes none of
it, the pipe between fills, and `nc` stops reading too. No `nc` can reset a connection; Python can.

A signal goes to whoever listens on the port, by the first of the tools that find out which this
machine has. A search by name could hit another program.

What a program connects to is played by hand as well: bothsides.py.

Left out: exact timing.
"""

from __future__ import annotations

import math
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

LONG = 300  # octets of one send shown in full
LEAST = 64  # and at least so many, when there are many sends
TAIL = 64  # octets at the end of what is longer
PARTS = 12  # pieces of a command for one send, about
DRIPS = 6  # octets, each with a pause behind it, that become a loop
FEW = 4  # other connections that are shown
FINISH = "" if sys.platform == "darwin" else "-N "  # what makes nc finish where its input does
# What ends a command after so many seconds: nc -l waits for ever, whatever -w says.
BOUNDED = "perl -e 'alarm shift; exec @ARGV'" if sys.platform == "darwin" else "timeout"
HELD = 9  # seconds for which they are held open
TURNS = 8  # of several connections that are shown, a second each

AFTER_LIFE = {"killed", "cut", "again"}
FAR_SIDE = {"accept", "rule", "refuses", "overflows"}
USUAL = {"PORT": ("127.0.0.1", 8080)}

RUN = re.compile(rb"(.)\1{63}", re.DOTALL)
ESCAPES = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x5C: "\\\\", 0x27: "'\\''", 0x25: "%%"}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done on a connection, or to the program (line "").

    kind   connect (`data`: over TLS, to the host of that name), send, pause, half-close, close, run (`data` is the command);
           accept: the program connects to the far side `port`; rule: that answers `data` by itself;
           takes, refuses, overflows: what becomes of connections to it;
           push: what the command `data` prints, `times` octets of it, and nothing read;
           deaf: nothing is read any more; read: only now what came is read;
           untaken: the other end of this one reads nothing; memory: its memory is looked at;
           reset: closed by RST; signal: `data` is its name;
           crowd: as many clients as `times` did the same at once, `data` shows what each got;
           file: it was laid as `port` in $DATA_DIR, with `data` or `times` zero octets;
           killed: by SIGKILL; again: started by the command `data`;
           cut: of the file `port` the last `times` octets were taken away
    times  how often it was sent
    shell  a command that prints `data`, where that is shorter than its octets
    """

    line: str
    kind: str
    data: bytes = b""
    port: str = "PORT"
    seconds: float = 0.0
    times: int = 1
    shell: str = ""


def by_hand(
    acts: Sequence[Act],
    line: str = "main",
    addresses: Mapping[str, tuple[str, int]] = USUAL,
    run: Sequence[str] = (),
) -> str:
    """A command for a shell, against a program that listens at these addresses.

    run  the words that started it, to find it when it was sent a signal and no tool tells who it is
    """
    again = [at for at, act in enumerate(acts) if act.kind in AFTER_LIFE]
    if again:
        return by_turns(acts, again, line, addresses, run)
    crowd = next((act for act in acts if act.kind == "crowd"), None)
    if crowd is not None:
        one = by_hand([act for act in acts if act.kind != "crowd"], line, addresses, run)
        one = one.removesuffix(" | xxd") + f" | {crowd.data.decode()}"
        return f"for i in $(seq {crowd.times}); do {one} & done; wait"
    runs = [act.data.decode(errors="replace") for act in acts if act.kind == "run"]
    if runs:
        return " && ".join(runs)
    if any(act.kind in FAR_SIDE or (act.kind == "connect" and act.data) for act in acts):
        from .bothsides import both_sides

        return both_sides(acts, line, addresses, run)
    acts = [act for act in acts if act.kind != "memory"]
    if not any(act.line == line for act in acts):
        line = next((act.line for act in reversed(acts) if act.line), line)
    deaf = {act.line for act in acts if act.kind == "deaf"}
    if line in deaf:
        line = next((act.line for act in reversed(acts) if act.line not in {"", *deaf}), line)
    names = list(dict.fromkeys(act.line for act in acts if act.line and act.line != line))
    others = {name: open_now(acts, name) for name in names}
    held = [done for done in others.values() if done]
    start = ""
    if 0 < len(held) <= FEW:
        timed = in_turn(acts, line, [name for name, done in others.items() if done])
        if timed:
            acts = timed
            held = [last_of(acts, name) for name, done in others.items() if done]
        if timed or not any(act.kind == "push" for done in held for act in done):
            start = "".join(f"{holder(done, addresses)} & " for done in held)
            start += "" if timed else "sleep 1; "
    reset = [name for name in names if last_of(acts, name)[-1].kind == "reset"]
    if 0 < len(reset) <= FEW:
        start += "".join(f"{resetter(last_of(acts, name), addresses)}; " for name in reset)
    for part in earlier_of(acts, line):
        start += conversation(part, addresses, run).removesuffix(" | xxd") + " > /dev/null; "
    return start + conversation(last_of(acts, line, ""), addresses, run, look=not deaf)


def by_turns(
    acts: Sequence[Act],
    breaks: Sequence[int],
    line: str,
    addresses: Mapping[str, tuple[str, int]],
    run: Sequence[str],
) -> str:
    """What was said to each life of the program, and between them how one ended and the next began."""
    port = str(next(iter(addresses.values()))[1])
    words, since = [], 0
    for at in [*breaks, len(acts)]:
        said_now = [act for act in acts[since:at] if act.line or act.kind in ("signal", "run")]
        if any(act.kind in ("send", "run") for act in said_now):
            words.append(by_hand(said_now, line, addresses, run))
        if at < len(acts):
            words.append(turned(acts[at], port, run))
        since = at + 1
    return "; ".join(words)


def turned(act: Act, port: str, run: Sequence[str]) -> str:
    match act.kind:
        case "killed":
            return signalled("KILL", port, run)
        case "cut":
            return f"truncate -s -{act.times} {shlex.quote(act.port)}"
    return f"sleep 1; {act.data.decode()} sleep 1"


def earlier_of(acts: Sequence[Act], name: str) -> list[list[Act]]:
    """What was said on the connections of that name before the last one, as far as a few tell."""
    mine = [act for act in acts if act.line == name]
    connects = [at for at, act in enumerate(mine) if act.kind == "connect"]
    parts = [mine[start:end] for start, end in pairwise(connects)]
    said_something = [part for part in parts if any(act.kind == "send" for act in part)]
    return said_something[-FEW:]


def last_of(acts: Sequence[Act], *names: str) -> list[Act]:
    """What was done on the last connection of that name."""
    mine = [act for act in acts if act.line in names]
    connects = [at for at, act in enumerate(mine) if act.kind == "connect"]
    return mine[connects[-1] if connects else 0 :]


def open_now(acts: Sequence[Act], name: str) -> list[Act]:
    """What was done on that connection, if it is open in the end."""
    mine = last_of(acts, name)
    return [] if mine[-1].kind in ("close", "reset") else mine


def in_turn(acts: Sequence[Act], line: str, others: Sequence[str]) -> list[Act]:
    """All of it, with pauses in which one connection waits for what others say.

    returns  nothing where the others spoke first, or there are too many turns
    """
    since = {act.line: at for at, act in enumerate(acts) if act.kind == "connect"}
    spoke = {
        at: act.line
        for at, act in enumerate(acts)
        if act.kind in ("send", "push") and act.line in (line, *others)
        if at >= since.get(act.line, 0)
    }
    turns = [name for name, _ in groupby(spoke.values())]
    if line not in turns[:-1] or len(turns) > TURNS or earlier_of(acts, line):
        return []
    found: list[Act] = []
    turn, last, reached = -1, "", dict.fromkeys((line, *others), 0)
    for at, act in enumerate(acts):
        if at in spoke:
            turn += act.line != last
            last = act.line
            if turn > reached[last]:
                found.append(Act(last, "pause", seconds=turn - reached[last]))
                reached[last] = turn
        found.append(act)
    if turn > reached[line]:
        found.append(Act(line, "pause", seconds=turn - reached[line]))
    return found


def holder(acts: Sequence[Act], addresses: Mapping[str, tuple[str, int]]) -> str:
    words = said(acts, ())
    poured = [f"{act.data.decode()} | head -c {act.times}" for act in acts if act.kind == "push"]
    words += poured
    feed = f"({'; '.join([*words, f'sleep {HELD}'])})" if words else f"sleep {HELD}"
    deaf = poured or any(act.kind == "deaf" for act in acts)
    reader = f"| sleep {HELD}" if deaf else "> /dev/null"
    return f"{feed} | nc {where(acts, addresses)} {reader}"


def resetter(acts: Sequence[Act], addresses: Mapping[str, tuple[str, int]]) -> str:
    """A connection that says the same and is reset then."""
    host, port = where(acts, addresses).split()
    words = [f'c = socket.create_connection(("{host}", {port}))']
    for act in acts:
        if act.kind == "send":
            long = len(act.data) * act.times > LONG
            data = f'b"x" * {len(act.data) * act.times}' if long else in_python(act.data)
            words += [f"c.sendall({data})", "time.sleep(0.3)"]
    linger = 'c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))'
    code = "; ".join(["import socket, struct, time", *words, linger, "c.close()"])
    return f"python3 -c '{code}'"


def in_python(data: bytes) -> str:
    """A literal that may stand between single quotes in a shell."""
    plain = (chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}" for octet in data)
    escapes = {"'": "\\x27", '"': "\\x22", "\\": "\\\\"}
    return 'b"' + "".join(escapes.get(each, each) for each in plain) + '"'


def where(acts: Sequence[Act], addresses: Mapping[str, tuple[str, int]]) -> str:
    port = next((act.port for act in acts if act.kind == "connect"), "PORT")
    host, number = addresses[port]
    return f"{host} {number}"


def said(acts: Sequence[Act], run: Sequence[str], port: str = "") -> list[str]:
    """Commands that print what was sent, and wait where it was waited.

    port  where the program listens, for a signal to find it
    """
    acts = folded(acts)
    sends = sum(act.kind == "send" and not act.shell for act in acts)
    room = max(LEAST, LONG // max(1, sends))
    words: list[str] = []
    before, dripped = "", 0
    for at, act in enumerate(acts):
        if at < dripped:
            continue
        if count := drip_from(acts, at):
            octets = " ".join(
                shlex.quote(_escaped(each.data)) for each in acts[at : at + count : 2]
            )
            words.append(f'for c in {octets}; do printf "$c"; sleep {acts[at + 1].seconds:g}; done')
            dripped, before = at + count, "pause"
            continue
        if act.kind == "send":
            words.append(repeated(act, room))
        elif act.kind == "pause":
            words.append(f"sleep {act.seconds:g}")
        elif act.kind == "signal":
            if words and before != "signal":
                words.append("sleep 1")
            words.append(signalled(act.data.decode(), port, run))
        before = act.kind
    return words


def folded(acts: Sequence[Act]) -> list[Act]:
    """Long sends that are alike and follow each other are one, sent so many times."""
    found: list[Act] = []
    for act in acts:
        last = found[-1] if found else None
        if last and len(act.data) > LONG and act == replace(last, times=act.times):
            found[-1] = replace(last, times=last.times + act.times)
        else:
            found.append(act)
    return found


def drip_from(acts: Sequence[Act], at: int) -> int:
    """How many acts from there on send one octet each and pause as long each time; 0 for few."""
    every, count = acts[at + 1].seconds if at + 1 < len(acts) else 0.0, 0
    for one, rest in zip(acts[at::2], acts[at + 1 :: 2], strict=False):
        single = one.kind == "send" and len(one.data) == one.times == 1
        if not single or rest.kind != "pause" or rest.seconds != every:
            break
        count += 2
    return count if count >= 2 * DRIPS else 0


def repeated(act: Act, room: int) -> str:
    """A shell command that prints what was sent, as often as it was."""
    octets = len(act.data) * act.times
    if act.times > 1 and octets > LONG and act.data.count(act.data[:1]) == len(act.data):
        return _repeated(octets, act.data[:1])
    once = act.shell or printed(act.data, room)
    return f"for i in $(seq {act.times}); do {once}; done" if act.times > 1 else once


def memory_of(port: str, run: Sequence[str]) -> str:
    """A command that prints how many KiB are resident of whoever listens on the port."""
    if shutil.which("lsof"):
        who = f"lsof -t -i tcp:{port} -s tcp:listen"
    elif shutil.which("fuser") and sys.platform != "darwin":
        who = f"fuser {port}/tcp 2> /dev/null"
    else:
        who = f"pgrep -n -f {shlex.quote(shlex.join(run))}"
    return f"ps -o rss= -p $({who})"


def signalled(name: str, port: str, run: Sequence[str]) -> str:
    """The signal to whoever listens on the port."""
    if port and shutil.which("lsof"):
        return f"kill -{name} $(lsof -t -i tcp:{port} -s tcp:listen)"
    if port and shutil.which("fuser") and sys.platform != "darwin":  # that one knows no ports
        return f"fuser -k -{name} {port}/tcp"
    # -n: the newest, which is the one that was started last
    return f"pkill -{name} -n -f {shlex.quote(shlex.join(run))}"


def conversation(
    acts: Sequence[Act],
    addresses: Mapping[str, tuple[str, int]],
    run: Sequence[str],
    look: bool = True,
) -> str:
    """look  the octets that come are of interest, not only how many"""
    at = where(acts, addresses)
    if acts and acts[-1].kind == "reset":
        return resetter(acts, addresses)
    if any(act.kind == "push" for act in acts):
        return pouring(acts, at, run)
    words = said(acts, run, at.split()[1])
    if not words:
        return f"nc -v {at} < /dev/null | xxd"
    wait = f"-w {2 + math.floor(max(act.seconds for act in acts))}"
    if any(act.kind == "half-close" for act in acts):
        wait = f"{FINISH}{wait}"
    else:
        words.append("sleep 1")
    return f"({'; '.join(words)}) | nc {wait} {at} | {'xxd' if look else 'wc -c'}"


def pouring(acts: Sequence[Act], at: str, run: Sequence[str]) -> str:
    """Much is sent before anything is read."""
    push = next(act for act in acts if act.kind == "push")
    poured = f"{push.data.decode()} | head -c {push.times} | nc"
    if any(act.kind == "half-close" for act in acts):
        return f"{poured} {FINISH}{at} | (sleep 3; wc -c)"
    signals = [act for act in acts if act.kind == "signal"]
    then = said(signals[:1], run, at.split()[1])
    if then and any(act.kind == "read" for act in acts):
        return f"{poured} {at} | (sleep 3; wc -c) & sleep 2.5; {then[0]}; wait"
    return f"{poured} {at} | sleep 20" + "".join(f" & sleep 5; {word}" for word in then)


def printed(data: bytes, room: int = LONG) -> str:
    """A shell command that prints these octets; of long data, as many, alike at both ends."""
    parts: list[str] = []
    at, left = 0, room
    while at < len(data) and len(parts) < PARTS:
        # One more expression finds the end: a back reference takes 80 octets of memory for each.
        run = RUN.search(data, at, at + left + 64)
        if run is None or run.start() - at > left:
            break
        start, same = run.start(), re.compile(re.escape(run[1]) + b"*", re.DOTALL)
        end = same.match(data, start).end()  # type: ignore[union-attr]
        parts += _literal(data[at:start])
        parts.append(_repeated(end - start, run[1]))
        at, left = end, left - (start - at)
    rest = data[at:]
    if len(rest) > left + TAIL:
        between = _repeated(len(rest) - left - TAIL, b"x")
        parts += [*_literal(rest[:left]), between, *_literal(rest[-TAIL:])]
    else:
        parts += _literal(rest)
    return "; ".join(parts) or "printf ''"


def _repeated(count: int, octet: bytes) -> str:
    if octet == b"\0":
        return f"head -c {count} /dev/zero"
    return f"head -c {count} /dev/zero | tr '\\0' '{_escaped(octet).replace('%%', '%')}'"


def _literal(data: bytes) -> list[str]:
    return [f"printf '{_escaped(data)}'"] if data else []


def _escaped(data: bytes) -> str:
    return "".join(
        ESCAPES.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03o}")
        for octet in data
    )
