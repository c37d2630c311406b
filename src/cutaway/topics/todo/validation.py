"""What clients send, checked in layers, and either good values or every error at once.

    size      413    before anything else, while it comes (connection.py)
    kind      415    application/json, and no coding
    syntax    400    JSON, and an object
    members   422    there, of the right type, within bounds: all that is wrong, in one list

Each layer may count on the one before it. Checking is not cleaning: a title goes back as it came, and
whoever shows it has to see to it that it is only text.

Left out: what can be known only with the store. That is the service's.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .errors import Member, NotJson, Unreadable, Wrong

LONGEST_TITLE = 200
MOST, USUAL = 100, 20
TITLE = f"text of 1 to {LONGEST_TITLE} characters, none of them a control character"
DONE = "true or false"
ASKED_ONCE = ("q", "done", "limit", "after")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a client may say about a to-do."""

    title: str
    done: bool


@dataclass(frozen=True, slots=True)
class Query:
    """after: only what was created later than that number. limit: 1 to 100."""

    text: str = ""
    done: bool | None = None
    limit: int = USUAL
    after: int = 0


def draft_of(kind: bytes, coding: bytes, body: bytes, done_needed: bool) -> Draft:
    """A to-do from a body. Raises NotJson, Unreadable, Wrong."""
    check_kind(kind, coding)
    members = object_of(body)
    wrong = wrong_title(members) + wrong_done(members, done_needed)
    if wrong:
        raise Wrong(wrong)
    return Draft(members["title"], members.get("done", False))


def check_kind(kind: bytes, coding: bytes) -> None:
    """Raises NotJson.

    spec    RFC 9110 §15.5.16
    """
    if kind.partition(b";")[0].strip().lower() != b"application/json":
        raise NotJson("The body has to be application/json.")
    if coding.strip().lower() not in (b"", b"identity"):
        raise NotJson("The body has to come without a content coding.")


def object_of(body: bytes) -> dict[str, Any]:
    """Raises Unreadable. NaN and Infinity are no JSON, though the library reads them."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Unreadable("The body is no JSON text.") from None
    if not isinstance(found, dict):
        raise Unreadable("The body has to be a JSON object.")
    return found


def no_number(word: str) -> float:
    raise ValueError(word)


def wrong_title(members: Mapping[str, Any]) -> list[Member]:
    title = members.get("title")
    return [] if isinstance(title, str) and is_title(title) else [Member("title", TITLE)]


def is_title(text: str) -> bool:
    """Length in code points. A lone half of a pair (Cs) is no character, and has no UTF-8."""
    if not 0 < len(text) <= LONGEST_TITLE:
        return False
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


def wrong_done(members: Mapping[str, Any], needed: bool) -> list[Member]:
    if "done" not in members and not needed:
        return []
    return [] if isinstance(members.get("done"), bool) else [Member("done", DONE)]


# Queries.


def query_of(text: bytes) -> Query:
    """What a list is asked for. Names that are not known are not looked at. Raises Unreadable."""
    said = pairs_of(text)
    done = said.get("done")
    if done not in (None, "true", "false"):
        raise Unreadable("done is true or false.")
    return Query(
        text=said.get("q", ""),
        done=None if done is None else done == "true",
        limit=whole(said, "limit", USUAL, 1, MOST),
        after=whole(said, "after", 0, 0, 10**15),
    )


def pairs_of(text: bytes) -> dict[str, str]:
    """Names and values. One that is said twice could be read in two ways."""
    try:
        pairs = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
        )
    except ValueError:
        raise Unreadable("The query cannot be read.") from None
    names = [name for name, _ in pairs]
    for name in ASKED_ONCE:
        if names.count(name) > 1:
            raise Unreadable(f"{name} stands more than once in the query.")
    return dict(pairs)


def whole(said: Mapping[str, str], name: str, otherwise: int, low: int, high: int) -> int:
    """Decimal digits and nothing else: int() would also take +5 and 1_0."""
    digits = said.get(name)
    if digits is None:
        return otherwise
    if digits.isascii() and digits.isdigit() and len(digits) <= 16 and low <= int(digits) <= high:
        return int(digits)
    raise Unreadable(f"{name} is a whole number from {low} to {high}.")


def is_key(value: bytes) -> bool:
    """An idempotency key: 1 to 255 visible characters."""
    return 0 < len(value) <= 255 and all(0x21 <= octet <= 0x7E for octet in value)
