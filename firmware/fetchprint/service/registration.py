"""How a new device gets its identity and credentials: Register-Printer of the 2010 profile
(docs/mobile-operations.md section 7) and Register-Output-Device of INFRA (PWG 5100.18, 5100.22).

Only imported to register: it is over before the first job.
"""

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import END, HEADER, VALUE
from fetchprint.ipp.errors import EncodeError
from fetchprint.port.native import micropython
from fetchprint.service import request
from fetchprint.service.replies import Reply

const = micropython.const

UUID_LENGTH = const(45)
MAX_PEM_LINES = const(64)  # printer-x509-request; RSA of 4096 bits has 36 lines

_REGISTER_PRINTER = const(0x6F06)
_REGISTER_OUTPUT_DEVICE = const(0x005F)

_MAX_PEM_LINE = const(76)
_MAX_CREDENTIALS = const(255)
_NEWLINE = const(10)
_RETURN = const(13)
_SPACE = const(32)
_TILDE = const(126)


def register_printer(enc, who, engine, name, code, pem) -> int:
    """Register-Printer with the one-time ``code`` (empty to renew with the credentials in use).

    ``pem``: a certificate request in PEM, or empty. Lines that are too long or too many
    raise EncodeError.
    """
    request.begin(enc, who, _REGISTER_PRINTER)
    enc.string(b"printer-uuid", t.URI, who.device_uuid)
    if code:
        enc.string(b"registration-code", t.TEXT, code)
    _put_lines(enc, b"printer-x509-request", pem)
    enc.group(t.PRINTER)
    enc.string(b"printer-info", t.TEXT, name)
    enc.string(b"printer-make-and-model", t.TEXT, engine.make_and_model)
    enc.string(b"printer-device-id", t.TEXT, engine.device_id)
    return enc.end()


def register_output_device(enc, who, system_uri, code, pem) -> int:
    """Register-Output-Device at the system ``system_uri``. ``code`` and ``pem`` as above; the code
    is an extension that the built-in service knows, empty with others."""
    request.begin(enc, who, _REGISTER_OUTPUT_DEVICE, 0, system_uri)
    enc.string(b"output-device-uuid", t.URI, who.device_uuid)
    enc.string(b"printer-service-type", t.KEYWORD, b"print")
    if code:
        enc.string(b"registration-code", t.TEXT, code)
    _put_lines(enc, b"output-device-x509-request", pem)
    return enc.end()


def _put_lines(enc, name, pem):
    """A text in lines as a 1setOf text, one line a value."""
    n = len(pem)
    begin = lines = 0
    for i in range(n + 1):
        if i == n or pem[i] == _NEWLINE:
            end = i - 1 if i > begin and pem[i - 1] == _RETURN else i
            if end > begin:
                lines += 1
                if lines > MAX_PEM_LINES or end - begin > _MAX_PEM_LINE:
                    raise EncodeError(
                        "line %d: at most %d lines of %d bytes are allowed"
                        % (lines, MAX_PEM_LINES, _MAX_PEM_LINE)
                    )
                enc.string_at(name, t.TEXT, pem, begin, end - begin)
                name = None
            begin = i + 1


class Registration(Reply):
    """Who this device is from now on. ``usable`` tells whether to believe it.

    Register-Printer answers with an identity and something to prove it by. Register-Output-Device
    need not: the device keeps the identity that it gave, and the print service may ask for no proof.
    """

    def __init__(self, certificate=None, infra: bool = False):
        """``certificate``: a bytearray for the certificate with its chain in PEM; ``infra``: it is
        Register-Output-Device that is answered."""
        self._infra = infra
        self._name = b"output-device-x509-certificate" if infra else b"printer-x509-certificate"
        self.uuid = bytearray(UUID_LENGTH)
        self.certificate = certificate or bytearray()  # lines with a newline behind each
        self._credentials = bytearray(_MAX_CREDENTIALS)
        self._clear()

    def _clear(self):
        self.uuid_length = 0
        self.certificate_length = 0
        self.credentials_length = 0
        self.fault = False  # a value is too long, or what no such value may be
        self._complete = False

    def on_event(self, dec, event):
        if event == HEADER:
            self._clear()
        elif event == END:
            self._complete = True
        elif event == VALUE and dec.group == t.OPERATION and dec.depth == 0:
            if dec.name_is(b"printer-uuid"):
                self.uuid_length = self._take(dec, self.uuid, 0, UUID_LENGTH)
            elif dec.name_is(b"http-credentials"):
                self.credentials_length = self._take(dec, self._credentials, 0, _MAX_CREDENTIALS)
            elif dec.name_is(self._name):
                at = self.certificate_length
                n = self._take(dec, self.certificate, at, min(len(self.certificate) - at - 1, _MAX_PEM_LINE))
                if n:
                    self.certificate[at + n] = _NEWLINE
                    self.certificate_length = at + n + 1

    def _take(self, dec, dst, at, room):
        """Visible US-ASCII and spaces only: it goes into files and HTTP headers."""
        n = dec.copy_value(dst, at, room) if room > 0 else -1
        for i in range(at, at + n):
            if not _SPACE <= dst[i] <= _TILDE:
                n = -1
                break
        if n < 1:
            self.fault = True
            return 0
        return n

    @property
    def usable(self) -> bool:
        """Complete, without fault, and with what the answer must have."""
        if not self._complete or self.fault or (self.credentials_length and not self._known_scheme()):
            return False
        if self._infra and not self.uuid_length:
            return True
        for i in range(9, self.uuid_length):
            if self.uuid[i] not in b"0123456789abcdefABCDEF-":
                return False
        return (
            self.uuid_length == UUID_LENGTH
            and self.uuid.startswith(b"urn:uuid:")
            and (self._infra or self.credentials_length > 0 or self.certificate_length > 0)
        )

    def _known_scheme(self):
        return self._credentials.startswith(b"Basic ") or self._credentials.startswith(b"Bearer ")

    def credentials(self) -> bytes:
        """The value of the HTTP Authorization field, or empty (allocates, once)."""
        return bytes(self._credentials[: self.credentials_length])
