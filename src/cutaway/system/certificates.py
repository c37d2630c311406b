"""Who the machine says it is: a certificate for its proxy, and who signed it.

    ca = lay(home)
    home/ca.pem                        what a client of the machine trusts
    home/certificates/default.crt      for localhost, todo.localhost and 127.0.0.1
    home/certificates/default.key      for nobody else to read

    curl --cacert home/ca.pem https://localhost:PORT/

The key that signed is thrown away at once: nothing more will ever be signed with it, so whoever gets
at ca.pem can pretend to be nobody. What lies in the folder of a machine that ran before is used again
while it is valid for another day.

Left out: a chain of more than one, renewal while it runs, revocation.
"""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

CA, FOLDER, NAME = "ca.pem", "certificates", "default"
NAMES = ("localhost", "todo.localhost")
ADDRESSES = ("127.0.0.1", "::1")
VALID = timedelta(days=90)


def lay(home: Path) -> Path:
    """Write what is not there yet; the folder with the certificate and its key. Raises OSError."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_valid(home):
        signer, certificate, key = made()
        _write(folder / f"{NAME}.key", key)
        (folder / f"{NAME}.crt").write_bytes(certificate)
        (home / CA).write_bytes(signer)
    return folder


def _write(path: Path, secret: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)


def _is_valid(home: Path) -> bool:
    from cryptography import x509

    files = [home / CA, home / FOLDER / f"{NAME}.crt", home / FOLDER / f"{NAME}.key"]
    if not all(file.is_file() for file in files):
        return False
    try:
        ends = [
            x509.load_pem_x509_certificate(f.read_bytes()).not_valid_after_utc for f in files[:2]
        ]
    except ValueError:
        return False
    return min(ends) > datetime.now(UTC) + timedelta(days=1)


def made() -> tuple[bytes, bytes, bytes]:
    """PEM: of who signed, of the certificate that was signed, and of its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    signs, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def begun(subject: str, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("Cutaway, this machine only"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + VALID)
        )

    def usage(signing: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signing, key_cert_sign=signing, crl_sign=signing,
            content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip

    identity = x509.SubjectKeyIdentifier.from_public_key(signs.public_key())
    signer = (
        begun("Cutaway, this machine only", signs.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signing=True), critical=True)
        .add_extension(identity, critical=False)
        .sign(signs, hashes.SHA256())
    )
    names = [
        *map(x509.DNSName, NAMES),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES),
    ]
    certificate = (
        begun("localhost", key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signing=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity), critical=False
        )
        .sign(signs, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signer.public_bytes(pem), certificate.public_bytes(pem), secret
