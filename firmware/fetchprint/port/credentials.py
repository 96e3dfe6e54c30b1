"""Certificates, keys and pins as files and the configuration have them. Only needed at start-up, and when a
service gives a certificate."""

import binascii

from fetchprint.port.trust import TrustError
from fetchprint.port.x509 import Certificate, CertificateError

_PIN = "sha256//"


def read(settings):
    """What ``tls`` of a service names, checked before: the CAs as a list of DER, the digests of pinned keys,
    the private key as DER or empty, and the content of the file ``cert``, or None. Raises TrustError."""
    authorities = []
    for path in _listed(settings.get("ca")):
        authorities += certificates(_file(path, "tls.ca"), path)
    pins = [pin(text) for text in _listed(settings.get("pin"))]
    key = b""
    if "key" in settings:
        key = private_key(_file(settings["key"], "tls.key"), settings["key"])
    return authorities, pins, key, _file(settings["cert"], "tls.cert") if "cert" in settings else None


def certificates(data, path: str):
    """The certificates of a file in PEM or DER as a list of DER. Raises TrustError."""
    found = _pem(data, path, "CERTIFICATE") or [bytes(data)]
    for der in found:
        try:
            Certificate(der)
        except CertificateError as error:
            raise TrustError("%s: expected certificates in PEM or DER: %s" % (path, error))
    return found


def private_key(data, path: str) -> bytes:
    """The DER of a private key in PEM or DER, not encrypted. Raises TrustError, which shows nothing of it."""
    found = _pem(data, path, "PRIVATE KEY")
    if found:
        return found[0]
    if not data or data[0] != 0x30:
        raise TrustError("%s: expected a private key in PEM or DER without a password" % path)
    return bytes(data)


def _pem(data, path, kind):
    """The DER of each block of this kind: ``EC PRIVATE KEY`` is a ``PRIVATE KEY``, too."""
    found = []
    at = data.find(b"-----BEGIN ")
    while at >= 0:
        stop = data.find(b"-----", at + 11)
        end = data.find(b"-----END ", at)
        if stop < 0 or end < 0:
            raise TrustError("%s: PEM without its end" % path)
        label = bytes(data[at + 11 : stop]).decode()
        if label.endswith(kind) and "ENCRYPTED" not in label:
            try:
                found.append(binascii.a2b_base64(b"".join(bytes(data[stop + 5 : end]).split())))
            except ValueError:
                raise TrustError("%s: PEM that is not base64" % path)
        at = data.find(b"-----BEGIN ", end)
    return found


def pin(text: str) -> bytes:
    """The digest of ``sha256//BASE64``, as curl writes it, or of 64 hexadecimal digits. Raises TrustError."""
    digest = b""
    try:
        if text.startswith(_PIN) and len(text) == 52:
            digest = binascii.a2b_base64(text[len(_PIN) :])
        elif len(text) == 64:
            digest = binascii.unhexlify(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise TrustError("tls.pin: expected %s and 44 characters of base64, or 64 hexadecimal digits" % _PIN)
    return digest


def _listed(value):
    return [] if value is None else [value] if isinstance(value, str) else value


def _file(path, what):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise TrustError("%s: %s cannot be read: %s" % (what, path, error))
