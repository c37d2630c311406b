"""Which handler answers: by path, then by method.

    routes.on("GET", "/todos/{id}", handler)

    GET /todos/k1        the handler, with id = "k1"
    GET /nothing         404: no such path
    PATCH /todos/k1      405, and Allow says what can be done with it
    HEAD /todos/k1       as GET; the body is left out when it is sent

A path is split at its slashes first and decoded afterwards: an encoded slash (%2F) is part of a
segment. Segments without parameters come before those with one. What stands in a parameter has to
look like an id, else there is no such path; nothing that was not looked at gets into a key.

Left out: wildcards, and paths that differ in a slash at the end, which here are different paths.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from .messages import Answer, Asked, Handler
from .problems import problem

ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
NO_PATH = "There is nothing at this path."

Methods = dict[bytes, Handler]


class Routes:
    """exact: path → method → handler. shaped: the same for paths with {names}, as segments."""

    def __init__(self) -> None:
        self.exact: dict[bytes, Methods] = {}
        self.shaped: dict[tuple[bytes, ...], Methods] = {}

    def on(self, method: str, path: str, handler: Handler) -> None:
        """Two handlers for one thing is a mistake that is found here, not by a client."""
        octets = path.encode()
        segments = tuple(octets.split(b"/"))
        methods = (
            self.shaped.setdefault(segments, {})
            if b"{" in octets
            else self.exact.setdefault(octets, {})
        )
        if method.encode() in methods:
            raise ValueError(f"{method} {path} has a handler already")
        methods[method.encode()] = handler

    async def __call__(self, asked: Asked) -> Answer:
        methods = self.find(asked)
        if methods is None:
            return problem(404, NO_PATH)
        name = b"GET" if asked.method == b"HEAD" else asked.method
        handler = methods.get(name)
        if handler is None:
            allow = sorted({*methods, *([b"HEAD"] if b"GET" in methods else [])})
            return problem(405, "This cannot be done here.", {b"Allow": b", ".join(allow)})
        return await handler(asked)

    def find(self, asked: Asked) -> Methods | None:
        """The handlers of a path; what its parameters are is put into `asked`."""
        found = [unquote_to_bytes(segment) for segment in asked.path.split(b"/")]
        exact = self.exact.get(b"/".join(found)) if b"%2F" not in asked.path.upper() else None
        if exact is not None:
            return exact
        for shape, methods in self.shaped.items():
            parameters = fitting(shape, found)
            if parameters is not None:
                asked.parameters = parameters
                return methods
        return None


def fitting(shape: tuple[bytes, ...], segments: list[bytes]) -> dict[str, str] | None:
    """What stands in the places of the names, or None where it is another path."""
    if len(shape) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for wanted, segment in zip(shape, segments, strict=True):
        if wanted.startswith(b"{"):
            if not ID.fullmatch(segment):
                return None
            parameters[wanted[1:-1].decode()] = segment.decode()
        elif wanted != segment:
            return None
    return parameters
