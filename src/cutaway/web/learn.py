"""Learning: lessons, stages, faults and cards, as the page asks for them.

    POST /api/topics/http1/answers     {"question": …, "said": …}    the lesson, open further

What changes something is answered with how it is now.

Progress is the learner's file, opened for each request: the command line writes to it too.

Left out: how a lesson opens. That is lesson.py; the rest is topics.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar, get_args

from starlette.requests import Request

from ..workshop import catalog, quoting
from ..workshop.answers import Answers
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, home
from . import lesson, topics
from .answers import Area, Ask, Desk
from .markdown import coloured
from .shapes import learn as shapes

HEAD = "in my head"  # what is kept of a recall card that was answered without writing


How = Literal["plain", "asked", "anew"]
Known = Literal["known", "unknown"]


class LearnArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.folder = desk.folder

    @classmethod
    def asks(cls) -> list[Ask]:
        one, stage, card = "/topics/{topic}", "/topics/{topic}/stages/{stage}", "/cards/{card}"
        return [
            Ask("GET", "/topics", cls.atlas, "The map, with how far the learner is."),
            Ask("GET", one, cls.topic, "A topic: sections, stages, labs, faults."),
            Ask("GET", f"{one}/lesson", cls.lesson, "The lesson, as far as it is open."),
            Ask(
                "POST",
                f"{one}/lesson/{{how}}",
                cls.reading,
                "Open all of it, ask again, or forget the answers.",
                {"how": How},
            ),
            Ask("POST", f"{one}/answers", cls.answer, "An answer; it opens the lesson further."),
            Ask("GET", f"{one}/code", cls.code, "The file that a lesson quotes.", {"symbol": str}),
            Ask("GET", stage, cls.stage, "A stage, with the hints that were taken."),
            Ask("POST", f"{stage}/hint", cls.hint, "One rung more."),
            Ask("GET", f"{one}/faults/{{fault}}", cls.fault, "What is wrong, and where."),
            Ask("GET", f"{one}/cards", cls.cards, "Recall cards."),
            Ask("POST", f"{one}{card}", cls.recall, "Show the answer of a card."),
            Ask(
                "POST",
                f"{one}{card}/{{how}}",
                cls.recalled,
                "Whether it was known; when it comes again depends on it.",
                {"how": Known},
            ),
        ]

    # What is there

    async def atlas(self, request: Request) -> shapes.TopicMap:
        return await with_progress(lambda kept, note: topics.atlas(kept, self.folder, note()))

    async def topic(self, request: Request) -> shapes.TopicOpened:
        slug = request.path_params["topic"]
        return await with_progress(
            lambda kept, note: topics.opened(kept, slug, self.folder, note())
        )

    async def lesson(self, request: Request) -> shapes.Lesson:
        slug = request.path_params["topic"]
        return await with_progress(lambda kept, note: _lesson(kept, slug, note))

    async def code(self, request: Request) -> shapes.SourceFile:
        slug, symbol = request.path_params["topic"], request.query_params.get("symbol", "")
        found = await asyncio.to_thread(quoting.source, slug, symbol)
        tokens = list(coloured(found.text))
        return shapes.SourceFile(found.file, found.first, found.last, tokens)

    async def stage(self, request: Request) -> shapes.StageOpened:
        slug, name = request.path_params["topic"], request.path_params["stage"]
        return await with_progress(
            lambda kept, note: topics.stage(kept, slug, name, self.folder, note())
        )

    async def fault(self, request: Request) -> shapes.FaultOpened:
        slug, name = request.path_params["topic"], request.path_params["fault"]
        return await asyncio.to_thread(topics.fault, slug, name)

    async def cards(self, request: Request) -> shapes.RecallCards:
        slug = request.path_params["topic"]
        return await with_progress(lambda kept, note: topics.cards(kept, slug, note()))

    # What is done

    async def answer(self, request: Request, said: shapes.LessonAnswer) -> shapes.Lesson:
        slug = request.path_params["topic"]

        def keep(kept: Progress, note: Note) -> shapes.Lesson:
            answers = Answers(kept)
            if _is_new(slug, answers, said):
                answers.say(slug, said.question, said.said.strip())
            return _lesson(kept, slug, note)

        return await with_progress(keep)

    async def reading(self, request: Request) -> shapes.Lesson:
        slug, how = request.path_params["topic"], request.path_params["how"]

        def change(kept: Progress, note: Note) -> shapes.Lesson:
            answers = Answers(kept)
            if how == "plain":
                answers.say(slug, lesson.PLAIN, "yes")
            elif how == "asked":
                answers.take_back(slug, lesson.PLAIN)
            elif how == "anew":
                for name in [*lesson.questions(slug), lesson.PLAIN]:
                    answers.take_back(slug, name)
            else:
                raise ValueError(f"A lesson cannot be read {how}.")
            return _lesson(kept, slug, note)

        return await with_progress(change)

    async def hint(self, request: Request) -> shapes.StageOpened:
        slug, name = request.path_params["topic"], request.path_params["stage"]

        def take(kept: Progress, note: Note) -> shapes.StageOpened:
            stage = catalog.stage(f"{slug}/{name}")
            kept.take_hint(topics.place(kept, slug, self.folder), stage.name)
            return topics.stage(kept, slug, name, self.folder, note())

        return await with_progress(take)

    async def recall(self, request: Request, said: shapes.Recalled) -> shapes.RecallCards:
        slug, name = request.path_params["topic"], request.path_params["card"]
        words = said.said.strip() or HEAD

        def show(kept: Progress, note: Note) -> shapes.RecallCards:
            topics.card(kept, slug, name)
            Answers(kept).say(slug, name, words)
            return topics.cards(kept, slug, note())

        return await with_progress(show)

    async def recalled(self, request: Request) -> shapes.RecallCards:
        slug, name = request.path_params["topic"], request.path_params["card"]
        how = request.path_params["how"]

        def keep(kept: Progress, note: Note) -> shapes.RecallCards:
            topics.card(kept, slug, name)
            if how not in get_args(Known):
                raise ValueError(f"A card is known or unknown, and not {how}.")
            answers = Answers(kept)
            answers.recalled(slug, name, how == "known")
            answers.take_back(slug, name)
            return topics.cards(kept, slug, note())

        return await with_progress(keep)


Note = Callable[[], str]
T = TypeVar("T")


def _lesson(kept: Progress, slug: str, note: Note) -> shapes.Lesson:
    return lesson.made(slug, Answers(kept).said(slug), note())


def _is_new(slug: str, answers: Answers, said: shapes.LessonAnswer) -> bool:
    """Whether to keep it; the first choice is the one that was predicted. Raises Trouble."""
    known = lesson.questions(slug)
    if said.question not in known:
        raise Trouble(f"There is no such question in {slug}.", "Reload the page.")
    question = known[said.question]
    if question is not None and said.said not in question.choices:
        raise Trouble("That is none of the choices.", "Reload the page.")
    if not said.said.strip():
        raise Trouble("Nothing was written.", "A few words are enough.")
    return question is None or said.question not in answers.said(slug)


async def with_progress(made: Callable[[Progress, Note], T]) -> T:
    """What `made` makes of the learner's progress, in a thread. note() is a sentence where nothing
    can be kept."""

    def work() -> T:
        said: list[str] = []
        with Progress.open(home(), said.append) as kept:
            return made(kept, lambda: " ".join(said))

    return await asyncio.to_thread(work)
