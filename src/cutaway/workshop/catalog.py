"""The topics that there are, as their folders say it.

    topics()                  {"tcp": Topic(title="TCP: …", builds_on=(), …), "http1": …}
    topic("htp1")             Trouble: There is no topic htp1. Did you mean http1?
    stages("tcp")             what `STAGES` in its stages says
    stage("pipelining", "http1")      the same as stage("http1/pipelining")
    lab("nagle")              the experiment tcp/nagle, found in whatever topic it is

A topic is a folder of `cutaway.topics` with a topic.toml. Reading that file costs little; the
stages, which bring the codec and the grader with them, are imported when they are asked for. A
topic comes behind those that it builds on, else by name.

Left out: what a learner has done. See progress.py.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import topics as package
from .errors import Trouble, did_you_mean

if TYPE_CHECKING:
    from ..grade.stage import Stage
    from ..lab.lab import Lab
    from ..net.load import Asked, Plug
    from ..wire import Codec


@dataclass(frozen=True, slots=True)
class Card:
    """A question to answer some days after the lesson. about: a heading of the lesson."""

    about: str
    ask: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What topic.toml says, and where it stands.

    environment  name of a variable that the program gets → what it is
    contract     Markdown: what the program must do in the end
    beside       variable → what runs beside the reference where nobody names another: references of
                 topics ("cache"), or modules of topics ("cachepatterns.items")
    cards        to recall what the lesson said
    axes         of a project: slug of a stage → the axis of the scorecard that it counts for
    """

    slug: str
    folder: Path
    title: str
    group: str
    builds_on: tuple[str, ...]
    kind: str
    documents: tuple[str, ...]
    environment: Mapping[str, str]
    contract: str
    beside: Mapping[str, tuple[str, ...]]
    cards: tuple[Card, ...] = ()
    axes: Mapping[str, str] = field(default_factory=dict)

    @property
    def lesson(self) -> Path:
        return self.folder / "LESSON.md"

    @property
    def starters(self) -> tuple[str, ...]:
        """Languages in which a project can begin; "bare" is for all others."""
        folder = self.folder / "starters"
        return tuple(sorted(entry.name for entry in folder.glob("*/"))) if folder.is_dir() else ()

    @property
    def ports(self) -> tuple[str, ...]:
        """Variables that name a port to listen on."""
        return tuple(n for n in self.environment if n == "PORT" or n.endswith("_PORT"))

    @property
    def by_hand(self) -> tuple[str, ...]:
        """Commands to try on a running program, with $PORT and its like in them."""
        file = self.folder / "starters" / "by-hand.txt"
        return tuple(file.read_text().splitlines()) if file.is_file() else ()


def topics() -> Mapping[str, Topic]:
    """All topics, in the order to take them in."""
    return _topics(Path(str(package.__file__)).parent)


@cache
def _topics(folder: Path) -> Mapping[str, Topic]:
    found = {file.parent.name: _read(file) for file in sorted(folder.glob("*/topic.toml"))}
    return {slug: found[slug] for slug in _in_order(found)}


def _read(file: Path) -> Topic:
    said: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Topic(
        slug=file.parent.name,
        folder=file.parent,
        title=said["title"],
        group=said["group"],
        builds_on=tuple(said["builds_on"]),
        kind=said["kind"],
        documents=tuple(said["documents"]),
        environment=said["environment"],
        contract=said["contract"]["text"].strip(),
        beside={name: tuple(programs) for name, programs in said.get("beside", {}).items()},
        cards=tuple(
            Card(one["about"], one["ask"], one["answer"])
            for one in said.get("questions", ())
            if one["kind"] == "recall"
        ),
        axes=said.get("axes", {}),
    )


def _in_order(found: Mapping[str, Topic]) -> Iterator[str]:
    """Slugs, each behind what it builds on."""
    done: set[str] = set()
    while left := [slug for slug in found if slug not in done]:
        ready = [s for s in left if all(b in done for b in found[s].builds_on if b in found)]
        for slug in ready or left:  # a circle, which a test forbids, still ends
            done.add(slug)
            yield slug


def topic(slug: str) -> Topic:
    """Raises Trouble."""
    known = topics()
    if slug not in known:
        otherwise = f"There are: {', '.join(known)}. `cutaway topics` says what they are."
        raise Trouble(f"There is no topic {slug!r}.", did_you_mean(slug, known, otherwise))
    return known[slug]


def stages(slug: str) -> tuple[Stage, ...]:
    """The stages of a topic, in order. Raises Trouble where it has none yet."""
    found: tuple[Stage, ...] = _part(slug, "stages").STAGES
    return found


def faults(slug: str) -> tuple[Any, ...]:
    """The ways in which the topic's reference can be made wrong, each a `planted.Fault`."""
    found: tuple[Any, ...] = _part(slug, "faults").FAULTS
    return found


def faults_by_stage(slug: str) -> list[Any]:
    """The same in the order of the stages that catch them, which takes loading the stages."""
    order = [stage.name for stage in stages(slug)]
    return sorted(faults(slug), key=lambda fault: order.index(fault.stage))


def codec(slug: str) -> Callable[[], Codec]:
    """What reads both directions of a connection to $PORT. Raises Trouble where there is nothing."""
    found: Callable[[], Codec] | None = getattr(_part(slug, "codec"), "CODEC", None)
    if found is None:
        return next(stage.codec for stage in stages(slug) if stage.port == "PORT")
    return found


def real(slug: str) -> Mapping[str, Any]:
    """Programs that the world runs on and that keep the topic's contract: name → `real.Real`."""
    if not _has_real(slug):
        return {}
    found: Mapping[str, Any] = _part(slug, "real").REAL
    return found


def carry(slug: str) -> Any:
    """What copies all that one part of the topic keeps into another; None where there is nothing."""
    if not (topic(slug).folder / "carry.py").is_file():
        return None
    return _part(slug, "carry").carry


def _has_real(slug: str) -> bool:
    folder = topic(slug).folder
    return any((folder / name).is_file() for name in ("real.py", "real/__init__.py"))


def plug(asked: Asked) -> tuple[Plug, int]:
    """What loads such an address, by its scheme, and the port that the scheme stands for.

    Raises Trouble, also for what the protocol cannot say.
    """
    scheme, colon, _ = asked.url.partition("://")
    known = {s: part for part in _loads() for s in part.SCHEMES}
    if not colon or scheme.lower() not in known:
        raise Trouble(
            f"{asked.url!r} does not begin with a scheme that can be loaded.",
            f"There are: {', '.join(f'{s}://' for s in known)}.",
        )
    part = known[scheme.lower()]
    try:
        return part.plug_for(asked), part.SCHEMES[scheme.lower()]
    except ValueError as error:
        raise Trouble(str(error), "See: cutaway load --help") from None


def _loads() -> Iterator[Any]:
    """The topics that furnish a plug for the load generator, as modules."""
    for slug, found in topics().items():
        if (found.folder / "load.py").is_file():
            yield _part(slug, "load")


def _part(slug: str, part: str) -> Any:
    name = f"{package.__name__}.{topic(slug).slug}.{part}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        raise Trouble(
            f"The topic {slug} has no {part} in this version.",
            "`cutaway topics` lists what can be built.",
        ) from None


def stage(name: str, topic_slug: str | None = None) -> Stage:
    """A stage by its name, or by its slug alone where the topic is known. Raises Trouble."""
    slug, slash, own = name.partition("/")
    if not slash:
        if topic_slug is None:
            return _anywhere(name)
        slug, own = topic_slug, name
    known = stages(slug)
    for found in known:
        if found.slug == own:
            return found
    otherwise = f"The stages of {slug}: {', '.join(s.slug for s in known)}."
    near = did_you_mean(own, [s.slug for s in known], otherwise)
    raise Trouble(f"There is no stage {own!r} in {slug}.", near)


def _anywhere(slug: str) -> Stage:
    """A stage by its slug, without a project to say the topic."""
    found = [s for topic in topics() for s in _stages_if_any(topic) if s.slug == slug]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(s.name for s in found)
        raise Trouble(f"Several topics have a stage {slug!r}.", f"Write {names}.")
    known = [s.slug for topic in topics() for s in _stages_if_any(topic)]
    otherwise = "Write it as topic/stage; `cutaway status` and `cutaway topics` list them."
    raise Trouble(f"There is no stage {slug!r}.", did_you_mean(slug, known, otherwise))


def _stages_if_any(slug: str) -> tuple[Stage, ...]:
    try:
        return stages(slug)
    except Trouble:
        return ()


def labs(slug: str) -> tuple[Lab, ...]:
    """The experiments of a topic. Raises Trouble where it has none yet."""
    found: tuple[Lab, ...] = _part(slug, "lab").LABS
    return found


def every_lab() -> tuple[Lab, ...]:
    """The experiments of all topics, in the order of the topics."""
    return tuple(lab for slug in topics() for lab in _labs_if_any(slug))


def lab(name: str) -> Lab:
    """An experiment by its name, or by the part behind the slash. Raises Trouble."""
    slug, slash, _ = name.partition("/")
    known = labs(slug) if slash else every_lab()
    found = [lab for lab in known if name in (lab.name, lab.slug)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(each.name for each in found)
        raise Trouble(f"Several topics have a lab {name!r}.", f"Write {names}.")
    near = [lab.name if slash else lab.slug for lab in known]
    step = did_you_mean(name, near, "`cutaway lab` lists them.")
    raise Trouble(f"There is no lab {name!r}.", step)


def _labs_if_any(slug: str) -> tuple[Lab, ...]:
    try:
        return labs(slug)
    except Trouble:
        return ()
