"""Files under one folder: read in pieces, replaced in one step, never left for elsewhere.

    name ── one segment, no slash, no NUL ── opened relative to the folder, no link followed

A PUT is written beside its goal and renamed over it once it is whole: a reader sees the old
file or the new one, and a program that is killed leaves the old one. The entity tag is made of the
file's number, size and time of change; so that two changes within one tick of the kernel's clock
still differ, each PUT sets a time that no PUT before it had.

Left out: `fsync` (a file outlives the death of the program, not that of the machine), folders in
the folder, media types beyond a few endings.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
import zlib
from collections.abc import Iterator

from .body import PIECE
from .conditions import State

UNFINISHED = b".unfinished-"
TYPES = {
    b".html": b"text/html; charset=utf-8",
    b".txt": b"text/plain; charset=utf-8",
    b".css": b"text/css; charset=utf-8",
    b".js": b"text/javascript; charset=utf-8",
    b".json": b"application/json",
    b".png": b"image/png",
    b".jpg": b"image/jpeg",
    b".svg": b"image/svg+xml",
}


#: What is our own trouble, and says nothing about the file.
OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM})


class BadName(Exception):
    """The name is none that a file here can have."""


class Found:
    """An open file. Whoever got it closes it; closing twice does no harm."""

    __slots__ = ("descriptor", "etag", "modified", "size")

    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        self.descriptor = descriptor
        self.size = status.st_size
        self.etag = make_etag(status)
        self.modified = int(status.st_mtime)

    def state(self, coded: bool = False) -> State:
        """Its entity tags, that of the coding that is sent first."""
        tags = (self.etag, coded_etag(self.etag))
        return State(tags[::-1] if coded else tags, self.modified)

    def pieces(self, first: int, past: int) -> Iterator[bytes]:
        """The octets from `first` up to `past`.

        raises  EOFError when the file became shorter: what was promised cannot be sent
        """
        while first < past:
            piece = os.pread(self.descriptor, min(PIECE, past - first), first)
            if not piece:
                raise EOFError
            first += len(piece)
            yield piece

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def coded_etag(etag: bytes) -> bytes:
    """The tag of the same file in gzip: other octets, so another tag.

    spec    RFC 9110 §8.8.3
    """
    return etag[:-1] + b'-gzip"'


def media_type(name: bytes) -> bytes:
    """What the end of a name says about its content."""
    return TYPES.get(os.path.splitext(name)[1].lower(), b"application/octet-stream")


class Folder:
    """The files directly in one folder."""

    #: The largest file that is taken.
    limit = 1 << 30

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.last = 0
        for name in os.listdir(self.descriptor):
            if os.fsencode(name).startswith(UNFINISHED):
                os.unlink(name, dir_fd=self.descriptor)

    def open(self, name: bytes) -> Found | None:
        """The file of that name, or None where there is none. Raises BadName."""
        check_name(name)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(name, flags, dir_fd=self.descriptor)
        except OSError as problem:
            if problem.errno in OURS:
                raise
            return None
        found = Found(descriptor, os.fstat(descriptor))
        if is_regular(os.fstat(descriptor)):
            return found
        found.close()
        return None

    def state(self, name: bytes) -> State | None:
        """What the file is now, without keeping it open. Raises BadName."""
        found = self.open(name)
        if found is None:
            return None
        found.close()
        return found.state()

    def check(self, name: bytes) -> None:
        """Raises BadName for what must not be replaced or removed: no name, or no file."""
        check_name(name)
        try:
            status = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return
        if not is_regular(status):
            raise BadName

    def create(self, name: bytes) -> Written:
        """A file to be written, which takes that name when it is whole."""
        return Written(self, name)

    def remove(self, name: bytes) -> None:
        os.unlink(name, dir_fd=self.descriptor)

    def next_time(self) -> int:
        """Nanoseconds since 1970, later than any that was given before."""
        self.last = max(time.time_ns(), self.last + 1)
        return self.last


def check_name(name: bytes) -> None:
    """Raises BadName for what cannot be the name of a file directly in the folder."""
    if name in (b"", b".", b".."):
        raise BadName
    if b"/" in name or b"\0" in name:
        raise BadName
    if len(name) > 255 or name.startswith(UNFINISHED):
        raise BadName


def is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def make_etag(status: os.stat_result) -> bytes:
    """A strong tag: another content has another one."""
    return b'"%x-%x-%x"' % (status.st_ino, status.st_size, status.st_mtime_ns)


class Written:
    """A file under way: a sink for a body."""

    limit = Folder.limit

    def __init__(self, folder: Folder, name: bytes) -> None:
        self.folder, self.name = folder, name
        self.unfinished: bytes | None = UNFINISHED + secrets.token_hex(8).encode()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self.descriptor = os.open(self.unfinished, flags, 0o644, dir_fd=folder.descriptor)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def commit(self) -> bytes:
        """Give it its name, in one step; returns its entity tag."""
        moment = self.folder.next_time()
        os.utime(self.descriptor, ns=(moment, moment))
        etag = make_etag(os.fstat(self.descriptor))
        place = self.folder.descriptor
        assert self.unfinished is not None
        os.replace(self.unfinished, self.name, src_dir_fd=place, dst_dir_fd=place)
        self.unfinished = None
        return etag

    def close(self) -> None:
        """Drop what was not committed. May be called again."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        if self.unfinished is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.unfinished, dir_fd=self.folder.descriptor)
            self.unfinished = None


def compressed(plain: Iterator[bytes]) -> Iterator[bytes]:
    """In gzip, with no name and no time in its header: equal octets for an equal file.

    spec    RFC 1952 §2.3
    """
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in plain:
        yield packer.compress(piece)
    yield packer.flush()
