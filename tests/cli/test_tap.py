"""What passes a tap is opened; what cannot be read is shown as it is; nothing is unbounded."""

import asyncio

import pytest

from cutaway.cli.tap import DUMPED, WAITING, Tap
from cutaway.grade.reports.terminal import Look
from cutaway.process import free_ports
from cutaway.topics.http1.codec import Http1
from cutaway.topics.tcp.codec import Frames, Lines

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"


def through(codec, sent, answer, close_first=False):
    """Send through a tap to a server that answers so; what came back, and the lines shown."""
    shown: list[str] = []

    async def conversation():
        async def serve(reader, writer):
            while await reader.read(1 << 16):
                pass
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        upstream = server.sockets[0].getsockname()[1]
        [port] = free_ports(1)
        tap = Tap(shown.append, Look(width=160))
        relay = await tap.listen(port, upstream, codec, "PORT")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.write_eof()
        came = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        for _ in range(200):
            if sum("closed" in line or "reset" in line for line in shown) >= 2:
                break
            await asyncio.sleep(0.01)
        relay.close()
        server.close()
        return came

    return asyncio.run(conversation()), shown


def test_each_message_is_opened_to_its_bytes():
    request = b"GET /echo/alpha HTTP/1.1\r\nHost: a\r\n\r\n"
    came, shown = through(Http1, [request], ANSWER)
    assert came == ANSWER
    text = "\n".join(shown)
    assert f"1 ▸ to the server · 0000–{len(request) - 1:04x} · {len(request)} bytes" in text
    assert "47 45 54" in text
    assert "method" in text
    assert "RFC 9110 §9" in text
    assert "1 ◂ to the client" in text
    assert "status-code" in text


def test_a_message_in_pieces_is_shown_once_with_the_offsets_of_the_stream():
    _came, shown = through(Lines, [b"one\nt", b"wo\n"], b"")
    titles = [line for line in shown if "to the server" in line]
    assert titles == [
        "── 1 ▸ to the server · 0000–0003 · 4 bytes",
        "── 1 ▸ to the server · 0004–0007 · 4 bytes",
        "── 1 ▸ to the server · closed",
    ]
    assert any(line.startswith("0004  74 77 6f") for line in shown)


def test_two_messages_in_one_piece_are_two():
    _, shown = through(Frames, [bytes.fromhex("00000001 61 00000001 62")], b"")
    assert sum("5 bytes" in line for line in shown) == 2


def test_what_the_codec_refuses_is_shown_with_a_caret_and_still_passed_on():
    bad = b"GET / HTTP/1.1\r\nHost : a\r\n\r\nmore"
    came, shown = through(Http1, [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + bad], ANSWER)
    assert came == ANSWER
    at = next(n for n, line in enumerate(shown) if "cannot be read" in line)
    assert "── 1 ▸ to the server · 002f · cannot be read" in shown[at]
    assert "^^" in "".join(shown[at : at + 5])


def test_what_is_cut_off_is_shown():
    _, shown = through(Http1, [b"GET / HT"], b"")
    text = "\n".join(shown)
    assert "8 bytes that are no whole message: cut off" in text
    assert "GET·/·HT" in text


def test_an_answer_that_the_close_completes_is_opened():
    _, shown = through(Http1, [b"GET / HTTP/1.0\r\n\r\n"], b"HTTP/1.0 200 OK\r\n\r\nall of it")
    assert "cut off" not in "\n".join(shown)
    assert any("body" in line for line in shown)


@pytest.mark.parametrize("codec", [Http1, None])
def test_what_is_too_long_to_open_is_counted_and_passed_on(codec):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (3 * WAITING)
    answer = head + bytes(3 * WAITING)
    came, shown = through(codec, [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], answer)
    assert came == answer
    assert len(shown) < 120
    assert any(f"{len(answer) - DUMPED} more bytes, not shown" in line for line in shown)


def test_what_would_move_the_cursor_is_shown_harmless():
    _, shown = through(Lines, [b"\x1b[2J\x07\n"], b"")
    assert not any("\x1b" in line or "\x07" in line for line in shown)
