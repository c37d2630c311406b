"""Who may ask: only a page of ours, in a browser of whoever started us.

A page that can start programs is guarded as a shell would be. It listens on loopback, which any
program on this machine and any website in its browser can reach. So each request has to get past

    Host       one of the names of this address, so that no other name can be made to lead here
               (DNS rebinding)
    Origin     ours, where a browser says one; and not cross-site, where it says that
    the token  128 random bits, in the address that is opened first:

        GET /?token=…   ──▶  303 to /, and a cookie: HttpOnly, SameSite=Strict
        GET /api/…, cookie      ──▶  200
        GET /api/…              ──▶  401

and each answer tells the browser to load nothing from anywhere else and to run nothing that is not
in a file of ours, so that octets from a wire stay text whatever they say.

Left out: TLS to the browser (nobody else is on this path), users.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 1 << 20  # octets of a body

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_TOKEN = (
    "This page belongs to whoever started Cutaway. Open the whole address that `cutaway up` printed: "
    "it ends in ?token=…\n"
)
NOT_HERE = "Nothing is served under this name. Open the address that `cutaway up` printed.\n"
NOT_FROM_THERE = "Another page may not ask this.\n"
TOO_LONG = "The body is longer than this takes.\n"


def new_token() -> str:
    return secrets.token_urlsafe(16)


class Guard:
    """Around the application. hosts: what a Host field may be, with the port."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], token: str) -> None:
        self.app, self.hosts, self.token = app, frozenset(hosts), token
        self.origins = frozenset(f"http://{host}" for host in self.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # a WebSocket is not taken up; the server closes it
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self.app(scope, _bounded(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered instead; None where it may pass."""
        if headers.get("host", "").lower() not in self.hosts:
            return PlainTextResponse(NOT_HERE, 421)
        origin = headers.get("origin")
        if origin is not None and origin not in self.origins:
            return PlainTextResponse(NOT_FROM_THERE, 403)
        if headers.get("sec-fetch-site") == "cross-site" and scope["path"] != "/":
            return PlainTextResponse(NOT_FROM_THERE, 403)
        said = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and self._is_ours(said):
            response = RedirectResponse("/", 303)
            response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return response
        if not self._is_ours(cookie_parser(headers.get("cookie", "")).get(self.cookie, "")):
            return PlainTextResponse(NO_TOKEN, 401)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and int(length) <= LONGEST):
            return PlainTextResponse(TOO_LONG, 413)
        return None

    @property
    def cookie(self) -> str:
        """Cookies know no ports: each machine on this computer has one of its own."""
        ports = {host.rpartition(":")[2] for host in self.hosts}
        return f"cutaway-{min(ports)}"

    def _is_ours(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending


def _bounded(receive: Receive) -> Receive:
    """A body without a length is cut off at the limit, as if the client had left."""
    came = 0

    async def receiving() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        return message if came <= LONGEST else {"type": "http.disconnect"}

    return receiving
