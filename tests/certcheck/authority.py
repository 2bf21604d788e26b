"""An authority for time stamps on this machine: `openssl ts` behind a small web server."""

from __future__ import annotations

import datetime as dt
import http.server
import subprocess
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = {digests}
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
NOW = dt.datetime.now(dt.UTC)
# How it answers: as it should, to another question, over other bytes, by a certificate that has
# ended, by nobody who is trusted, not at all, with a page, with a refusal.
WAYS = ("right", "nonce", "other", "expired", "stranger", "down", "page", "refuses")


class Authority:
    """Answers in one of WAYS.

    Attributes:
        ca: file of the certificate that is to be trusted.
        way: see WAYS.
        url: its address.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.way, self.ca = folder, "right", folder / "ca.pem"
        key, root = _root()
        self.ca.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        _signer(folder / "right", key, root, NOW + dt.timedelta(days=9))
        _signer(folder / "expired", key, root, NOW - dt.timedelta(days=9))
        _signer(folder / "stranger", *_root(), NOW + dt.timedelta(days=9))
        (folder / "serial").write_text("01")
        for name, digests in (("usual", "sha256"), ("refuses", "sha512")):
            config = CONFIG.format(folder=folder, digests=digests)
            (folder / f"{name}.cnf").write_text(config)
        self._server = http.server.HTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, question: bytes) -> bytes:
        """What it says to a question."""
        signer = self.way if self.way in ("expired", "stranger") else "right"
        if self.way in ("nonce", "other"):
            data = self.folder / "data"
            data.write_bytes(b"something else" if self.way == "other" else self.of)
            query = self.folder / "own.tsq"
            _openssl("ts", "-query", "-data", str(data), "-sha256", "-cert", "-out", str(query))
            question = query.read_bytes()
        (self.folder / "query").write_bytes(question)
        config = self.folder / f"{'refuses' if self.way == 'refuses' else 'usual'}.cnf"
        _openssl(
            "ts", "-reply", "-queryfile", str(self.folder / "query"), "-config", str(config),
            "-signer", str(self.folder / signer / "cert.pem"),
            "-inkey", str(self.folder / signer / "key.pem"), "-out", str(self.folder / "reply"),
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()

    # What the right answer is of, for one to another question about it.
    of = b""

    def _handler(authority) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                question = self.rfile.read(int(self.headers["Content-Length"]))
                down = authority.way == "down"
                page = authority.way in ("down", "page")
                data = b"<html>" if page else authority.answer(question)
                self.send_response(503 if down else 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _root() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder().subject_name(_name("root")).issuer_name(_name("root"))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=99)).not_valid_after(NOW + dt.timedelta(days=99))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, made


def _signer(
    folder: Path, issuer: ec.EllipticCurvePrivateKey, root: x509.Certificate, until: dt.datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = (
        x509.CertificateBuilder().subject_name(_name("authority")).issuer_name(root.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=50)).not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
        )
        .sign(issuer, hashes.SHA256())
    )  # fmt: skip
    folder.mkdir()
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip
    )
