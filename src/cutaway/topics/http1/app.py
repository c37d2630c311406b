"""The routes of the contract: what each path answers.

    GET /echo/alpha  ─▶  ROUTES[b"echo", 2][b"GET"]  ─▶  Answer(200, b"alpha")

A handler is told what was asked and says an `Answer`. What a body is needed for says so first: its
route has a sink, which takes the body before the handler is called. Everything about connections,
framing and time is elsewhere, so this file would be the same above HTTP/2.

Left out: a framework. Two dictionaries find the handler.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from . import conditions, files
from .answer import TEXT, Answer, chunked, text
from .body import Discarded, Sink, Spooled
from .conditions import Unsatisfiable
from .files import BadName, Folder, Found, Written
from .target import Target, number_in, read_target

GZIP_FROM = 1024  # octets from which a file is worth to be compressed
LONGEST_WAIT = 10_000  # milliseconds
MOST_CHUNKS = 10_000
INLINE = 1 << 16  # octets of a body that are answered in one piece

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH"})


class Asked:
    """One request, as a handler sees it.

    fields    names in lower case; repeated fields joined by comma and space
    old       the client speaks HTTP/1.0
    body      where the body went, once it has come
    """

    __slots__ = ("body", "fields", "folder", "method", "old", "target")

    def __init__(
        self, method: bytes, target: Target, fields: dict[bytes, bytes], folder: Folder, old: bool
    ) -> None:
        self.method, self.target, self.fields = method, target, fields
        self.folder, self.old = folder, old
        self.body: Sink | None = None


Handler = Callable[[Asked], Answer]


class Route(NamedTuple):
    """What answers, and where the body goes before that."""

    handler: Handler
    sink: Callable[[Asked], Sink] | None = None


def root(asked: Asked) -> Answer:
    return text(200, "This is the HTTP/1.1 reference of Cutaway. Try /echo/hello.")


def echo_word(asked: Asked) -> Answer:
    return Answer(200, asked.target.segments[1], TEXT)


def echo_body(asked: Asked) -> Answer:
    """The body that came, with the Content-Type that came."""
    body = asked.body
    kind = asked.fields.get(b"content-type", b"application/octet-stream")
    fields = b"Content-Type: %s\r\n" % kind
    if not isinstance(body, Spooled):
        return Answer(200, b"", fields)
    if body.size <= INLINE:
        return Answer(200, b"".join(body.pieces()), fields, done=body.close)
    return Answer(200, body.pieces(), fields, body.size, done=body.close)


def headers(asked: Asked) -> Answer:
    lines = [b"%s: %s\n" % field for field in asked.fields.items()]
    return Answer(200, b"".join(lines), TEXT)


def slow(asked: Asked) -> Answer:
    wait = number_in(asked.target.query, b"ms", LONGEST_WAIT)
    if wait is None:
        return text(400, f"ms has to be a number up to {LONGEST_WAIT}, as in /slow?ms=500")
    answer = text(200, f"{wait} ms later")
    answer.wait = wait / 1000
    return answer


def chunks(asked: Asked) -> Answer:
    count = number_in(asked.target.query, b"n", MOST_CHUNKS)
    if count is None:
        return text(400, f"n has to be a number up to {MOST_CHUNKS}, as in /chunks?n=3")
    return Answer(200, (b"chunk %d\n" % i for i in range(count)), TEXT)


def options(asked: Asked) -> Answer:
    return Answer(204, fields=b"Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n")


def get_file(asked: Asked) -> Answer:
    """A file, or the part, the coding or the 304 that the fields ask for."""
    name = asked.target.segments[1]
    found = asked.folder.open(name)
    if found is None:
        return text(404, "There is no such file.")
    coded = found.size >= GZIP_FROM and wants_gzip(asked)
    status = conditions.precondition(asked.method, asked.fields, found.state(coded))
    if status is not None:
        found.close()
        return Answer(status, fields=file_fields(found, coded))
    if coded:
        return gzip_answer(found, name)
    return plain_answer(asked, found, name)


def wants_gzip(asked: Asked) -> bool:
    """A part is sent plain: a range counts octets of what is sent, and plain ones are at hand."""
    if b"range" in asked.fields or asked.old:
        return False
    return conditions.accepts_gzip(asked.fields.get(b"accept-encoding"))


def file_fields(found: Found, coded: bool) -> bytes:
    """What every answer about a file says, a 304 too.

    spec    RFC 9110 §8.8.3, §12.5.5, §15.4.5
    """
    etag = found.state(coded).etags[0]
    return b"ETag: %s\r\nVary: Accept-Encoding\r\n" % etag


def gzip_answer(found: Found, name: bytes) -> Answer:
    """The file in gzip, as it is compressed: its length is known too late to be said first."""
    packed = files.compressed(found.pieces(0, found.size))
    kind = b"Content-Type: %s\r\nContent-Encoding: gzip\r\n" % files.media_type(name)
    return Answer(200, packed, kind + file_fields(found, True), done=found.close)


def plain_answer(asked: Asked, found: Found, name: bytes) -> Answer:
    """The file, or one range of it."""
    fields = b"Content-Type: %s\r\nAccept-Ranges: bytes\r\n" % files.media_type(name)
    fields += file_fields(found, False)
    try:
        part = wanted_part(asked, found)
    except Unsatisfiable:
        found.close()
        return text(416, "The range lies beyond the end.", whole_size(found))
    first, past = part or (0, found.size)
    if part:
        fields += b"Content-Range: bytes %d-%d/%d\r\n" % (first, past - 1, found.size)
    status = 206 if part else 200
    return Answer(status, found.pieces(first, past), fields, past - first, done=found.close)


def wanted_part(asked: Asked, found: Found) -> tuple[int, int] | None:
    """Only GET has ranges.

    spec    RFC 9110 §14.2
    """
    if asked.method != b"GET":
        return None
    return conditions.wanted_range(asked.fields, found.state(), found.size)


def whole_size(found: Found) -> bytes:
    """spec    RFC 9110 §14.4"""
    return b"Content-Range: bytes */%d\r\n" % found.size


def start_file(asked: Asked) -> Sink:
    """Where the body of a PUT goes. A condition that fails already spares the client the sending."""
    name = asked.target.segments[1]
    asked.folder.check(name)
    status = conditions.precondition(asked.method, asked.fields, asked.folder.state(name))
    return asked.folder.create(name) if status is None else Discarded()


def put_file(asked: Asked) -> Answer:
    """Replace the file, if its state is still what the client says.

    Asked again here, behind the body, with nothing between the question and the change.
    """
    name = asked.target.segments[1]
    asked.folder.check(name)
    with contextlib.closing(asked.body or start_file(asked)) as body:
        before = asked.folder.state(name)
        status = conditions.precondition(asked.method, asked.fields, before)
        if status is not None or not isinstance(body, Written):
            return text(412, "The file is not in the state that the request names.")
        fields = b"ETag: %s\r\n" % body.commit()
        return Answer(204 if before else 201, fields=fields)


def delete_file(asked: Asked) -> Answer:
    """A condition counts only where the request would succeed without it.

    spec    RFC 9110 §13.2.1
    """
    name = asked.target.segments[1]
    asked.folder.check(name)
    before = asked.folder.state(name)
    if before is None:
        return text(404, "There is no such file.")
    status = conditions.precondition(asked.method, asked.fields, before)
    if status is not None:
        return text(412, "The file is not in the state that the request names.")
    asked.folder.remove(name)
    return Answer(204)


def guarded(handler: Handler) -> Handler:
    """The same handler, with 404 for names that no file here can have."""

    def guard(asked: Asked) -> Answer:
        try:
            return handler(asked)
        except BadName:
            return text(404, "No file here can have such a name.")

    return guard


#: First segment and number of segments → methods. HEAD is answered as GET is.
ROUTES: dict[tuple[bytes, int], dict[bytes, Route]] = {
    (b"", 1): {b"GET": Route(root)},
    (b"echo", 1): {b"POST": Route(echo_body, lambda asked: Spooled())},
    (b"echo", 2): {b"GET": Route(echo_word)},
    (b"headers", 1): {b"GET": Route(headers)},
    (b"slow", 1): {b"GET": Route(slow)},
    (b"chunks", 1): {b"GET": Route(chunks)},
    (b"*", 1): {b"OPTIONS": Route(options)},
    (b"files", 2): {
        b"GET": Route(guarded(get_file)),
        b"PUT": Route(guarded(put_file), start_file),
        b"DELETE": Route(guarded(delete_file)),
    },
}


@lru_cache(maxsize=256)
def resolve(method: bytes, target: bytes) -> tuple[Route, Target]:
    """The route of a target, and the target taken apart. Remembered: most requests ask for few.

    raises  BadTarget
    """
    found = read_target(method, target)
    return find_route(method, found.segments), found


def find_route(method: bytes, segments: list[bytes]) -> Route:
    """The route, which may be one that says 404, 405 or 501."""
    methods = ROUTES.get((segments[0], len(segments)))
    if methods is None:
        return NOT_FOUND
    route = methods.get(b"GET" if method == b"HEAD" else method)
    if route is not None:
        return route
    return not_allowed(methods) if method in METHODS else NOT_IMPLEMENTED


def not_allowed(methods: dict[bytes, Route]) -> Route:
    """405 with the methods that there are.

    spec    RFC 9110 §15.5.6
    """
    allowed = b", ".join([*methods, b"HEAD"] if b"GET" in methods else [*methods])
    fields = b"Allow: %s\r\n" % allowed
    return Route(lambda asked: text(405, "This path does not know the method.", fields))


NOT_FOUND = Route(lambda asked: text(404, "There is nothing here."))
NOT_IMPLEMENTED = Route(lambda asked: text(501, "No path here knows the method."))


def open_sink(route: Route, asked: Asked) -> Sink:
    """Where the body of a request goes; what no route asked for is dropped."""
    if route.sink is None:
        return Discarded()
    try:
        return route.sink(asked)
    except BadName:
        return Discarded()


def body_pieces(answer: Answer, old: bool) -> Iterator[bytes]:
    """The body of a streamed answer, as it goes over the wire."""
    assert not isinstance(answer.body, bytes)
    return answer.body if answer.length is not None or old else chunked(answer.body)
