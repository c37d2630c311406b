"""What the environment says, as one value that was checked.

    STORE=127.0.0.1:6379 CACHE=127.0.0.1:6380 CACHE_MS=50

    Settings(store=Address("127.0.0.1", 6379), cache=Address("127.0.0.1", 6380), cache_ms=50, …)

A setting that cannot be what was meant stops the program before it listens, with one sentence.

Left out: reading it anew while running.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutaway.net.settings import Address, address, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times in milliseconds, as the contract names them. cache: None where there is none."""

    store: Address
    cache: Address | None
    store_ms: int = 2_000
    cache_ms: int = 100
    ttl_ms: int = 60_000


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises BadSetting."""
    return Settings(
        store=address(environ, "STORE"),
        cache=address(environ, "CACHE") if environ.get("CACHE") else None,
        store_ms=number(environ, "STORE_MS", 2_000),
        cache_ms=number(environ, "CACHE_MS", 100),
        ttl_ms=number(environ, "TTL_MS", 60_000),
    )
