"""Files, conditions, ranges and gzip for servers in Python that bring none of their own.

    condition(headers, tags=[tag], sent=tag)  →  0, 304 or 412
    byte_range("bytes=0-4", size=10)          →  (0, 4)

Written from RFC 9110 and not from the reference part: an application that shares its code with the
reference would share its mistakes.

Left out: several ranges, dates, weak tags of our own.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes

LONGEST_ECHO = 32 << 20
LONGEST_BODY = 1 << 30
LONGEST_TARGET = 16 << 10
WORTH_GZIP = 1024
TAG = re.compile(r'(?:W/)?"[^"]*"')
HALF_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)


class Refused(Exception):
    """An answer that is no success: its status and its fields."""

    def __init__(self, status: int, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.fields = status, dict(fields or {})


def segments_of(path: str) -> list[str]:
    """Split, then decode; octets that are no UTF-8 survive as surrogates. Raises Refused."""
    if not path.startswith("/") or HALF_ENCODED.search(path):
        raise Refused(400)
    parts = path[1:].split("/")
    return [unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in parts]


def place(name: str) -> Path:
    """Where a file of that name lies. Raises Refused where it would be outside of the folder."""
    folder = Path(os.environ["DATA_DIR"]).resolve()
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise Refused(400)
    path = folder / name
    try:
        if path.is_symlink() and path.resolve().parent != folder:
            raise Refused(403)
    except OSError:
        raise Refused(404) from None
    return path


def found_at(path: Path) -> os.stat_result | None:
    """What is known of a file, or None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def tag_of(found: os.stat_result, coding: str = "") -> str:
    """A rename brings another inode, so two changes within a tick of the clock differ, too."""
    return f'"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}{coding}"'


def condition(headers: Mapping[str, str], tags: list[str], sent: str | None) -> int:
    """0 to go on, 304 or 412, in the order of RFC 9110 §13.2.2.

    tags  of all that there is; none without a file
    sent  the tag that a read would be answered with; None for a change
    """
    match, none = headers.get("if-match"), headers.get("if-none-match")
    if match is not None:
        holds = bool(tags) if match.strip() == "*" else bool({*TAG.findall(match)} & {*tags})
        if not holds:
            return 412
    if none is not None:
        weakly = {tag.removeprefix("W/") for tag in TAG.findall(none)}
        against = {*tags} if sent is None else {sent}
        if bool(tags) if none.strip() == "*" else bool(weakly & against):
            return 412 if sent is None else 304
    return 0


def byte_range(text: str, size: int) -> tuple[int, int] | None:
    """First and last octet, or None where the whole is to be sent. Raises Refused(416)."""
    match = RANGE.fullmatch(text)
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        if int(match[2]) and size:
            return max(0, size - int(match[2])), size - 1
        raise Refused(416, {"Content-Range": f"bytes */{size}"})
    first, last = int(match[1]), int(match[2] or max(size - 1, int(match[1])))
    if last < first:
        return None
    if first >= size:
        raise Refused(416, {"Content-Range": f"bytes */{size}"})
    return first, min(last, size - 1)


def takes_gzip(accept: str) -> bool:
    weights = {}
    for item in accept.lower().split(","):
        coding, _, weight = item.partition(";")
        try:
            weights[coding.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
