"""Every lab is furnished alike: named after its topic, about a section of its lesson, bounded."""

import re

import pytest

from cutaway.lab.lab import Lab
from cutaway.workshop import catalog
from tests.house.source import TOPICS
from tests.house.test_files import LONG

LABS = catalog.every_lab()
SECONDS = 40.0  # of a run with the defaults, at most
each_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)


def test_the_topics_that_have_a_lab_are_found() -> None:
    there = {p.parent.name for p in TOPICS.glob("*/lab*") if p.suffix in ("", ".py")}
    assert {lab.topic for lab in LABS} == there


def test_no_two_labs_have_the_same_name() -> None:
    slugs = [lab.slug for lab in LABS]
    assert len(set(slugs)) == len(slugs)


@each_lab
def test_a_lab_is_named_after_its_topic(lab: Lab) -> None:
    assert re.fullmatch(rf"{re.escape(lab.topic)}/[a-z0-9-]+", lab.name)
    assert lab in catalog.labs(lab.topic)


@each_lab
def test_a_lab_is_about_a_section_of_the_lesson(lab: Lab) -> None:
    assert f"\n## {lab.lesson}\n" in catalog.topic(lab.topic).lesson.read_text()


@each_lab
def test_a_lab_is_bounded(lab: Lab) -> None:
    assert lab.limit <= SECONDS
    for knob in lab.knobs:
        assert [bool(knob.choices), knob.high > knob.low, bool(knob.form)].count(True) == 1
        assert knob.read(str(knob.default)) == knob.default


@each_lab
def test_the_change_to_try_next_is_one_that_can_be_made(lab: Lab) -> None:
    knobs = {knob.name: knob for knob in lab.knobs}
    assert len(lab.change.settings) == 1
    for name, value in lab.change.settings.items():
        assert knobs[name].read(str(value)) != knobs[name].default


@each_lab
def test_what_is_predicted_compared_and_checked_fits_together(lab: Lab) -> None:
    for settings in (lab.defaults, lab.defaults.but(lab.change.settings)):
        plan = lab.plan(settings)
        labels = {variant.key: variant.label for variant in plan.variants}
        assert len(labels) == len(plan.variants) >= 2
        assert plan.asks.read(plan.asks.example())
        assert len({check.name for check in plan.checks}) == len(plan.checks) >= 1


@each_lab
def test_the_sentences_of_a_lab_are_whole_and_never_shout(lab: Lab) -> None:
    plan = lab.plan(lab.defaults)
    whole = [lab.question, lab.why, lab.change.asks, plan.asks.ask]
    whole += [sentence for check in plan.checks for sentence in (check.because, check.unless)]
    for sentence in filter(None, whole):
        assert sentence.endswith((".", "?"))
        assert "!" not in sentence
        assert len(sentence) < LONG + 100
    assert not [check.expects for check in plan.checks if check.expects.endswith(".")]


@each_lab
def test_everybody_can_be_wrong_about_it(lab: Lab) -> None:
    """A choice has a right one among others, and each of those says what it overlooks."""
    from cutaway.lab.prediction import Choice

    asks = lab.plan(lab.defaults).asks
    if isinstance(asks, Choice):
        assert len(asks.options) >= 3
        assert sum(not option.overlooks for option in asks.options) == 1
