"""The judge of codecs is judged: one right codec, and wrong ones that each break one point."""

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from cutaway.wire import Annotator, Field, Layout, Malformed, NeedMore, Reader, Refused
from cutaway.wire.contract import (
    check_codec,
    check_garbage,
    check_labels,
    check_pieces,
    check_prefixes,
    mangled,
)

HEADER = Layout("here", ("length", 8, "octets that follow"))
LENGTH = HEADER.rows[0][0]
BODY = Field("body", "as many octets as length says", "here")
LF = re.compile(rb"\n")
SAMPLES = [b"\x00", b"\x03abc", b"\x01z", b"\x05\n\x00\xff 7"]


def right(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    return r.take(length, BODY)


def write(body: bytes) -> bytes:
    return bytes([len(body)]) + body


def test_a_right_codec_passes() -> None:
    check_codec(right, SAMPLES, write)


def test_a_codec_may_refuse_and_find_fault_with_what_is_not_valid() -> None:
    def strict(r: Reader) -> bytes:
        start = r.pos
        (length,) = r.fixed(HEADER)
        if length > 200:
            raise Refused(LENGTH, 200, start)
        if length > 100:
            raise Malformed(LENGTH, start)
        return r.take(length, BODY)

    check_codec(strict, SAMPLES, write)


# 1. Reader and Annotator read the same and stop at the same place.


def says_more_when_watched(r: Reader) -> Any:
    out = right(r)
    return (out, len(r.spans)) if isinstance(r, Annotator) else out


def stops_early_when_watched(r: Reader) -> bytes:
    start, out = r.pos, right(r)
    if isinstance(r, Annotator):
        r.pos = start + 1
    return out


def finds_fault_only_when_watched(r: Reader) -> bytes:
    start, out = r.pos, right(r)
    if isinstance(r, Annotator) and b"\x07" in out:
        raise Malformed(BODY, start)
    return out


def leaves_the_last_octet(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    return r.take(max(0, length - 1), BODY)


# 2. Labelled leaves tile what was read.


def skips_without_a_label(r: Reader) -> bytes:
    if r.pos == len(r.data):
        raise NeedMore(LENGTH, r.pos + 1)
    length = r.data[r.pos]
    r.pos += 1
    return r.take(length, BODY)


def labels_the_same_octet_twice(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    r.pos -= 1
    return r.take(length + 1, BODY)[1:]


def leaves_the_end_without_a_label(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    if len(r.data) < r.pos + length:
        raise NeedMore(BODY, r.pos + length)
    r.pos += length
    return r.data[r.pos - length : r.pos]


# 3. Every proper prefix asks for more.


def takes_what_is_there(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    return r.take(min(length, len(r.data) - r.pos), BODY)


def refuses_what_has_not_arrived(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    if len(r.data) - r.pos < length:
        raise Malformed(BODY, r.pos)
    return r.take(length, BODY)


def waits_for_too_much(r: Reader) -> bytes:
    start = r.pos
    (length,) = r.fixed(HEADER)
    if len(r.data) - r.pos < length:
        raise NeedMore(BODY, start + length + 2)
    return r.take(length, BODY)


def waits_for_what_is_there(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    if len(r.data) - r.pos < length:
        raise NeedMore(BODY, r.pos)
    return r.take(length, BODY)


# 4. Whatever the pieces, the same messages.


def waits_for_a_mark_that_does_not_come(r: Reader) -> bytes:
    (length,) = r.fixed(HEADER)
    if len(r.data) - r.pos < length:
        raise NeedMore(BODY, mark=LF, since=len(r.data))
    return r.take(length, BODY)


def looks_at_the_whole_input(r: Reader) -> tuple[bytes, bool]:
    out = right(r)
    return out, r.pos == len(r.data)


# 6. Nothing but the three errors comes out of any bytes.


def divides_by_an_octet(r: Reader) -> tuple[bytes, int]:
    out = right(r)
    return out, sum(100 // (octet - 0x41) for octet in out)


WRONG: list[tuple[Callable[[Reader], Any], str]] = [
    (says_more_when_watched, "Reader and Annotator read different things"),
    (stops_early_when_watched, r"left"),
    (finds_fault_only_when_watched, r"Reader .*, Annotator .*Malformed"),
    (leaves_the_last_octet, "1 left"),
    (skips_without_a_label, "bits 0 to 8 around body"),
    (labels_the_same_octet_twice, "bits 8 to 0 around body"),
    (leaves_the_end_without_a_label, "nothing labels what follows bit 8"),
    (takes_what_is_there, "is a prefix, yet reads as"),
    (refuses_what_has_not_arrived, "is a prefix, yet refused"),
    (waits_for_too_much, "waits for"),
    (waits_for_what_is_there, "waits for"),
    (waits_for_a_mark_that_does_not_come, "cut at"),
    (looks_at_the_whole_input, "cut at"),
    (divides_by_an_octet, r"raises ZeroDivisionError"),
]


@pytest.mark.parametrize(("read", "said"), WRONG, ids=[read.__name__ for read, _ in WRONG])
def test_a_wrong_codec_is_caught_with_a_sentence(read: Callable[[Reader], Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_codec(read, [b"\x03abc", b"\x02\n\x00", b"\x00"], rounds=2000)


# 5. Writing what was read gives the same bytes.


def test_a_write_that_says_something_else_is_caught() -> None:
    with pytest.raises(AssertionError, match="is written as"):
        check_codec(right, SAMPLES, lambda body: write(body + b"!"))


def test_each_check_can_be_called_alone() -> None:
    check_labels(right, b"\x03abc")
    check_prefixes(right, b"\x03abc")
    check_garbage(right, b"\xffabc")


def test_mangling_is_repeated_exactly_by_its_seed() -> None:

    def some(seed: int) -> list[bytes]:
        rng = Random(seed)
        return [mangled(b"\x03abc", rng) for _ in range(50)]

    assert some(1) == some(1)
    assert some(1) != some(2)
    assert len(set(some(1))) > 40


def test_samples_are_asked_for() -> None:
    with pytest.raises(AssertionError, match="at least one sample"):
        check_codec(right, [])


def test_one_sample_of_one_octet_is_enough() -> None:
    check_codec(right, [b"\x00"], write)


def test_pieces_are_cut_from_all_samples_in_a_row() -> None:

    check_pieces(right, SAMPLES, Random(1), rounds=50)
