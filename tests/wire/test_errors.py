"""The four errors, and what each says."""

import re

import pytest

from cutaway.wire import NEVER, Field, Malformed, Misuse, NeedMore, Refused, WireError

LENGTH = Field("length", "octets that follow", "RFC 9113 §4.1")

SENTENCES = [
    (NeedMore(LENGTH, 9), "length: waiting for at least 9 octets"),
    (NeedMore(LENGTH, mark=re.compile(rb"\n")), "length: waiting for its end"),
    (Malformed(LENGTH, 7, b"+5"), "byte 7, length: not a valid length, found b'+5'"),
    (
        Malformed(LENGTH, 7, b"+5", "a sign is not allowed"),
        "byte 7, length: a sign is not allowed, found b'+5'",
    ),
    (Refused(LENGTH, 4096), "length: more than the 4096 that are taken here"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[s for _, s in SENTENCES])
def test_an_error_is_one_sentence(error: WireError, sentence: str) -> None:
    assert str(error) == sentence


@pytest.mark.parametrize("kind", [NeedMore, Malformed, Refused, Misuse])
def test_each_of_the_four_is_a_wire_error(kind: type[Exception]) -> None:
    assert issubclass(kind, WireError)


def test_none_of_the_four_is_another_of_them() -> None:
    kinds = [NeedMore, Malformed, Refused, Misuse]
    pairs = [(a, b) for a in kinds for b in kinds if a is not b]
    assert not any(issubclass(a, b) for a, b in pairs)


def test_what_is_malformed_cites_its_field_unless_told_otherwise() -> None:
    assert Malformed(LENGTH, 0).spec == "RFC 9113 §4.1"
    assert Malformed(LENGTH, 0, spec="RFC 9113 §6.5").spec == "RFC 9113 §6.5"


def test_what_is_malformed_keeps_no_more_than_64_octets_of_the_input() -> None:
    assert Malformed(LENGTH, 0, b"x" * 1000).found == b"x" * 64


def test_never_is_more_than_any_length() -> None:
    assert NEVER > 2**61
