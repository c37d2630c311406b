"""Serving: ports, signals, the bound on draining. Each case is a program of its own."""

import asyncio
import re
import signal
import socket
import subprocess
import sys

import pytest

from cutaway.net.serve import Complaints, port_from

PROGRAM = """
import asyncio, sys
from cutaway.net.serve import serve

class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)

async def drain():
    print("draining", flush=True)
    await asyncio.sleep({drain})
    print("drained", flush=True)

def ready(ports): print(*ports, flush=True)

sys.exit(serve({{int(p): Echo for p in sys.argv[1:]}}, drain, ready, patience={patience}))
"""


class Program:
    def __init__(self, *ports: int, drain: float = 0, patience: float = 5) -> None:
        text = PROGRAM.format(drain=drain, patience=patience)
        self.process = subprocess.Popen(
            [sys.executable, "-c", text, *map(str, ports)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ports = [int(port) for port in self.line().split()]

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out + err

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def test_each_port_serves_and_a_signal_drains_and_exits_with_0() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        first, second = free_port(), free_port()
        with Program(first, second) as program:
            assert program.ports == [first, second]
            for port in program.ports:
                with socket.create_connection(("127.0.0.1", port), 5) as sock:
                    sock.sendall(b"x")
                    assert sock.recv(1) == b"x"
            assert program.end(number) == (0, "draining\ndrained\n")


def test_a_busy_port_is_one_sentence_and_exit_code_1() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        Program(free_port(), taken.getsockname()[1]) as program,
    ):
        out, err = program.process.communicate(timeout=10)
        assert (out, program.process.returncode) == ("", 1)
        assert re.fullmatch(r"port \d+ is in use: [^\n]*\n", err), err


def test_draining_that_takes_too_long_is_dropped() -> None:
    with Program(0, drain=60, patience=0.2) as program:
        assert program.end() == (0, "draining\n")


def test_a_second_signal_ends_the_draining_at_once() -> None:
    with Program(0, drain=60, patience=60) as program:
        program.process.send_signal(signal.SIGTERM)
        assert program.line() == "draining\n"
        assert program.end(signal.SIGINT) == (0, "")


def test_once_told_to_stop_nothing_new_is_accepted() -> None:
    with Program(0, drain=60, patience=60) as program:
        program.process.send_signal(signal.SIGTERM)
        assert program.line() == "draining\n"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", program.ports[0]), 5)


def test_only_loopback_is_served() -> None:
    with Program(0) as program:
        with open("/proc/net/tcp") as table:
            bound = [row.split()[1] for row in table.readlines()[1:] if row.split()[3] == "0A"]
        port = f":{program.ports[0]:04X}"
        assert [address for address in bound if address.endswith(port)] == ["0100007F" + port]


@pytest.mark.parametrize("text", ["", "http", "-1", "65536", "8_0", "0" * 5000, "８０"])
def test_a_port_that_is_none_is_a_usage_error(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        port_from("PORT", {"PORT": text})
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith(f"PORT is {text!r}: set it to")


def test_a_port_of_the_environment_is_read() -> None:
    assert port_from("PORT", {"PORT": "8080"}) == 8080


def test_what_goes_wrong_in_the_loop_is_one_line_a_second(capsys):
    loop = asyncio.new_event_loop()
    try:
        complain = Complaints()
        for _ in range(3):
            complain(loop, {"message": "accept failed", "exception": OSError(24, "too many")})
    finally:
        loop.close()
    assert capsys.readouterr().err == "accept failed (OSError: [Errno 24] too many)\n"
