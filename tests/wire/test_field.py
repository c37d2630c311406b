"""A field: a name, a meaning, a section."""

from cutaway.wire import Field


def test_a_sentence_is_the_meaning_of_every_value() -> None:
    assert Field("length", "octets that follow", "RFC 9113 §4.1").meaning(7) == "octets that follow"


def test_a_code_means_what_its_table_says() -> None:
    field = Field("type", {0: "DATA", 1: "HEADERS"}, "RFC 9113 §4.1")
    assert field.meaning(1) == "HEADERS"


def test_a_code_outside_its_table_says_so() -> None:
    field = Field("type", {0: "DATA"}, "RFC 9113 §4.1")
    assert field.meaning(200) == "a value the specification does not name"


def test_two_fields_that_look_alike_are_two_fields() -> None:
    one, other = (Field("SP", "a space", "RFC 9112 §3") for _ in range(2))
    assert one != other
    assert len({one, other, one}) == 2
