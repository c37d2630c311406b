"""What the environment says, as one value that was checked.

    STORE=127.0.0.1:6379 CACHE=127.0.0.1:6380 CACHE_MS=50

    Settings(store=Address("127.0.0.1", 6379), cache=Address("127.0.0.1", 6380), cache_ms=50, …)

A setting that cannot be what was meant stops the program before it listens, with one sentence.

Left out: reading it anew while running.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

ADDRESS = re.compile(r"([0-9A-Za-z._-]+):([0-9]{1,5})")


class BadSetting(Exception):
    """One sentence on a variable, with an example of what it takes."""


class Address(NamedTuple):
    """Where a program listens."""

    host: str
    port: int


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


def address(environ: Mapping[str, str], name: str) -> Address:
    """HOST:PORT."""
    text = environ.get(name, "")
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= 65535:
        raise BadSetting(f"{name} is {text!r}: write HOST:PORT, as in {name}=127.0.0.1:6379")
    return Address(found[1], int(found[2]))


def number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """A whole number of milliseconds, at least 1."""
    text = environ.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise BadSetting(f"{name} is {text!r}: write milliseconds, as in {name}={otherwise}")
    return int(text)
