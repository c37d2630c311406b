"""Answers as octets.

    HTTP/1.1 200 OK\\r\\n
    Date: Sat, 21 Nov 2026 08:00:00 GMT\\r\\n
    Content-Type: application/json\\r\\n
    Content-Length: 96\\r\\n
    \\r\\n
    {"id": …}                             not after HEAD, 204 and 304

Left out: chunks and codings. A body is at hand, and short.
"""

from __future__ import annotations

import time
from email.utils import formatdate

from ..http1.codec import Request
from .messages import Answer
from .problems import title_of

NO_BODY = frozenset({204, 304})


class Dates:
    """The Date field, made anew when the second changes."""

    def __init__(self) -> None:
        self.second, self.line = 0, b""

    def now(self) -> bytes:
        second = int(time.time())
        if second != self.second:
            self.second = second
            self.line = b"Date: %b\r\n" % formatdate(second, usegmt=True).encode()
        return self.line


dates = Dates()


def written(answer: Answer, to: Request | Answer, last: bool) -> bytes:
    """to: the request that it answers. last: the connection ends behind it."""
    parts = [b"HTTP/1.1 %d %b\r\n" % (answer.status, title_of(answer.status).encode()), dates.now()]
    parts += [b"%b: %b\r\n" % field for field in answer.fields.items()]
    if answer.status not in NO_BODY:
        parts.append(b"Content-Length: %d\r\n" % len(answer.body))
    if last:
        parts.append(b"Connection: close\r\n")
    elif isinstance(to, Request) and to.version == b"HTTP/1.0":
        parts.append(b"Connection: keep-alive\r\n")
    parts.append(b"\r\n")
    head_only = isinstance(to, Request) and to.method == b"HEAD"
    if answer.status not in NO_BODY and not head_only:
        parts.append(answer.body)
    return b"".join(parts)
