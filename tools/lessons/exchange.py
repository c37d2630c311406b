r"""Conversations with a reference, as a lesson shows them.

    exchange: talk                 both sides as text, a line a line: → sent, ← came back
    exchange: talk -date           without that field of the answers
    exchange: labelled             both sides, every octet with its name, meaning and section
    exchange: labelled request     one side; also: answer, body (behind the head of the answer)
    exchange: talk of streams      with the forty lines of streams.py instead
    exchange: raw | lines | frames     of tcp: each line of the input is one write, with \n and \x00;
                                   (finish) at its end half-closes

For proxy see between.py, for cachepatterns around.py, for cache commands.py. For http1 the input is
what is sent. Its lines end with CR LF, the last one only where it is blank. A line `~` waits for what
comes back before the rest is sent. Entity tags are shown as "v1", "v2" in the order in which they came,
and may be written so: the real ones are made of the file's number and time.

Left out: several connections at once. That is what measurements are for.
"""

from __future__ import annotations

import re
import textwrap
from contextlib import AbstractContextManager

from cutaway.topics.http1.codec import read_request, read_response
from cutaway.topics.tcp.codec import read_frame
from cutaway.wire import Annotator, Reader, Span, printable

from .around import around
from .between import between
from .blocks import Block, Made, Wrong
from .commands import commands
from .reference import SILENCE, Client, reference, streams

WIDTH = 94  # of a line: a terminal of 96 columns, and a margin
OCTETS = 6  # of a labelled line, in hexadecimal
PICTURE, NAME, SPEC = 8, 14, 16  # of a labelled line, characters
WIDEST_SPEC = 26  # where one is longer, sections stand below what is meant
LONGEST = 200  # octets of a body that are shown
TAG = re.compile(rb'"([0-9a-f]+-[0-9a-f]+-[0-9a-f]+)(-gzip)?"')
FINISH = " (finish)"
LISTENERS = {"raw": "PORT", "lines": "LINES_PORT", "frames": "FRAMES_PORT"}

Turn = tuple[bytes, bytes]  # what was sent, what came back


def exchange(block: Block) -> Made:
    """The conversation, had now."""
    view, *options = block.argument.split()
    if block.topic == "tcp":
        return Made(tcp(view, options, block))
    if block.topic == "proxy":
        return between(block)
    if block.topic == "cachepatterns":
        return around(block)
    if block.topic == "cache":
        return commands(block)
    with server(options) as ports, Client(ports["PORT"]) as client:
        tags: dict[bytes, bytes] = {}
        turns = [http_turn(client, piece, tags) for piece in pieces(block.input)]
        if view == "talk":
            return Made(talk(turns, client.ended, tags, options))
        if view == "labelled":
            return Made(labelled_http(turns, options))
    raise Wrong(f"{block}: the views are talk and labelled")


# HTTP.


def server(options: list[str]) -> AbstractContextManager[dict[str, int]]:
    return streams() if "of" in options else reference("http1")


def pieces(text: str) -> list[bytes]:
    """What is sent, a piece for each wait."""
    return [as_sent(piece) for piece in re.split(r"^~\n", text, flags=re.MULTILINE)]


def as_sent(piece: str) -> bytes:
    if not piece.endswith("\n\n"):
        piece = piece.removesuffix("\n")
    return piece.encode().replace(b"\n", b"\r\n")


def http_turn(client: Client, sent: bytes, tags: dict[bytes, bytes]) -> Turn:
    """Send, with the real tags in place of their short names, and hear."""
    for real, short in tags.items():
        sent = sent.replace(b'"%s"' % short, b'"%s"' % real)
    client.send(sent)
    heard = client.hear()
    for tag, _ in TAG.findall(heard):
        tags.setdefault(tag, b"v%d" % (len(tags) + 1))
    return sent, heard


def talk(turns: list[Turn], ended: bool, tags: dict[bytes, bytes], options: list[str]) -> str:
    """Both sides, an empty line between one wait and the next."""
    hidden = [word[1:].encode() for word in options if word.startswith("-")]
    said = [
        "\n".join(
            [
                *spoken("→", shortened(sent, tags), []),
                *spoken("←", shortened(heard, tags), hidden),
            ]
        )
        for sent, heard in turns
    ]
    return "\n\n".join(said) + ("\n← (the connection closes)" if ended else "")


def shortened(data: bytes, tags: dict[bytes, bytes]) -> bytes:
    for real, short in tags.items():
        data = data.replace(real, short)
    return data


def spoken(arrow: str, data: bytes, hidden: list[bytes]) -> list[str]:
    """Octets as lines of text. CR LF ends a line here and is not shown; any other octet is."""
    if not data:
        return []
    lines = data.removesuffix(b"\r\n").split(b"\r\n")
    kept = [one for one in lines if one.partition(b":")[0].lower() not in hidden]
    return [line.rstrip() for one in kept for line in folded(f"{arrow} {escaped(one)}")]


def folded(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="  ", drop_whitespace=False) or [line]


def escaped(data: bytes) -> str:
    """Octets as text; what has no picture is escaped, and what is long is cut and counted."""
    text = data[:LONGEST].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    more = len(data) - LONGEST
    return shown + (f" … and {more} octets more" if more > 0 else "")


def labelled_http(turns: list[Turn], options: list[str]) -> str:
    """Every octet of the requests, of the answers, or of both."""
    parts = []
    sent, heard = (b"".join(side) for side in zip(*turns, strict=True))
    if not options or "request" in options:
        request = Annotator(sent)
        read_request(request)
        parts.append(labels(request))
    if not options or "answer" in options or "body" in options:
        answer = Annotator(heard)
        read_response(answer)
        after = heard.index(b"\r\n\r\n") + 4 if "body" in options else 0
        parts.append(labels(answer, after))
    return "\n\n".join(parts)


# Labels.


def labels(read: Annotator, after: int = 0) -> str:
    """Every leaf from `after` on: where, octets, picture, name, meaning, section.

    Like `cutaway.wire.annotated`, set narrower: what does not fit stands below itself, and what
    was said once is not said again.
    """
    lines: list[str] = []
    said: set[str] = set()
    spec = max([SPEC, *(len(leaf.field.spec) for leaf in read.leaves())])
    for leaf in read.leaves():
        if leaf.start >= after:
            means = leaf.field.meaning(leaf.value)
            lines += label(leaf, read, "" if means in said else means, spec)
            said.add(means)
    return "\n".join(lines)


def label(leaf: Span, read: Reader, means: str, spec: int) -> list[str]:
    """`spec`: characters of the longest section, which stands at the end of the line."""
    octets = read.data[leaf.start : leaf.end]
    more = "…" if len(octets) > OCTETS else ""
    digits = " ".join(f"{b:02x}" for b in octets[:OCTETS]) + more
    picture = printable(octets[:PICTURE])
    name = leaf.field.name
    head = f"{leaf.start:04x}  {digits:<{3 * OCTETS}} {picture:<{PICTURE}} {name:<{NAME}} "
    cited = leaf.field.spec if means else ""
    if spec > WIDEST_SPEC:
        first, *rest = [*textwrap.wrap(means, WIDTH - len(head)), cited] if means else [""]
        return [f"{head}{first}".rstrip(), *(" " * len(head) + line for line in rest)]
    room = WIDTH - len(head) - spec - 2
    first, *rest = textwrap.wrap(means, room) or [""]
    lines = [f"{head}{first:<{room}}  {cited}".rstrip()]
    return lines + [" " * len(head) + line for line in rest]


# TCP.


def tcp(view: str, options: list[str], block: Block) -> str:
    """Each line of the input is one write; what came back stands under it."""
    if view not in LISTENERS:
        raise Wrong(f"{block}: the listeners are {', '.join(LISTENERS)}")
    with reference("tcp") as ports, Client(ports[LISTENERS[view]]) as client:
        turns = [tcp_turn(client, line) for line in block.input.splitlines()]
        ended = client.ended
    if "labelled" in options:
        read = Annotator(b"".join(heard for _, heard in turns))
        while read.pos < len(read.data):
            read_frame(read)
        return labels(read)
    lines = []
    for sent, heard in turns:
        lines.append(f"→ {sent}")
        lines += [f"← {shown(heard, view)}"] if heard else []
    return "\n".join([*lines, "← (the connection closes)"] if ended else lines)


def tcp_turn(client: Client, line: str) -> tuple[str, bytes]:
    """One write, perhaps with a half-close behind it. Silence may be the answer."""
    text = line.removesuffix(FINISH)
    client.send(text.encode().decode("unicode_escape").encode("latin-1"))
    if text != line:
        client.finish()
    return line, client.hear(SILENCE)


def shown(data: bytes, view: str) -> str:
    return data.hex(" ") if view == "frames" else escaped(data)
