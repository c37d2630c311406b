"""Where two values differ, and both in words short enough for a report.

    difference(b"alpha", b"alphA", [(43, 48)], 0)    (47, '"alpha"', '"alphA"')

Of long values only what stands around the first difference is shown.

Left out: whether they may differ. See matchers.py.
"""

from __future__ import annotations

from typing import Any

from ..wire import Place, quoted
from .matchers import Matcher, shown

EXCERPT = 40  # octets shown around a difference
STRIDE = 4096  # octets compared at once


def first_difference(wanted: bytes, found: bytes) -> int:
    """The first offset at which they differ; the shorter length when one begins the other."""
    for start in range(0, min(len(wanted), len(found)), STRIDE):
        left, right = wanted[start : start + STRIDE], found[start : start + STRIDE]
        if left != right:
            pairs = zip(left, right, strict=False)
            return next(
                (start + at for at, (one, other) in enumerate(pairs) if one != other),
                start + min(len(left), len(right)),
            )
    return min(len(wanted), len(found))


def excerpt(data: bytes, at: int) -> str:
    """`data` for people: all of it when short, else what stands around `at`."""
    if len(data) <= 2 * EXCERPT:
        return quoted(data) if data else "nothing (0 bytes)"
    start = max(0, at - EXCERPT // 2)
    return f"{quoted(data[start : start + EXCERPT])} from byte {start} of {len(data)}"


def difference(wanted: Any, found: Any, place: Place, fallback: int) -> tuple[int, str, str]:
    """The offset to point at, and both sides in words."""
    start = place[0][0] if place else fallback
    if isinstance(wanted, Matcher):
        return start, wanted.says, wanted.tells(found) or shown(found)
    if not isinstance(wanted, bytes) or not isinstance(found, bytes | bytearray):
        return start, shown(wanted), shown(found)
    at = first_difference(wanted, bytes(found))
    return inside(place, at, fallback), excerpt(wanted, at), excerpt(bytes(found), at)


def inside(place: Place, index: int, fallback: int) -> int:
    """The offset of octet `index` of a value that may stand in several pieces."""
    for start, end in place:
        if index < end - start:
            return start + index
        index -= end - start
    return place[-1][1] if place else fallback
