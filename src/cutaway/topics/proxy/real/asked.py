"""What the contract asks, as configurations need it, and the run of a program that was given one.

    settings = read()                       from the environment
    settings.upstreams                      ["127.0.0.1:9001", …]
    settings.policy                         "round_robin"

    SIGTERM ──▶ this process ──▶ the proxy: SIGQUIT for nginx, SIGUSR1 for HAProxy, SIGTERM for Caddy

Each proxy has another signal for "finish what was begun, then end". It runs in a session of its own,
as a service does, so that a SIGTERM for our group is for us alone.

Left out: what no real proxy of ours can be told, such as the budget of retries.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol


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


class Recipe(Protocol):
    """A module beside this one. stop: the signal for an end in good order."""

    stop: signal.Signals

    def words(self, binary: Path, folder: Path, settings: Settings, bare: bool) -> list[str]:
        """Write the configuration into the folder; what starts the program with it."""


def run(recipe: Recipe, binary: Path, bare: bool) -> int:
    """Its exit status; 0 when it was told to stop and did."""
    folder = Path(tempfile.mkdtemp(prefix="cutaway-proxy-"))
    try:
        words = recipe.words(binary, folder, read(), bare)
        homes = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        return attended(words, recipe.stop, homes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def attended(words: list[str], stop: signal.Signals, environment: dict[str, str]) -> int:
    told = False
    started: list[subprocess.Popen[bytes]] = []

    def drain(number: int, frame: FrameType | None) -> None:
        nonlocal told
        told = True
        for proxy in started:
            proxy.send_signal(stop)

    signal.signal(signal.SIGTERM, drain)
    proxy = subprocess.Popen(words, start_new_session=True, env={**os.environ, **environment})
    started.append(proxy)
    if told:
        proxy.send_signal(stop)
    status = proxy.wait()
    return 0 if told and status in (0, -stop) else status
