"""What one protocol says in the two directions of a connection.

One codec, three uses: the reference part speaks with it, the tap explains bytes with it, the
grader writes and reads with it. A `Codec` is what the last two see. A new one is made for every
connection, because an answer can often be read only when one knows the question: the answer to
HEAD has no body, whatever its fields say.

    codec = Http1()
    codec.to_server(Reader(b"HEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"))
    codec.to_client(Annotator(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n"))

A message is a frozen dataclass, and `bytes(message)` writes it.

Left out: connections, clocks and state tables. A codec reads one message at a time and is told
nothing else.
"""

from __future__ import annotations

from typing import Any, Protocol

from .annotator import Annotator
from .field import Field
from .reader import Reader

#: Where a value stands: pieces (start, end) in octets, in order. Chunks leave gaps in a body.
Place = list[tuple[int, int]]


class Codec(Protocol):
    """Both directions of one connection."""

    #: As in the documents: "HTTP/1.1".
    name: str

    def to_server(self, r: Reader) -> Any:
        """One message of the client; what it asks is remembered for `to_client`."""

    def to_client(self, r: Reader) -> Any:
        """One message of the server."""

    def at_end(self, r: Reader) -> Any:
        """The message that the end of the connection completes. Raises NeedMore when it is cut."""

    def locate(self, a: Annotator, message: Any, name: str, key: str | None) -> tuple[Any, Place]:
        """What `message` has under `name` (of `key`, where it holds several), and where.

        Raises KeyError for a name that messages of this protocol do not have. Something absent is
        None, at the place where it would be expected.
        """


def places(a: Annotator, *fields: Field) -> Place:
    """Where the spans of these fields stand."""
    return [(span.start, span.end) for span in a.leaves() if span.field in fields]
