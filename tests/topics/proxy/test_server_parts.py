"""Parts of the reference by themselves: bodies in any pieces, the budget, the policies, deadlines."""

import asyncio
import random
from types import SimpleNamespace

import pytest

from cutaway.topics.http1.codec import Framing, read_response
from cutaway.topics.proxy import balance, deadlines, retries
from cutaway.topics.proxy.arriving import Unread
from cutaway.topics.proxy.body import Body
from cutaway.wire import NeedMore, Reader

CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def in_chunks(content: bytes, rng: random.Random) -> bytes:
    parts, at = [], 0
    while at < len(content):
        size = rng.choice([1, 2, 15, 16, 17, 300])
        piece = content[at : at + size]
        parts.append(b"%s%s\r\n%s\r\n" % (b"0" * rng.randrange(3), b"%X" % len(piece), piece))
        at += size
    return b"".join(parts) + b"000;end\r\nSum: 1\r\n\r\n"


def passed_on(octets: bytes, body: Body, rng: random.Random) -> tuple[bytes, bytes, bool]:
    """What goes on when the octets come in random pieces; what is left; whether it has ended."""
    out: list[bytes] = []
    unread: Unread | None = None
    while octets:
        size = rng.randrange(1, 40)
        piece, octets = octets[:size], octets[size:]
        if unread is not None:
            together = unread.more(piece)
            if together is None:
                continue
            piece, unread = together, None
        reader, need = Reader(piece), None
        try:
            if body.read(reader, out):
                return b"".join(out), piece[reader.pos :] + octets, True
        except NeedMore as more:
            need = more
        if reader.pos < len(piece):
            unread = Unread(piece, reader.pos, need)
    return b"".join(out), b"", False


@pytest.mark.parametrize("seed", range(40))
def test_a_body_in_any_pieces_goes_on_whole_and_what_follows_stays(seed: int) -> None:
    rng = random.Random(seed)
    content = rng.randbytes(rng.choice([0, 1, 17, 900]))
    chunks = in_chunks(content, rng)
    got, left, ended = passed_on(chunks + b"NEXT", Body(Framing("chunked"), True), rng)
    answer = read_response(Reader(CHUNKED_HEAD + got))
    assert (answer.body, answer.trailers) == (content, ((b"Sum", b"1"),))
    assert (left, ended) == (b"NEXT", True)
    assert passed_on(chunks, Body(Framing("chunked"), False), rng) == (content, b"", True)
    length = Framing("length", len(content))
    if content:
        assert passed_on(content + b"NEXT", Body(length, False), rng) == (content, b"NEXT", True)


@pytest.mark.parametrize("seed", range(20))
def test_a_body_that_breaks_off_gets_no_end(seed: int) -> None:
    rng = random.Random(seed)
    chunks = in_chunks(rng.randbytes(200), rng)
    cut = rng.randrange(1, len(chunks) - 1)
    got, _, ended = passed_on(chunks[:cut], Body(Framing("chunked"), True), rng)
    assert not ended
    with pytest.raises(NeedMore):
        read_response(Reader(CHUNKED_HEAD + got))


def test_the_budget_is_a_share_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(retries, "monotonic", lambda: now)
    budget = retries.Budget(20)
    assert [budget.allows_one() for _ in range(4)] == [True, True, True, False]
    for _ in range(50):
        budget.request()
    assert [budget.allows_one() for _ in range(8)] == [True] * 7 + [False]
    now += retries.WINDOW - 1
    assert not budget.allows_one()
    now += 1
    assert [budget.allows_one() for _ in range(4)] == [True, True, True, False]
    now += 1e6
    assert budget.allows_one()


def upstreams(*weights: int) -> list[SimpleNamespace]:
    class Hashable(SimpleNamespace):
        __hash__ = object.__hash__

    return [Hashable(weight=w, busy=0, key=bytes([n])) for n, w in enumerate(weights, 1)]


def test_weights_are_spread_out() -> None:
    among = upstreams(5, 1, 1)
    pick = balance.Weighted()
    assert "".join("abc"[among.index(pick(among, b"/"))] for _ in range(7)) == "aabacaa"


def test_two_choices_never_takes_the_busiest_of_all() -> None:
    among = upstreams(1, 1, 1)
    among[1].busy = 9
    pick = balance.TwoChoices()
    assert {among.index(pick(among, b"/")) for _ in range(300)} == {0, 2}


def test_rendezvous_moves_only_what_has_to_move_and_spreads_it() -> None:
    among = upstreams(*[1] * 10)
    pick = balance.Hash()
    paths = [b"/%d" % n for n in range(2000)]
    before = {path: pick(among, path) for path in paths}
    after = {path: pick(among[1:], path) for path in paths}
    moved = [path for path in paths if before[path] is not after[path]]
    assert all(before[path] is among[0] for path in moved)
    assert 120 < len(moved) < 280
    assert len({after[path].key for path in moved}) == 9


def test_deadlines_fall_due_in_their_order_and_stopped_ones_never() -> None:
    async def run() -> list[str]:
        due: asyncio.Queue[str] = asyncio.Queue()
        some = deadlines.Deadlines[str](0.02, due.put_nowait)
        for one in "abc":
            some.start(one)
        some.stop("b")
        await asyncio.sleep(0.01)
        some.start("a")
        first = [await due.get(), await due.get()]
        some.start("d")
        return [*first, await due.get()]

    assert asyncio.run(run()) == ["c", "a", "d"]
