"""`cutaway tap LISTEN UPSTREAM`: see and disturb any connection.

    $ cutaway tap 9000 127.0.0.1:8080 --as http1 --latency 20ms
    http1 · 127.0.0.1:9000 → 127.0.0.1:8080 · latency 20ms
        0.000    1 ▸ opened
        0.041    1 ▸ GET /echo/alpha
        0.083    1 ◂ 200 OK · 5 bytes

What passes is relayed by a process of its own and read here, so however much is shown, the traffic
does not wait for it. A line typed while it runs is an order to the link: latency 50ms, to-client
stall, reset, clear. `--record FILE` keeps what passes as pcapng, which Wireshark opens and `--read
FILE` reads again.

Left out: TLS. What is encrypted is shown as the octets that it is.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

from ..grade.reports.terminal import Look
from ..net.hearing import Hearing
from ..net.relay import CannotListen, Event
from ..net.relay.apart import Apart
from ..net.relay.link import BadLink
from ..net.relay.orders import PROPERTIES, BadOrder, order_of
from ..net.relay.pcap import BadFile, PcapFile, read
from ..net.relay.replay import replay
from ..net.relay.script import script_of
from ..wire import Annotator, Codec, Reader
from ..workshop import catalog
from ..workshop.errors import Trouble, did_you_mean
from .heard import Telling
from .screen import look

WIDEST = 160  # columns: a row of bytes, its name and its meaning
FORM = "Write PORT or HOST:PORT, as in 8080 or 127.0.0.1:8080."
HOST = "127.0.0.1"
KEPT = 1.0  # seconds after which what was recorded is in the file
LAST = 0.2  # seconds that what is still on its way from the relay is waited for
FAILED = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVERYWHERE = ("0.0.0.0", "::")

Address = tuple[str, int]
Maker = Callable[[], Codec] | None


def run(options: Namespace) -> int:
    codec = codec_of(options.topic)
    words = words_of(options)
    if options.read:
        _again(options, codec)
        return 0
    if not options.listen or not options.upstream:
        raise Trouble("A tap stands between two addresses.", "Type: cutaway tap LISTEN UPSTREAM.")
    script = _script(options.script)
    here, upstream = listener(options), address(options.upstream)
    if is_same(here, upstream):
        raise Trouble(
            f"LISTEN and UPSTREAM are both {shown(upstream)}, so the tap would talk to itself.",
            "Listen on another port.",
        )
    out = look(most=WIDEST)
    try:
        with ExitStack() as stack:
            end = stack.enter_context(_ended_by_signals())
            relay = stack.enter_context(opened(here, upstream, words, script, options.seed))
            file = options.record and stack.enter_context(_written(options.record, upstream))
            title = [options.topic or "bytes", f"{shown(relay.address)} → {shown(upstream)}"]
            print(out.paint(" · ".join(title + words), "bold"), flush=True)
            tapped = Tapped(relay, codec, out, options.bytes, file)
            try:
                follow([tapped], Typed(relay), end)
            finally:
                tapped.show(LAST)
    except KeyboardInterrupt:
        print()
    return 0


class Tapped:
    """A relay whose traffic is shown as it passes, and kept where there is a file."""

    def __init__(
        self, relay: Apart, codec: Maker, out: Look, octets: bool, file: PcapFile | None = None
    ) -> None:
        self.relay, self.file, self.out = relay, file, out
        self.telling = telling_of(codec, out, octets)
        self.telling.upstream = shown(relay.upstream)
        self.hearing = Hearing(codec, Annotator if octets else Reader)
        self._lost = 0
        self._flushed = time.monotonic()

    def show(self, within: float) -> None:
        """What came, waiting so long for it."""
        for event in self.relay.take(within):
            self._keep(event)
            for heard in self.hearing.receive(event):
                for line in self.telling.lines(heard):
                    print(line)
        lost = self.relay.lost[1] - self._lost
        if lost:
            print(self.out.paint(f"          {lost} bytes passed too fast to be shown", "yellow"))
            self._lost += lost
        while self.relay.done:
            print(self.telling.order(*self.relay.done.pop(0)))
        while self.relay.answers:
            print(f"cutaway: {self.relay.answers.pop(0)}", file=sys.stderr, flush=True)

    def _keep(self, event: Event) -> None:
        if self.file is not None:
            with self._recording():
                self.file.write(event)

    def flush(self) -> None:
        """What was recorded is in the file: once a second, so that little is lost with us."""
        if self.file is not None and time.monotonic() - self._flushed >= KEPT:
            self._flushed = time.monotonic()
            with self._recording():
                self.file.flush()

    @contextmanager
    def _recording(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.file = None
            print(f"cutaway: The recording ends here: {error.strerror}.", file=sys.stderr)


class Typed:
    """Lines of a person at the terminal, each an order to the relay."""

    def __init__(self, relay: Apart) -> None:
        self.relay = relay
        self.person = sys.stdin is not None and sys.stdin.isatty()

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def read(self) -> None:
        data = os.read(self.fileno(), 4096)
        self.person = bool(data)
        for line in data.decode("utf-8", "replace").splitlines():
            if line.strip() in ("?", "help"):
                print(f"  {' · '.join(PROPERTIES)} · stall · clear · cut · reset · refuse · accept")
            elif line.strip():
                self.relay.order(line)


def follow(
    tapped: list[Tapped], typed: Typed | None = None, meanwhile: Callable[[], None] | None = None
) -> None:
    """Until Ctrl-C. meanwhile: called ten times a second at least; it may raise."""
    while all(one.relay.alive for one in tapped):
        watched: list[Apart | Typed] = [one.relay for one in tapped]
        if typed is not None and typed.person:
            watched.append(typed)
        ready = select.select(watched, [], [], 0.1 if meanwhile else 1.0)[0]
        if typed is not None and typed in ready:
            typed.read()
        for one in tapped:
            if one.relay in ready:
                one.show(0.0)
            one.flush()
        sys.stdout.flush()
        if meanwhile is not None:
            meanwhile()
    raise Trouble("The relay ended by itself.", "", FAILED)


def telling_of(codec: Maker, out: Look, octets: bool, began: float | None = None) -> Telling:
    """How messages of this codec are told."""
    says = getattr(codec(), "says", None) if codec is not None else None
    return Telling(out, time.monotonic() if began is None else began, octets, says)


@contextmanager
def opened(
    listen: Address, upstream: Address, words: list[str], script: str = "", seed: int = 0
) -> Iterator[Apart]:
    """A relay in a process of its own. Raises Trouble."""
    try:
        relay = Apart(listen, upstream, words=words, script=script, seed=seed)
    except CannotListen as problem:
        what, _, step = str(problem).partition(": ")
        raise Trouble(_sentence(what), _sentence(step or "choose another address")) from None
    with relay:
        yield relay


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:].rstrip(".")
    return text if text.endswith("?") else f"{text}."


@contextmanager
def _ended_by_signals() -> Iterator[Callable[[], None]]:
    """What to call between two events: it raises KeyboardInterrupt once a signal has come.

    So none is lost half-way to the screen and the file. A second signal ends it at once.
    """
    came = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if came.is_set():
            raise KeyboardInterrupt
        came.set()

    def end() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield end
        return
    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield end
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


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
    both = " ".join(
        f"{word} {value}"
        for word in PROPERTIES
        if (value := getattr(options, word.replace("-", "_"))) is not None
    )
    both += " stall" * options.stall
    words = [both.strip()] if both.strip() else []
    words += [f"to-server {text}" for text in options.to_server or ()]
    words += [f"to-client {text}" for text in options.to_client or ()]
    for word in words:
        try:
            order_of(word)
        except (BadOrder, BadLink) as error:
            raise Trouble(_sentence(str(error)), "See: cutaway tap --help") from None
    return words


def _script(path: str | None) -> str:
    if path is None:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8")
        script_of(text)
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


def shown(where: Address) -> str:
    host, port = where
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
