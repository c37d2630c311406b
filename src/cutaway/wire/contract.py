"""What every codec must hold, as one function that each topic's tests call.

    check_codec(read_frame, samples=[b"\\x00\\x00\\x00\\x01x"])

checks that

1. Reader and Annotator read the same and stop at the same place;
2. labelled leaves tile what was read, to the bit: no gap, no overlap;
3. every proper prefix asks for more;
4. whatever the pieces in which it arrives, the feed gives the same messages;
5. writing what was read gives the same bytes, where the message can be written;
6. random and mangled bytes raise NeedMore, Malformed or Refused, and nothing else.

Left out: whether the messages mean what the specification says. That is the topic's own table.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .annotator import Annotator
from .errors import Malformed, NeedMore, Refused
from .feed import Feed
from .reader import Reader

Read = Callable[[Reader], Any]


def check_codec(
    read: Read,
    samples: Iterable[bytes],
    write: Callable[[Any], bytes] | None = None,
    rounds: int = 200,
    seed: int = 1,
) -> None:
    """Raises AssertionError with a sentence. `samples` are whole valid messages."""
    valid = list(samples)
    assert valid, "a codec is checked with at least one sample"
    rng = random.Random(seed)
    for sample in valid:
        check_labels(read, sample)
        check_prefixes(read, sample)
        if write is not None:
            message = read(Reader(sample))
            assert write(message) == sample, f"{sample!r} is written as {write(message)!r}"
    check_pieces(read, valid, rng, rounds)
    for _ in range(rounds):
        check_garbage(read, mangled(rng.choice(valid), rng))


def check_labels(read: Read, sample: bytes) -> None:
    """Both readers agree, and the leaves tile the sample."""
    bare, labelled = Reader(sample), Annotator(sample)
    assert read(bare) == read(labelled), f"{sample!r}: Reader and Annotator read different things"
    assert bare.pos == labelled.pos == len(sample), f"{sample!r}: {len(sample) - bare.pos} left"
    bit = 0
    for span in labelled.leaves():
        assert span.first == bit, f"{sample!r}: bits {bit} to {span.first} around {span.field.name}"
        bit = span.past
    assert bit == len(sample) * 8, f"{sample!r}: nothing labels what follows bit {bit}"


def check_prefixes(read: Read, sample: bytes) -> None:
    """No proper prefix is a message, and none is refused."""
    for end in range(len(sample)):
        try:
            got = read(Reader(sample[:end]))
        except (Malformed, Refused) as error:
            raise AssertionError(f"{sample[:end]!r} is a prefix, yet refused: {error}") from error
        except NeedMore as need:
            least = need.least if need.mark is None else len(sample)
        else:
            raise AssertionError(f"{sample[:end]!r} is a prefix, yet reads as {got!r}")
        assert end < least <= len(sample), f"{sample[:end]!r} of {sample!r}: waits for {least}"


def check_pieces(read: Read, valid: Sequence[bytes], rng: random.Random, rounds: int) -> None:
    """Any split of several messages in a row gives the same messages."""
    whole = b"".join(valid)
    expected = [read(Reader(sample)) for sample in valid]
    assert whole, "a message of no octets cannot be told from none"
    for number in range(rounds):
        count = len(whole) - 1 if number == 0 else rng.randrange(min(len(whole), 12))
        cuts = sorted(rng.sample(range(1, len(whole)), count)) if len(whole) > 1 else []
        feed = Feed(read)
        got: list[Any] = []
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            got += feed.receive(whole[start:end])
        assert got == expected, f"cut at {cuts}: {got!r}"
        assert not feed.pending, f"cut at {cuts}: {feed.pending!r} is left over"


def check_garbage(read: Read, data: bytes) -> None:
    """Nothing but the three errors comes out of any bytes, labelled or not."""
    bare, labelled = outcome(read, Reader(data)), outcome(read, Annotator(data))
    assert bare == labelled, f"{data!r}: Reader {bare}, Annotator {labelled}"


def outcome(read: Read, reader: Reader) -> tuple[object, ...]:
    """What one reading came to, so that two can be compared."""
    try:
        message = read(reader)
    except (NeedMore, Malformed, Refused) as error:
        return type(error).__name__, str(error)
    except Exception as error:
        raise AssertionError(f"{reader.data!r} raises {error!r}") from error
    assert 0 <= reader.pos <= len(reader.data), f"{reader.data!r} is read to {reader.pos}"
    return "reads", message, reader.pos


def mangled(sample: bytes, rng: random.Random) -> bytes:
    """A valid message with a few octets changed, cut, doubled, or all of them random."""
    octets = bytearray(sample)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(octets) + 1)
        match rng.randrange(4):
            case 0:
                octets[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del octets[at : at + rng.randrange(1, 4)]
            case 2:
                octets[at:at] = octets[at : at + rng.randrange(1, 9)]
            case _:
                octets = bytearray(rng.randbytes(rng.randrange(1, 40)))
    return bytes(octets)
