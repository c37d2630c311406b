"""The contract of `proxy` on Caddy, as far as its configuration can say it.

    {"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:9001"}, …],
     "load_balancing": {"selection_policy": {"policy": "least_conn"}, "retries": 2}, …}

Left out: a budget of retries; a forward proxy, which needs a module that the plain Caddy has not.
What it never does otherwise is refuse CONNECT: without a route of ours it is sent on as any method.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from .asked import Settings

stop = signal.SIGTERM

MS = 1_000_000  # nanoseconds
FORWARDED = 'for={node};proto={http.request.scheme};host="{http.request.hostport}"'
NODE = {  # an address of IPv6 stands in brackets and quotes
    "handler": "map",
    "source": "{http.request.remote.host}",
    "destinations": ["{node}"],
    "mappings": [{"input_regexp": "^(.*:.*)$", "outputs": ['"[${1}]"']}],
    "defaults": ["{http.request.remote.host}"],
}
NO_CONNECT = {
    "match": [{"method": ["CONNECT"]}],
    "handle": [{"handler": "static_response", "status_code": 405}],
    "terminal": True,
}
IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]


def policy(settings: Settings, places: list[int]) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "round_robin": {"policy": "round_robin"},
        "weighted": {
            "policy": "weighted_round_robin",
            "weights": [settings.weights[place] for place in places],
        },
        "least_connections": {"policy": "least_conn"},
        "two_choices": {"policy": "random_choose", "choose": 2},
        "hash": {"policy": "uri_hash"},
    }
    return known[settings.policy]


def forward(settings: Settings, places: list[int]) -> dict[str, Any]:
    handler: dict[str, Any] = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": settings.upstreams[place]} for place in places],
        "load_balancing": {
            "selection_policy": policy(settings, places),
            "retries": settings.retries,
            "retry_match": [{"method": IDEMPOTENT}],
        },
        "flush_interval": -1,
        "transport": {
            "protocol": "http",
            "dial_timeout": settings.connect * MS,
            "response_header_timeout": settings.read * MS,
            # Begins with the connection, so before the other one: that would make a 502 of a 504.
            "read_timeout": (settings.read + 100) * MS,
            "keep_alive": {"max_idle_conns_per_host": 16},
            "compression": False,
        },
        "headers": {"request": {"set": {"Forwarded": [FORWARDED]}}},
    }
    checks: dict[str, Any] = {}
    if settings.health_path:
        checks["active"] = {
            "uri": settings.health_path,
            "interval": settings.health * MS,
            "timeout": settings.health * MS,
            "passes": 2,
            "fails": 2,
            "expect_status": 2,
        }
    if settings.eject_after:
        checks["passive"] = {
            "max_fails": settings.eject_after,
            "fail_duration": settings.eject * MS,
            "unhealthy_status": [502, 503, 504],
        }
    if checks:
        handler["health_checks"] = checks
    return handler


def routes(settings: Settings) -> list[dict[str, Any]]:
    if not settings.routes:
        return [
            NO_CONNECT,
            {"handle": [NODE, forward(settings, [*range(len(settings.upstreams))])]},
        ]
    pattern = r"(?i)^[^?]*/(\.|%2e){1,2}(/|\?|$)"
    dots = {"vars_regexp": {"{http.request.orig_uri}": {"pattern": pattern}}}
    found: list[dict[str, Any]] = [
        NO_CONNECT,
        {"match": [dots], "handle": [{"handler": "static_response", "status_code": 400}]},
    ]
    for route in settings.routes:
        prefix = route["path"].rstrip("/")
        match: dict[str, Any] = {"path": [prefix or "/", f"{prefix}/*"]}
        if "host" in route:
            match["host"] = [route["host"]]
        handle = [NODE, forward(settings, route["to"])]
        if "replace" in route:
            into = route["replace"].rstrip("/")
            swap = {"find": f"^{prefix}" + "/?" * (not into), "replace": into or "/"}
            handle.insert(0, {"handler": "rewrite", "path_regexp": [swap]})
        found.append({"match": [match], "handle": handle, "terminal": True})
    found.append({"handle": [{"handler": "static_response", "status_code": 404}]})
    return found


def configuration(settings: Settings) -> dict[str, Any]:
    common = {
        "routes": routes(settings),
        "automatic_https": {"disable": True},
        "protocols": ["h1"],
        "read_header_timeout": 5000 * MS,
        "max_header_bytes": 32 << 10,
    }
    servers: dict[str, Any] = {"plain": {**common, "listen": [f"127.0.0.1:{settings.port}"]}}
    if settings.proxy_port:
        wrapper = {"wrapper": "proxy_protocol", "fallback_policy": "REQUIRE"}
        servers["proxy"] = {
            **common,
            "listen": [f"127.0.0.1:{settings.proxy_port}"],
            "listener_wrappers": [wrapper],
        }
    apps: dict[str, Any] = {"http": {"grace_period": 15_000 * MS, "servers": servers}}
    if settings.tls_port:
        servers["tls"] = {
            **common,
            "listen": [f"127.0.0.1:{settings.tls_port}"],
            "tls_connection_policies": [
                by_name(name) for name, _, _ in sorted(settings.certificates, key=is_default)
            ],
        }
        files = [
            {"certificate": str(crt), "key": str(key), "tags": [name]}
            for name, crt, key in settings.certificates
        ]
        apps["tls"] = {"certificates": {"load_files": files}}
    return {"admin": {"disabled": True}, "logging": QUIET, "apps": apps}


def is_default(certificate: tuple[str, Path, Path]) -> bool:
    return certificate[0] == "default"


def by_name(name: str) -> dict[str, Any]:
    """The certificate that has this name on file; the one called default for all others."""
    chosen: dict[str, Any] = {"certificate_selection": {"any_tag": [name]}}
    return chosen if name == "default" else {"match": {"sni": [name]}, **chosen}


QUIET = {"logs": {"default": {"level": "ERROR"}}}


def words(binary: Path, folder: Path, settings: Settings, bare: bool) -> list[str]:
    (folder / "caddy.json").write_text(json.dumps(configuration(settings)))
    return [str(binary), "run", "--config", str(folder / "caddy.json")]
