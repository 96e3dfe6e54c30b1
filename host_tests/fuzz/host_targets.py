"""Targets with judges that MicroPython has not: OpenSSL's certificates, the reference engine of the link."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable

import targets
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fetchprint.engine import base, link_setup
from fetchprint.engine.link import FramedLink
from fetchprint.port.x509 import Certificate, CertificateError
from fetchprint_tools.engines.link import frames
from link_reading import Talker, by_engine, by_host

REFUSED = (
    *(CertificateError, ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound, x509.DuplicateExtension),
    *(x509.UnsupportedGeneralNameType, x509.InvalidVersion),
)
_CAPABILITIES = b"\1\1\0\7\0\1\0\x40\0\x10\0\xcb"


def link(data: bytes) -> str:
    """Host and reference engine find the same frames, however the octets come."""
    found, damaged = by_host(data)
    assert (found, damaged) == by_engine(data), (found, by_engine(data))
    return f"{len(found)} frames, {damaged} damaged"


def session(data: bytes) -> str:
    """A driver survives an engine that closes its frames well and says anything in them: time that passes,
    length and type before each payload."""
    talker = Talker()
    driver = FramedLink(talker, bytearray(256), 64, 7)
    driver.poll(1)
    talker.says = frames.frame(frames.CAPABILITIES, 0, _CAPABILITIES)
    driver.poll(2)
    with contextlib.suppress(base.EngineError):
        link_setup.describe(driver, _CAPABILITIES + data[:60])
    link_setup.describe(driver, _CAPABILITIES)
    now = 2
    at = 0
    while at + 3 <= len(data):
        passed, n, kind = data[at : at + 3]
        talker.says += frames.frame(kind, 0, data[at + 3 : at + 3 + n % 64])
        at += 3 + n % 64
        for _ in range(3):
            now += passed * 4
            driver.poll(now)
            try:
                if not driver.in_job:
                    driver.begin_job() and driver.begin_page(16, 1000)
                elif n & 64:
                    driver.cancel()
                else:
                    driver.line(b"\xff\xff", 0, 2)
            except base.EngineError:
                driver.cancel()
            except base.EngineLocalError as error:
                # the session was lost between job and page, or the job is being cancelled
                assert "outside its page" in str(error)
        assert driver.reasons >> len(base.KEYWORDS) == 0
        assert 0 <= driver.pages < 1 << 24
    return f"{driver.pages} pages, {driver.reasons}"


def certificate(data: bytes) -> str:
    """What both this reader and OpenSSL's take, they read alike."""
    told: str = targets.x509(data)
    try:
        ours = Certificate(data)
        theirs = x509.load_der_x509_certificate(data)
        names = theirs.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = theirs.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except REFUSED:
        return told
    assert ours.names == [name.lower() for name in names.get_values_for_type(x509.DNSName)], ours.names
    assert ours.not_before == theirs.not_valid_before_utc.strftime("%Y%m%d%H%M%S")
    assert ours.not_after == theirs.not_valid_after_utc.strftime("%Y%m%d%H%M%S")
    assert ours.key == key
    return told


TARGETS: dict[str, Callable[[bytes], str]] = {
    **targets.TARGETS,
    "x509": certificate,
    "link": link,
    "session": session,
}


def seeds(name: str) -> list[bytes]:
    """What the fuzzer begins with."""
    status = b"\0\1\0\7" + bytes(17)
    if name == "link":
        return [
            frames.frame(frames.STATUS, 0, status),
            b"\xa5\xa5" + frames.frame(frames.CAPABILITIES, 0, _CAPABILITIES),
        ]
    if name == "session":
        return [b"\x05\x15\x82" + status, b"\x05\x55\x82" + status, b"\x80\x0c\x81" + _CAPABILITIES]
    if name == "x509":
        return [_made()]
    found: list[bytes] = targets.seeds(name)
    return found


def _made() -> bytes:
    """A server's certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "till")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    names = [x509.DNSName("till.example"), x509.DNSName("*.example")]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=40 * 365))
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)
