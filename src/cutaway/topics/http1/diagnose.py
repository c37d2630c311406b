"""What exactly is wrong with a head that does not fit its shapes.

The shapes say yes or no, quickly. When they say no, these steps walk over the same octets one part
at a time and stop at the first that does not fit:

    Host : a\\r\\n
    ────│
    name ▲ here a colon has to stand: "white space between a field name and its colon"

The walk is slow and may be: it happens once a broken message.

Left out: repair. What a lenient recipient could make of such lines is what request smuggling lives
on, since the next one in the chain makes something else of them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...wire import Field, Malformed
from .grammar import (
    CHUNK_EXT,
    COLON,
    EXTENSION,
    LINE_END,
    METHOD,
    NAME,
    REASON,
    SIZE,
    SP,
    STATUS,
    TARGET,
    TEXT,
    TOKEN,
    VALUE,
    VERSION,
)


class Step(NamedTuple):
    """One part of a line: what has to stand there, and what to say when it does not."""

    regex: bytes
    field: Field
    why: str
    spec: str = ""

    def past(self, data: bytes, at: int) -> int | None:
        """Where the part ends, or None when something else stands there."""
        found = re.compile(self.regex).match(data, at)
        return found.end() if found else None


END_OF_LINE = Step(rb"\r\n", LINE_END, "the line does not end here")

REQUEST_LINE = (
    Step(TOKEN, METHOD, "a request begins with its method, a token"),
    Step(rb" ", SP, "one space has to follow the method"),
    Step(rb"[!-~]++", TARGET, "a target is made of visible ASCII characters"),
    Step(rb" ", SP, "one space and the version have to follow the target"),
    Step(rb"HTTP/[0-9]\.[0-9]", VERSION, "a version is HTTP/, a digit, a dot and a digit"),
    END_OF_LINE,
)
STATUS_LINE = (
    Step(rb"HTTP/[0-9]\.[0-9]", VERSION, "a version is HTTP/, a digit, a dot and a digit"),
    Step(rb" ", SP, "one space has to follow the version", "RFC 9112 §4"),
    Step(rb"[0-9]{3}(?![0-9])", STATUS, "a status code is three digits", "RFC 9112 §4"),
    Step(rb" ", SP, "a space has to follow the status code, reason or no reason", "RFC 9112 §4"),
    Step(rb"%s*+" % TEXT, REASON, ""),
    END_OF_LINE,
)
FIELD_LINE = (
    Step(TOKEN, NAME, "a field name is a token", "RFC 9110 §5.1"),
    Step(rb":", COLON, "a colon has to follow the field name directly"),
    Step(rb"%s*+" % TEXT, VALUE, ""),
    END_OF_LINE,
)
CHUNK_LINE = (
    Step(rb"[0-9A-Fa-f]{1,16}+", SIZE, "a chunk size is hexadecimal digits and nothing else"),
    Step(rb"(?![0-9A-Fa-f])", SIZE, "a chunk size of more than 16 digits does not fit 64 bits"),
    Step(CHUNK_EXT, EXTENSION, ""),
    Step(rb"\r\n", EXTENSION, "only extensions, ;name or ;name=value, may follow a chunk size"),
)

#: What one octet at one place means, where that is more than the step can say.
BECAUSE: dict[tuple[Field, bytes], tuple[str, str]] = {
    (NAME, b":"): ("a field name is empty", "RFC 9110 §5.1"),
    (COLON, b" "): ("white space stands between a field name and its colon", "RFC 9112 §5.1"),
    (COLON, b"\t"): ("white space stands between a field name and its colon", "RFC 9112 §5.1"),
    (COLON, b"\r"): ("a field line has no colon", "RFC 9112 §5"),
    (NAME, b" "): ("a line that begins with white space (obs-fold) is no field", "RFC 9112 §5.2"),
    (NAME, b"\t"): ("a line that begins with white space (obs-fold) is no field", "RFC 9112 §5.2"),
    (LINE_END, b"\x00"): ("NUL stands in a field value or a line of text", "RFC 9110 §5.5"),
    (TARGET, b" "): ("more than one space stands between method and target", "RFC 9112 §3"),
    (VERSION, b" "): ("more than one space stands before the version", "RFC 9112 §3"),
    (SP, b"\r"): ("the line ends before it is complete", ""),
}
BARE_LF = ("a bare LF: a line ends with CR LF", "RFC 9112 §2.2")
BARE_CR = ("a bare CR: only CR LF ends a line", "RFC 9112 §2.2")
CONTROL = ("a control character stands in a line of text", "RFC 9110 §5.5")
BEFORE_FIELDS = ("white space stands before the first header field", "RFC 9112 §2.2")

CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def diagnose(data: bytes, start: int, first: tuple[Step, ...]) -> Malformed:
    """The error in the head at `start`, whose first line should follow `first`."""
    at = walk(data, start, first)
    if isinstance(at, int) and data[at : at + 1] in (b" ", b"\t"):
        return Malformed(NAME, at, data[at : at + 1], *BEFORE_FIELDS)
    while isinstance(at, int):
        if data.startswith(b"\r\n", at):
            return Malformed(LINE_END, at, b"\r\n", "the head ends too early")
        at = walk(data, at, FIELD_LINE)
    return at


def walk(data: bytes, at: int, steps: tuple[Step, ...]) -> int | Malformed:
    """Where the line at `at` ends, or what is wrong with it."""
    for step in steps:
        past = step.past(data, at)
        if past is None:
            return explain(data, at, step)
        at = past
    return at


def explain(data: bytes, at: int, step: Step) -> Malformed:
    """The sentence for the octet at `at`, where `step` should begin."""
    octet = data[at : at + 1]
    field = step.field
    if octet == b"\n":
        return Malformed(LINE_END, at, octet, *BARE_LF)
    if octet == b"\r" and not data.startswith(b"\r\n", at):
        return Malformed(LINE_END, at, data[at : at + 2], *BARE_CR)
    if (field, octet) in BECAUSE:
        why, spec = BECAUSE[field, octet]
        return Malformed(field, at, octet, why, spec or step.spec)
    if CONTROLS.match(octet):
        return Malformed(field, at, octet, *CONTROL)
    return Malformed(field, at, data[at : at + 16], step.why, step.spec)
