"""The settings of the contract of `proxy`, as the adapters of real proxies need them.

    settings = read()                       from the environment
    settings.upstreams                      ["127.0.0.1:9001", …]
    settings.policy                         "round_robin"
    run(["nginx", …], stop=signal.SIGQUIT)  in the foreground; SIGTERM is handed on as that signal

Left out: what no real proxy of ours can be told, such as the budget of retries.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Times in milliseconds."""

    port: int
    upstreams: list[str]
    routes: list[dict[str, Any]]
    policy: str
    weights: list[int]
    connect: int
    read: int
    total: int
    retries: int
    eject_after: int
    eject: int
    health_path: str
    health: int
    certificates: list[tuple[str, Path, Path]]
    tls_port: str
    proxy_port: str
    connect_allow: list[str]


def read() -> Settings:
    env = os.environ
    upstreams = env["UPSTREAMS"].split(",")
    folder = env.get("CERTIFICATES")
    found = sorted(Path(folder).glob("*.crt")) if folder else []
    return Settings(
        port=int(env["PORT"]),
        upstreams=upstreams,
        routes=in_order(json.loads(env.get("ROUTES") or "[]")),
        policy=env.get("POLICY") or "round_robin",
        weights=[int(w) for w in (env.get("WEIGHTS") or ",".join("1" * len(upstreams))).split(",")],
        connect=int(env.get("CONNECT_MS") or 1000),
        read=int(env.get("READ_MS") or 2000),
        total=int(env.get("TOTAL_MS") or 10000),
        retries=int(env.get("RETRIES") or 0),
        eject_after=int(env.get("EJECT_AFTER") or 0),
        eject=int(env.get("EJECT_MS") or 1000),
        health_path=env.get("HEALTH_PATH") or "",
        health=int(env.get("HEALTH_MS") or 200),
        certificates=[(c.stem, c.resolve(), c.with_suffix(".key").resolve()) for c in found],
        tls_port=env.get("TLS_PORT") or "",
        proxy_port=env.get("PROXY_PORT") or "",
        connect_allow=[each for each in (env.get("CONNECT_ALLOW") or "").split(",") if each],
    )


def in_order(routes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With a host before without, then the longer path."""
    return sorted(routes, key=lambda route: ("host" not in route, -len(route["path"])))


def run(words: list[str], stop: signal.Signals, environment: dict[str, str] | None = None) -> int:
    """Its exit status; 0 when it was told to stop and did."""
    told = False
    # In a session of its own, as a service is: SIGTERM to our group is for us alone.
    proxy = subprocess.Popen(
        words, start_new_session=True, env={**os.environ, **(environment or {})}
    )

    def drain(number: int, frame: FrameType | None) -> None:
        nonlocal told
        told = True
        proxy.send_signal(stop)

    signal.signal(signal.SIGTERM, drain)
    status = proxy.wait()
    return 0 if told and status in (0, -stop) else status
