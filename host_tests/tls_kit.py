"""Certificates of every kind, and services that show them."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fetchprint_tools import micropython, paths, pki

SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
OK_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Pair:
    """A certificate, its key, and what stands between it and its CA."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        """Everything a server loads."""
        certificates = (self.certificate, *self.chain)
        text = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)
        return text + self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


def make(
    issuer: Pair | None = None,
    *,
    names: tuple[str, ...] = OK_NAMES,
    days: tuple[float, float] = (-1, 300),
    ca: bool = False,
    purpose: x509.ObjectIdentifier | None = SERVER,
    signs: bool = True,
    filler: int = 0,
    subject: str = "a service",
    own: rsa.RSAPrivateKey | None = None,
) -> Pair:
    """A certificate by ``issuer``, or self-signed; ``filler`` octets are an extension that means nothing;
    ``own``: its key, instead of one of P-256."""
    key = own or pki.new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days[0]))
        .not_valid_after(now + timedelta(days[1]))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.KeyUsage(signs, False, not signs, False, False, ca, ca, False, False), True)
    )
    if names and not ca:
        general = [pki.general_name(one) for one in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), False)
    if purpose is not None and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
    if filler:
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x04" * filler)
        builder = builder.add_extension(unknown, False)
    made = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    chain = (issuer.certificate, *issuer.chain) if issuer is not None and issuer.chain is not None else ()
    return Pair(made, key, tuple(one for one in chain if one.issuer != one.subject))


class Answering:
    """A server that shows ``pair``, takes up to 4 kB and sends them back ``times`` times, or ``reply``.

    A context manager; ``context`` may be changed before it is entered. ``plain``: it speaks no TLS. ``echo``:
    it sends everything back until the other end closes. ``patience``: seconds to wait for the other end.
    """

    def __init__(
        self,
        folder: Path,
        pair: Pair,
        *,
        times: int = 1,
        plain: bool = False,
        echo: bool = False,
        reply: bytes = b"",
        patience: float = 10,
    ) -> None:
        path = folder / f"server-{id(self)}.pem"
        path.write_bytes(pair.pem)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(path)
        self.received = bytearray()
        self.failures: list[str] = []
        self._times = times
        self._plain = plain
        self._echo = echo
        self._reply = reply
        self._patience = patience

    def __enter__(self) -> Answering:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            near.settimeout(self._patience)
            try:
                self._answer(near if self._plain else self.context.wrap_socket(near, server_side=True))
            except OSError as error:
                self.failures.append(str(error))
            finally:
                near.close()

    def _answer(self, near: socket.socket) -> None:
        with near:
            data = near.recv(4096)
            self.received += data
            reply = b"HTTP/1.0 400 Bad\r\n\r\n" if self._plain else self._reply or data
            near.sendall(reply * self._times)
            while self._echo and data:
                data = near.recv(4096)
                near.sendall(data)
            if not self._plain:
                near.unwrap()


def run(runtime: str, program: str, folder: Path, *arguments: Any, heap: str = "256k") -> str:
    """What a program of ``portable`` says on ``runtime``; its arguments as text, tables as JSON."""
    path = Path(__file__).with_name("portable") / program
    texts = [json.dumps(one, default=str) if isinstance(one, dict) else str(one) for one in arguments]
    if runtime == "cpython":
        command: list[str] = [sys.executable, str(path), *texts]
        environment = {**os.environ, "PYTHONPATH": str(paths.firmware_dir())}
    else:
        command = micropython.command(path, texts, heap=heap)
        environment = micropython.environment(firmware=paths.firmware_dir())
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip()
