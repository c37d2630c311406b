"""`cutaway tap` reads like a conversation, takes orders, records, and leaves nothing behind."""

import contextlib
import os
import pty
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from cutaway.cli.heard import LINES, Telling
from cutaway.grade.reports.terminal import Look
from cutaway.net.hearing import Hearing
from cutaway.net.relay import TO_SERVER, Event
from cutaway.topics.http1.codec import Http1
from cutaway.topics.tcp.codec import Lines
from cutaway.wire import Annotator

GET = b"GET /echo/alpha HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"
WITHIN = 20


@pytest.fixture
def server():
    """Answers every request on loopback with ANSWER; gives its port."""

    def converse(sock):
        with sock, contextlib.suppress(OSError):
            while data := sock.recv(1 << 16):
                sock.sendall(ANSWER * data.count(b"\r\n\r\n"))

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(
                        target=converse, args=(listener.accept()[0],), daemon=True
                    ).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


class Tap:
    """A running `cutaway tap`, and what it has printed."""

    def __init__(self, program):
        self.program, self.text = program, ""
        self.port = int(self.until("→").split("127.0.0.1:")[1].split(" ")[0])

    def until(self, words, times=1):
        until = time.monotonic() + WITHIN
        while self.text.count(words) < times and time.monotonic() < until:
            if select.select([self.program.stdout], [], [], 0.1)[0]:
                self.text += os.read(self.program.stdout.fileno(), 1 << 16).decode()
        assert self.text.count(words) >= times, self.text
        return self.text

    def ends(self):
        self.program.send_signal(signal.SIGINT)
        out, err = self.program.communicate(timeout=WITHIN)
        return self.program.returncode, self.text + out.decode(), err.decode()


@pytest.fixture
def tap(started, server):
    return lambda *words, **options: Tap(started("tap", "0", str(server), *words, **options))


def ask(port, data=GET, count=1):
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN) as sock:
        sock.sendall(data)
        came = b""
        while len(came) < count * len(ANSWER):
            came += sock.recv(1 << 16)
        return came


def listened_on(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def lines_of(data, codec, octets=False):
    """What is printed for octets to the server."""
    hearing, telling = Hearing(codec, Annotator), Telling(Look(width=160), 0.0, octets)
    return [
        line
        for heard in hearing.receive(Event(1.5, 3, TO_SERVER, 0, data, None))
        for line in telling.lines(heard)
    ]


def test_it_reads_like_a_conversation(tap):
    running = tap("--as", "http1")
    assert ask(running.port) == ANSWER
    running.until("closed", 2)
    status, out, err = running.ends()
    assert (status, err) == (0, "")
    said = [line.split(maxsplit=1)[1] for line in out.splitlines()[1:] if line.strip()]
    assert said == [
        "1 ▸ opened",
        "1 ▸ GET /echo/alpha",
        "1 ◂ 200 OK · 5 bytes",
        "1 ▸ closed",
        "1 ◂ closed",
    ]


def test_the_bytes_of_each_message_are_named_on_request(tap):
    running = tap("--as", "http1", "--bytes")
    ask(running.port)
    text = running.until("status-code")
    assert "47 45 54" in text
    assert "RFC 9110 §9" in text
    assert f"GET /echo/alpha   0000 · {len(GET)} bytes" in text


def test_what_passes_is_recorded_and_read_again(tap, typed, tmp_path):
    file = tmp_path / "talk.pcapng"
    running = tap("--record", str(file))
    ask(running.port, GET + GET, 2)
    running.until("closed", 2)
    running.ends()
    status, out, err = typed(f"tap --read {file} --as http1")
    assert (status, err) == (0, "")
    assert out.count("▸ GET /echo/alpha") == out.count("◂ 200 OK · 5 bytes") == 2


def test_an_end_by_a_signal_leaves_a_whole_recording(tap, typed, tmp_path):
    file = tmp_path / "talk.pcapng"
    running = tap("--record", str(file))
    assert file.stat().st_size > 0
    ask(running.port)
    running.until("opened")
    running.program.send_signal(signal.SIGTERM)
    _out, err = running.program.communicate(timeout=WITHIN)
    assert (running.program.returncode, err) == (0, b"")
    assert "▸ GET /echo/alpha" in typed(f"tap --read {file} --as http1")[1]


def test_what_passed_is_in_the_file_while_the_tap_still_runs(tap, typed, tmp_path):
    file = tmp_path / "talk.pcapng"
    running = tap("--record", str(file))
    ask(running.port)
    running.until("closed", 2)
    until = time.monotonic() + WITHIN
    while b"alpha" not in file.read_bytes() and time.monotonic() < until:
        time.sleep(0.05)
    assert "▸ GET /echo/alpha" in typed(f"tap --read {file} --as http1")[1]


def test_a_recording_of_nothing_says_so(typed, tmp_path):
    file = tmp_path / "talk.pcapng"
    file.touch()
    status, out, err = typed(f"tap --read {file}")
    assert (status, out) == (2, "")
    assert "holds nothing: no connection was recorded. Record one with --record FILE." in err


def test_a_recording_is_played_again_to_a_server(tap, typed, server, tmp_path):
    file = tmp_path / "talk.pcapng"
    running = tap("--record", str(file))
    ask(running.port)
    running.until("closed", 2)
    running.ends()
    status, out, _err = typed(f"tap --read {file} --to {server} --as http1")
    assert status == 0
    assert "▸ GET /echo/alpha" in out
    assert "◂ 200 OK · 5 bytes" in out


def test_a_line_typed_while_it_runs_is_an_order(started, server):
    keyboard, terminal = pty.openpty()
    running = Tap(started("tap", "0", str(server), "--as", "http1", stdin=terminal))
    os.close(terminal)
    ask(running.port)
    os.write(keyboard, b"cut-after 0\n")
    until = time.monotonic() + WITHIN
    came = ANSWER
    while came and time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", running.port), timeout=WITHIN) as sock:
            sock.sendall(GET)
            came = sock.recv(100)
    assert came == b""
    running.until("▸ cut")
    running.until("· cut-after 0\n")
    os.write(keyboard, b"reset 99\n")
    os.write(keyboard, b"to-client stall\n")
    running.until("· to-client stall: what comes from now on is held back")
    os.write(keyboard, b"latenci 5ms\n")
    time.sleep(0.3)
    _, _, err = running.ends()
    assert "There is no 'latenci'. Did you mean latency?" in err
    assert "There is no connection 99." in err
    os.close(keyboard)


def test_lines_from_a_program_are_orders_and_the_tap_outlives_it(started, server):
    words = ("tap", "0", str(server), "--as", "http1")
    running = Tap(started(*words, stdin=subprocess.PIPE))
    running.program.stdin.write(b"laten")
    running.program.stdin.flush()
    running.program.stdin.write(b"cy 5ms\nhelp\ncut-after 0")
    running.program.stdin.close()
    running.program.stdin = None
    running.until("· cut-after 0\n")
    assert "· latency 5ms\n" in running.text
    assert (
        "half-close-after · stall · flow · clear · cut · reset · refuse · queue · accept · lead · pass"
        in running.text
    )
    assert ask_anything(running.port) == b""
    assert running.ends()[0] == 0


def ask_anything(port):
    """What comes until the end."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN) as sock:
        sock.sendall(GET)
        while data := sock.recv(1 << 16):
            came += data
    return came


def test_what_a_script_does_leaves_a_trace(tap, tmp_path):
    script = tmp_path / "script"
    script.write_text("at 10ms latency 1ms..1ms\nchance 100% to-client cut-after 3\n")
    running = tap("--as", "http1", "--script", str(script), stdin=subprocess.DEVNULL)
    running.until("· at 10ms latency 1ms..1ms: latency 1ms\n")
    assert ask_anything(running.port) == ANSWER[:3]
    running.until("· chance 100% to-client cut-after 3 · connection 1\n")


def test_an_answer_that_a_stalled_link_holds_back_is_marked(started, server):
    running = Tap(started("tap", "0", str(server), "--as", "http1", stdin=subprocess.PIPE))
    with socket.create_connection(("127.0.0.1", running.port), timeout=WITHIN) as sock:
        sock.sendall(GET)
        running.until("◂ 200 OK", 1)
        running.program.stdin.write(b"to-client stall\n")
        running.program.stdin.flush()
        running.until("held back\n")
        sock.sendall(GET)
        running.until("1 ◂ stalled · what came is held back, and the client does not get it\n")
        running.program.stdin.write(b"clear\n")
        running.program.stdin.flush()
        running.until("1 ◂ resumed · what was held back goes on\n")
        came = b""
        while len(came) < 2 * len(ANSWER):
            came += sock.recv(100)


def test_an_answer_that_comes_by_half_is_marked(started):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Tap(started("tap", "0", str(listener.getsockname()[1]), "--as", "http1"))
        with socket.create_connection(("127.0.0.1", running.port), timeout=WITHIN) as sock:
            sock.sendall(GET)
            server, _ = listener.accept()
            with server:
                server.sendall(ANSWER[:-2])
                running.until("◂ 41 bytes of a message, and nothing more for 1 s: ")


def test_datagrams_pass_with_the_weather_that_is_ordered(started):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        server.bind(("127.0.0.1", 0))
        words = ("tap", "0", str(server.getsockname()[1]), "--udp", "--as", "tcp/lines")
        running = Tap(started(*words, "--duplicate", "100%", stdin=subprocess.PIPE))
        assert "udp · tcp/lines · 127.0.0.1:" in running.text
        for sock in (server, client):
            sock.settimeout(WITHIN)
        client.connect(("127.0.0.1", running.port))
        client.send(b"one\n")
        assert [server.recv(100) for _ in range(2)] == [b"one\n"] * 2
        running.until("1 ▸ doubled\n")
        running.program.stdin.write(b"clear limit 3\n")
        running.program.stdin.flush()
        running.until("· clear limit 3\n")
        client.send(b"three\n")
        running.until("1 ▸ too long\n")
        assert running.ends()[0] == 0


def test_ctrl_c_leaves_no_relay_behind(tap):
    running = tap()
    assert running.ends()[0] == 0
    assert not listened_on(running.port)


def test_the_relay_ends_with_a_tap_that_is_killed(tap):
    running = tap()
    running.program.kill()
    running.program.wait()
    until = time.monotonic() + WITHIN
    while listened_on(running.port) and time.monotonic() < until:
        time.sleep(0.05)
    assert not listened_on(running.port)


WRONG = [
    ("tap 8080", "A tap stands between two addresses."),
    ("tap 8080 x", "'x' is no address. Write PORT or HOST:PORT"),
    ("tap 70000 80", "'70000' is no address: a port is a number from 1 to 65535."),
    ("tap 7100 7100", "LISTEN and UPSTREAM are both 127.0.0.1:7100"),
    ("tap localhost:7100 --as http1 7100", "the tap would talk to itself. Listen on another port."),
    ("tap 0.0.0.0:7100 7100 --anywhere", "the tap would talk to itself."),
    ("tap 0 1 --as htp1", "There is no topic 'htp1'. Did you mean http1?"),
    ("tap 0 1 --as tcp/frame", "tcp has no listener 'frame'. Did you mean tcp/frames?"),
    ("tap 0 1 --latency 20", "'20' is no time. Write 20ms, 1.5s or 200us."),
    ("tap 0 1 --rate fast", "'fast' is no rate."),
    ("tap 0 1 --pieces 0", "Pieces have one octet at least."),
    ("tap 0 1 --to-client lag", "There is no 'lag'."),
    ("tap 0 1 --to-client stal", "Did you mean stall? See: cutaway tap --help"),
    ("tap 0 1 --script nowhere", "The script nowhere cannot be read: No such file"),
    ("tap 0 no.such.host.invalid:1", "There is no host 'no.such.host.invalid'."),
    ("tap 0.0.0.0:0 1", "Others may reach 0.0.0.0. If that is meant, add --anywhere."),
    ("tap 0 1 --loss 10%", "Loss is of datagrams, not of connections."),
    ("tap 0 1 --udp --rate 1M", "Rate is of connections, not of datagrams."),
    ("tap 0 1 --udp --loss 10", "'10' is no share. Write 10%."),
    ("tap 0 1 --udp --record x", "Datagrams are not recorded. Leave out --record"),
    ("tap --read nowhere", "nowhere cannot be read: No such file"),
]


@pytest.mark.parametrize(("line", "sentence"), WRONG, ids=[line for line, _ in WRONG])
def test_what_cannot_be_is_one_sentence(typed, line, sentence):
    status, out, err = typed(line)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_port_in_use_is_one_sentence(typed, server):
    status, _, err = typed(f"tap {server} 1")
    assert status == 2
    assert (
        err
        == f"cutaway: Port {server} is in use. End the program that listens there, or choose another.\n"
    )


def test_a_script_names_the_line_that_it_cannot_follow(typed, tmp_path):
    script = tmp_path / "script"
    script.write_text("at 1s cut\nat 2s latncy 5ms\n")
    status, _, err = typed(f"tap 0 1 --script {script}")
    assert status == 2
    assert "Line 2: There is no 'latncy'. Did you mean latency?" in err


def test_a_file_that_is_no_recording_is_one_sentence(typed, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"hello, this is no recording")
    status, _, err = typed(f"tap --read {file}")
    assert status == 2
    assert "is no capture, pcapng or pcap." in err


def test_an_upstream_that_is_not_there_is_told(started):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    running = Tap(started("tap", "0", str(port)))
    with pytest.raises(ConnectionResetError):
        ask(running.port)
    said = f"1 ▸ refused · 127.0.0.1:{port} takes no connection: does anything listen there?"
    assert said in running.until("refused")


def test_what_would_move_the_cursor_is_shown_harmless():
    lines = lines_of(b"\x1b[2J\x07\n", Lines, octets=True)
    assert lines
    assert not any("\x1b" in line or "\x07" in line for line in lines)


def test_what_the_codec_refuses_is_shown_with_a_caret():
    lines = lines_of(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Http1)
    assert "0014 cannot be read · colon: white space" in lines[0]
    assert any("^^" in line for line in lines)


def test_a_message_of_many_fields_is_not_shown_to_the_last():
    fields = b"".join(b"Field-%d: x\r\n" % number for number in range(500))
    lines = lines_of(b"GET / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n", Http1, octets=True)
    assert len(lines) == LINES + 2
    assert "more lines" in lines[-1]
