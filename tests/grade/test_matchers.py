"""What matches, what does not, and the words for it."""

from typing import Any

import pytest

from cutaway.grade.differences import difference
from cutaway.grade.matchers import (
    ABSENT,
    ANY,
    PRESENT,
    Matcher,
    between,
    containing,
    holds,
    matching,
    one_of,
    shown,
    unlike,
)

TABLE = [
    # matcher, what it matches, what it does not, its words
    (one_of(405, 501), [405, 501], [404, None, "405"], "405 or 501"),
    (one_of(b"a", None), [b"a", None], [b"", "a"], '"a" or nothing'),
    (between(200, 299), [200, 250, 299], [199, 300, None], "a number from 200 to 299"),
    (between(-1, 1, "about zero"), [-1, 0, 1], [-2, 2], "about zero"),
    (
        matching(rb'"[^"]*"', "a quoted tag"),
        [b'""', b'"a"', b'"\n"'],
        [b"", b"a", b'"a"x', b'x"a"', b'"a"\n', None],
        "a quoted tag",
    ),
    (matching(rb".*", "one or more lines"), [b"", b"a\nb"], [None], "one or more lines"),
    (
        containing(b"lo\r\n"),
        [b"lo\r\n", b"hello\r\nyou"],
        [b"", b"lo", b"LO\r\n", None],
        'something with "lo\\r\\n" in it',
    ),
    (unlike(b"a"), [b"b", b"", None], [b"a"], 'anything but "a"'),
    (unlike(None), [b"", 0], [None], "anything but nothing"),
    (ABSENT, [None], [b"", 0, b"a"], "nothing of that name"),
    (PRESENT, [b"", 0, b"a"], [None], "something of that name"),
    (ANY, [None, b"", 0, "x"], [], "anything"),
]


@pytest.mark.parametrize(("matcher", "right", "wrong", "says"), TABLE, ids=lambda x: None)
def test_a_matcher_takes_what_it_says_and_nothing_else(
    matcher: Matcher, right: list[Any], wrong: list[Any], says: str
) -> None:
    assert [value for value in right if not holds(matcher, value)] == []
    assert [value for value in wrong if holds(matcher, value)] == []
    assert matcher.says == shown(matcher) == says


@pytest.mark.parametrize(
    ("wanted", "found", "answer"),
    [
        (200, 200, True),
        (200, 201, False),
        (b"alpha", b"alpha", True),
        (b"alpha", bytearray(b"alpha"), True),
        (b"alpha", "alpha", False),
        (None, None, True),
        (None, b"", False),
        ({"a": 1}, {"a": 1}, True),
    ],
)
def test_what_is_no_matcher_is_compared(wanted: Any, found: Any, answer: bool) -> None:
    assert holds(wanted, found) is answer


class Odd:
    """Compares as some libraries' arrays do: not with a bool."""

    def __eq__(self, other: object) -> Any:
        return [other]

    __hash__ = None  # type: ignore[assignment]


def test_a_comparison_is_always_yes_or_no() -> None:
    assert holds(Odd(), 1) is True


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (b"", "nothing (0 bytes)"),
        (bytearray(), "nothing (0 bytes)"),
        (b"alpha", '"alpha"'),
        (bytearray(b"a\r\n"), '"a\\r\\n"'),
        (b'say "a"', '"say \\"a\\""'),
        (b"\x00\xff", '"\\x00\\xff"'),
        (b"a" * 100, f'"{"a" * 60}" and 40 more'),
        (404, "404"),
        ("text", "text"),
        (PRESENT, "something of that name"),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(value: Any, words: str) -> None:
    assert shown(value) == words


def test_no_words_of_a_value_hold_a_control_character() -> None:
    assert shown(bytes(range(256))[:60]).isprintable()
    assert shown(bytes(range(200, 256))).isascii()


def test_a_matcher_may_tell_what_was_found_in_words_of_its_own() -> None:
    size = Matcher("a short one", lambda found: len(found) < 3, lambda found: f"{len(found)} of it")
    assert difference(size, b"alpha", [(7, 12)], 0) == (7, "a short one", "5 of it")
    plain = Matcher("a short one", lambda found: len(found) < 3)
    assert difference(plain, b"alpha", [(7, 12)], 0) == (7, "a short one", '"alpha"')
