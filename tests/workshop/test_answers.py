"""Answers are kept by what was asked; a recall card comes again after two, seven, 21 days."""

from cutaway.workshop.answers import DAY, LONGEST, Answers, key
from cutaway.workshop.progress import Progress


def test_the_latest_answer_counts_and_is_there_when_the_file_is_opened_again(tmp_path):
    with Progress.open(tmp_path, print) as progress:
        Answers(progress).say("tcp", "q", "1")
        Answers(progress).say("tcp", "q", "2")
        Answers(progress).say("http1", "q", "3")
    with Progress.open(tmp_path, print) as progress:
        assert {q: said.text for q, said in Answers(progress).said("tcp").items()} == {"q": "2"}


def test_a_question_is_known_by_its_words_however_they_are_broken_into_lines():
    assert key("How many\noctets?") == key("How many octets?")
    assert key("How many octets?") != key("How many bytes?")


def test_an_answer_can_be_taken_back(tmp_path):
    with Progress.open(tmp_path, print) as progress:
        answers = Answers(progress)
        answers.say("tcp", "q", "1")
        answers.take_back("tcp", "q")
        assert answers.said("tcp") == {}


def test_too_long_an_answer_is_cut(tmp_path):
    with Progress.open(tmp_path, print) as progress:
        answers = Answers(progress)
        answers.say("tcp", "q", "a" * (LONGEST + 1))
        assert len(answers.said("tcp")["q"].text) == LONGEST


def test_a_card_that_is_known_comes_later_each_time_and_one_that_is_not_begins_again(tmp_path):
    with Progress.open(tmp_path, print) as progress:
        answers = Answers(progress)
        spaces = [
            answers.recalled("tcp", "c", known, now=0.0).due / DAY
            for known in (True, True, True, True, False, True, True)
        ]
        assert spaces == [2, 7, 21, 21, 2, 2, 7]
        assert answers.cards("tcp")["c"].known == 2
