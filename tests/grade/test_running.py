"""A start of the program under test, and strangers at its port."""

import socket

from cutaway.grade.running import Running
from tests.grade import toy


def test_a_port_that_a_stranger_took_meanwhile_is_left_to_him(tmp_path):
    running = Running.prepare(toy.program(tmp_path, "serve(echo)"), toy.stage())
    taken = running.addresses["PORT"]
    with socket.create_server(taken):
        try:
            running.launch()
            assert running.addresses["PORT"] != taken
            assert running.environment["PORT"] == str(running.addresses["PORT"][1])
            with socket.create_connection(running.addresses["PORT"], timeout=5) as client:
                client.sendall(b"hello\n")
                assert client.recv(100)
        finally:
            running.end()
