"""Keys, certificates and pins for services and printers that have no certification authority of their own.

Everything is P-256, which boards are quick enough for.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.spool import sync_folder

BACKDATED = timedelta(days=1)
"""For whose clock is behind."""

Key = ec.EllipticCurvePrivateKey
Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def new_key() -> Key:
    """A private key."""
    return ec.generate_private_key(ec.SECP256R1())


def common_name(text: str) -> x509.Name:
    """A subject that is one common name, cut to what fits (RFC 5280: 64 characters)."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def make_authority(name: str, key: Key, days: int) -> x509.Certificate:
    """A self-signed CA that signs end entities only."""
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        _builder(common_name(name), common_name(name), key.public_key(), days)
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )


def certify_device(key: Key, own: x509.Certificate, public: Public, uuid: str, days: int) -> x509.Certificate:
    """For the printer ``uuid``, which is its common name and a URI among its names: only a client."""
    names = [x509.UniformResourceIdentifier(uuid)]
    return _certify(key, own, public, uuid, names, ExtendedKeyUsageOID.CLIENT_AUTH, days)


def certify_server(
    key: Key,
    own: x509.Certificate,
    public: Public,
    names: Iterable[str],
    days: int,
) -> x509.Certificate:
    """For a service that is reached by each of ``names``, which may be addresses: a server, nothing else."""
    known = list(names)
    general = [general_name(name) for name in known]
    return _certify(key, own, public, known[0], general, ExtendedKeyUsageOID.SERVER_AUTH, days)


def general_name(name: str) -> x509.GeneralName:
    """A subject alternative name from a DNS name or an address."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError as error:
        raise UserError("not a name that a certificate can have", where=name) from error


def _certify(
    key: Key,
    own: x509.Certificate,
    public: Public,
    subject: str,
    names: Iterable[x509.GeneralName],
    purpose: x509.ObjectIdentifier,
    days: int,
) -> x509.Certificate:
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    last = own.not_valid_after_utc
    return (
        _builder(common_name(subject), own.subject, public, days, last)
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(usage, True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), False)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: Public,
    days: int,
    last: datetime | None = None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until if last is None else min(until, last))
    )


def make_request(key: Key, name: str) -> bytes:
    """A PKCS #10 certificate request in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(common_name(name))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pin_of(certificate: x509.Certificate) -> str:
    """The pin of its key, as curl and the firmware's ``tls.pin`` write it."""
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "sha256//" + base64.b64encode(hashlib.sha256(key).digest()).decode()


def key_pem(key: Key) -> bytes:
    """PKCS #8, not encrypted: a device has nobody to ask for a password."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_der(key: Key) -> bytes:
    """The same in DER, which every board reads."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a file in PEM or DER. Raises ``UserError``."""
    try:
        data = path.read_bytes()
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise UserError("expected a certificate in PEM or DER", where=str(path)) from error


def write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and on the disk."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
