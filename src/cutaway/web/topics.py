"""The topics in the shapes that the page gets, with how far the learner is.

    atlas(progress)                     TopicMap: every topic, what is done, begun, next
    opened(progress, "http1", folder)   TopicOpened: sections, stages, labs, faults
    stage(progress, "http1", "keep-alive", folder)      StageOpened
    cards(progress, "http1")            RecallCards

A topic is done when all its stages pass, begun when anything of it was tried, next when all that it
builds on is done. Nothing is locked: whoever wants to begin elsewhere does.

Left out: lessons. See lesson.py.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..grade.stage import Stage
from ..grade.verdict import Rule
from ..topics import planted
from ..workshop import catalog, explaining, learning
from ..workshop.answers import SPACES, Answers, Asked, Said, key
from ..workshop.catalog import Card, Topic
from ..workshop.errors import Trouble, did_you_mean
from ..workshop.progress import RUNGS, Progress, Standing, current
from ..workshop.questions import asked
from . import lesson, markdown
from .markdown import words
from .shapes import learn as shapes

RUNG_NAMES = ("point", "explain", "show")

# The map


def atlas(progress: Progress, start: Path, note: str = "") -> shapes.TopicMap:
    """All topics, each behind those that it builds on."""
    found: dict[str, shapes.TopicCard] = {}
    for slug in catalog.topics():
        found[slug] = card_of(progress, slug, start)
        found[slug].state = _state(found[slug], found)
    groups = list(dict.fromkeys(one.group for one in found.values()))
    return shapes.TopicMap(list(found.values()), groups, note)


def card_of(progress: Progress, slug: str, start: Path) -> shapes.TopicCard:
    """With the state of a topic that has nothing before it."""
    topic, stages = catalog.topic(slug), _stages(slug)
    standing = _standing(progress, slug, start)
    said, runs = Answers(progress).said(slug), _runs(progress)
    labs = _labs(slug)
    questions = lesson.required(slug) if topic.lesson.is_file() else []
    at = current(stages, standing)
    title, _, about = topic.title.partition(": ")
    card = shapes.TopicCard(
        slug=slug,
        title=title,
        about=about,
        group=topic.group,
        builds_on=list(topic.builds_on),
        state="next",
        stages=shapes.Count(learning.passing(standing, slug), len(stages)),
        answers=shapes.Count(sum(name in said for name in questions), len(questions)),
        labs=shapes.Count(sum(lab.name in runs for lab in labs), len(labs)),
        cards=len(topic.cards),
        due=_due(_asked(progress, topic), said),
        next=at.slug if at is not None else "",
    )
    if standing or said or card.labs.done:
        card.state = "begun"
    if stages and card.stages.done == card.stages.of:
        card.state = "done"
    return card


def _state(card: shapes.TopicCard, before: Mapping[str, shapes.TopicCard]) -> shapes.TopicState:
    ready = all(before[slug].state == "done" for slug in card.builds_on if slug in before)
    return card.state if ready or card.state != "next" else "later"


def _stages(slug: str) -> tuple[Stage, ...]:
    try:
        return catalog.stages(slug)
    except Trouble:
        return ()


def _labs(slug: str) -> tuple[shapes.TopicLab, ...]:
    try:
        found = catalog.labs(slug)
    except Trouble:
        return ()
    return tuple(
        shapes.TopicLab(lab.name, lab.slug, lab.title, " ".join(lab.question.split()), 0)
        for lab in found
    )


def _runs(progress: Progress) -> dict[str, int]:
    """Lab → how often it was run."""
    return dict(progress.rows("SELECT name, count(*) FROM lab GROUP BY name"))


def _standing(progress: Progress, slug: str, start: Path) -> dict[str, Standing]:
    folder = learning.place(progress, slug, start)
    if folder is None:
        return {}
    found = progress.standing(folder)
    return {name: one for name, one in found.items() if name.startswith(f"{slug}/")}


# A topic


def opened(progress: Progress, slug: str, start: Path, note: str = "") -> shapes.TopicOpened:
    """Raises Trouble."""
    topic = catalog.topic(slug)
    said, folder = Answers(progress).said(slug), learning.place(progress, slug, start)
    runs, labs = _runs(progress), list(_labs(slug))
    card = card_of(progress, slug, start)
    before = {b: card_of(progress, b, start) for b in topic.builds_on if b in catalog.topics()}
    card.state = _state(card, before)
    for lab in labs:
        lab.runs = runs.get(lab.name, 0)
    return shapes.TopicOpened(
        card=card,
        kind=topic.kind,
        documents=list(topic.documents),
        contract=markdown.read(topic.contract, slug),
        environment=[shapes.Setting(name, means) for name, means in topic.environment.items()],
        sections=lesson.heads(slug, said) if topic.lesson.is_file() else [],
        stages=_lines(progress, slug, start),
        labs=labs,
        faults=[shapes.FaultLine(one.name, one.stage) for one in _faults(slug)],
        languages=list(topic.starters),
        folder=str(folder or ""),
        note=note,
    )


def _lines(progress: Progress, slug: str, start: Path) -> list[shapes.StageLine]:
    standing = _standing(progress, slug, start)
    hints = progress.hints(place(progress, slug, start))
    return [
        shapes.StageLine(
            name=one.name,
            slug=one.slug,
            title=one.title,
            state=_how(standing.get(one.name)),
            hints=hints.get(one.name, 0),
            insight=one.insight,
        )
        for one in _stages(slug)
    ]


def _how(at: Standing | None) -> shapes.StageState:
    if at is None:
        return "open"
    if at.verdict == "pass":
        return "passed"
    if at.passed:
        return "passed before"
    return "failed" if at.verdict == "fail" else "not checked"


def place(progress: Progress, slug: str, start: Path) -> Path:
    """Where hints are counted; without a project, the folder that Cutaway was started in."""
    return learning.place(progress, slug, start) or start.resolve()


def _faults(slug: str) -> list[planted.Fault]:
    try:
        return catalog.faults_by_stage(slug)
    except Trouble:
        return []


def fault(slug: str, name: str) -> shapes.FaultOpened:
    """Raises Trouble."""
    known = {one.name: one for one in _faults(slug)}
    if name not in known:
        raise Trouble(
            f"There is no fault {name!r} in {slug}.",
            did_you_mean(name, known, "The topic's page lists them."),
        )
    one = known[name]
    return shapes.FaultOpened(one.name, one.sentence, one.stage, planted.diff(one))


# A stage


def stage(
    progress: Progress, slug: str, name: str, start: Path, note: str = ""
) -> shapes.StageOpened:
    """Raises Trouble."""
    one = catalog.stage(f"{slug}/{name}")
    lines = _lines(progress, slug, start)
    number = [line.name for line in lines].index(one.name)
    line = lines[number]
    return shapes.StageOpened(
        line=line,
        number=number + 1,
        asks=words(one.asks),
        given=words(one.given),
        goals=[words(goal) for goal in one.goals],
        listens=explaining.listeners(one),
        settings=[shapes.Setting(name, value) for name, value in one.environment.items()],
        cases=[
            shapes.StageCase(
                case.name,
                _rule(case.rule),
                explaining.steps(case),
                list(explaining.played(one, case)),
            )
            for case in one.cases
        ],
        rules=[_rule(rule) for rule in explaining.rules_of(one)],
        hints=[_hint(one, rung) for rung in range(1, line.hints + 1)],
        ladder=RUNGS,
        before=lines[number - 1].slug if number else "",
        after=lines[number + 1].slug if number + 1 < len(lines) else "",
        faults=[fault.name for fault in _faults(slug) if fault.stage == one.name],
        folder=str(learning.place(progress, slug, start) or ""),
        note=note,
    )


def _rule(rule: Rule) -> shapes.StageRule:
    return shapes.StageRule(rule.section, rule.level, rule.text)


def _hint(stage: Stage, rung: int) -> shapes.Hint:
    """The last rung shows code, as it stands."""
    text, code = stage.hints[rung - 1], rung == RUNGS
    said = [shapes.Words("plain", text)] if code else words(text)
    return shapes.Hint(rung, RUNG_NAMES[rung - 1], said, code)


# Recall cards


def cards(progress: Progress, slug: str, note: str = "") -> shapes.RecallCards:
    """Raises Trouble. Those that are due come first, in the order of the lesson."""
    topic = catalog.topic(slug)
    said = Answers(progress).said(slug)
    found = [
        _card(card, at, said) for card, at in zip(topic.cards, _asked(progress, topic), strict=True)
    ]
    return shapes.RecallCards(slug, topic.title.partition(": ")[0], found, note)


def card(progress: Progress, slug: str, name: str) -> Card:
    """Raises Trouble."""
    found = asked(slug).card(name)
    if found is None:
        raise Trouble(f"There is no such question in {slug}.", "Reload the page.")
    return found


def _asked(progress: Progress, topic: Topic) -> list[Asked | None]:
    kept = Answers(progress).cards(topic.slug)
    return [kept.get(key(card.ask)) for card in topic.cards]


def _due(asked: Sequence[Asked | None], said: Mapping[str, Said]) -> int:
    """Cards to recall by now: a new one some days after the first answer in the lesson."""
    now, first = time.time(), min((one.at for one in said.values()), default=None)
    new = first is not None and first + SPACES[0] <= now
    return sum(new if one is None else one.due <= now for one in asked)


def _is_due(at: Asked | None) -> bool:
    return at is None or at.due <= time.time()


def _card(card: Card, at: Asked | None, said: Mapping[str, Said]) -> shapes.RecallCard:
    name = key(card.ask)
    mine = said[name].text if name in said else ""
    return shapes.RecallCard(
        id=name,
        about=markdown.plain(words(card.about)),
        section=lesson.slug_of(card.about),
        ask=words(card.ask),
        said=mine,
        answer=words(card.answer) if mine else [],
        known=at.known if at else 0,
        asked=at.at if at else None,
        due=at.due if at else None,
        is_due=_is_due(at),
    )
