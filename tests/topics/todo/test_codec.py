"""To-dos as they are kept: read, written, and not believed where an octet is not as it was."""

import pytest

from cutaway.topics.todo.codec import Kept, believed, make, read_kept
from cutaway.wire.contract import check_codec

MILK = make(3, "k1", "buy milk", False, "2026-11-21T08:00:00Z")
SAMPLES = [MILK, make(1, "a" * 64, 'Käse "& \\ 🥛', True, "2026-11-21T08:00:00.5Z"), Kept(7, b"x")]


def test_to_dos_hold_what_every_codec_must() -> None:
    check_codec(read_kept, [bytes(kept) for kept in SAMPLES], bytes)


def test_a_to_do_is_believed_under_its_own_id() -> None:
    assert believed(bytes(MILK), "k1") == MILK
    assert believed(bytes(MILK), "k") is None
    assert believed(bytes(MILK), "k2") is None


def test_a_to_do_is_believed_only_whole() -> None:
    octets = bytes(MILK)
    for end in range(len(octets)):
        assert believed(octets[:end], "k1") is None
    assert believed(octets + b"\n", "k1") is None


def test_a_to_do_of_which_an_octet_of_the_json_has_changed_is_not_believed() -> None:
    octets = bytes(MILK)
    for at in range(octets.index(b"\n") + 1, len(octets)):
        changed = bytearray(octets)
        changed[at] ^= 1
        assert believed(bytes(changed), "k1") is None, at


@pytest.mark.parametrize("found", [None, b"", b"changed", 7, (b"a",), b"todo 1 1 00000000\r\n"])
def test_what_is_no_to_do_is_not_believed(found: object) -> None:
    assert believed(found, "k1") is None


def test_two_states_never_share_a_tag() -> None:
    other = make(4, "k1", "buy milk", False, "2026-11-21T08:00:00Z")
    assert len({MILK.tag, other.tag, make(3, "k1", "x", False, "").tag}) == 3
