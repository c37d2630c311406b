"""What the environment says, as one value that was checked.

    ORIGIN=127.0.0.1:9001 CACHE=127.0.0.1:6379 TTL_MS=500

    Settings(origin=Address("127.0.0.1", 9001), cache=Address("127.0.0.1", 6379), ttl=500, …)

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


def address(environ: Mapping[str, str], name: str) -> Address:
    """HOST:PORT."""
    text = environ.get(name, "")
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= 65535:
        raise BadSetting(f"{name} is {text!r}: write HOST:PORT, as in {name}=127.0.0.1:9001")
    return Address(found[1], int(found[2]))


def number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """A whole number of milliseconds, at least 1."""
    text = environ.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise BadSetting(f"{name} is {text!r}: write milliseconds, as in {name}={otherwise}")
    return int(text)
