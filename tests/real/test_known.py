"""The table of known differences names what exists, and its document says what it says."""

from collections import Counter

from tests.real.known import CASES, DIFFERENCES, DOCUMENT, document
from tests.real.servers import SERVERS


def test_every_known_difference_names_a_server_and_a_case_that_exist() -> None:
    assert {name for d in DIFFERENCES for name in d.servers} <= SERVERS.keys()
    assert {name for d in DIFFERENCES for name in d.cases} <= CASES.keys()


def test_a_server_and_a_case_have_one_reason() -> None:
    pairs = Counter((s, c) for d in DIFFERENCES for s in d.servers for c in d.cases)
    assert not [pair for pair, count in pairs.items() if count > 1]


def test_the_document_says_what_the_table_says() -> None:
    assert DOCUMENT.read_text() == document(), "run python -m tests.real.known"
