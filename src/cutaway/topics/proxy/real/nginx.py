"""The contract of `proxy` on nginx, as far as its configuration can say it.

    upstream all { least_conn; server 127.0.0.1:9001 …; server 127.0.0.1:9002 …; keepalive 16; }
    server { listen 127.0.0.1:8080 default_server; … location / { proxy_pass http://all; } }

Bare, it is nothing but a proxy_pass.

Written as its documentation has it: keepalive to the upstreams, Upgrade by a map, nothing buffered,
routes as locations, CONNECT by tunnel_pass. The lines of proxy_set_header are ours. Without them
nginx sends another Host, and hands on what the client wrote into X-Forwarded-For and Forwarded.

Left out: active health checks, a limit on the whole of a request and a budget of retries, which this
nginx has not.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from .asked import Settings

stop = signal.SIGQUIT

POLICIES = {
    "round_robin": "",
    "weighted": "",
    "least_connections": "least_conn;",
    "two_choices": "random two least_conn;",
    "hash": "hash $uri consistent;",
}

HTTP = """
daemon off;
worker_processes 1;
pid nginx.pid;
%(user)s
worker_rlimit_nofile 20000;
worker_shutdown_timeout 4s;
events { worker_connections 10000; }

http {
    access_log off;
    client_header_timeout 5s;
    large_client_header_buffers 4 24k;   # one holds a request line: 64 KiB is 414
    client_max_body_size 0;
    keepalive_requests 100000;
    merge_slashes off;
    ignore_invalid_headers on;

    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_connect_timeout %(connect)dms;
    proxy_read_timeout %(read)dms;
    proxy_send_timeout %(read)dms;
    proxy_next_upstream %(next)s;
    proxy_next_upstream_tries %(tries)d;
    proxy_next_upstream_timeout %(total)dms;
    proxy_pass_trailers on;
    error_page 494 =431 /.too-large;     # its own name for a head that is too large
    early_hints $newer;

    map $server_protocol $newer { HTTP/1.0 ""; default 1; }
    map $http_upgrade $hop { "" ""; default upgrade; }
    map $http_via $via { "" "1.1 nginx"; default "$http_via, 1.1 nginx"; }
    map $remote_addr $node { ~: '"[$remote_addr]"'; default $remote_addr; }
    map $request $absolute { "~*^[A-Z]+ http://" 1; default 0; }
    map $absolute $onward { 1 $host:$request_port; default $http_host; }
    map $host:$request_port $reachable { default 0; %(reachable)s }
    proxy_set_header Host $onward;
    proxy_set_header Connection $hop;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Via $via;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header Forwarded 'for=$node;proto=$scheme;host="$http_host"';
    proxy_set_header TE "";
%(groups)s
%(servers)s
}
"""


BARE = """
daemon off;
worker_processes 1;
pid nginx.pid;
%(user)s
events { worker_connections 1000; }
http {
    access_log off;
    upstream all { %(servers)s }
    server {
        listen 127.0.0.1:%(port)d;
        location / { proxy_pass http://all; }
    }
}
"""


def plain(settings: Settings) -> str:
    """What most people begin with."""
    return BARE % {
        "user": "user root;" if os.geteuid() == 0 else "",
        "servers": " ".join(f"server {upstream};" for upstream in settings.upstreams),
        "port": settings.port,
    }


def group(name: str, places: list[int], settings: Settings) -> str:
    lines = []
    for place in places:
        weight = settings.weights[place] if settings.policy == "weighted" else 1
        fails = f"max_fails={settings.eject_after} fail_timeout={-(-settings.eject // 1000)}s"
        lines.append(f"        server {settings.upstreams[place]} weight={weight} {fails};")
    policy = POLICIES[settings.policy]
    return "\n".join(
        [f"    upstream {name} {{", f"        {policy}", *lines, "        keepalive 16;", "    }"]
    )


def location(route: dict[str, Any], name: str) -> str:
    """A location is compared with the path after nginx has decoded it and resolved its dots.

    A named group is put in as it stands; $1 would be escaped.
    """
    prefix = route["path"].rstrip("/")
    swap = ""
    if "replace" in route:
        into = route["replace"].rstrip("/")
        slash = "" if into else "/?"
        into = into or "/"
        swap = (
            f'if ($request_uri ~ "^{prefix}{slash}(?<rest>.*)$") {{ set $target "{into}$rest"; }} '
        )
    return f'        location ~ "^{prefix}(?=/|$)" {{ {swap}proxy_pass http://{name}$target; }}'


FORWARD = """
        if ($request_method = CONNECT) { rewrite ^ /.connect last; }
        if ($absolute) { rewrite ^ /.forward last; }
        location = /.connect {
            internal;
            if ($reachable = 0) { return 403; }
            tunnel_pass;
        }
        location = /.forward {
            internal;
            if ($reachable = 0) { return 403; }
            proxy_pass http://$host:$request_port$target;
        }
"""


def servers(settings: Settings) -> str:
    """One for each host that routes or certificates name, and one for all others."""
    hosts = [route["host"].lower() for route in settings.routes if "host" in route]
    hosts += [name for name, _, _ in settings.certificates if name != "default"]
    return "\n".join(server(host, settings) for host in [*dict.fromkeys(hosts), "_"])


def server(host: str, settings: Settings) -> str:
    mark = " default_server" if host == "_" else ""
    lines = ["    server {", f"        listen 127.0.0.1:{settings.port}{mark};"]
    if settings.proxy_port:
        lines.append(f"        listen 127.0.0.1:{settings.proxy_port} proxy_protocol{mark};")
        lines.append("        set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;")
    certificates = {name: (crt, key) for name, crt, key in settings.certificates}
    if settings.tls_port:
        crt, key = certificates.get(host) or certificates.get("default") or ("", "")
        if crt:
            lines.append(f"        listen 127.0.0.1:{settings.tls_port} ssl{mark};")
            lines.append(f"        ssl_certificate {crt}; ssl_certificate_key {key};")
    lines += [f"        server_name {host};", "        set $target $request_uri;"]
    lines.append("        location = /.too-large { internal; return 431; }")
    if settings.connect_allow:
        lines.append(FORWARD)
    if settings.routes:
        lines.append(r'        if ($request_uri ~* "^[^?]*/(\.|%2e){1,2}(/|\?|$)") { return 400; }')
    for at, route in enumerate(settings.routes):
        if route.get("host", host).lower() == host:
            lines.append(location(route, f"group_{at}"))
    if not settings.routes:
        lines.append("        location / { proxy_pass http://all; }")
    elif not any(r["path"] == "/" and r.get("host", host).lower() == host for r in settings.routes):
        lines.append("        location / { return 404; }")
    return "\n".join([*lines, "    }"])


def configuration(settings: Settings) -> str:
    groups = [group("all", [*range(len(settings.upstreams))], settings)]
    groups += [group(f"group_{at}", r["to"], settings) for at, r in enumerate(settings.routes)]
    return HTTP % {
        "user": "user root;" if os.geteuid() == 0 else "",
        "connect": settings.connect,
        "read": settings.read,
        "total": settings.total,
        # Also without retries: a kept connection that turns out to be closed is replaced.
        "next": "error timeout" if settings.retries else "error",
        "tries": settings.retries + 1,
        "reachable": " ".join(f'"{one}" 1;' for one in settings.connect_allow),
        "groups": "\n".join(groups),
        "servers": servers(settings),
    }


def words(binary: Path, folder: Path, settings: Settings, bare: bool) -> list[str]:
    (folder / "nginx.conf").write_text(plain(settings) if bare else configuration(settings))
    return [str(binary), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
