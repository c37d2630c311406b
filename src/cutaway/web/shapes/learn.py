"""What the page gets of the topics: the map, a lesson, stages, faults, recall cards.

A lesson comes as blocks of words, never as markup. It stops where it asks something: what stands
behind a stop comes when the stop is open, and the answer to a question when the learner has chosen.

    Section   heading, blocks
      Stop    what is asked, and the blocks that are shown once it was answered

Left out: running anything. Labs and checks have areas of their own.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

TopicState = Literal["done", "begun", "next", "later"]
StageState = Literal["passed", "failed", "passed before", "not checked", "open"]


# Words and blocks


class Words(Struct):
    """to: where a link leads; "lab/http1/nagle" within the page, else a whole address."""

    kind: Literal["plain", "code", "strong", "emphasis", "link"]
    text: str
    to: str = ""


class Paragraph(Struct, tag_field="block", tag="paragraph"):
    """role: what the learner is asked to do."""

    words: list[Words]
    role: Literal["", "try", "predict"] = ""


class Heading(Struct, tag_field="block", tag="heading"):
    """level: 3 and below; the others are sections."""

    level: int
    words: list[Words]


class Listed(Struct, tag_field="block", tag="list"):
    ordered: bool
    items: list[list[Words]]


class Grid(Struct, tag_field="block", tag="table"):
    """covered: the last column is for the learner to say first."""

    head: list[list[Words]]
    rows: list[list[list[Words]]]
    covered: bool = False


class Token(Struct):
    """A stretch of source code."""

    kind: Literal["", "keyword", "string", "comment"]
    text: str


class Quoted(Struct, tag_field="block", tag="quoted"):
    """Text as it stands. what: where it comes from: a symbol of the code that can be opened, a file,
    an exchange that was had, a measurement, a drawing."""

    what: Literal["text", "code", "file", "exchange", "measured", "drawing"]
    language: str
    tokens: list[Token]
    symbol: str = ""


class Arrow(Struct):
    """event: what happens in state `source`."""

    source: str
    event: str
    target: str


class StateTable(Struct, tag_field="block", tag="states"):
    """A table of states, to be drawn and walked through."""

    name: str
    start: str
    states: list[str]
    arrows: list[Arrow]


Block = Paragraph | Heading | Listed | Grid | Quoted | StateTable


# The map


class Count(Struct):
    done: int
    of: int


class TopicCard(Struct):
    """title, about: in front of and behind the colon. next: the name of the stage to work at."""

    slug: str
    title: str
    about: str
    group: str
    builds_on: list[str]
    state: TopicState
    stages: Count
    answers: Count
    labs: Count
    cards: int
    due: int  # cards that are to be asked again, or for the first time some days after the lesson
    next: str


class TopicMap(Struct):
    """note: a sentence when progress cannot be kept."""

    topics: list[TopicCard]
    groups: list[str]
    note: str


# A topic


class SectionHead(Struct):
    slug: str
    heading: str
    answers: Count


class StageLine(Struct):
    """insight: a common wrong idea dies here."""

    name: str
    slug: str
    title: str
    state: StageState
    hints: int
    insight: bool


class TopicLab(Struct):
    name: str
    slug: str
    title: str
    question: str
    runs: int


class FaultLine(Struct):
    name: str
    stage: str


class Setting(Struct):
    name: str
    means: str


class TopicOpened(Struct):
    """folder: the learner's, whose progress is shown; empty where there is none yet."""

    card: TopicCard
    kind: str
    documents: list[str]
    contract: list[Block]
    environment: list[Setting]
    sections: list[SectionHead]
    stages: list[StageLine]
    labs: list[TopicLab]
    faults: list[FaultLine]
    languages: list[str]
    folder: str
    note: str


# The lesson


class Offer(Struct):
    """text: as it is sent back."""

    text: str
    words: list[Words]


class Asking(Struct):
    """A question with choices. answer, why: once one was chosen."""

    id: str
    ask: list[Words]
    choices: list[Offer]
    said: str
    answer: str
    why: list[Words]


class Prompt(Struct):
    """A question that is answered in one's own words."""

    id: str
    ask: list[Words]
    said: str


class Stop(Struct):
    """Open once every choice was made, or, where there is none, something was written."""

    prompt: Prompt | None
    questions: list[Asking]
    open: bool
    blocks: list[Block]


class Section(Struct):
    """more: something comes behind the last stop."""

    slug: str
    heading: list[Words]
    blocks: list[Block]
    stops: list[Stop]
    more: bool


class Lesson(Struct):
    """plain: everything is open, since the learner wanted it so."""

    topic: str
    title: str
    blocks: list[Block]
    sections: list[Section]
    plain: bool
    note: str


class SourceFile(Struct):
    """A file of the code, with the lines of what was asked for, from 1."""

    file: str
    first: int
    last: int
    tokens: list[Token]


# Stages, faults, cards


class StageRule(Struct):
    section: str
    level: str
    text: str


class StageCase(Struct):
    name: str
    rule: StageRule
    steps: list[str]
    played: list[str]


class Hint(Struct):
    """rung: 1 to 3. code: it is to be read as such."""

    rung: int
    name: str
    words: list[Words]
    code: bool


class StageOpened(Struct):
    """before, after: stages of the topic. hints: those that were taken. ladder: how many there are."""

    line: StageLine
    number: int
    asks: list[Words]
    given: list[Words]
    goals: list[list[Words]]
    listens: list[str]
    settings: list[Setting]
    cases: list[StageCase]
    rules: list[StageRule]
    hints: list[Hint]
    ladder: int
    before: str
    after: str
    faults: list[str]
    folder: str
    note: str


class FaultOpened(Struct):
    name: str
    sentence: str
    stage: str
    diff: str


class RecallCard(Struct):
    """about, section: heading of the lesson and its slug. answer: once something was said. asked, due:
    seconds since 1970, null where it was never asked."""

    id: str
    about: str
    section: str
    ask: list[Words]
    said: str
    answer: list[Words]
    known: int
    asked: float | None
    due: float | None
    is_due: bool


class RecallCards(Struct):
    topic: str
    title: str
    cards: list[RecallCard]
    note: str


class LessonAnswer(Struct):
    """question: the id of one with choices, or of a place to write."""

    question: str
    said: str


class Recalled(Struct):
    """said: empty where it was answered without writing."""

    said: str = ""
