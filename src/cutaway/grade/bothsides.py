"""By hand, what stands on both sides of a program: who asks it, and whom it asks.

    (sleep 2; printf 'HTTP/1.1 200 OK\\r\\n…'; sleep 1) | nc -N -l 127.0.0.1 9001 > /dev/null &
    sleep 1; (printf 'GET / HTTP/1.1\\r\\n…'; sleep 3) | nc -w 4 127.0.0.1 8080 | xxd

Who listens begins a second earlier. `nc -l` speaks as soon as somebody has connected, so it is made
to wait: whenever the turn goes from one end to another, a second passes. A far side that takes several connections takes them one after
the other. The end whose octets are at fault is the one that is shown.

A far side to which nobody connects waits until it is interrupted (Ctrl-C).

Left out: several connections to one far side at the same time, and queues that are full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .byhand import FINISH, LEAST, LONG, Act, printed, said

SERVED = 20  # requests that a far side answers by itself
MOST = 6  # connections that are shown: the last ones


@dataclass(slots=True)
class Feed:
    """What one end of one connection says. began, at: seconds, of the whole conversation."""

    line: str
    port: str
    listens: bool
    began: int
    at: int
    words: list[str] = field(default_factory=list)
    open: bool = True
    half: bool = False
    secure: str = ""  # the name asked for, over TLS

    def say(self, clock: int, word: str) -> None:
        if clock > self.at:
            self.words.append(f"sleep {clock - self.at}")
        self.words.append(word)
        self.at = clock

    def command(self, address: tuple[str, int], until: int, shown: bool) -> str:
        """This end, for a shell. What is open at last stays so for a while, `until` that second."""
        words = list(self.words)
        if self.open and not self.half:
            words.append(f"sleep {max(1, until - self.at)}")
        how = FINISH if self.listens or self.half else f"-w {max(2, until - self.began)} "
        where = "{}{} {}".format("-l " if self.listens else "", *address)
        given = f"({'; '.join(words)}) | " if words else ""
        if self.secure:
            client = "openssl s_client -quiet -no_ign_eof -connect {}:{}".format(*address)
            client = f"{client} -servername {self.secure} 2> /dev/null"
            return f"{given}{client} {'| xxd' if shown else '> /dev/null'}"
        return f"{given}nc {how}{where} {'| xxd' if shown else '> /dev/null'}"


def both_sides(
    acts: Sequence[Act],
    line: str,
    addresses: Mapping[str, tuple[str, int]],
    run: Sequence[str],
) -> str:
    """Commands side by side, the one that shows the octets of `line` last.

    run  the words that started the program, to find it when it was sent a signal
    """
    feeds = feeds_of(acts)[-MOST:]
    end = max((feed.at for feed in feeds), default=0) + 1
    shown = next((feed for feed in reversed(feeds) if feed.line == line), None)
    shown = shown or next((feed for feed in reversed(feeds) if not feed.listens), None)
    shells = [answers_itself(act, addresses) for act in acts if act.kind == "rule"]
    last = ""
    for port in dict.fromkeys(feed.port for feed in feeds if feed.listens):
        mine = [feed for feed in feeds if feed.listens and feed.port == port]
        begins = [feed.began for feed in mine[1:]] + [end]
        each = [
            feed.command(addresses[port], until, feed is shown)
            for feed, until in zip(mine, begins, strict=True)
        ]
        chain = each[0] if len(each) == 1 else f"({'; '.join(each)})"
        if shown in mine:
            last = chain
        else:
            shells.append(chain)
    for feed in feeds:
        if not feed.listens:
            command = feed.command(addresses[feed.port], end + 1, feed is shown)
            if feed is shown:
                last = f"sleep 1; {command}"
            else:
                shells.append(f"(sleep 1; {command})")
    signals = said([act for act in acts if act.kind == "signal"], run)
    shells += [f"(sleep 2; {word})" for word in signals[:1]]
    return " & ".join([*shells, last or f"nc -v {'{} {}'.format(*addresses['PORT'])}"])


def feeds_of(acts: Sequence[Act]) -> list[Feed]:
    """What each end of each connection says and when, in the order in which they were made."""
    room = max(LEAST, LONG // max(1, sum(act.kind == "send" for act in acts)))
    feeds: list[Feed] = []
    now: dict[str, Feed] = {}
    clock, turn = 0, ""
    for act in acts:
        if act.kind in ("connect", "accept"):
            listens = act.kind == "accept"
            first = listens and all(feed.port != act.port for feed in feeds)
            now[act.line] = Feed(act.line, act.port, listens, clock, -1 if first else clock)
            now[act.line].secure = act.data.decode(errors="replace")
            feeds.append(now[act.line])
        feed = now.get(act.line)
        if feed is None:
            continue
        if act.kind == "send":
            clock += bool(turn) and act.line != turn
            turn = act.line
            once = printed(act.data, room)
            again = f"for i in $(seq {act.times}); do {once}; done"
            feed.say(clock, again if act.times > 1 else once)
        elif act.kind == "pause" and act.line == turn:
            clock += math.ceil(act.seconds)
        elif act.kind in ("close", "half-close"):
            feed.open, feed.half = act.kind != "close", True
            if act.kind == "close" and not feed.listens:  # what it was told has to reach it first
                feed.words.append(f"sleep {clock + 1 - feed.at}")
                feed.at = clock + 1
    return feeds


def answers_itself(act: Act, addresses: Mapping[str, tuple[str, int]]) -> str:
    """A far side that answers the same again and again."""
    host, port = addresses[act.port]
    once = f"({printed(act.data)}) | nc {FINISH}-l {host} {port} > /dev/null"
    return f"(for i in $(seq {SERVED}); do {once}; done)"
