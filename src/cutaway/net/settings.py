"""What the environment tells a program, checked before it listens.

    STORE=127.0.0.1:6379 STORE_MS=500

    address(environ, "STORE")               Address("127.0.0.1", 6379)
    number(environ, "STORE_MS", 2_000)      500
    number(environ, "CACHE_MS", 100)        100, since nothing is said

What cannot be meant raises BadSetting: one sentence that names the variable, what was found and what
would be right. A program that guesses instead does something that nobody expects.

Left out: the port to listen on (see serve.py), and reading anything anew while running.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+):([0-9]{1,5})")


class BadSetting(Exception):
    """One sentence for the person who started the program."""


class Address(NamedTuple):
    """Where a program listens. A name is looked up when it is connected to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(environ: Mapping[str, str], name: str) -> Address:
    """HOST:PORT."""
    return _address(name, environ.get(name, ""))


def addresses(environ: Mapping[str, str], name: str) -> tuple[Address, ...]:
    """HOST:PORT, several separated by commas."""
    return tuple(_address(name, one) for one in environ.get(name, "").split(",") if one.strip())


def _address(name: str, text: str) -> Address:
    found = ADDRESS.fullmatch(text.strip())
    if found is None or not 0 < int(found[2]) <= 65535:
        raise BadSetting(f"{name} is {text!r}: write HOST:PORT, as in {name}=127.0.0.1:8081")
    return Address(found[1].strip("[]"), int(found[2]))


def number(environ: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    """A whole number of decimal digits, up to nine of them."""
    text = environ.get(name) or str(default)
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least:
        raise BadSetting(
            f"{name} is {text!r}: write a whole number from {least}, as in {name}={default}"
        )
    return int(text)
