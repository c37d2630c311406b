"""The contract of `proxy` on HAProxy, as far as its configuration can say it.

    frontend in
        bind 127.0.0.1:8080
    backend all
        balance leastconn
        server s0 127.0.0.1:9001 weight 1 check inter 200ms fall 2 rise 2 pool-max-conn 16

CONNECT is denied, and so is a request of HTTP/1.1 without a Host: without these lines HAProxy sends
them on. Connections to upstreams are shared as its default has it (http-reuse safe).

Left out: a budget of retries; a forward proxy; an upstream that was ejected comes back by its health
check only, so ejection without one is not tried.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from .asked import Settings

stop = signal.SIGUSR1

BALANCE = {
    "round_robin": "roundrobin",
    "weighted": "roundrobin",
    "least_connections": "leastconn",
    "two_choices": "random(2)",
    "hash": "uri\n    hash-type consistent",
}

TOP = """
global
    maxconn 4000
    hard-stop-after 4s
    tune.ssl.default-dh-param 2048
defaults
    mode http
    timeout connect %(connect)dms
    timeout server %(read)dms
    timeout client 60s
    timeout http-request 5s
    timeout http-keep-alive 60s
    timeout queue %(total)dms
    timeout tunnel 60s
    retries %(retries)d
    retry-on %(when)s
    option redispatch
    http-reuse safe
frontend in
    bind 127.0.0.1:%(port)d
%(binds)s
    http-request set-header X-Forwarded-For %%[src]
    http-request del-header X-Forwarded-Proto
    http-request del-header X-Forwarded-Host
    http-request deny deny_status 405 if METH_CONNECT
    http-request deny deny_status 400 if !HTTP_1.0 !{ req.hdr_cnt(host) eq 1 }
    http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }
    http-request set-var(txn.node) src
    http-request set-var-fmt(txn.node) "\\"[%%[src]]\\"" if { src -m sub : }
    http-request set-var(txn.proto) str(http)
    http-request set-var(txn.proto) str(https) if { ssl_fc }
    http-request set-header Forwarded "for=%%[var(txn.node)];proto=%%[var(txn.proto)];host=\\"%%[req.hdr(host)]\\""
    http-request add-header Via "1.1 haproxy"
    http-response add-header Via "1.1 haproxy"
%(rules)s
%(backends)s
"""


def backend(name: str, places: list[int], settings: Settings, replace: str = "") -> str:
    lines = [f"backend {name}", f"    balance {BALANCE[settings.policy]}"]
    if replace:
        lines.append(f"    {replace}")
    check = ""
    if settings.health_path:
        lines.append(f"    option httpchk GET {settings.health_path}")
        lines.append("    http-check expect status 200-299")
        lines.append(f"    timeout check {settings.health}ms")
        check = f" check inter {settings.health}ms fall 2 rise 2"
    for place in places:
        weight = settings.weights[place] if settings.policy == "weighted" else 1
        lines.append(
            f"    server s{place} {settings.upstreams[place]} weight {weight}{check} pool-max-conn 16"
        )
    return "\n".join(lines)


def rule(route: dict[str, Any], name: str) -> str:
    prefix = route["path"].rstrip("/")
    tests = [f"{{ path -m reg ^{prefix}(/|$) }}"]
    if "host" in route:
        tests.append(f"{{ req.hdr(host),host_only -i {route['host']} }}")
    return f"    use_backend {name} if {' '.join(tests)}"


def swap(route: dict[str, Any]) -> str:
    if "replace" not in route:
        return ""
    prefix, into = route["path"].rstrip("/"), route["replace"].rstrip("/")
    slash = "" if into else "/?"
    return f"http-request replace-path ^{prefix}{slash}(.*)$ {into or '/'}\\1"


def configuration(settings: Settings, folder: Path) -> str:
    binds = []
    if settings.proxy_port:
        binds.append(f"    bind 127.0.0.1:{settings.proxy_port} accept-proxy")
    if settings.tls_port:
        binds.append(
            f"    bind 127.0.0.1:{settings.tls_port} ssl {pem(settings, folder)} alpn http/1.1"
        )
    rules, backends = [], []
    if settings.routes:
        dots = r"(?i)/(\.|%2e){1,2}(/|$)"
        rules.append(f"    http-request deny deny_status 400 if {{ path -m reg {dots} }}")
        rules.append("    default_backend nothing")
        backends.append("backend nothing\n    http-request return status 404")
    else:
        rules.append("    default_backend all")
        backends.append(backend("all", [*range(len(settings.upstreams))], settings))
    for at, route in enumerate(settings.routes):
        rules.append(rule(route, f"group_{at}"))
        backends.append(backend(f"group_{at}", route["to"], settings, swap(route)))
    return TOP % {
        "connect": settings.connect,
        "read": settings.read,
        "total": settings.total,
        "port": settings.port,
        "retries": settings.retries,
        "when": "conn-failure empty-response response-timeout" if settings.retries else "none",
        "binds": "\n".join(binds),
        "rules": "\n".join(rules),
        "backends": "\n".join(backends),
    }


def pem(settings: Settings, folder: Path) -> str:
    """Certificate and key in one file each; the first one named is for names nobody has."""
    words = []
    for name, crt, key in sorted(settings.certificates, key=lambda c: c[0] != "default"):
        (folder / f"{name}.pem").write_bytes(crt.read_bytes() + key.read_bytes())
        words.append(f"crt {folder / f'{name}.pem'}")
    return " ".join(words)


def words(binary: Path, folder: Path, settings: Settings, bare: bool) -> list[str]:
    (folder / "haproxy.cfg").write_text(configuration(settings, folder))
    return [str(binary), "-db", "-f", str(folder / "haproxy.cfg")]
