"""Learning: what the page asks of the topics, and where.

    GET  /api/topics                          the map, with how far the learner is
    GET  /api/topics/T                        a topic: sections, stages, labs, faults
    GET  /api/topics/T/lesson                 the lesson, as far as it is open
    POST /api/topics/T/answers {question, said}         an answer; the lesson, further open
    POST /api/topics/T/lesson/{plain,asked,anew}        open all of it, ask again, forget the answers
    GET  /api/topics/T/code?symbol=S          the file that a lesson quotes
    GET  /api/topics/T/stages/S               a stage
    POST /api/topics/T/stages/S/hint          one rung more
    GET  /api/topics/T/faults/F               what is wrong, and the lines that make it so
    GET  /api/topics/T/cards                  recall cards
    POST /api/topics/T/cards/C {said}         now it shows the answer
    POST /api/topics/T/cards/C/{known,unknown}          when it comes again

Progress is the learner's file, opened for each request: the command line writes to it too.

Left out: how a lesson opens. That is lesson.py; the rest is topics.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..workshop import catalog, quoting
from ..workshop.answers import Answers
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, home
from . import lesson, topics
from .answers import Desk, asked, told_as_json
from .markdown import coloured
from .shapes import learn as shapes

HEAD = "in my head"  # what is kept of a recall card that was answered without writing


class Answered(Struct):
    question: str
    said: str


class Recalled(Struct):
    said: str = ""


class LearnArea:
    def __init__(self, desk: Desk) -> None:
        self.folder = desk.folder

    def routes(self) -> list[BaseRoute]:
        topic = "/api/topics/{topic}"
        post = ["POST"]
        return [
            Route("/api/topics", self.atlas),
            Route(topic, self.topic),
            Route(f"{topic}/lesson", self.lesson),
            Route(f"{topic}/lesson/{{how}}", self.reading, methods=post),
            Route(f"{topic}/answers", self.answer, methods=post),
            Route(f"{topic}/code", self.code),
            Route(f"{topic}/stages/{{stage}}", self.stage),
            Route(f"{topic}/stages/{{stage}}/hint", self.hint, methods=post),
            Route(f"{topic}/faults/{{fault}}", self.fault),
            Route(f"{topic}/cards", self.cards),
            Route(f"{topic}/cards/{{card}}", self.recall, methods=post),
            Route(f"{topic}/cards/{{card}}/{{how}}", self.recalled, methods=post),
        ]

    def close(self) -> None:
        """Nothing goes on between two requests."""

    # What is there

    async def atlas(self, request: Request) -> Response:
        return await with_progress(lambda kept, note: topics.atlas(kept, self.folder, note()))

    async def topic(self, request: Request) -> Response:
        slug = request.path_params["topic"]
        return await with_progress(
            lambda kept, note: topics.opened(kept, slug, self.folder, note())
        )

    async def lesson(self, request: Request) -> Response:
        slug = request.path_params["topic"]
        return await with_progress(lambda kept, note: _lesson(kept, slug, note))

    async def code(self, request: Request) -> Response:
        slug, symbol = request.path_params["topic"], request.query_params.get("symbol", "")
        found = await asyncio.to_thread(quoting.source, slug, symbol)
        tokens = list(coloured(found.text))
        return told_as_json(shapes.SourceFile(found.file, found.first, found.last, tokens))

    async def stage(self, request: Request) -> Response:
        slug, name = request.path_params["topic"], request.path_params["stage"]
        return await with_progress(
            lambda kept, note: topics.stage(kept, slug, name, self.folder, note())
        )

    async def fault(self, request: Request) -> Response:
        slug, name = request.path_params["topic"], request.path_params["fault"]
        return told_as_json(await asyncio.to_thread(topics.fault, slug, name))

    async def cards(self, request: Request) -> Response:
        slug = request.path_params["topic"]
        return await with_progress(lambda kept, note: topics.cards(kept, slug, note()))

    # What is done

    async def answer(self, request: Request) -> Response:
        slug, said = request.path_params["topic"], await asked(request, Answered)

        def keep(kept: Progress, note: Note) -> shapes.Lesson:
            answers = Answers(kept)
            if _is_new(slug, answers, said):
                answers.say(slug, said.question, said.said.strip())
            return _lesson(kept, slug, note)

        return await with_progress(keep)

    async def reading(self, request: Request) -> Response:
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

    async def hint(self, request: Request) -> Response:
        slug, name = request.path_params["topic"], request.path_params["stage"]

        def take(kept: Progress, note: Note) -> shapes.StageOpened:
            stage = catalog.stage(f"{slug}/{name}")
            kept.take_hint(topics.place(kept, slug, self.folder), stage.name)
            return topics.stage(kept, slug, name, self.folder, note())

        return await with_progress(take)

    async def recall(self, request: Request) -> Response:
        slug, name = request.path_params["topic"], request.path_params["card"]
        said = (await asked(request, Recalled)).said.strip()

        def show(kept: Progress, note: Note) -> shapes.RecallCards:
            topics.card(kept, slug, name)
            Answers(kept).say(slug, name, said or HEAD)
            return topics.cards(kept, slug, note())

        return await with_progress(show)

    async def recalled(self, request: Request) -> Response:
        slug, name = request.path_params["topic"], request.path_params["card"]
        how = request.path_params["how"]

        def keep(kept: Progress, note: Note) -> shapes.RecallCards:
            topics.card(kept, slug, name)
            if how not in ("known", "unknown"):
                raise ValueError(f"A card is known or unknown, and not {how}.")
            answers = Answers(kept)
            answers.recalled(slug, name, how == "known")
            answers.take_back(slug, name)
            return topics.cards(kept, slug, note())

        return await with_progress(keep)


Note = Callable[[], str]


def _lesson(kept: Progress, slug: str, note: Note) -> shapes.Lesson:
    return lesson.made(slug, Answers(kept).said(slug), note())


def _is_new(slug: str, answers: Answers, said: Answered) -> bool:
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


async def with_progress(made: Callable[[Progress, Note], Any]) -> Response:
    """What `made` makes of the learner's progress, in a thread. note() is a sentence where nothing
    can be kept."""

    def work() -> Any:
        said: list[str] = []
        with Progress.open(home(), said.append) as kept:
            return made(kept, lambda: " ".join(said))

    return told_as_json(await asyncio.to_thread(work))
