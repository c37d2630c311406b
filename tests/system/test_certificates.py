"""The machine's certificate: trusted by whoever has ca.pem, and by nobody else."""

import os
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from cutaway.system import certificates

WITHIN = 20


def shaken(home: Path, name: str, trusted: Path | None) -> str | None:
    """The version that a client of this name agrees on with a server of ours."""
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = home / certificates.FOLDER
    serves.load_cert_chain(folder / "default.crt", folder / "default.key")
    asks = ssl.create_default_context(cafile=trusted)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(WITHIN)
        theirs.settimeout(WITHIN)

        def serve() -> None:
            try:
                serves.wrap_socket(theirs, server_side=True).close()
            except (ssl.SSLError, OSError):
                theirs.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            with asks.wrap_socket(ours, server_hostname=name) as sealed:
                return sealed.version()
        finally:
            ours.close()
            serving.join(WITHIN)


@pytest.mark.parametrize("name", ["localhost", "todo.localhost", "127.0.0.1"])
def test_whoever_has_the_signer_trusts_it(name: str, tmp_path: Path) -> None:
    certificates.lay(tmp_path)
    assert shaken(tmp_path, name, tmp_path / certificates.CA) == "TLSv1.3"


def test_nobody_else_does(tmp_path: Path) -> None:
    certificates.lay(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, "localhost", None)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, "example.com", tmp_path / certificates.CA)


def test_the_key_is_for_nobody_else_and_the_signer_has_none(tmp_path: Path) -> None:
    certificates.lay(tmp_path)
    key = tmp_path / certificates.FOLDER / "default.key"
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    assert [path for path in tmp_path.rglob("*") if b"PRIVATE" in read(path)] == [key]


def read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_what_is_valid_is_used_again(tmp_path: Path) -> None:
    certificates.lay(tmp_path)
    before = (tmp_path / certificates.CA).read_bytes()
    certificates.lay(tmp_path)
    assert (tmp_path / certificates.CA).read_bytes() == before
    (tmp_path / certificates.FOLDER / "default.crt").write_text("broken")
    certificates.lay(tmp_path)
    assert (tmp_path / certificates.CA).read_bytes() != before


def test_what_ends_within_a_day_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as soon:
        soon.setattr(certificates, "VALID", certificates.timedelta(hours=23))
        certificates.lay(tmp_path)
    certificates.lay(tmp_path)
    made = x509.load_pem_x509_certificate((tmp_path / certificates.CA).read_bytes())
    assert made.not_valid_after_utc - made.not_valid_before_utc > certificates.timedelta(days=30)
