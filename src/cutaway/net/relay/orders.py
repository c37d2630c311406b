"""What a person types, or writes in a script, to change a link that is running.

    latency 50ms jitter 5ms             both ways, on top of what holds
    to-client rate 1Mbit                one way
    drip 100ms                          an octet every 100 ms: pieces 1 gap 100ms
    stall-after 4Ki                     nothing passes behind 4096 octets
    clear                               a clear link again
    cut · reset · cut 3                 all connections, or number 3: FIN or RST to both sides
    refuse · accept                     stop and begin to listen

    20ms 1.5s 200us 0                   times
    500 64k 1M 4Ki                      octets: k M G are thousands, Ki Mi Gi are 1024s
    1M 8Mbit                            rates: octets a second, or bits
    10%                                 shares
    0..4096                             any of them, drawn by the seed

Of datagrams, with latency, jitter and clear as above:

    loss 10% duplicate 5% reorder 5% corrupt 1%
    limit 1200                          longer ones are lost

The words are the names of `Link` and of `Weather`, with - for _; a `Speech` is the words of one of
the two. `order_of` reads a line, `Order.give` carries it out.

Left out: when. That is script.py.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from .link import CLEAR, BadLink, Link
from .relay import Relay
from .udp import FAIR, UdpRelay, Weather

SECONDS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
OCTETS = {
    "": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30,
}  # fmt: skip
NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(\D*)")

ACTS = ("cut", "reset", "refuse", "accept")
WAYS = {"to-server": "to_server", "to-client": "to_client"}


class BadOrder(ValueError):
    """One sentence about a line that cannot be read."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What can be ordered of a relay of one kind.

    properties  word → the property of a link, an example, and how its value is read
    counted     what a script can count → how much of it a relay's counts have
    """

    name: str
    clear: Link | Weather
    properties: dict[str, tuple[str, str, Callable[[str], Any]]]
    flags: dict[str, str]
    acts: tuple[str, ...]
    counted: dict[str, Callable[[Any], int]]

    @property
    def words(self) -> list[str]:
        return [*self.properties, *self.flags, "clear", *self.acts]


@dataclass(frozen=True, slots=True)
class Order:
    """One line. act: what to do with connections; else `changes` to the link, one way or both."""

    act: str = ""
    number: int | None = None
    ways: tuple[str, ...] = ("to_server", "to_client")
    clear: bool = False
    changes: dict[str, Any] = field(default_factory=dict)

    def link(self, before: Any) -> Any:
        """The link, or the weather, that comes of it. Raises BadLink."""
        return (type(before)() if self.clear else before).but(**self.changes)

    def give(self, relay: Relay | UdpRelay) -> None:
        """Raises BadLink, and CannotListen from `accept`."""
        if self.act in ("cut", "reset"):
            getattr(relay, self.act)(self.number)
        elif self.act:
            getattr(relay, self.act)()
        else:
            links = self.links(relay.links)
            relay.change(
                to_server=links.to_server if "to_server" in self.ways else None,
                to_client=links.to_client if "to_client" in self.ways else None,
            )

    def links(self, before: Any) -> Any:
        """Both directions, as they are then."""
        return before._replace(**{way: self.link(getattr(before, way)) for way in self.ways})


def order_of(text: str, draws: random.Random | None = None, speech: Speech | None = None) -> Order:
    """speech: default, of connections. Raises BadOrder, BadLink."""
    words, speech = text.split(), speech or CONNECTIONS
    if not words:
        raise BadOrder("Nothing is ordered.")
    draws = draws or random.Random(0)
    if words[0] in speech.acts:
        return _act(words)
    ways: tuple[str, ...] = ("to_server", "to_client")
    if words[0] in WAYS:
        ways = (WAYS[words.pop(0)],)
    clear = words[:1] == ["clear"]
    order = Order("", None, ways, clear, changes_of(words[clear:], draws, speech))
    if not clear and not order.changes:
        raise BadOrder(f"{text} says no change. Such as: {text} latency 50ms")
    order.link(speech.clear)  # so that what cannot be is said here, where it was typed
    return order


def _act(words: Sequence[str]) -> Order:
    act, *more = words
    if not more:
        return Order(act)
    if act in ("cut", "reset") and len(more) == 1 and more[0].isascii() and more[0].isdigit():
        return Order(act, int(more[0]))
    raise BadOrder(
        f"{act} stands alone{' or with the number of a connection' * (act in ACTS[:2])}."
    )


def changes_of(words: Sequence[str], draws: random.Random, speech: Speech) -> dict[str, Any]:
    """Properties of a link, from words."""
    changes: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word in speech.flags:
            changes[speech.flags[word]] = True
            continue
        if word not in speech.properties:
            raise BadOrder(_unknown(word, speech))
        name, example, read = speech.properties[word]
        if not left:
            raise BadOrder(f"{word} wants a value, such as {word} {example}.")
        value = drawn(left.pop(0), read, draws)
        changes |= {"pieces": 1, "gap": value} if word == "drip" else {name: value}
    return changes


def _unknown(word: str, speech: Speech) -> str:
    other = CONNECTIONS if speech is DATAGRAMS else DATAGRAMS
    if word in other.words:
        return f"{word} is of {other.name}, not of {speech.name}. There are: {', '.join(speech.words)}."
    known = [*speech.words, *WAYS]
    near = get_close_matches(word, known, n=1)
    step = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
    return f"There is no {word!r}. {step}"


def drawn(text: str, read: Callable[[str], Any], draws: random.Random) -> Any:
    """A value, or one between two: 0..4096."""
    low, dots, high = text.partition("..")
    if not dots:
        return read(text)
    first, last = read(low), read(high)
    if last < first:
        raise BadOrder(f"{text} begins above its end.")
    return draws.randint(first, last) if isinstance(first, int) else draws.uniform(first, last)


def seconds(text: str) -> float:
    """20ms, 1.5s, 200us, 2m, 0. Raises BadOrder."""
    found = NUMBER.fullmatch(text)
    if found and found[2] in SECONDS:
        return float(found[1]) * SECONDS[found[2]]
    if found and float(found[1]) == 0 and not found[2]:
        return 0.0
    raise BadOrder(f"{text!r} is no time. Write 20ms, 1.5s or 200us.")


def octets(text: str) -> int:
    """500, 64k, 4Ki, 1M. Raises BadOrder."""
    found = NUMBER.fullmatch(text)
    if found and found[2] in OCTETS:
        return int(float(found[1]) * OCTETS[found[2]])
    raise BadOrder(f"{text!r} is no count of octets. Write 500, 64k or 4Ki.")


def rate(text: str) -> float:
    """Octets a second: 1M, or 8Mbit. Raises BadOrder."""
    number, bits, rest = text.partition("bit")
    found = NUMBER.fullmatch(number)
    if rest in ("", "/s") and found and found[2] in OCTETS:
        return float(found[1]) * OCTETS[found[2]] / (8 if bits else 1)
    raise BadOrder(f"{text!r} is no rate. Write 125k (octets a second) or 1Mbit.")


def written(changes: Mapping[str, Any], speech: Speech) -> str:
    """Properties as they would be typed: latency 17ms, cut-after 1200."""
    words = []
    for word, (name, _, read) in speech.properties.items():
        if name in changes and word != "drip":
            value = changes[name]
            forms: dict[Callable[[str], Any], str] = {
                seconds: f"{value * 1000:.3g}ms",
                share: f"{value * 100:.3g}%",
            }
            words.append(f"{word} {forms.get(read, f'{value:.0f}')}")
    return " ".join(words)


def share(text: str) -> float:
    """10% as 0.1. Raises BadOrder."""
    number = text.removesuffix("%")
    found = NUMBER.fullmatch(number)
    if text == number or not found or found[2] or float(found[1]) > 100:
        raise BadOrder(f"{text!r} is no share. Write 10%.")
    return float(found[1]) / 100


TIMES = {
    "latency": ("latency", "20ms", seconds),
    "jitter": ("jitter", "5ms", seconds),
}
PROPERTIES: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    **TIMES,
    "rate": ("rate", "1Mbit", rate),
    "pieces": ("pieces", "7", octets),
    "gap": ("gap", "10ms", seconds),
    "drip": ("gap", "100ms", seconds),
    "stall-after": ("stall_after", "1000", octets),
    "cut-after": ("cut_after", "1000", octets),
    "reset-after": ("reset_after", "1000", octets),
    "half-close-after": ("half_close_after", "1000", octets),
}
CONNECTIONS = Speech(
    name="connections",
    clear=CLEAR,
    properties=PROPERTIES,
    flags={"stall": "stalled"},
    acts=ACTS,
    counted={
        "connections": lambda counts: int(counts.taken),
        "octets": lambda counts: int(counts.to_server + counts.to_client),
    },
)
DATAGRAMS = Speech(
    name="datagrams",
    clear=FAIR,
    properties={
        "loss": ("loss", "10%", share),
        "duplicate": ("duplicate", "5%", share),
        "reorder": ("reorder", "5%", share),
        "corrupt": ("corrupt", "1%", share),
        "limit": ("limit", "1200", octets),
        **TIMES,
    },
    flags={},
    acts=(),
    counted={
        "datagrams": lambda counts: int(counts.datagrams),
        "octets": lambda counts: int(counts.to_server + counts.to_client),
    },
)
__all__ = [
    "CONNECTIONS",
    "DATAGRAMS",
    "BadLink",
    "BadOrder",
    "Order",
    "Speech",
    "octets",
    "order_of",
    "rate",
    "seconds",
    "share",
    "written",
]
