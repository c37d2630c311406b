"""What the environment says, as one value that was checked.

    ORIGIN=127.0.0.1:9001 CACHE=127.0.0.1:6379 TTL_MS=500

    Settings(origin=Address("127.0.0.1", 9001), cache=Address("127.0.0.1", 6379), ttl=500, …)

A setting that cannot be what was meant stops the program before it listens, with one sentence.

Left out: reading it anew while running.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutaway.net.settings import Address, address, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times in milliseconds, as the contract names them."""

    origin: Address
    cache: Address
    ttl: int = 10_000
    negative: int = 1_000
    behind: int = 200
    refresh: int = 5_000
    early: int = 500
    stale: int = 10_000
    patience: int = 200
    pause: int = 500


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises BadSetting."""
    ttl = number(environ, "TTL_MS", 10_000)
    return Settings(
        origin=address(environ, "ORIGIN"),
        cache=address(environ, "CACHE"),
        ttl=ttl,
        negative=min(ttl, number(environ, "NEGATIVE_MS", 1_000)),
        behind=number(environ, "BEHIND_MS", 200),
        refresh=number(environ, "REFRESH_MS", 5_000),
        early=number(environ, "EARLY_MS", 500),
        stale=number(environ, "STALE_MS", 10_000),
        patience=number(environ, "CACHE_MS", 200),
        pause=number(environ, "BREAK_MS", 500),
    )
