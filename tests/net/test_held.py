"""A port that refuses for a while: it answers nobody, and nobody else gets it."""

import socket
from collections.abc import Iterator

import pytest

from cutaway.net.held import opened, shut


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def test_it_refuses_and_takes_connections_again(listener: socket.socket) -> None:
    address = listener.getsockname()
    held = shut(listener)
    assert held is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    with opened(held, 8) as again, socket.create_connection(address) as client:
        again.setblocking(True)
        taken, _ = again.accept()
        with taken:
            assert taken.getpeername() == client.getsockname()


def test_nobody_else_gets_the_port_meanwhile(listener: socket.socket) -> None:
    address = listener.getsockname()
    held = shut(listener)
    assert held is not None
    with held, pytest.raises(OSError, match="in use"):
        socket.create_server(address)


def test_connections_that_there_are_go_on(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()) as client:
        taken, _ = listener.accept()
        held = shut(listener)
        assert held is not None
        with taken, opened(held, 8):
            taken.sendall(b"still here")
            assert client.recv(99) == b"still here"


def test_a_port_whose_connections_have_just_ended_is_held_too(listener: socket.socket) -> None:
    address = listener.getsockname()
    for _ in range(3):
        with socket.create_connection(address):
            taken, _ = listener.accept()
            taken.close()  # first, so that this side waits
    held = shut(listener)
    assert held is not None
    opened(held, 8).close()
