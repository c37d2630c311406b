"""Bytes by name: reading, labelling, feeding, showing. Imports nothing else of ours.

In reading order: field, errors, layout, reader, annotator, marker, feed, states, hexview, codec, contract.
"""

from .annotator import Annotator, Node, Span
from .codec import Codec, Place, places
from .errors import NEVER, Malformed, Misuse, NeedMore, Refused, WireError
from .feed import Feed
from .field import Field
from .hexview import annotated, dump, printable, quoted
from .layout import Layout
from .marker import Marker
from .reader import Reader, Shape
from .states import States

__all__ = [
    "NEVER",
    "Annotator",
    "Codec",
    "Feed",
    "Field",
    "Layout",
    "Malformed",
    "Marker",
    "Misuse",
    "NeedMore",
    "Node",
    "Place",
    "Reader",
    "Refused",
    "Shape",
    "Span",
    "States",
    "WireError",
    "annotated",
    "dump",
    "places",
    "printable",
    "quoted",
]
