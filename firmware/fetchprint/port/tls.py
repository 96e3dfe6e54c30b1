"""TLS on MicroPython (mbedtls): a client that verifies, and its streams. Only imported where a service
uses it."""

import gc
import select

import tls

from fetchprint.port.trust import BROKEN, TrustError

_IN = select.POLLIN
_OUT = select.POLLOUT

# What mbedtls takes from the heap of a board for each connection, in one piece each: records that come
# and records that go. Kept free by Client where it shares the heap.
_RESERVED = (17 * 1024, 5 * 1024)


_LONG = "a message of the handshake is longer than 16 kB: has the service too long a chain?"

# What mbedtls says by number only, or in words that mean nothing to its user.
_TEXTS = {
    -0x7780: "fatal alert",
    -0x7200: "invalid_record",
    -0x7280: "it broke the handshake off",
    -0x6E80: "protocol version",
    -0x7A00: "bad_certificate",
    -0x7080: _LONG,
    -0x7100: _LONG,  # newer ones, which put fragments together
    -0x7F00: "there is not enough memory for the handshake",
}


class Client:
    """``connect(host, port)`` gives a Stream over TLS to the service of ``trust``; so it takes the place of
    ``Port.connect``. ``present`` gives it another certificate for itself."""

    def __init__(self, port, trust, reserve: int = 0):
        """``reserve``: for how many connections memory is kept free from now on."""
        self.trust = trust
        self.port = port
        self._reserves = []
        for _ in range(reserve):
            self.reserve()
        self.context = self._make()

    def present(self, pem) -> None:
        """Show this certificate from the next connection on; see ``Trust.present``."""
        self.trust.present(pem, "certificate")
        self.context = self._make()

    def _make(self):
        trust = self.trust
        context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        # A pinned key needs no CA. Then mbedtls only does the handshake, and judging is for the callback
        # alone: what that refuses ends it in either mode.
        context.verify_mode = tls.CERT_REQUIRED if trust.ca else tls.CERT_OPTIONAL
        context.verify_callback = self._verify
        context.set_ciphers([c for c in context.get_ciphers() if "ECDHE" in c and "GCM" in c])
        try:
            for der in trust.ca:
                context.load_verify_locations(der)
            if trust.chain and trust.key:
                context.load_cert_chain(trust.chain[0], trust.key)
        except ValueError as error:
            raise TrustError("tls: a certificate or key cannot be used here: %s" % error)
        return context

    def _verify(self, der, depth):
        # Called from within mbedtls, which no exception may cross.
        try:
            return 0 if self.trust.judge(der, depth) else -1
        except (MemoryError, ValueError, IndexError) as error:
            self.trust.fault = "the certificate cannot be judged: %s" % error
            return -1

    def connect(self, host: str, port: int, allows=None):
        """Begin; the Stream answers None until the handshake is done. See ``Port.connect``."""
        self.trust.host = host
        return Stream(self, self.port.connect(host, port, allows), host)

    def reserve(self) -> None:
        """Keep memory for one connection from now on, as far as there is."""
        try:
            self._reserves.append([bytearray(n) for n in _RESERVED])
        except MemoryError:
            gc.collect()

    def release(self) -> bool:
        """Let the memory of one connection go; whether there was any kept."""
        if not self._reserves:
            return False
        self._reserves.pop()
        gc.collect()
        return True


class Stream:
    """See Stream in docs/architecture.md. Made by ``Client.connect``."""

    def __init__(self, client, tcp, host):
        self._client = client
        self._tcp = tcp
        self._host = host
        self._ssl = None
        self._open = False
        self._reserved = False

    def readinto(self, buf: bytearray, off: int, n: int):
        """``off`` other than 0 allocates."""
        if self._ssl is None and not self._begin():
            return None
        tcp = self._tcp
        try:
            if off:
                got = self._ssl.readinto(memoryview(buf)[off : off + n])
            else:
                got = self._ssl.readinto(buf, n)
        except (OSError, ValueError) as error:
            raise self._failed(error)
        if got is None:
            tcp.want |= _IN
            return None
        tcp.want &= ~_IN
        self._done()
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._ssl is None and not self._begin():
            return None
        tcp = self._tcp
        try:
            done = self._ssl.write(buf, off, n)
        except (OSError, ValueError) as error:
            raise self._failed(error)
        if done is None:
            # During the handshake it is nearly always the service's turn.
            tcp.want |= _OUT if self._open else _IN
            return None
        tcp.want &= ~_OUT
        self._done()
        return done

    def _begin(self):
        if self._tcp is None:
            raise OSError("stream is closed")
        if not self._tcp.connected():
            return False
        client = self._client
        self._reserved = client.release()
        self._ssl = client.context.wrap_socket(
            self._tcp.socket, server_hostname=self._host, do_handshake_on_connect=False
        )
        return True

    def _done(self):
        if not self._open:
            self._open = True
            self._tcp.alive()
            self._client.trust.accepted()

    def _failed(self, error):
        if self._tcp is None:
            return OSError("stream is closed")
        if self._open:
            return error if isinstance(error, OSError) else OSError(str(error))
        number = error.errno if isinstance(error, OSError) else 0
        if number in BROKEN:
            error = "it broke the handshake off"
        elif not self._client.trust.fault and number and number > 0:
            return error  # of the network
        return self._client.trust.explain(_TEXTS.get(number) or str(error))

    def close(self) -> None:
        tcp = self._tcp
        if tcp is None:
            return
        self._tcp = None
        tcp.forget()
        if self._ssl is not None:
            self._ssl.close()
        tcp.close()
        self._ssl = None
        if self._reserved:
            gc.collect()
            self._client.reserve()
