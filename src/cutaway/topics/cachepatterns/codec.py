r"""An entry as the reference keeps it in the cache: octets that say themselves whether they are whole.

    43 45 │ 00 c8 │ 00 00 01 9a … │ 00 08 │ 00 00 00 05 │ 61 73 69 64 … │ 68 65 6c 6c 6f │ 5d 0c …
    mark    200     born            sizes of both          key aside:k1    value            checksum

A cache may hold anything under a name: what another program put there, half of something, what an
older version of this program wrote. So an entry says its sizes, whose it is, and a checksum over all
of it; what does not fit is no entry. It says when it was born, since a pattern may want to know its
age, and its status, since "there is nothing" (404) can be remembered too. Status 0 is a lease: nobody
has answered yet, and the value is the token of who asks (leases, as in Memcache at Facebook).

    read_entry(Reader(bytes(entry))) == entry
    believed(octets, b"aside:k1")               the entry, or None

What passes between the program and the two others are HTTP and RESP, which have codecs of their own.

Left out: compression, and encryption.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ...wire import Field, Layout, Malformed, Reader, WireError

OURS = "contract"
MARK = int.from_bytes(b"CE", "big")
LEASE = 0
HEAD = Layout(
    OURS,
    ("mark", 16, {MARK: "an entry of this program"}),
    ("status", 16, {200: "a value", 404: "the origin has nothing", LEASE: "somebody is asking"}),
    ("born", 64, "when the origin was asked, in milliseconds since 1970"),
    ("key-size", 16, "octets of the key"),
    ("value-size", 32, "octets of the value"),
)
KEY = Field("key", "under which it stands in the cache", OURS)
VALUE = Field("value", "as the origin gave it; of a lease, its token", OURS)
CHECKSUM = Layout(OURS, ("checksum", 32, "CRC-32 of all octets before it"))
ENTRY = Field("entry", "what is remembered of one item", OURS)


@dataclass(frozen=True, slots=True)
class Entry:
    """key   the cache's, with the pattern: what another pattern stored is another entry
    born  milliseconds since 1970, before the origin was asked
    """

    key: bytes
    status: int
    value: bytes
    born: int

    def __bytes__(self) -> bytes:
        sizes = len(self.key).to_bytes(2, "big") + len(self.value).to_bytes(4, "big")
        head = MARK.to_bytes(2, "big") + self.status.to_bytes(2, "big")
        octets = head + self.born.to_bytes(8, "big") + sizes + self.key + self.value
        return octets + zlib.crc32(octets).to_bytes(4, "big")

    def age(self, now: int) -> int:
        """Milliseconds; 0 where clocks disagree."""
        return max(0, now - self.born)


def read_entry(r: Reader) -> Entry:
    """One entry. Raises NeedMore, Malformed."""
    start = r.pos
    mark, status, born, key_size, value_size = r.fixed(HEAD)
    if mark != MARK:
        raise Malformed(HEAD.rows[0][0], start, r.data[start : start + 2], "no entry of ours")
    key, value = r.take(key_size, KEY), r.take(value_size, VALUE)
    end = r.pos
    (checksum,) = r.fixed(CHECKSUM)
    if checksum != zlib.crc32(r.data[start:end]):
        raise Malformed(CHECKSUM.rows[0][0], end, r.data[end : end + 4], "it fits other octets")
    entry = Entry(key, status, value, born)
    r.group(ENTRY, start, entry)
    return entry


def believed(octets: object, key: bytes) -> Entry | None:
    """The entry of this key, where the octets are nothing else and nothing less."""
    if not isinstance(octets, bytes):
        return None
    r = Reader(octets)
    try:
        entry = read_entry(r)
    except WireError:
        return None
    return entry if entry.key == key and r.pos == len(octets) else None
