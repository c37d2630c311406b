"""One request that the page can make, as data: its route and its description are made of it.

    Ask("POST", "/wires/{wire}/orders", cls.order, "An order to a link.")

    async def order(self, request: Request, said: WireOrder) -> Wire: ...
                                            ╰ the body ╯       ╰ the answer ╯

What is asked and what is answered stands in the signature alone, so the type checker holds the area
to it. tools/shapes.py writes it down for the page, whose own types are made of that.

Left out: paths with one parameter inside another, headers, cookies. The page needs none.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MethodType
from typing import Any, Literal, get_type_hints

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

API = "/api"  # before every path
JSON, STREAM = "application/json", "text/event-stream"
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")  # as Starlette writes it: {name}, {name:int}
KINDS: dict[str | None, type] = {None: str, "path": str, "int": int}

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Ask:
    """answer: a method of the area; what it returns is told as JSON, but for a Response.

    where: parameters that are more than a word of the path; those that the path does not have stand
    in the query, and may be left out. media: what the answer is, where it is not JSON. stream: the
    shape whose members are the kinds of event, where it is a stream of them.
    """

    method: Literal["GET", "POST"]
    path: str
    answer: Callable[..., Awaitable[Any]]
    says: str
    where: Mapping[str, Any] = field(default_factory=dict)
    media: tuple[str, ...] = (JSON,)
    stream: Any = None

    @property
    def answers(self) -> dict[str, Any]:
        """Media type → shape; octets have none."""
        if self.stream is not None:
            return {STREAM: self.stream}
        shape = get_type_hints(self.answer)["return"]
        return dict.fromkeys(self.media, None if shape is Response else shape)

    @property
    def body(self) -> Any:
        """None where nothing is said but the address."""
        hints = get_type_hints(self.answer)
        return next((of for name, of in hints.items() if name not in ("request", "return")), None)

    @property
    def in_path(self) -> dict[str, Any]:
        found = PARAMETER.findall(self.path)
        return {name: self.where.get(name, KINDS[kind or None]) for name, kind in found}

    @property
    def in_query(self) -> dict[str, Any]:
        return {name: of for name, of in self.where.items() if name not in self.in_path}

    @property
    def template(self) -> str:
        """The path without kinds: /wires/{wire}/orders."""
        return PARAMETER.sub(r"{\1}", self.path)

    def route(self, area: Any) -> BaseRoute:
        answer, body = MethodType(self.answer, area), self.body

        async def answered(request: Request) -> Response:
            said = [await asked(request, body)] if body is not None else []
            what = await answer(request, *said)
            return what if isinstance(what, Response) else told_as_json(what)

        return Route(API + self.path, answered, methods=[self.method])


def told_as_json(what: Any, status: int = 200) -> Response:
    return Response(encode(what), status, media_type=JSON)


async def asked(request: Request, shape: Any) -> Any:
    """The body as that shape; none is that of no words. Raises ValueError."""
    return msgspec.json.decode(await request.body() or b"{}", type=shape)
