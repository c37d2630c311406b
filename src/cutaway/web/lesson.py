"""A lesson that stops where it asks something, with what the learner has answered so far.

    lesson = made("http1", answers.said("http1"))

    Section "Where a body ends"
      Stop   Predict: how does the reader know the end?     + the questions about this section
             open: what follows, up to the next stop

What stands behind a stop that is not open is not there, nor is the right choice of a question that
nobody has answered. So a page cannot show too early what it was not given.

The questions of a section stand at its beginning: the text behind them answers them.

Left out: keeping answers. See workshop/answers.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ..workshop import catalog
from ..workshop.answers import Said, key
from ..workshop.errors import Trouble
from ..workshop.questions import Prediction, asked
from . import markdown
from .markdown import plain, words
from .shapes import learn as shapes

PLAIN = "plain"  # kept like an answer: the learner wants to read on without being asked
SLUG = re.compile(r"[^a-z0-9]+")

Answered = Mapping[str, Said]
Blocks = list[shapes.Block]


def slug_of(heading: str) -> str:
    """Where a body ends → where-a-body-ends"""
    return SLUG.sub("-", heading.lower()).strip("-")


def made(slug: str, said: Answered, note: str = "") -> shapes.Lesson:
    """Raises Trouble where the topic has no lesson."""
    topic = catalog.topic(slug)
    head, *parts = _sections(slug, topic.lesson)
    seen = PLAIN in said
    return shapes.Lesson(
        topic=slug,
        title=topic.title,
        blocks=head[1],
        sections=[_section(slug, heading, blocks, said, seen) for heading, blocks in parts],
        plain=seen,
        note=note,
    )


def heads(slug: str, said: Answered) -> list[shapes.SectionHead]:
    """The sections by name, and how many of their questions were answered."""
    return [
        shapes.SectionHead(
            slug_of(plain(heading)), plain(heading), _count(slug, heading, blocks, said)
        )
        for heading, blocks in _sections(slug, catalog.topic(slug).lesson)[1:]
    ]


def required(slug: str) -> list[str]:
    """Keys of what has to be answered before everything is open."""
    parts = _sections(slug, catalog.topic(slug).lesson)
    return [name for heading, blocks in parts for name in _required(slug, heading, blocks)]


def _required(slug: str, heading: list[shapes.Words], blocks: Blocks) -> list[str]:
    """Every choice, and what is written; beside choices, nothing need be written."""
    choices = [one.key for one in _about(slug, heading)]
    return choices + [_key(one) for one in _prompts(blocks[1:] if choices else blocks)]


def _count(slug: str, heading: list[shapes.Words], blocks: Blocks, said: Answered) -> shapes.Count:
    keys = _required(slug, heading, blocks)
    return shapes.Count(sum(one in said for one in keys), len(keys))


def questions(slug: str) -> dict[str, Prediction | None]:
    """Key → the question; None for one that is answered in one's own words."""
    found: dict[str, Prediction | None] = {}
    for _, blocks in _sections(slug, catalog.topic(slug).lesson):
        found |= {_key(one): None for one in _prompts(blocks)}
    return found | {one.key: one for one in asked(slug).predictions}


@cache
def _sections(slug: str, file: Path) -> tuple[tuple[list[shapes.Words], Blocks], ...]:
    """Heading and blocks; the first one is what stands before all sections. Not to be changed."""
    if not file.is_file():
        raise Trouble(f"The topic {slug} has no lesson in this version.", "See its stages.")
    return tuple(_parted(markdown.read(file.read_text(encoding="utf-8"), slug)))


def _parted(all_blocks: Blocks) -> Iterator[tuple[list[shapes.Words], Blocks]]:
    heading: list[shapes.Words] = []
    blocks: Blocks = []
    for block in all_blocks:
        if isinstance(block, shapes.Heading) and block.level <= 2:
            if block.level == 2:
                yield heading, blocks
            heading, blocks = block.words, []
        else:
            blocks.append(block)
    yield heading, blocks


def _section(
    slug: str, heading: list[shapes.Words], blocks: Blocks, said: Answered, seen: bool
) -> shapes.Section:
    before, *behind = _split(blocks, [_asking(q, said) for q in _about(slug, heading)], said, seen)
    stops = []
    for stop in behind:
        stops.append(stop)
        if not stop.open:
            break
    closed = bool(stops) and not stops[-1].open
    return shapes.Section(slug_of(plain(heading)), heading, before.blocks, stops, closed)


def _split(
    blocks: Blocks, questions: list[shapes.Asking], said: Answered, seen: bool
) -> list[shapes.Stop]:
    """What stands before anything is asked, then the stops with what stands behind each."""
    stops = [shapes.Stop(None, [], True, [])]
    for number, block in enumerate(blocks):
        mine = questions if number == 0 else []
        if isinstance(block, shapes.Paragraph) and block.role == "predict":
            stops.append(_stop(_prompt(block, said), mine, seen))
        elif stops[-1].open:
            stops[-1].blocks.append(block)
            if mine:
                stops.append(_stop(None, mine, seen))
    return stops


def _stop(prompt: shapes.Prompt | None, questions: list[shapes.Asking], seen: bool) -> shapes.Stop:
    chosen = all(one.said for one in questions)
    written = bool(questions) or (prompt is not None and bool(prompt.said))
    return shapes.Stop(prompt, questions, seen or (chosen and written), [])


def _prompt(block: shapes.Paragraph, said: Answered) -> shapes.Prompt:
    name = _key(block)
    return shapes.Prompt(name, block.words, said[name].text if name in said else "")


def _prompts(blocks: Blocks) -> list[shapes.Paragraph]:
    """What is to be answered in one's own words."""
    return [one for one in blocks if isinstance(one, shapes.Paragraph) and one.role == "predict"]


def _key(prompt: shapes.Paragraph) -> str:
    return key(plain(prompt.words))


def _about(slug: str, heading: list[shapes.Words]) -> list[Prediction]:
    said = plain(heading)
    return [one for one in asked(slug).predictions if plain(words(one.about)) == said]


def _asking(one: Prediction, said: Answered) -> shapes.Asking:
    """The right choice, and why, once one was chosen."""
    chosen = said[one.key].text if one.key in said else ""
    return shapes.Asking(
        id=one.key,
        ask=words(one.ask),
        choices=[shapes.Offer(choice, words(choice)) for choice in one.choices],
        said=chosen,
        answer=one.answer if chosen else "",
        why=words(one.why) if chosen else [],
    )
