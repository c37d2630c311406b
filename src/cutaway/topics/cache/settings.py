"""What CONFIG knows, and how it is written.

    CONFIG SET maxmemory 100mb         kb, mb and gb are powers of 1024, k, m and g of 1000
    CONFIG GET maxmemory*              in octets again

Left out: saving to a file. What shall hold at the next start stands in the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .replies import Failure

POLICIES = (b"noeviction", b"allkeys-lru", b"allkeys-lfu", b"allkeys-random", b"volatile-ttl")
FLUSHING = (b"always", b"everysec", b"no")
UNITS = {b"": 1, b"b": 1, b"k": 1000, b"kb": 1 << 10, b"m": 10**6, b"mb": 1 << 20, b"g": 10**9,
         b"gb": 1 << 30}  # fmt: skip
MEMORY = re.compile(rb"([0-9]{1,18})([a-z]{0,2})")
MOST_SAMPLES = 64


@dataclass(slots=True)
class Settings:
    """maxmemory: octets, 0 for no limit. samples: keys that are drawn; 0 is exact, which Valkey
    does not have."""

    maxmemory: int = 0
    policy: bytes = b"noeviction"
    samples: int = 5
    appendonly: bool = False
    appendfsync: bytes = b"everysec"

    def shown(self) -> dict[bytes, bytes]:
        return {
            b"maxmemory": b"%d" % self.maxmemory,
            b"maxmemory-policy": self.policy,
            b"maxmemory-samples": b"%d" % self.samples,
            b"appendonly": b"yes" if self.appendonly else b"no",
            b"appendfsync": self.appendfsync,
            b"save": b"",
            b"databases": b"1",
            b"proto-max-bulk-len": b"536870912",
        }

    def change(self, wanted: Mapping[bytes, bytes]) -> None:
        """All of it or nothing. Raises Failure."""
        new = [read(name.lower(), value) for name, value in wanted.items()]
        for attribute, value in new:
            setattr(self, attribute, value)


def read(name: bytes, value: bytes) -> tuple[str, int | bytes]:
    match name:
        case b"maxmemory":
            found = MEMORY.fullmatch(value.lower())
            if found is None or found[2] not in UNITS:
                raise wrong(name, "argument must be a memory value")
            return "maxmemory", int(found[1]) * UNITS[found[2]]
        case b"maxmemory-policy":
            return "policy", one_of(name, value, POLICIES)
        case b"maxmemory-samples":
            if not value.isdigit() or len(value) > 3 or int(value) > MOST_SAMPLES:
                raise wrong(name, f"argument must be between 0 and {MOST_SAMPLES}")
            return "samples", int(value)
        case b"appendfsync":
            return "appendfsync", one_of(name, value, FLUSHING)
    raise Failure(b"ERR Unknown option or number of arguments for CONFIG SET - '%b'" % name[:128])


def one_of(name: bytes, value: bytes, known: tuple[bytes, ...]) -> bytes:
    if value.lower() not in known:
        raise wrong(name, "argument(s) must be one of the following: " + b", ".join(known).decode())
    return value.lower()


def wrong(name: bytes, why: str) -> Failure:
    start = f"ERR CONFIG SET failed (possibly related to argument '{name.decode()}') - "
    return Failure(start + why)
