"""A proxy as a beginner would build it for the first stage, and nothing more: plain and right.

    python plain.py                                   right
    python plain.py "a line of it" "put another way"  wrong in one way

It takes one request at a time, whole, with Content-Length or chunks, makes a connection for each,
and passes on what comes back. What follows in this file is text that tests change.

Left out: everything from the second stage on.
"""

import contextlib
import os
import socket
import sys
import threading
from typing import Any

SOURCE = """
def head_of(f):
    lines = []
    while (line := f.readline()) not in (b"\\r\\n", b""):
        lines.append(line)
    return lines

def value(lines, name):
    for line in lines[1:]:
        key, _, text = line.partition(b":")
        if key.lower() == name:
            return text.strip()
    return b""

def body_of(f, lines):
    if value(lines, b"transfer-encoding"):
        body = b""
        while True:
            line = f.readline()
            size = int(line, 16)
            body += line + f.read(size + 2)
            if not size:
                return body
    return f.read(int(value(lines, b"content-length") or b"0"))

def pass_on(lines, body):
    method = lines[0].split(b" ")[0]
    if method == b"CONNECT":
        return b"HTTP/1.1 501 No\\r\\nContent-Length: 0\\r\\n\\r\\n"
    try:
        up = socket.create_connection(UPSTREAM)
    except OSError:
        return b"HTTP/1.1 502 Bad Gateway\\r\\nContent-Length: 0\\r\\n\\r\\n"
    with up, up.makefile("rb") as back:
        up.sendall(b"".join(lines) + b"\\r\\n" + body)
        answer = head_of(back)
        status = answer[0].split(b" ")[1]
        bodiless = method == b"HEAD" or status in (b"204", b"304")
        content = b"" if bodiless else body_of(back, answer)
        return b"".join(answer) + b"\\r\\n" + content

def talk(sock):
    with sock, sock.makefile("rb") as f:
        while lines := head_of(f):
            sock.sendall(pass_on(lines, body_of(f, lines)))
"""


def main() -> None:
    source = SOURCE
    for old, new in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    host, port = os.environ["UPSTREAMS"].split(",")[0].split(":")
    world: dict[str, Any] = {"socket": socket, "UPSTREAM": (host, int(port))}
    exec(source, world)

    def run(sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            world["talk"](sock)

    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256)
    while True:
        threading.Thread(target=run, args=(server.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
