"""Entries: read, written, and not believed where an octet is not as it was."""

import pytest

from cutaway.topics.cachepatterns.codec import LEASE, Entry, believed, read_entry
from cutaway.wire.contract import check_codec

ENTRY = Entry(b"k1", 200, b"hello", 1_790_000_000_000)
SAMPLES = [
    ENTRY,
    Entry(b"k1", 404, b"", 1),
    Entry(b"k" * 64, 200, bytes(range(256)) * 4, 0),
    Entry(b"k1", LEASE, b"\x00" * 8, 1 << 63),
]


def test_entries_hold_what_every_codec_must() -> None:
    check_codec(read_entry, [bytes(entry) for entry in SAMPLES], bytes)


@pytest.mark.parametrize("entry", SAMPLES)
def test_an_entry_is_believed_under_its_own_key(entry: Entry) -> None:
    assert believed(bytes(entry), entry.key) == entry
    assert believed(bytes(entry), entry.key + b"x") is None


def test_an_entry_is_believed_only_whole() -> None:
    octets = bytes(ENTRY)
    for end in range(len(octets)):
        assert believed(octets[:end], b"k1") is None
    assert believed(octets + b"\x00", b"k1") is None


def test_an_entry_of_which_a_bit_has_changed_is_not_believed() -> None:
    octets = bytes(ENTRY)
    for bit in range(len(octets) * 8):
        changed = bytearray(octets)
        changed[bit // 8] ^= 1 << bit % 8
        assert believed(bytes(changed), b"k1") is None, bit


@pytest.mark.parametrize("found", [None, b"", b"CE", b"hello", 7, (b"a",), b"null"])
def test_what_is_no_entry_is_not_believed(found: object) -> None:
    assert believed(found, b"k1") is None


def test_an_age_is_never_less_than_nothing() -> None:
    assert ENTRY.age(ENTRY.born + 5) == 5
    assert ENTRY.age(ENTRY.born - 5) == 0
