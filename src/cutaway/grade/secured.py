"""A client that speaks TLS: the step `secure`.

    secure(port="TLS_PORT", name="a.example")      a line over TLS, made with that name (SNI)
    secure(…, offers=("h2", "http/1.1"), chooses="http/1.1")
    secure(…, certified="a.example")               the certificate that came is for that name

After it the line is one like any other. Which names a certificate has is compared, not who signed
it: a check makes its certificates itself.

Left out: certificates of clients.
"""

from __future__ import annotations

import select
import ssl
import time
from dataclasses import dataclass
from typing import Any

from ..net.recorded import Recorded
from .byhand import Act
from .line import Line
from .outcomes import Failed
from .play import ANSWER, Play
from .stage import Step
from .verdict import Reached


class Sealed:
    """A TLS socket with the manners of a plain one that does not block."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock

    def send(self, data: Any) -> int:
        try:
            return self._sock.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def recv(self, count: int) -> bytes:
        try:
            return self._sock.recv(count)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLZeroReturnError:
            return b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


@dataclass(frozen=True, slots=True)
class Secure(Step):
    """name       asked for in the handshake; "": none
    offers     protocols (ALPN)
    chooses    the one that has to be chosen
    certified  a name that the certificate has to be for
    """

    port: str
    name: str = ""
    offers: tuple[str, ...] = ()
    chooses: str = ""
    certified: str = ""
    on: str = "main"

    def run(self, play: Play) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.offers:
            context.set_alpn_protocols([*self.offers])
        sock = context.wrap_socket(
            play.dial(self.port), server_hostname=self.name or None, do_handshake_on_connect=False
        )
        play.acts.append(Act(self.on, "connect", self.name.encode() or b"localhost", self.port))
        self._shake_hands(play, sock)
        play.hold(Reached.CONNECTED)
        self._look(sock)
        recorded = Recorded(Sealed(sock))  # type: ignore[arg-type]
        sender = "your program sent to the client"
        play.lines[self.on] = Line(self.on, recorded, play.stage.codec(), sender=sender)

    def _shake_hands(self, play: Play, sock: ssl.SSLSocket) -> None:
        sock.setblocking(False)
        began = time.monotonic()
        while True:
            play.running.go_on()
            try:
                sock.do_handshake()
                return
            except ssl.SSLWantReadError:
                select.select([sock], [], [], 0.1)
            except ssl.SSLWantWriteError:
                select.select([], [sock], [], 0.1)
            except OSError as problem:
                sock.close()
                why = getattr(problem, "reason", None) or problem.strerror or str(problem)
                raise self._failed(play, f"it fails: {why}") from None
            if not play.still_patient(began, ANSWER):
                sock.close()
                raise self._failed(play, "it does not come to an end")

    def _failed(self, play: Play, found: str) -> Failed:
        return Failed(Reached.CONNECTED, f"a TLS handshake on ${self.port}", play.told(found))

    def _look(self, sock: ssl.SSLSocket) -> None:
        if self.chooses and sock.selected_alpn_protocol() != self.chooses:
            found = str(sock.selected_alpn_protocol() or "none")
            sock.close()
            raise Failed("secured", f"the protocol {self.chooses} to be chosen", found)
        if self.certified:
            names = names_of(sock.getpeercert(binary_form=True) or b"")
            if self.certified not in names:
                sock.close()
                found = f"one for {', '.join(names) or 'nobody'}"
                raise Failed("secured", f"a certificate for {self.certified}", found)

    def sketch(self) -> str:
        asked = f" for {self.name}" if self.name else ""
        got = f", and get the certificate of {self.certified}" if self.certified else ""
        return f"connect to ${self.port} with TLS{asked}{got}"


def names_of(certificate: bytes) -> list[str]:
    """The names that a certificate (DER) is for."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return list(names.get_values_for_type(x509.DNSName))


def secure(
    port: str,
    name: str = "",
    offers: tuple[str, ...] = (),
    chooses: str = "",
    certified: str = "",
    on: str = "main",
) -> Secure:
    return Secure(port, name, offers, chooses, certified, on)
