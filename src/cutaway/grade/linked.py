"""What the link to a far side does from now on: the step `over`.

    over("distant", to_client=Link(stall_after=20))   20 octets of the answer come, then nothing
    over("distant", Link(latency=0.2))                both ways

The far side is one that lies behind a link (`Far.link`), which the next case finds as it was; or a
part that is given.

Left out: what a link can do. See net/relay/link.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ..net.relay import CLEAR, Link
from .outcomes import NotTried
from .play import Play
from .stage import Step


@dataclass(frozen=True, slots=True)
class Over(Step):
    """Both ways, or those that are named. Counts begin with the next octet."""

    side: str
    link: Link | None = None
    to_server: Link | None = None
    to_client: Link | None = None

    def run(self, play: Play) -> None:
        there = play.running.parts.get(self.side) or play.side(self.side)
        relay = there.relay
        if relay is None:
            raise NotTried(f"nothing lies between the program and {self.side}")
        relay.change(self.link, to_server=self.to_server, to_client=self.to_client)
        play.notes_once(f"{self.side} is reached through a link of ours: {self.sketch()}")

    def sketch(self) -> str:
        ways = {"both ways": self.link, "to it": self.to_server, "from it": self.to_client}
        return "; ".join(f"{way}: {said(link)}" for way, link in ways.items() if link is not None)


def said(link: Link) -> str:
    """Its properties that are not those of a clear link."""
    clear = asdict(CLEAR)
    changed = {name: value for name, value in asdict(link).items() if value != clear[name]}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in changed.items())


def over(
    side: str,
    link: Link | None = None,
    *,
    to_server: Link | None = None,
    to_client: Link | None = None,
) -> Over:
    return Over(side, link, to_server, to_client)
