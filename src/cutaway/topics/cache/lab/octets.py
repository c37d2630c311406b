"""A command or an answer, each octet of it by name, for the traces of the labs.

    by_name(b"*1\\r\\n$4\\r\\nPING\\r\\n")          the lines of the annotated dump
    by_name(b"+PONG\\r\\n", answer=True)

Left out: what is not whole. Of that nothing is said.
"""

from __future__ import annotations

from ....wire import Annotator, NeedMore, WireError
from ....wire.hexview import annotated
from ..codec import read_command, read_value

WIDTH = 96  # columns


def by_name(octets: bytes, answer: bool = False) -> str:
    reader = Annotator(octets)
    try:
        (read_value if answer else read_command)(reader)
    except (NeedMore, WireError):
        return ""
    return annotated(reader, width=WIDTH)
