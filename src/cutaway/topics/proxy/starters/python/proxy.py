"""A reverse proxy: each request goes to one upstream, and what that answers is answered.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import os
import socket

READ = 64 * 1024
LONGEST_HEAD = 16 * 1024


def main() -> None:
    port = int(os.environ["PORT"])
    # Later: there are several, separated by commas. Here the first of them gets everything.
    host, _, upstream_port = os.environ["UPSTREAMS"].split(",")[0].rpartition(":")
    upstream = (host, int(upstream_port))
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            connection, _ = listener.accept()
            # Later: while this client is served, every other one waits in the kernel's queue.
            with connection:
                try:
                    client = Stream(connection)
                    while forward(client, upstream):
                        pass
                except (OSError, ValueError) as error:
                    # recover: one client that vanishes must not take the proxy with it.
                    print(f"a connection was lost: {error}", flush=True)


def forward(client: "Stream", upstream: tuple[str, int]) -> bool:
    """One request and its answer. False where the client connection ends behind it."""
    head = client.head()
    if head is None:
        return False

    # parse it: the first line is METHOD SP TARGET SP VERSION. The target is passed on as it is.
    # Later: what does not look like that is refused with 400, and never reaches an upstream.
    method = head.split(b" ", 1)[0]

    # Later: a body can come in chunks too, or be too large to be held in memory.
    body = client.exactly(length_of(head) or 0)

    # decide: there is one upstream, and no tunnels.
    if method == b"CONNECT":
        client.refuse(b"501 Not Implemented")
        return True

    # act: send the request as it came, and read the answer to its end.
    # Later: connections to the upstream are kept, and fields that belong to one are taken out.
    try:
        connection = socket.create_connection(upstream)
    except OSError:
        # recover: no upstream is no reason to fall silent.
        client.refuse(b"502 Bad Gateway")
        return True
    with connection:
        connection.sendall(head + body)
        return answer(client, Stream(connection), method)


def answer(client: "Stream", upstream: "Stream", method: bytes) -> bool:
    """What the upstream answers. False where only the end of the connection can end it."""
    # Later: an upstream that ends without an answer is 502, one that is silent 504.
    head = upstream.head()
    if head is None:
        raise ValueError("the upstream ended its connection without an answer")

    # frame it: these never have a body, whatever their fields say.
    status = head.split(b" ", 2)[1]
    length = length_of(head)
    if method == b"HEAD" or status in (b"204", b"304"):
        length = 0

    # answer: head and body as they came.
    body = upstream.rest() if length is None else upstream.exactly(length)
    client.socket.sendall(head + body)
    return length is not None


def length_of(head: bytes) -> int | None:
    """What Content-Length says; None where it is not there."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


class Stream:
    """A connection, and what has come on it and was not read yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket, self.unread = connection, b""

    def head(self) -> bytes | None:
        """Everything up to the blank line, with it; None where the other side has ended."""
        # frame it: one read may bring less than a head, or more. What is behind it stays unread.
        while b"\r\n\r\n" not in self.unread:
            piece = self.socket.recv(READ)
            # bound it: whoever never sends a blank line must not fill the memory.
            # Later: say 431 before closing.
            if not piece or len(self.unread) > LONGEST_HEAD:
                return None
            self.unread += piece
        head, blank, self.unread = self.unread.partition(b"\r\n\r\n")
        return head + blank

    def exactly(self, octets: int) -> bytes:
        while len(self.unread) < octets:
            piece = self.socket.recv(READ)
            if not piece:
                raise ValueError("a connection ended in the middle of a body")
            self.unread += piece
        body, self.unread = self.unread[:octets], self.unread[octets:]
        return body

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        while piece := self.socket.recv(READ):
            self.unread += piece
        return self.unread

    def refuse(self, status: bytes) -> None:
        """An answer of the proxy itself, without a body."""
        self.socket.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


if __name__ == "__main__":
    main()
