"""Where a message is cut when it is played in pieces, and telling a codec what was asked.

    b"GET /echo/alpha HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
        │ │           │         │ │    │ │  │ │
        edges of fields, and inside every CRLF; a few are chosen, and two places at random

Left out: sending. See net/recorded.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from ..wire import Annotator, Codec, Malformed, NeedMore, Reader, Refused

CUTS = 6  # pieces of a message are one more, at most
LOOKED_AT = 16 << 10  # octets of a message whose fields are looked for


def cuts(
    codec: Callable[[], Codec], data: bytes, steady: random.Random, answer: bool = False
) -> list[int]:
    """Where to cut: awkward places and a few at random. The same for the same `steady`.

    answer  the octets are a server's
    """
    if len(data) < 2:
        return []
    awkward = [at for at in edges(codec, data[:LOOKED_AT], answer) if at < len(data)]
    chosen = set(steady.sample(awkward, min(len(awkward), CUTS - 2)))
    chosen |= {steady.randrange(1, len(data)) for _ in range(2)}
    return sorted(chosen)


@lru_cache(maxsize=64)
def edges(codec: Callable[[], Codec], data: bytes, answer: bool = False) -> tuple[int, ...]:
    """Where a field begins or ends, or a line break is in two; in order."""
    reader = Annotator(data)
    tell(codec(), reader, answer)
    found = {at for span in reader.spans for at in (span.start, span.end)}
    found |= {at + 1 for at, octet in enumerate(data) if octet in b"\r\n"}
    return tuple(sorted(found - {0}))


def tell_codec(codec: Codec, data: bytes) -> None:
    """Let the codec read what we send, so that it knows which question the answer is to."""
    reader = Reader(data)
    if not tell(codec, reader):
        assume = getattr(codec, "assume", None)
        if assume is not None:
            assume(data[reader.pos :])


def tell_answer(codec: Codec, data: bytes) -> None:
    """Let the codec read what we answer, so that it knows which questions are still open."""
    tell(codec, Reader(data), answer=True)


def tell(codec: Codec, reader: Reader, answer: bool = False) -> bool:
    """Whether all of it was messages."""
    try:
        while reader.pos < len(reader.data):
            (codec.to_client if answer else codec.to_server)(reader)
    except (NeedMore, Malformed, Refused):
        return False
    return True
