"""By hand, what stands on both sides of a program: who asks it, and whom it asks.

    (sleep 2; printf 'HTTP/1.1 200 OK\\r\\n…'; sleep 1) | timeout 6 nc -N -l 127.0.0.1 9001 > /dev/null &
    sleep 1; (printf 'GET / HTTP/1.1\\r\\n…'; sleep 3) | nc -w 4 127.0.0.1 8080 | xxd

Who listens begins a second earlier. `nc -l` speaks as soon as somebody has connected, so it is made
to wait: whenever the turn goes from one end to another, a second passes. A far side that takes
several connections takes them one after the other. The end whose octets are at fault is the one that
is shown. Where that is a client, a far side that has not closed stays for longer than it: what is
held back until the end comes would come with it.

A far side to which nobody connects ends by itself some seconds later, so that the next paste finds
its port free. Of much that is sent only the octets are counted that come out, `| wc -c`. Where the
program's memory is at fault, it is printed meanwhile, in KiB. Who does not read is `| sleep`: the
pipe between fills, and `nc` stops reading.

Left out: several connections to one far side at the same time, and queues that are full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .byhand import BOUNDED, FINISH, HELD, LEAST, LONG, Act, memory_of, printed, repeated, said

SERVED = 20  # requests that a far side answers by itself
MOST = 6  # connections that are shown: the last ones
MUCH = 1 << 20  # octets, of which a dump would fill the screen
PACE = 128 << 20  # octets a second that pass through nc, about
EARLY = 0.5  # seconds for which a far side listens before it is connected to anew
WAITS = 5  # seconds for which somebody listens at least


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
    much: int = 0  # octets of long sends
    deaf: bool = False  # it does not read what comes

    def say(self, clock: int, word: str) -> None:
        if clock > self.at:
            self.words.append(f"sleep {clock - self.at}")
        self.words.append(word)
        self.at = clock

    def command(self, address: tuple[str, int], until: int, look: str, early: float = 0.0) -> str:
        """This end, for a shell. What is open at last stays so for a while, `until` that second.

        look   what becomes of the octets that come: "| xxd"
        early  so many seconds less, for the next one to listen in time
        """
        seconds = until - min(0, self.began)
        look = f"| sleep {seconds}" if self.deaf else look
        words = list(self.words)
        if self.open and not self.half:
            words.append(f"sleep {max(1, until - self.at) - early:g}")
        how = FINISH if self.listens or self.half else f"-w {max(2, until - self.began)} "
        where = "{}{} {}".format("-l " if self.listens else "", *address)
        nc = f"{BOUNDED} {max(WAITS, seconds + 2)} nc" if self.listens else "nc"
        given = f"({'; '.join(words)}) | " if words else ""
        if self.listens and not words:  # in the background it must not read from the terminal
            look = f"< /dev/null {look}"
        if self.secure:
            client = "openssl s_client -quiet -no_ign_eof -connect {}:{}".format(*address)
            client = f"{client} -servername {self.secure} 2> /dev/null"
            return f"{given}{client} {look}"
        return f"{given}{nc} {how}{where} {look}"


def both_sides(
    acts: Sequence[Act],
    line: str,
    addresses: Mapping[str, tuple[str, int]],
    run: Sequence[str],
) -> str:
    """Commands side by side, the one that shows the octets of `line` last.

    run  the words that started the program, to find it when it was sent a signal
    """
    looks = sum(act.kind == "memory" for act in acts) > 1  # before, and when it was too much
    memory = memory_of(str(addresses["PORT"][1]), run) if looks else ""
    feeds = feeds_of(acts, memory)[-MOST:]
    end = max((feed.at for feed in feeds), default=0) + 1
    shown = next((feed for feed in reversed(feeds) if feed.line == line), None)
    shown = shown or next((feed for feed in reversed(feeds) if not feed.listens), None)

    def look(feed: Feed) -> str:
        if feed is not shown:
            return "> /dev/null"
        return "| wc -c" if any(o.much and o.listens != feed.listens for o in feeds) else "| xxd"

    stays = end if shown is None or shown.listens else 2 * (end + 1 - shown.began)
    shells = [answers_itself(act, addresses) for act in acts if act.kind == "rule"]
    last = ""
    for port in dict.fromkeys(feed.port for feed in feeds if feed.listens):
        mine = [feed for feed in feeds if feed.listens and feed.port == port]
        begins = [feed.began for feed in mine[1:]] + [stays]
        each = [
            feed.command(addresses[port], until, look(feed), EARLY * (feed is not mine[-1]))
            for feed, until in zip(mine, begins, strict=True)
        ]
        chain = each[0] if len(each) == 1 else f"({'; '.join(each)})"
        if shown in mine:
            last = chain
        else:
            shells.append(chain)
    for feed in feeds:
        if not feed.listens:
            command = feed.command(addresses[feed.port], end + 1, look(feed))
            if feed is shown:
                last = f"sleep 1; {command}"
            else:
                shells.append(f"(sleep 1; {command})")
    signals = said([act for act in acts if act.kind == "signal"], run)
    shells += [f"(sleep 2; {word})" for word in signals[:1]]
    before = f"{memory}; " if looks and acts[0].kind == "memory" else ""
    return before + " & ".join([*shells, last or f"nc -v {'{} {}'.format(*addresses['PORT'])}"])


def feeds_of(acts: Sequence[Act], memory: str = "") -> list[Feed]:
    """What each end of each connection says and when, in the order in which they were made.

    memory  a command that prints how much the program has
    """
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
        feed = now.get(act.line or turn)
        if feed is None:
            continue
        if act.kind == "memory" and memory:
            most = max(feeds, key=lambda each: each.much)
            (most if most.much else feed).words.append(f"{memory} >&2")
        if act.kind == "untaken":
            feed.words[-1] += " && echo 'all of it was taken' >&2"
            for other in feeds:
                other.deaf |= other.listens != feed.listens
        if act.kind == "send":
            clock += bool(turn) and act.line != turn
            turn = act.line
            feed.say(clock, repeated(act, room))
            octets = len(act.data) * act.times
            if octets > MUCH:  # it takes its time, and the others have to be there for as long
                feed.much += octets
                clock += octets // PACE
                feed.at = clock
        elif act.kind == "pause" and act.line == turn:
            clock += math.ceil(act.seconds)
        elif act.kind in ("close", "half-close"):
            feed.open, feed.half = act.kind != "close", True
            if act.kind == "close" and not feed.listens:  # what it was told has to reach it first
                feed.words.append(f"sleep {clock + 1 - feed.at}")
                feed.at = clock + 1
    return feeds


def answers_itself(act: Act, addresses: Mapping[str, tuple[str, int]]) -> str:
    """A far side that answers the same again and again, until nobody asks for a while."""
    host, port = addresses[act.port]
    listening = f"{BOUNDED} {HELD} nc {FINISH}-l {host} {port}"
    once = f"({printed(act.data)}) | {listening} > /dev/null || break"
    return f"(for i in $(seq {SERVED}); do {once}; done)"
