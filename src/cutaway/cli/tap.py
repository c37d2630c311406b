"""`cutaway tap LISTEN UPSTREAM`: see and disturb any connection.

    $ cutaway tap 9000 127.0.0.1:8080 --as http1 --latency 20ms
    http1 · 127.0.0.1:9000 → 127.0.0.1:8080 · latency 20ms
        0.000    1 ▸ opened
        0.041    1 ▸ GET /echo/alpha
        0.083    1 ◂ 200 OK · 5 bytes

What passes is relayed by a process of its own and read here, so however much is shown, the traffic
does not wait for it. A line on its standard input is an order to the link: latency 50ms, to-client
stall, reset, clear. `--udp` stands between programs that send datagrams. `--record FILE` keeps what passes as pcapng, which Wireshark opens and `--read
FILE` reads again.

Left out: TLS. What is encrypted is shown as the octets that it is.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from ..grade.reports.terminal import Look
from ..net.hearing import Hearing
from ..net.relay import Event
from ..net.relay.link import BadLink
from ..net.relay.orders import CONNECTIONS, DATAGRAMS, BadOrder, Speech, order_of
from ..net.relay.pcap import BadFile, PcapFile, read
from ..net.relay.replay import replay
from ..net.relay.script import script_of
from ..wire import Annotator, Codec, Reader
from ..workshop import catalog
from ..workshop.errors import Trouble, did_you_mean
from .screen import look
from .tapping import (
    LAST,
    Address,
    Maker,
    Tapped,
    Typed,
    ended_by_signals,
    follow,
    opened,
    sentence,
    shown,
    telling_of,
)

WIDEST = 160  # columns: a row of bytes, its name and its meaning
FORM = "Write PORT or HOST:PORT, as in 8080 or 127.0.0.1:8080."
HOST = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")


def run(options: Namespace) -> int:
    codec = codec_of(options.topic)
    words = words_of(options)
    if options.udp and (options.record or options.read):
        raise Trouble("Datagrams are not recorded.", "Leave out --record and --read, or --udp.")
    if options.read:
        _again(options, codec)
        return 0
    if not options.listen or not options.upstream:
        raise Trouble("A tap stands between two addresses.", "Type: cutaway tap LISTEN UPSTREAM.")
    speech = DATAGRAMS if options.udp else CONNECTIONS
    script = _script(options.script, speech)
    here, upstream = listener(options), address(options.upstream)
    if is_same(here, upstream):
        raise Trouble(
            f"LISTEN and UPSTREAM are both {shown(upstream)}, so the tap would talk to itself.",
            "Listen on another port.",
        )
    out = look(most=WIDEST)
    try:
        with ExitStack() as stack:
            end = stack.enter_context(ended_by_signals())
            relay = stack.enter_context(
                opened(here, upstream, words, script, options.seed, options.udp)
            )
            file = options.record and stack.enter_context(_written(options.record, upstream))
            title = ["udp"] * options.udp + [
                options.topic or "bytes",
                f"{shown(relay.address)} → {shown(upstream)}",
            ]
            print(out.paint(" · ".join(title + words), "bold"), flush=True)
            tapped = Tapped(relay, codec, out, options.bytes, file)
            try:
                follow([tapped], Typed(relay), end)
            finally:
                tapped.show(LAST)
    except KeyboardInterrupt:
        print()
    return 0


def codec_of(name: str | None) -> Maker:
    """What reads the traffic: http1, or tcp/lines for the listener LINES_PORT. Raises Trouble."""
    if name is None:
        return None
    slug, _, listener = name.partition("/")
    topic = catalog.topic(slug)
    codecs = codecs_of(topic.slug)
    port = f"{listener.upper().replace('-', '_')}_PORT" if listener else "PORT"
    if port not in codecs:
        known = [f"{slug}/{port.removesuffix('_PORT').lower()}" for port in codecs if "_" in port]
        step = did_you_mean(name, known, f"There are: {', '.join([slug, *known])}.")
        raise Trouble(f"{slug} has no listener {listener!r}.", step)
    return codecs[port]


def codecs_of(slug: str) -> dict[str, Callable[[], Codec]]:
    """Listener → how what passes there is read, as the stages that talk to it say."""
    found: dict[str, Callable[[], Codec]] = {}
    for stage in catalog.stages(slug):
        found.setdefault(stage.port, stage.codec)
    return found


def words_of(options: Namespace) -> list[str]:
    """The orders that the options amount to. Raises Trouble."""
    speech = DATAGRAMS if options.udp else CONNECTIONS
    both = " ".join(
        f"{word} {value}"
        for word in CONNECTIONS.properties | DATAGRAMS.properties
        if (value := getattr(options, word.replace("-", "_"))) is not None
    )
    both += " stall" * options.stall
    words = [both.strip()] if both.strip() else []
    words += [f"to-server {text}" for text in options.to_server or ()]
    words += [f"to-client {text}" for text in options.to_client or ()]
    for word in words:
        try:
            order_of(word, speech=speech)
        except (BadOrder, BadLink) as error:
            raise Trouble(sentence(str(error)), "See: cutaway tap --help") from None
    return words


def _script(path: str | None, speech: Speech) -> str:
    if path is None:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8")
        script_of(text, speech)
    except BadOrder as error:
        raise Trouble(f"The script {path} cannot be followed. {error}", "") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Trouble(f"The script {path} cannot be read: {why}.", "Name another file.") from None
    return text


@contextmanager
def _written(path: str, upstream: Address) -> Iterator[PcapFile]:
    try:
        file = PcapFile(path, upstream)
    except OSError as error:
        raise Trouble(
            f"{path} cannot be written: {error.strerror}.", "Name another file."
        ) from None
    try:
        yield file
    finally:
        with suppress(OSError):  # the disk is full, which was said
            file.close()


def _again(options: Namespace, codec: Maker) -> None:
    """What a file holds, told as if it passed now; or played again to a server."""
    try:
        events = list(read(options.read))
    except BadFile as error:
        raise Trouble(f"{options.read} {error}.", "Record one with --record FILE.") from None
    except OSError as error:
        raise Trouble(f"{options.read} cannot be read: {error.strerror}.", "Name a file.") from None
    if not events:
        raise Trouble(
            f"{options.read} holds nothing: no connection was recorded.",
            "Record one with --record FILE.",
        )
    out = look(most=WIDEST)
    if options.to is None:
        _tell(events, codec, out, options.bytes)
        return
    with opened((HOST, 0), address(options.to), words_of(options)) as relay:
        tapped = Tapped(relay, codec, out, options.bytes)
        try:
            replay(events, relay.address, lambda: tapped.show(0.0))
        except OSError as error:
            raise Trouble(f"It cannot be played to {options.to}: {error.strerror}.", "") from None
        tapped.show(0.2)


def _tell(events: Iterable[Event], codec: Maker, out: Look, octets: bool) -> None:
    hearing, telling = Hearing(codec, Annotator if octets else Reader), None
    for event in events:
        telling = telling or telling_of(codec, out, octets, event.at)
        for heard in hearing.receive(event):
            for line in telling.lines(heard):
                print(line)


def listener(options: Namespace) -> Address:
    """Where to listen: on loopback, unless --anywhere says otherwise. Raises Trouble."""
    host, port = address(options.listen)
    if not options.anywhere and not is_loopback(host):
        raise Trouble(f"Others may reach {host}.", "If that is meant, add --anywhere.")
    return host, port


def is_same(here: Address, there: Address) -> bool:
    """Whether a connection to `there` would come back to who listens `here`."""
    if here[1] != there[1] or not here[1]:
        return False
    hosts = {host.replace("localhost", HOST) for host, _ in (here, there)}
    return len(hosts) == 1 or (here[0] in EVERYWHERE and is_loopback(there[0]))


def is_loopback(host: str) -> bool:
    """Whether only this machine can mean it. A name could mean anything."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def address(text: str) -> Address:
    """8080, 127.0.0.1:8080, [::1]:8080. Raises Trouble."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit()):
        raise Trouble(f"{text!r} is no address.", FORM)
    if len(port) > 9 or int(port) > 65535:
        raise Trouble(f"{text!r} is no address: a port is a number from 1 to 65535.", FORM)
    return host.removeprefix("[").removesuffix("]") or HOST, int(port)
