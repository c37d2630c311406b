r"""Conversations with the reference of cachepatterns, seen from all three of its sides.

    exchange: around                  → client, ⇢ cache is asked, ⇠ and answers, ⇒ origin, ⇐ back, ← client
    exchange: around TTL_MS=300       with settings
    exchange: labelled                no conversation: an entry as the reference stores it, by name

The input is a request line each turn, with a body behind it where there is one; behind a line `=` the
status and value with which the origin answers; behind a line `~` the next turn. A turn `cache: DEL
aside:k1` is said to the cache by somebody else, `wait 0.3` lets time pass, and `cache gone` and
`cache back` end and open the way to it.

What an entry holds besides its status and value (its key, its time, its checksum) is left out, as are
the fields of HTTP.

Left out: several clients at once. A drawing shows a race better.
"""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from pathlib import Path

from cutaway.grade.given import Given, Part, Passed
from cutaway.process.ports import free_ports
from cutaway.topics.cache.codec import Bulk, Command, Null, Resp, plain
from cutaway.topics.cachepatterns.codec import LEASE, Entry, read_entry
from cutaway.topics.http1.codec import Request, Response, read_response
from cutaway.wire import Annotator, Reader, WireError

from .between import Far
from .blocks import Block, Made, Wrong
from .reference import ANSWER, Client, program

CACHE = Given(
    name="cache",
    run=(sys.executable, "-m", "cutaway.topics.cache.server"),
    codec=Resp,
    called="cache",
)
SAMPLE = Entry(b"aside:k1", 200, b"hello", 784111777_000)


def around(block: Block) -> Made:
    """The conversation, had now; or the labels."""
    from .exchange import labels

    view, *options = block.argument.split()
    if view == "labelled":
        read = Annotator(bytes(SAMPLE))
        read_entry(read)
        return Made(labels(read))
    if view == "around":
        settings = dict(option.split("=", 1) for option in options)
        return Made(talk(block, settings))
    raise Wrong(f"{block}: the views are around and labelled")


def talk(block: Block, settings: dict[str, str]) -> str:
    """All turns, an empty line between one and the next."""
    from .exchange import folded

    with (
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        port, cache_port = free_ports(2)
        part = Part(CACHE, Path(folder))
        part.start(cache_port)
        if part.problem or part.relay is None:
            raise Wrong(f"{block}: {part.problem}")
        far = Far(listener)
        given = {
            "ORIGIN": f"127.0.0.1:{listener.getsockname()[1]}",
            "CACHE": "{}:{}".format(*part.relay.address),
            "CACHE_MS": "5000",
            **settings,
        }
        command = [sys.executable, "-m", "cutaway.topics.cachepatterns.server"]
        try:
            with program(command, {"PORT": port}, given), Client(port) as client:
                wait_for_the_start(part)
                turns = [turn(part, client, far, piece) for piece in block.input.split("~\n")]
        finally:
            far.close()
            part.close()
    lines = "\n\n".join(turns).split("\n")
    return "\n".join(part for line in lines for part in (folded(line) if line else [""]))


def wait_for_the_start(part: Part) -> None:
    """What the program looks for in the cache at its start has been answered, and is not shown."""
    end = time.monotonic() + ANSWER
    while time.monotonic() < end and not any(passed.answered for passed in part.take()):
        time.sleep(0.01)
    part.forget()


def turn(part: Part, client: Client, far: Far, text: str) -> str:
    """What is said on all sides, in the order in which it is said."""
    text = text.strip("\n")
    if text.startswith("cache: "):
        return somebody(part, text.removeprefix("cache: "))
    if text.startswith("wait "):
        time.sleep(float(text.removeprefix("wait ")))
        return f"· {text.removeprefix('wait ')} s later"
    if text in ("cache gone", "cache back"):
        (part.refuse if text == "cache gone" else part.accept)()
        return "· the cache is gone" if text == "cache gone" else "· the cache is back"
    asks, answered, answer = text.partition("\n=\n")
    line, _, body = asks.partition("\n")
    client.send(request(line, body))
    lines = [f"→ {line}" + (f"   {body}" if body else "")]
    after: list[str] = []
    if answered:
        asked = far.hear()
        lines += said_to(part)
        head, _, content = asked.partition(b"\r\n\r\n")
        lines.append(f"⇒ {head.split(b' HTTP')[0].decode()}" + f"   {content.decode()}".rstrip())
        status, _, value = answer.partition("\n")
        lines.append(f"⇐ {status}" + (f"   {value}" if value else ""))
        code = int(status.split()[0])
        length = b"" if code == 204 else b"Content-Length: %d\r\n" % len(value)
        assert far.sock is not None
        far.sock.sendall(b"HTTP/1.1 %d X\r\n%b\r\n%b" % (code, length, value.encode()))
    heard = read_response(Reader(client.hear()), line.split()[0].encode())
    after += said_to(part)
    return "\n".join([*lines, *after, answer_line(heard)])


def request(line: str, body: str) -> bytes:
    method, target = line.split()
    length = ((b"Content-Length", b"%d" % len(body)),) if body or method != "GET" else ()
    fields = ((b"Host", b"a"), *length)
    octets = body.encode()
    return bytes(
        Request(method=method.encode(), target=target.encode(), fields=fields, body=octets)
    )


def answer_line(response: Response) -> str:
    return f"← {response.status}" + (f"   {response.body.decode()}" if response.body else "")


def somebody(part: Part, command: str) -> str:
    """Another program says this to the cache."""
    line = part.line()
    line.recorded.send(bytes(Command(tuple(word.encode() for word in command.split()))), 2.0)
    line.recorded.receive(time.monotonic() + 2.0)
    reply = line.codec.to_client(Reader(line.data()))
    line.recorded.close()
    return f"· somebody says to the cache: {command} → {shown(reply)}"


def said_to(part: Part) -> list[str]:
    """What passed to the cache since the last look, each with its answer."""
    lines = [asked(each) for each in part.take() if each.asked.name not in (b"ECHO",)]
    part.forget()
    return lines


def asked(passed: Passed) -> str:
    words = [word(one) for one in passed.asked.words]
    answer = f"  ⇠ {shown(passed.answer)}" if passed.answered else ""
    return f"⇢ {' '.join(words)}{answer}"


def word(octets: bytes) -> str:
    """An entry as what it holds; anything else as it is."""
    try:
        entry = read_entry(Reader(octets))
    except WireError:
        return octets.decode("utf-8", "backslashreplace")
    if entry.status == LEASE:
        return "‹lease›"
    return f"‹{entry.status} {entry.value.decode()}›".replace(" ›", "›")


def shown(reply: object) -> str:
    match reply:
        case Bulk(None) | Null():
            return "nothing"
        case Bulk(data):
            return word(data or b"")
        case _:
            found = plain(reply)  # type: ignore[arg-type]
            if isinstance(found, tuple):
                return ", ".join(str(plain_word(one)) for one in found)
            return str(plain_word(found))


def plain_word(value: object) -> object:
    return word(value) if isinstance(value, bytes) else value
