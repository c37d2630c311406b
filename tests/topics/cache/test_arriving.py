"""What has come of a command: looked at again when it is whole, or when it is wrong already."""

import pytest

from cutaway.topics.cache.arriving import Arriving
from cutaway.topics.cache.requests import read_words
from cutaway.wire import NeedMore, Reader, WireError

WHOLE = b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n"
WRONG = [
    b"*2\r\n$4\r\nECHO\r\n$-1\r\n",
    b"*2\r\n$4\r\nECHO\r\nx",
    b"*3\r\n$4\r\nECHO\r\n$1x\r\n",
    b"*x\r\n",
    b"*900\r\n" + b"$1\r\nx\r\n" * 800 + b"$-1\r\n",
]


def arrived(data: bytes, cut: int) -> Arriving:
    """As a connection keeps it, when it came in two pieces."""
    try:
        read_words(Reader(data[:cut]))
    except NeedMore as need:
        arriving = Arriving(data[:cut], need.least, need.mark)
        arriving.add(data[cut:])
        return arriving
    raise AssertionError(f"{data[:cut]!r} is taken for a command")


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_a_command_in_two_pieces_is_looked_at_when_it_is_whole(cut: int) -> None:
    assert arrived(WHOLE, cut).worth_a_look()
    assert not arrived(WHOLE[:-1], min(cut, len(WHOLE) - 2)).worth_a_look()


@pytest.mark.parametrize(
    "data", WRONG, ids=["negative", "no word", "no number", "no count", "long"]
)
def test_what_is_wrong_is_looked_at_though_more_would_follow_a_right_one(data: bytes) -> None:
    cuts = 0
    for cut in range(1, len(data), 1 + len(data) // 50):
        try:
            arriving = arrived(data, cut)
        except WireError:
            continue  # wrong as far as it came
        assert arriving.worth_a_look(), cut
        cuts += 1
    assert cuts
