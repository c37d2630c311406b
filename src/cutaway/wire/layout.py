"""Fixed-width fields, in the order in which the specification draws them.

    HEADER = Layout("RFC 9113 §4.1",
        ("length", 24, "payload octets; this header is not counted"),
        ("type",    8, {0: "DATA", 1: "HEADERS"}),
        ("flags",   8, "meaning depends on type"),
        ("R",       1, "reserved: sent as 0, ignored on receipt"),
        ("stream", 31, "0 is the connection itself"))

    HEADER.split(b"\\x00\\x00\\x05\\x01\\x04\\x00\\x00\\x00\\x01", 0) == (5, 1, 4, 0, 1)

The rows are compiled into one function at import: where every field is 8, 16, 32 or 64 bits wide
it is a struct, else shifts and masks over one integer. Bits are counted from the most significant,
as the drawings in the specifications do.

Left out: little-endian layouts (no protocol here needs them yet) and fields of variable length,
which are code.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from .errors import Misuse
from .field import Field

CODES = {8: "B", 16: "H", 32: "I", 64: "Q"}

Split = Callable[[bytes, int], tuple[int, ...]]


class Layout:
    """rows: (name, bits, means) with one `spec` for all, kept as (Field, bits)."""

    def __init__(self, spec: str, *rows: tuple[str, int, str | Mapping[Any, str]]) -> None:
        self.rows: list[tuple[Field, int]] = [
            (Field(name, means, spec), bits) for name, bits, means in rows
        ]
        widths = [bits for _, bits in self.rows]
        if sum(widths) % 8:
            raise Misuse(f"{spec}: {sum(widths)} bits are no whole number of octets")
        self.size = sum(widths) // 8
        self.split = compile_split(widths)

    def join(self, *values: int) -> bytes:
        """The octets for these values. Raises Misuse when one does not fit its width."""
        whole = 0
        for (field, bits), value in zip(self.rows, values, strict=True):
            if value >> bits:
                raise Misuse(f"{field.name}: {value} does not fit {bits} bits")
            whole = whole << bits | value
        return whole.to_bytes(self.size, "big")


def compile_split(widths: list[int]) -> Split:
    """A function (data, offset) → one unsigned integer for each width, in bits."""
    if all(width in CODES for width in widths):
        return struct.Struct(">" + "".join(CODES[width] for width in widths)).unpack_from
    size = sum(widths) // 8
    places, left = [], sum(widths)
    for width in widths:
        left -= width
        places.append((left, (1 << width) - 1))

    def split(data: bytes, offset: int) -> tuple[int, ...]:
        whole = int.from_bytes(data[offset : offset + size], "big")
        return tuple(whole >> shift & mask for shift, mask in places)

    return split
