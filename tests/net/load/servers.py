"""Servers in threads, each with its way to talk to one connection."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Talk = Callable[[socket.socket], object]


@contextmanager
def serving(talk: Talk) -> Iterator[tuple[str, int]]:
    """A thread for each connection; `talk` has it until it returns."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    threads: list[threading.Thread] = []

    def attend(sock: socket.socket) -> None:
        with sock:
            try:
                talk(sock)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                sock = listener.accept()[0]
            except OSError:
                return
            threads.append(threading.Thread(target=attend, args=(sock,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for thread in threads:
            thread.join(5)


def pong(sock: socket.socket, answer: bytes = b"pong\n") -> None:
    while sock.recv(100):
        sock.sendall(answer)


def reset(sock: socket.socket) -> None:
    sock.recv(100)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
