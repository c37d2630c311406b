"""Raw echo on $PORT: every byte that arrives is sent back, until the client has finished.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import os
import socket

READ = 64 * 1024


def main() -> None:
    port = int(os.environ["PORT"])
    # Later: two more listeners, on $LINES_PORT and $FRAMES_PORT.
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            connection, _ = listener.accept()
            # Later: while this client is served, every other one waits in the kernel's queue.
            with connection:
                try:
                    echo(connection)
                except OSError as error:
                    # recover: one client that vanishes must not take the server with it.
                    print(f"a connection was lost: {error}", flush=True)


def echo(connection: socket.socket) -> None:
    while True:
        # bound it: at most READ bytes at a time, however much the client sends.
        data = connection.recv(READ)

        # frame it, parse it: nothing to do. A piece of the stream is not a message, and echo does
        # not need one. Later: where a line or a frame ends is ours to find, across pieces.

        # decide: an empty read is the client's FIN. It means "I have finished sending".
        if not data:
            return  # the caller closes, which sends our own FIN

        # act: an echo has nothing to work out.

        # answer: sendall, because send may take only a part of it.
        # Later: a client that does not read makes this wait, and everybody else with it.
        connection.sendall(data)


if __name__ == "__main__":
    main()
