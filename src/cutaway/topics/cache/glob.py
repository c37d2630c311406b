r"""Patterns as a shell has them: h?llo, h*llo, h[ae]llo, h[^e]llo, h[a-b]llo, and \ before any of these.

    matching(b"user:*:name")(b"user:7:name")        True

A pattern becomes a regular expression. What stands between two stars is looked for once, from left to
right, and never again (`(?>…)`): if it is found at all, the first place is as good as any. So no pattern
takes more than the product of its length and the key's.

Left out: case, which is always regarded here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

PIECE = re.compile(rb"(\*+)|(\?)|\[(\^?)((?:\\.|[^\]\\])*)\]?|\\(.)|(.)", re.DOTALL)
RANGE = re.compile(rb"\\(.)|(.)-(.)|(.)", re.DOTALL)


@lru_cache(maxsize=256)
def matching(pattern: bytes) -> Callable[[bytes], object]:
    """What says whether a key matches."""
    parts: list[list[bytes]] = [[]]
    for star, any_one, negated, inside, escaped, plain in PIECE.findall(pattern):
        if star:
            parts.append([])
        elif any_one:
            parts[-1].append(b".")
        elif plain and not plain.startswith(b"["):
            parts[-1].append(re.escape(plain))
        elif escaped:
            parts[-1].append(re.escape(escaped))
        else:
            parts[-1].append(one_of(negated, inside))
    first, *rest = [b"".join(part) for part in parts]
    if not rest:
        return re.compile(first, re.DOTALL).fullmatch
    middle = b"".join(rb"(?>.*?%b)" % part for part in rest[:-1] if part)
    return re.compile(first + middle + b".*" + rest[-1], re.DOTALL).fullmatch


def one_of(negated: bytes, inside: bytes) -> bytes:
    """A set of octets as a regular expression. An empty one matches nothing."""
    found: list[bytes] = []
    for escaped, low, high, plain in RANGE.findall(inside):
        if low:
            low, high = sorted((low, high))
            found.append(re.escape(low) + b"-" + re.escape(high))
        else:
            found.append(re.escape(escaped or plain))
    if not found:
        return b"." if negated else rb"(?!)"
    return b"[" + (b"^" if negated else b"") + b"".join(found) + b"]"
