"""TLS on CPython (OpenSSL): a client that verifies, and its streams. See ``tls`` for MicroPython."""

import base64
import select
import ssl
import tempfile

from fetchprint.port.trust import BROKEN, TrustError

_IN = select.POLLIN
_OUT = select.POLLOUT
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME


class Client:
    """``connect(host, port)`` gives a Stream over TLS to the service of ``trust``; so it takes the place of
    ``Port.connect``. ``present`` gives it another certificate for itself."""

    def __init__(self, port, trust):
        self.trust = trust
        self.port = port
        self.context = self._make()

    def present(self, pem) -> None:
        """Show this certificate from the next connection on; see ``Trust.present``."""
        self.trust.present(pem, "certificate")
        self.context = self._make()

    def _make(self):
        trust = self.trust
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
        context.hostname_checks_common_name = False
        # A pinned key needs no CA; whether it is that is judged before anything is sent.
        if not trust.ca:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif trust.clock.unset:
            context.verify_flags |= _NO_CHECK_TIME  # the dates are for Trust to judge
        try:
            for der in trust.ca:
                context.load_verify_locations(cadata=der)
            if trust.chain and trust.key:
                _load(context, trust.chain, trust.key)
        except ssl.SSLError as error:
            raise TrustError("tls: a certificate or key cannot be used: %s" % error.reason)
        return context

    def connect(self, host: str, port: int, allows=None):
        """Begin; the Stream answers None until the handshake is done. See ``Port.connect``."""
        self.trust.host = host
        return Stream(self, self.port.connect(host, port, allows), host)


def _load(context, chain, key):
    """``load_cert_chain`` takes files only; the one here is readable for nobody else, and gone at once."""
    with tempfile.NamedTemporaryFile(prefix="fetchprint-", suffix=".pem") as file:
        file.write(_pem(_label(key), key) + b"".join([_pem("CERTIFICATE", der) for der in chain]))
        file.flush()
        context.load_cert_chain(file.name)


def _label(key):
    """PKCS #8 has an algorithm behind its version; what has not is of RFC 5915 or PKCS #1."""
    at = 2 if key[1] < 0x80 else 2 + (key[1] & 0x7F)
    kind = key[at + 3 : at + 4]
    return {b"\x30": "PRIVATE KEY", b"\x04": "EC PRIVATE KEY"}.get(kind, "RSA PRIVATE KEY")


def _pem(label, der):
    text = base64.encodebytes(der).decode()
    return ("-----BEGIN %s-----\n%s-----END %s-----\n" % (label, text, label)).encode()


class Stream:
    """See Stream in docs/architecture.md. Made by ``Client.connect``."""

    def __init__(self, client, tcp, host):
        self._client = client
        self._tcp = tcp
        self._host = host
        self._ssl = None
        self._open = False
        self._answered = False

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md."""
        if not self._open and not self._shake():
            return None
        got = self._now(self._ssl.recv_into, memoryview(buf)[off : off + n])
        if got is not None:
            self._tcp.want &= ~_IN
            self._answered = True
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if not self._open and not self._shake():
            return None
        done = self._now(self._ssl.send, memoryview(buf)[off : off + n])
        if done is not None:
            self._tcp.want &= ~_OUT
        return done

    def _now(self, move, *what):
        """What ``move`` answers; None when it has to wait."""
        try:
            return move(*what)
        except ssl.SSLWantReadError:
            self._tcp.want |= _IN
        except ssl.SSLWantWriteError:
            self._tcp.want |= _OUT
        except OSError as error:
            # With TLS 1.3 the service says only after the handshake what it thinks of this device.
            if self._answered:
                raise
            if isinstance(error, ssl.SSLError):
                text = getattr(error, "verify_message", "") or str(error.reason or error).replace("_", " ")
            elif error.errno in BROKEN:
                text = "it broke the handshake off"
            else:
                raise
            raise self._client.trust.explain(text)
        return None

    def _shake(self):
        """Go on with the handshake as far as it goes without waiting; True when it is done."""
        tcp = self._tcp
        if tcp is None:
            raise OSError("stream is closed")
        if self._ssl is None:
            if not tcp.connected():
                return False
            # It takes the descriptor over, which stays the same.
            self._ssl = self._client.context.wrap_socket(
                tcp.socket, server_hostname=self._host, do_handshake_on_connect=False
            )
        if not self._now(self._handshake):
            return False
        tcp.want &= ~(_IN | _OUT)
        trust = self._client.trust
        if not trust.judge(self._ssl.getpeercert(True), 0):
            raise trust.explain("")
        self._open = True
        tcp.alive()
        trust.accepted()
        return True

    def _handshake(self):
        self._ssl.do_handshake()
        return True

    def close(self) -> None:
        tcp = self._tcp
        if tcp is None:
            return
        self._tcp = None
        self._open = False
        tcp.forget()
        if self._ssl is not None:
            self._ssl.close()
        tcp.close()
