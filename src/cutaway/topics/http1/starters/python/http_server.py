"""An HTTP/1.1 server that gives one answer: GET / is 200, everything else is 404.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import os
import socket

READ = 64 * 1024
LONGEST_HEAD = 16 * 1024


def main() -> None:
    port = int(os.environ["PORT"])
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            connection, _ = listener.accept()
            # Later: while this client is served, every other one waits in the kernel's queue.
            with connection:
                try:
                    serve(connection)
                except OSError as error:
                    # recover: one client that vanishes must not take the server with it.
                    print(f"a connection was lost: {error}", flush=True)


def serve(connection: socket.socket) -> None:
    """One request, one answer. Later: the connection stays open for the next request."""
    head = read_head(connection)
    if head is None:
        return

    # parse it: the first line is METHOD SP TARGET SP VERSION.
    # Later: what does not look like that is refused with 400, and the fields below it count.
    method, target, _ = head.split(b"\r\n")[0].split(b" ")

    # decide: which answer.
    # act: nothing to look up or to store yet.
    if method == b"GET" and target == b"/":
        send_answer(connection, b"200 OK", b"hello\n")
    else:
        send_answer(connection, b"404 Not Found", b"there is nothing here\n")


def read_head(connection: socket.socket) -> bytes | None:
    """The request up to its blank line; None where the client goes before that."""
    data = b""
    # frame it: a head ends at the first blank line. One read may bring less than that, or more.
    # Later: what comes behind it is the body, or the next request; here it is thrown away.
    while b"\r\n\r\n" not in data:
        piece = connection.recv(READ)
        # bound it: a client that never sends a blank line must not fill the memory.
        # Later: say 431 before closing; and do not wait for ever for a client that says nothing.
        if not piece or len(data) > LONGEST_HEAD:
            return None
        data += piece
    return data.partition(b"\r\n\r\n")[0]


def send_answer(connection: socket.socket, status: bytes, body: bytes) -> None:
    # answer: Content-Length counts the bytes of the body. It is how the client knows the end.
    connection.sendall(
        b"HTTP/1.1 " + status + b"\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n"
        b"Connection: close\r\n"
        b"\r\n" + body
    )


if __name__ == "__main__":
    main()
