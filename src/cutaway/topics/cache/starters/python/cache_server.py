"""A cache that can answer PING and ECHO, and holds nothing yet.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import os
import socket

READ = 64 * 1024
LONGEST = 64 * 1024


def main() -> None:
    port = int(os.environ["PORT"])
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            connection, _ = listener.accept()
            # Later: while this client is served, every other one waits in the kernel's queue.
            with connection:
                try:
                    serve(connection)
                except (OSError, ValueError) as error:
                    # recover: one client that vanishes, or sends what is no command, must not take
                    # the server with it. Later: say what was wrong first.
                    print(f"a connection was lost: {error}", flush=True)


def serve(connection: socket.socket) -> None:
    """One command after the other, until the client ends."""
    data = b""
    while piece := connection.recv(READ):
        data += piece
        # bound it: a client that never finishes its command must not fill the memory.
        # Later: an argument alone may have 8 MiB.
        if len(data) > LONGEST:
            raise ValueError("the command is too long")
        words = parse(data)
        if words is None:
            continue
        # Later: what stands behind the command is the next one; here it is thrown away.
        data = b""
        if words:
            connection.sendall(answer(words))


def parse(data: bytes) -> list[bytes] | None:
    """The words of the command at the start of `data`; None where it is not all here."""
    # frame it: a line ends with CR LF. What does not begin with * is a line of words.
    line, end, data = data.partition(b"\r\n")
    if not end:
        return None
    if not line.startswith(b"*"):
        return line.split()

    # parse it: * and a count; for each word $ and its length, then as many bytes and CR LF.
    # Later: what has no number there, or one that is too large, is refused.
    words = []
    for _ in range(int(line[1:])):
        line, end, data = data.partition(b"\r\n")
        size = int(line[1:]) if end else 0
        if not end or len(data) < size + 2:
            return None
        words.append(data[:size])
        data = data[size + 2 :]
    return words


def answer(words: list[bytes]) -> bytes:
    # decide: which command, in any case, and with how many words behind it.
    # act: nothing to look up or to store yet.
    # answer: the first byte says the kind: + a short text, $ bytes with their length, - an error.
    name = words[0].upper()
    if name == b"PING" and len(words) == 1:
        return b"+PONG\r\n"
    if name in (b"PING", b"ECHO") and len(words) == 2:
        return b"$%d\r\n%b\r\n" % (len(words[1]), words[1])
    return b"-ERR unknown command, or wrong number of arguments\r\n"


if __name__ == "__main__":
    main()
