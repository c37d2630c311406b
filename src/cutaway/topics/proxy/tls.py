"""Certificates: which one a client gets, by the name that it asks for.

    certificates/
      shop.example.crt  shop.example.key     for SNI shop.example
      default.crt       default.key          for any other, and for who names none

    ClientHello ── server_name ──▶ the context of that name ──▶ its certificate

The name stands in the first message of the handshake, before anything is encrypted: one listener
can be many hosts. It says which certificate is shown, and nothing more; where the request goes is
said by its Host, inside.

Left out: names with a wildcard, client certificates, and renewal without a new start.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from cutaway.net.settings import BadSetting

DEFAULT = "default"


def listener_context(folder: Path) -> ssl.SSLContext:
    """The context of the listener, which passes each client on to that of its name.

    raises  BadSetting
    spec    RFC 6066 §3
    """
    contexts = {file.stem.lower(): context(file) for file in sorted(folder.glob("*.crt"))}
    if not contexts:
        raise BadSetting(f"CERTIFICATES is {str(folder)!r}: there is no NAME.crt in it")
    first = contexts.get(DEFAULT) or empty_context()

    def choose(handshake: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        handshake.context = contexts.get((name or "").lower(), first)

    first.sni_callback = choose
    return first


def empty_context() -> ssl.SSLContext:
    """Without a certificate: a handshake that ends here fails."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def context(certificate: Path) -> ssl.SSLContext:
    """Of one name. Raises BadSetting."""
    made = empty_context()
    try:
        made.load_cert_chain(certificate, certificate.with_suffix(".key"))
    except OSError as problem:  # ssl.SSLError is one
        raise BadSetting(
            f"CERTIFICATES: {certificate.name} and {certificate.stem}.key cannot be used:"
            f" {problem.strerror or problem}"
        ) from None
    return made
