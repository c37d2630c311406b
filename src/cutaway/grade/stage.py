"""Stages and cases as data.

    STAGE = Stage(
        name="http1/pipelining",
        asks="Keep the connection open. Answer every request, in order, until told to close.",
        given="GET /echo/WORD answers 200 with WORD.",
        goals=("frame it: …", "answer: …"),
        hints=("point", "explain", "show"),
        codec=Http1,
        cases=(
            case("two requests in one write are two requests", rules.STREAM,
                 send(alpha, bravo), expect(body=b"alpha"), expect(body=b"bravo")),
        ),
    )

A case is one conversation that tests one rule; its steps are data too (steps.py). How it is played
is the player's business.

Left out: order. A topic's `STAGES` tuple is the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wire import Codec
from .far import Far
from .given import Given
from .verdict import Rule, Way

if TYPE_CHECKING:
    from .play import Play

BOTH = (Way.WHOLE, Way.PIECES)
ALL = (Way.WHOLE, Way.PIECES, Way.MERGED)
ONCE = (Way.WHOLE,)


class Step:
    """One thing to do or to see. `run` returns when it holds, else raises Failed or CannotTell."""

    def run(self, play: Play) -> None:
        raise NotImplementedError

    def sketch(self) -> str:
        """A phrase for `cutaway explain`."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True)
class Case:
    """alone     with a program of its own, started for it: it is killed, stopped or measured
    ways      None: those of the stage
    files     what lies in $DATA_DIR before it, name → octets
    links     symbolic links there, name → target ({outside} is a file that must not be shown)
    environment  settings the program is started with; implies alone. In these and the stage's
                 own {a} stands for the address of the far side a
    owns_time    seconds that the case has to last; shown while it runs
    """

    name: str
    rule: Rule
    steps: tuple[Step, ...]
    alone: bool = False
    ways: tuple[Way, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    owns_time: float = 0.0


def case(name: str, rule: Rule, *steps: Step, **options: Any) -> Case:
    """A case with its steps in order; options are the fields of Case."""
    if options.get("environment"):
        options["alone"] = True
    return Case(name, rule, steps, **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """name      "topic/slug"
    title     what holds when it passes, in a few words
    asks      what the program must do now, and why
    given     what of the contract it uses
    goals     sub-goals, each "bound it|frame it|parse it|decide|act|answer|recover: …"
    hints     a ladder of three: point, explain, show
    codec     how its connections are read; a new one for every connection
    port      the environment variable whose listener the cases talk to
    ports     all listeners that must be ready before it starts
    neighbour message sent ahead of the first one when played merged, with what answers it
    far       what the program connects to, played by us: each tells it an address
    parts     what is given beside it: programs that it reaches through a relay
    lays      puts what the program needs into its folder, and says the settings that name it;
              for a program that is started by hand they are those of `environment`
    side_by_side  cases are played at the same time, on one program
    one_client    though a program that serves one client at a time may pass
    by_itself no other stage is played meanwhile: it measures
    insight   the misconception of the topic dies here (◆)
    """

    name: str
    title: str
    asks: str
    given: str
    goals: tuple[str, ...]
    hints: tuple[str, str, str]
    codec: Callable[[], Codec]
    cases: tuple[Case, ...]
    port: str = "PORT"
    ports: tuple[str, ...] = ("PORT",)
    ways: tuple[Way, ...] = BOTH
    neighbour: tuple[Any, Mapping[str, Any]] | None = None
    side_by_side: bool = False
    one_client: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    by_itself: bool = False
    insight: bool = False
    far: tuple[Far, ...] = ()
    parts: tuple[Given, ...] = ()
    lays: Callable[[Path], Mapping[str, str]] | None = None

    @property
    def topic(self) -> str:
        return self.name.partition("/")[0]

    @property
    def slug(self) -> str:
        return self.name.partition("/")[2]
