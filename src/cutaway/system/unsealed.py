"""TLS 1.3 opened with the keys that one side wrote down: sealed octets in, plain octets out.

    client ══ sealed ══▶ relay ══ sealed ══▶ proxy
       │                   │
       ╰─ keys.log ────────▶ Unsealed ──▶ the same events, in plain octets

A client that is told to (SSLKEYLOGFILE) writes the secrets of each connection to a file, found by
the random octets of its ClientHello. Our traffic does; a browser only if whoever runs it wants that.
Without them the connection stays sealed, which is what anybody else on the path sees.

    record         opaque type, version, length | encrypted: content, its real type, zeros
    nonce          the IV, of which the last octets are XORed with the record's number
    keys           a secret for each direction while the hands are shaken, another for the rest

What is plain has offsets of its own; `sealed` says where a piece of it was on the wire.

Left out: TLS 1.2, data ahead of the handshake (0-RTT), and telling why a handshake failed.

spec   RFC 8446 §5.1, §5.2, §5.3, §7.1, §7.3
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..net.relay import TO_CLIENT, TO_SERVER, Event, Way

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

HEADER = 5  # octets: type, version, length
HANDSHAKE, APPLICATION = 22, 23
CLIENT_HELLO, SERVER_HELLO, FINISHED, KEY_UPDATE = 1, 2, 20, 24
WAITING = 1 << 20  # octets that wait for their keys
PIECES = 4096  # of a direction, of which it is known where they were sealed
KEYS_WAITED = 4 << 20  # octets of the file of keys that are read at one time

#: Number of a cipher suite → octets of its key.
SUITES = {0x1301: 16, 0x1302: 32, 0x1303: 32}
CHACHA = 0x1303
LABELS = {
    (TO_SERVER, False): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    (TO_SERVER, True): "CLIENT_TRAFFIC_SECRET_0",
    (TO_CLIENT, False): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    (TO_CLIENT, True): "SERVER_TRAFFIC_SECRET_0",
}


class Keys:
    """The file of secrets, read on as it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[tuple[str, bytes], bytes] = {}
        self._read = 0
        self._rest = b""

    def secret(self, label: str, random: bytes) -> bytes | None:
        if (label, random) not in self._known:
            self._look()
        return self._known.get((label, random))

    def forget(self, random: bytes) -> None:
        for label in LABELS.values():
            self._known.pop((label, random), None)

    def _look(self) -> None:
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                data = file.read(KEYS_WAITED)
        except OSError:
            return
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            words = line.split()
            if len(words) == 3 and words[0].decode("ascii", "replace") in LABELS.values():
                try:
                    random, secret = (bytes.fromhex(word.decode()) for word in words[1:])
                except ValueError:
                    continue
                self._known[words[0].decode(), random] = secret


class Piece(NamedTuple):
    """Plain octets from `plain` on, and the record on the wire that they were in."""

    plain: int
    sealed: int
    length: int


@dataclass(slots=True)
class Direction:
    """read: octets of whole records that were taken off. plain: plain octets that came out."""

    way: Way
    waiting: bytearray = field(default_factory=bytearray)
    read: int = 0
    plain: int = 0
    settled: bool = False  # the handshake is over
    number: int = 0
    cipher: Cipher | None = None
    shaken: bytearray = field(default_factory=bytearray)
    pieces: deque[Piece] = field(default_factory=lambda: deque(maxlen=PIECES))
    given_up: bool = False

    def give_up(self) -> None:
        """Nothing more can be read."""
        self.given_up = True
        self.waiting.clear()


@dataclass(slots=True)
class Conversation:
    random: bytes | None = None
    suite: int = 0
    to_server: Direction = field(default_factory=lambda: Direction(TO_SERVER))
    to_client: Direction = field(default_factory=lambda: Direction(TO_CLIENT))
    over: set[Way] = field(default_factory=set)  # sides that have said all

    def of(self, way: Way) -> Direction:
        return self.to_server if way == TO_SERVER else self.to_client


class Unsealed:
    """All connections of one wire."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._conversations: dict[int, Conversation] = {}

    def receive(self, event: Event) -> Iterator[Event]:
        """The same in plain octets, as far as they can be had."""
        if event.happened not in (None, "opened") and event.number not in self._conversations:
            yield event._replace(offset=0)  # what was held is told of when all is over
            return
        talk = self._conversations.setdefault(event.number, Conversation())
        direction = talk.of(event.way)
        if event.data:
            if event.offset != direction.read + len(direction.waiting):
                direction.give_up()  # octets are missing: the numbers no longer fit
            if not direction.given_up:
                direction.waiting += event.data
            # What the other side waits for may have come with this: keys, or the suite.
            for each in (direction, talk.of(TO_CLIENT if event.way == TO_SERVER else TO_SERVER)):
                yield from self._records(event, talk, each)
        else:
            yield event._replace(offset=direction.plain)
        if event.happened == "closed":
            talk.over.add(event.way)
        if event.happened in ("reset", "cut", "refused") or len(talk.over) == 2:
            self._conversations.pop(event.number, None)
            if talk.random is not None:
                self.keys.forget(talk.random)

    def sealed(self, number: int, way: Way, plain: int) -> Piece | None:
        """The record in which the octet at `plain` was, where that is still known."""
        talk = self._conversations.get(number)
        if talk is None:
            return None
        pieces = list(talk.of(way).pieces)
        at = bisect_right([piece.plain for piece in pieces], plain) - 1
        return pieces[at] if at >= 0 else None

    def _records(self, event: Event, talk: Conversation, direction: Direction) -> Iterator[Event]:
        while not direction.given_up and len(direction.waiting) >= HEADER:
            size = HEADER + int.from_bytes(direction.waiting[3:5], "big")
            if len(direction.waiting) < size:
                break
            record = bytes(direction.waiting[:size])
            plain = self._opened(talk, direction, record)
            if plain is None:
                break  # its keys are not there yet
            del direction.waiting[:size]
            if plain:
                direction.pieces.append(Piece(direction.plain, direction.read, size))
                yield Event(event.at, event.number, direction.way, direction.plain, plain, None)
            direction.read += size
            direction.plain += len(plain)
        if len(direction.waiting) > WAITING:
            direction.give_up()

    def _opened(self, talk: Conversation, direction: Direction, record: bytes) -> bytes | None:
        """What a record carries for the application; None while its keys are missing."""
        kind, content = record[0], record[HEADER:]
        if kind == HANDSHAKE:
            self._hello(talk, direction, content)
        if kind != APPLICATION:
            return b""
        cipher = self._cipher(talk, direction)
        if cipher is None:
            return None
        inner = cipher.open(direction.number, record[:HEADER], content)
        if inner is None:
            direction.give_up()
            return b""
        direction.number += 1
        inner = inner.rstrip(b"\0")
        kind, inner = inner[-1] if inner else 0, inner[:-1]
        if kind == HANDSHAKE:
            self._shaken(direction, inner)
        return inner if kind == APPLICATION else b""

    def _hello(self, talk: Conversation, direction: Direction, content: bytes) -> None:
        """The random octets that name the connection, and the suite that was chosen."""
        if direction.way == TO_SERVER and content[:1] == bytes([CLIENT_HELLO]):
            talk.random = content[6:38]
        elif content[:1] == bytes([SERVER_HELLO]) and len(content) > 38:
            after = 39 + content[38]
            talk.suite = int.from_bytes(content[after : after + 2], "big")

    def _cipher(self, talk: Conversation, direction: Direction) -> Cipher | None:
        if direction.cipher is None and talk.random is not None and talk.suite in SUITES:
            label = LABELS[direction.way, direction.settled]
            secret = self.keys.secret(label, talk.random)
            direction.cipher = Cipher(talk.suite, secret) if secret is not None else None
        return direction.cipher

    def _shaken(self, direction: Direction, inner: bytes) -> None:
        """Messages of the handshake; behind the last one other keys hold."""
        direction.shaken += inner
        while len(direction.shaken) >= 4:
            size = 4 + int.from_bytes(direction.shaken[1:4], "big")
            if len(direction.shaken) < size:
                return
            kind = direction.shaken[0]
            del direction.shaken[:size]
            if kind == FINISHED and not direction.settled:
                direction.settled, direction.cipher, direction.number = True, None, 0
            elif kind == KEY_UPDATE and direction.cipher is not None:
                direction.cipher, direction.number = direction.cipher.next(), 0


class Cipher:
    """The key and the IV that a secret gives."""

    def __init__(self, suite: int, secret: bytes) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

        self.suite, self.secret = suite, secret
        self._hash: HashAlgorithm = hashes.SHA384() if suite == 0x1302 else hashes.SHA256()
        key, self._iv = self._expanded(b"key", SUITES[suite]), self._expanded(b"iv", 12)
        self._aead: AESGCM | ChaCha20Poly1305 = (
            ChaCha20Poly1305(key) if suite == CHACHA else AESGCM(key)
        )

    def open(self, number: int, header: bytes, content: bytes) -> bytes | None:
        """None where it does not fit."""
        from cryptography.exceptions import InvalidTag

        nonce = (int.from_bytes(self._iv, "big") ^ number).to_bytes(12, "big")
        try:
            return self._aead.decrypt(nonce, content, header)
        except InvalidTag:
            return None

    def next(self) -> Cipher:
        """The one after a KeyUpdate (RFC 8446 §7.2)."""
        return Cipher(self.suite, self._expanded(b"traffic upd", self._hash.digest_size))

    def _expanded(self, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label with no context (RFC 8446 §7.1)."""
        from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

        full = b"tls13 " + label
        info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
        return HKDFExpand(self._hash, length, info).derive(self.secret)
