"""Whom a service is taken for, and who this device is to it: what TLS is set up with and judged by.

One Trust belongs to one service; nothing of it serves another.
"""

import hashlib
import time

from fetchprint import RELEASED
from fetchprint.errors import LocalError
from fetchprint.port.x509 import Certificate, CertificateError

_CLOCK = "clock.json"
_POINT = b"\x03\x42\x00\x04"  # before the public key (P-256) that stands beside a private one
_DAY = 1000000  # in times written as a number: days, hours, minutes, seconds

_UNKNOWN_CA = "unknown CA: %s's certificate is not signed by tls.ca: give the CA of this service"
_WRONG_NAME = "wrong name: the certificate is not for %s: correct the service's URI, or get one that names it"
_WRONG_USAGE = "wrong key usage: %s's certificate, or one of its chain, is not made for this"
_TOO_OLD = "%s speaks no version of TLS that is safe: 1.2 or 1.3 is needed"
_NO_TLS = "what answers at %s does not speak TLS, or not correctly"

BROKEN = (32, 54, 104)  # EPIPE, ECONNRESET: a service that refuses may be gone before its alert is read


class TrustError(LocalError):
    """A certificate, key or pin of the configuration cannot be used."""


class TLSError(OSError):
    """The service is not whom it should be, or wants something that this device has not got. The text
    says which check failed and what to do; there is no going on without."""


class Clock:
    """The time that certificates are judged by: the system's, unless that is before the ``floor``, which is
    the day of this release or the last time that was known to be good, kept in ``store``."""

    def __init__(self, store, now=None, set_now=None):
        """``now()`` gives seconds as time.time() does; ``set_now(text)`` sets the system's clock where
        that is possible, else None."""
        self._now = now or time.time
        self._set = set_now
        self._store = store
        kept = store.load(_CLOCK)
        text = kept.decode() if kept else ""
        self.floor = text if len(text) == 14 and text.isdigit() and text > RELEASED else RELEASED
        self._tried = False  # the system's clock is set to what a certificate says, not yet verified
        self._told = False  # the clock is set by somebody whom nobody vouches for
        self._unset = self._read() < self.floor
        if self._unset and set_now:
            set_now(self.floor)

    @property
    def unset(self) -> bool:
        """The system's clock cannot be right."""
        return self._unset and (self._set is not None or self._read() < self.floor)

    def _read(self):
        return "%04d%02d%02d%02d%02d%02d" % tuple(time.gmtime(int(self._now()))[:6])

    def read(self) -> str:
        """YYYYMMDDHHMMSS, UTC; the floor when the clock is not set."""
        return max(self._read(), self.floor)

    def told(self, text: str) -> bool:
        """A time server says ``text``: the clock is set to it unless that is before the floor, which it never
        moves, because nobody vouches for such a server. Whether it is set."""
        if not self._unset or text < self.floor:
            return False
        self._unset, self._tried, self._told = False, False, True
        self._set(text)
        return True

    def good(self, certificate) -> None:
        """A chain has been verified that ends in ``certificate``: it is not earlier than that was made."""
        now = certificate.not_before if self._told or self.unset else self.read()
        self._tried = False
        if int(now) - int(self.floor) >= _DAY:  # flash wears
            self.floor = now
            self._store.save(_CLOCK, now.encode())

    def back(self) -> None:
        """That attempt has failed for another reason."""
        if self._tried:
            self._tried = False
            self._set(self.floor)

    def try_at(self, text: str) -> bool:
        """The certificate of a service begins at ``text``, after the floor, and the clock is not set. Where
        the TLS library looks at the system's clock, try that time for the next connection, once; without
        success it is taken back."""
        if not self.unset or self._set is None:
            return False
        self._tried = not self._tried
        self._set(text if self._tried else self.floor)
        return self._tried


class Trust:
    """``settings``: ``tls`` of a service, checked. The files are read here, so that a wrong path is told at
    once. ``ca``, ``chain``: lists of DER; ``key``: DER or empty."""

    def __init__(self, settings, clock, host: str):
        from fetchprint.port import credentials  # main drops it after start-up: code costs memory

        self.clock = clock
        self.host = host
        self.ca, self.pins, self.key, own = credentials.read(settings)
        self.chain = []
        if own:
            self.present(own, settings["cert"])
        self.fault = ""
        self.later = ""  # when a certificate begins, if it may be refused for the clock's sake
        self._leaf = None

    def present(self, data, path: str) -> None:
        """``data``: what this device shows of itself, in PEM or DER. Raises TrustError, also when it is not
        for the key, and then changes nothing."""
        from fetchprint.port.credentials import certificates

        chain = certificates(data, path)
        own = Certificate(chain[0]).key
        if _POINT in self.key and own[-64:] not in self.key:
            raise TrustError("%s: the certificate is not for the key in tls.key" % path)
        self.chain = chain

    def judge(self, der, depth: int) -> bool:
        """Whether this certificate of the chain may stand, as far as it says itself; 0 is the service's own.
        ``fault`` says what is wrong."""
        try:
            certificate = Certificate(der)
        except CertificateError as error:
            return self._refuse("the service's certificate cannot be read: %s" % error)
        now = self.clock.read()
        of = "%s's certificate" % self.host if depth == 0 else "a certificate of %s's chain" % self.host
        if certificate.not_after < now:
            return self._refuse(
                "%s expired on %s: the service needs a new one" % (of, _day(certificate.not_after))
            )
        if certificate.not_before > now:
            if not self.clock.unset:
                return self._refuse(
                    "%s is not valid before %s, and it is %s: is the clock right here, and there?"
                    % (of, _day(certificate.not_before), _day(now))
                )
            if certificate.not_before > self.later:
                self.later = certificate.not_before
        if depth == 0:
            self._leaf = certificate
            if not certificate.is_for(self.host):
                names = ", ".join(certificate.names) or "no name"
                return self._refuse(
                    "wrong name: the certificate is for %s, not for %s: correct the service's URI, or get a"
                    " certificate that names it" % (names[:100], self.host)
                )
            if not certificate.serves:
                return self._refuse("wrong key usage: %s's certificate is not made for a server" % self.host)
            if self.pins and hashlib.sha256(certificate.key).digest() not in self.pins:
                return self._refuse(
                    "%s's key is not the pinned one: if the service has a new key, give its pin" % self.host
                )
        return True

    def _refuse(self, text):
        if not self.fault:
            self.fault = text
        return False

    def accepted(self) -> None:
        """The handshake is complete: the service's certificate was verified."""
        self.later = ""
        self.clock.good(self._leaf)

    def explain(self, text: str) -> TLSError:
        """The error for a handshake that failed; ``text`` is what the TLS library says."""
        low = text.lower()
        fault, later = self.fault, self.later
        self.fault = self.later = ""
        if not fault and later and ("future" in low or "not yet valid" in low):
            fault = "the clock is not set, and %s's certificate begins on %s: set the clock" % (
                self.host,
                _day(later),
            )
            if self.clock.try_at(later):
                fault += "; that day is tried next"
        else:
            self.clock.back()
        if not fault:
            for words, meaning in _MEANINGS:
                if words in low:
                    fault = meaning % self.host
                    break
        if not fault and ("alert" in low or "eof" in low or "broke" in low):
            fault = "%s refused the connection (%s): %s" % (
                self.host,
                low,
                "it may not know this device's certificate"
                if self.chain
                else "it may demand a client certificate: give tls.cert and tls.key; or there is no cipher"
                " that both know",
            )
        return TLSError("TLS: " + (fault or text.strip()))


# What the libraries say, in small letters, and what it means.
_MEANINGS = (
    ("expired", "a certificate of %s's chain has expired: the service needs a new one"),
    ("future", "a certificate of %s's chain is not valid yet: is the clock right here, and there?"),
    ("not yet valid", "a certificate of %s's chain is not valid yet: is the clock right here, and there?"),
    ("trusted ca", _UNKNOWN_CA),
    ("issuer cert", _UNKNOWN_CA),
    ("self-signed", _UNKNOWN_CA),
    ("self signed", _UNKNOWN_CA),
    ("signature", _UNKNOWN_CA),
    ("mismatch", _WRONG_NAME),
    ("(cn)", _WRONG_NAME),
    ("purpose", _WRONG_USAGE),
    ("usage", _WRONG_USAGE),
    ("bad_certificate", _WRONG_USAGE),
    ("unsupported protocol", _TOO_OLD),
    ("protocol version", _TOO_OLD),
    ("wrong version", _NO_TLS),
    ("invalid_record", _NO_TLS),
)


def _day(text):
    return "%s-%s-%s" % (text[:4], text[4:6], text[6:8])
