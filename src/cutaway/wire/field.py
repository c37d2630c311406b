"""A named place on the wire: what it is called, what it means, which section says so.

    STATUS = Field("status-code", {200: "OK", 404: "Not Found"}, "RFC 9112 §4")

Left out: where it stands and what it holds. That is a Span.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A named place on the wire. Compared by identity.

    means   a sentence, or {value: name} for a field that is a code
    spec    the section that defines it, such as "RFC 9112 §3"
    """

    name: str
    means: str | Mapping[Any, str]
    spec: str

    def meaning(self, value: object) -> str:
        """The sentence for this value."""
        if isinstance(self.means, str):
            return self.means
        return self.means.get(value, "a value the specification does not name")
