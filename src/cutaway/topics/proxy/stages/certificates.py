"""Certificates for the stages on TLS, made when they are needed.

    certificates/a.example.crt, a.example.key     for the name a.example
    certificates/default.crt, default.key         for any other; it is for default.example

Each signs itself: who signed it is not what these stages are about.

Left out: chains, renewal, and anything but an elliptic key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

NAMES = {"a.example": "a.example", "b.example": "b.example", "default": "default.example"}


def lay(folder: Path) -> Mapping[str, str]:
    """Write them below this folder; the setting that names them."""
    place = folder / "certificates"
    place.mkdir()
    for file, name in NAMES.items():
        certificate, key = made(name)
        (place / f"{file}.crt").write_bytes(certificate)
        (place / f"{file}.key").write_bytes(key)
    return {"CERTIFICATES": str(place)}


@cache
def made(name: str) -> tuple[bytes, bytes]:
    """A certificate for that name and its key, both as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
