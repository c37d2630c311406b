"""The tables of known differences name what exists, and their document says what they say."""

from collections import Counter

import pytest

from tests.real.known import CASES, DIFFERENCES, DOCUMENT, document
from tests.real.servers import JUDGES


@pytest.mark.parametrize("topic", JUDGES)
def test_every_known_difference_names_a_program_and_a_case_that_exist(topic: str) -> None:
    assert {name for d in DIFFERENCES[topic] for name in d.servers} <= JUDGES[topic].keys()
    assert {name for d in DIFFERENCES[topic] for name in d.cases} <= CASES[topic].keys()


@pytest.mark.parametrize("topic", JUDGES)
def test_a_program_and_a_case_have_one_reason(topic: str) -> None:
    pairs = Counter((s, c) for d in DIFFERENCES[topic] for s in d.servers for c in d.cases)
    assert not [pair for pair, count in pairs.items() if count > 1]


def test_the_document_says_what_the_tables_say() -> None:
    assert DOCUMENT.read_text() == document(), "run python -m tests.real.known"
