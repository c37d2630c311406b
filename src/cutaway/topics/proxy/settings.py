"""What the environment says, as one value that was checked.

    UPSTREAMS=127.0.0.1:8081,127.0.0.1:8082 POLICY=hash READ_MS=500

    Settings(upstreams=(Address("127.0.0.1", 8081), …), policy="hash", read=0.5, …)

A setting that cannot be what was meant stops the program before it listens, with one sentence that
says what was found and what would be right. A proxy that guesses sends requests where nobody
expects them.

Left out: reading it anew while running.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cutaway.net.settings import Address, BadSetting, addresses, number

POLICIES = ("round_robin", "weighted", "least_connections", "two_choices", "hash")
PATH = re.compile(r"/[!-~]*")
ROUTE_KEYS = {"host": str, "path": str, "to": list, "replace": str}


class Route(NamedTuple):
    """host   in lower case without a port, None: any
    path   the prefix, without a slash at its end
    to     places in UPSTREAMS
    """

    host: bytes | None
    path: bytes
    to: tuple[int, ...]
    replace: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times in seconds. The names are those of the contract."""

    upstreams: tuple[Address, ...]
    routes: tuple[Route, ...] = ()
    policy: str = "round_robin"
    weights: tuple[int, ...] = ()
    connect: float = 1.0
    read: float = 2.0
    total: float = 10.0
    retries: int = 0
    retry_percent: int = 20
    eject_after: int = 0
    eject: float = 1.0
    health_path: str = ""
    health: float = 0.2
    certificates: Path | None = None
    connect_allow: tuple[Address, ...] | None = None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises BadSetting."""
    upstreams = addresses(environ, "UPSTREAMS")
    if not upstreams:
        raise BadSetting("UPSTREAMS is empty: name at least one, as in UPSTREAMS=127.0.0.1:8081")
    return Settings(
        upstreams=upstreams,
        routes=routes(environ.get("ROUTES", ""), len(upstreams)),
        policy=policy(environ.get("POLICY") or "round_robin"),
        weights=weights(environ.get("WEIGHTS", ""), len(upstreams)),
        connect=number(environ, "CONNECT_MS", 1000) / 1000,
        read=number(environ, "READ_MS", 2000) / 1000,
        total=number(environ, "TOTAL_MS", 10000) / 1000,
        retries=number(environ, "RETRIES", 0, least=0),
        retry_percent=number(environ, "RETRY_PERCENT", 20, least=0),
        eject_after=number(environ, "EJECT_AFTER", 0, least=0),
        eject=number(environ, "EJECT_MS", 1000) / 1000,
        health_path=path(environ, "HEALTH_PATH"),
        health=number(environ, "HEALTH_MS", 200) / 1000,
        certificates=Path(environ["CERTIFICATES"]) if environ.get("CERTIFICATES") else None,
        connect_allow=addresses(environ, "CONNECT_ALLOW") if "CONNECT_ALLOW" in environ else None,
    )


def path(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "")
    if text and not PATH.fullmatch(text):
        raise BadSetting(f"{name} is {text!r}: a path begins with a slash, as in /health")
    return text


def policy(text: str) -> str:
    if text not in POLICIES:
        raise BadSetting(f"POLICY is {text!r}: it is one of {', '.join(POLICIES)}")
    return text


def weights(text: str, count: int) -> tuple[int, ...]:
    """One for each upstream. Raises BadSetting."""
    if not text:
        return (1,) * count
    found = text.replace(" ", "").split(",")
    if len(found) != count or not all(re.fullmatch("[0-9]{1,6}", one) for one in found):
        raise BadSetting(f"WEIGHTS is {text!r}: write {count} whole numbers, one an upstream")
    if not any(map(int, found)):
        raise BadSetting(f"WEIGHTS is {text!r}: one of them at least has to be above 0")
    return tuple(map(int, found))


def routes(text: str, count: int) -> tuple[Route, ...]:
    """JSON, a list of objects. Raises BadSetting."""
    try:
        said = json.loads(text or "[]")
    except ValueError as problem:
        raise BadSetting(f"ROUTES is no JSON: {problem}") from None
    if not isinstance(said, list):
        raise BadSetting('ROUTES has to be a list, as in [{"path": "/api", "to": [0]}]')
    return tuple(route(one, count) for one in said)


def route(said: Any, count: int) -> Route:
    if not isinstance(said, dict) or not {"path", "to"} <= said.keys() <= ROUTE_KEYS.keys():
        raise BadSetting(f"ROUTES has {said!r}: a route has path and to, maybe host and replace")
    for key, value in said.items():
        if not isinstance(value, ROUTE_KEYS[key]):
            raise BadSetting(f"ROUTES has {said!r}: {key} is no {ROUTE_KEYS[key].__name__}")
    to = said["to"]
    if not to or not all(type(place) is int and 0 <= place < count for place in to):
        raise BadSetting(f"ROUTES has to = {to!r}: places in UPSTREAMS, counted from 0")
    for key in ("path", "replace"):
        if not PATH.fullmatch(said.get(key, "/")):
            raise BadSetting(f"ROUTES has {key} = {said[key]!r}: a path begins with a slash")
    host, replace = said.get("host"), said.get("replace")
    return Route(
        host.lower().encode() if host is not None else None,
        said["path"].rstrip("/").encode(),
        tuple(to),
        replace.encode() if replace is not None else None,
    )
