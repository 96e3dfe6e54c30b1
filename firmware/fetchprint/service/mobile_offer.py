"""Fetch-Print-Job's reply: the outer message, then the Print-Job or Print-URI Request embedded in it,
and what this device thinks of that (docs/mobile-operations.md sections 2 to 4).

Nothing is allocated but the name of an attribute that nobody expected, once a job.
"""

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import ATTRIBUTE, END, HEADER, VALUE
from fetchprint.port.native import micropython
from fetchprint.service.mobile import PRINT_JOB, PRINT_URI
from fetchprint.service.mobile_replies import UUID_LENGTH, PrinterReport
from fetchprint.service.status import BAD_REQUEST, COMPRESSION_NOT_SUPPORTED, FORMAT_NOT_SUPPORTED

const = micropython.const

_IGNORED = const(0x0001)  # successful-ok-ignored-or-substituted-attributes
_TOO_LARGE = const(0x0408)
_TOO_LONG = const(0x0409)
_VALUES_NOT_SUPPORTED = const(0x040B)
_SCHEME_NOT_SUPPORTED = const(0x040C)
_CHARSET_NOT_SUPPORTED = const(0x040D)
_OPERATION_NOT_SUPPORTED = const(0x0501)
_VERSION_NOT_SUPPORTED = const(0x0503)

_KEYWORD_ROOM = const(64)
_MAX_URI = const(1023)  # RFC 8011 5.1.6
_COLON = const(58)

# Job Template attributes that the document already obeys, or that are the service's business.
_OBEYED = (
    b"job-hold-until",
    b"job-priority",
    b"media",
    b"media-col",
    b"multiple-document-handling",
    b"orientation-requested",
    b"page-ranges",
    b"print-color-mode",
    b"print-content-optimize",
    b"print-quality",
    b"print-scaling",
    b"printer-resolution",
)
# Those that are taken with one value only.
_NUMBERS = (b"copies", b"number-up", b"finishings")
_ONLY_NUMBERS = (1, 1, 3)
_KEYWORDS = (b"sides", b"job-sheets")
_ONLY_KEYWORDS = (b"one-sided", b"none")


class Offer(PrinterReport):
    """``clear`` before each Fetch-Print-Job. ``follows``, ``damaged`` and ``data`` as in ``replies.Reply``
    (see ``proxy.exchange``). ``judge`` says how to answer. Without an offer, ``found`` tells
    of a job that this device is said to have, and ``identify`` of someone who looks for it."""

    def __init__(self, uri_room: int = _MAX_URI):
        """``uri_room``: octets of the longest document-uri taken, 0 to take none. The decoder's window
        for values must be as large."""
        PrinterReport.__init__(self)
        self.document_uri = bytearray(uri_room)
        self._format = bytearray(t.MAX_NAME)
        self._keyword = bytearray(_KEYWORD_ROOM)
        self.clear()

    def clear(self):
        """No offer."""
        self._clear()
        self.identify = False
        self.follows = False  # an embedded message comes next
        self.inside = False  # in the embedded message, or behind it
        self.announced = 0  # by embedded-message: PRINT_JOB, PRINT_URI, or 0 for no job
        self.operation = 0  # operation-id of the embedded message
        self.request_id = 1  # and its request-id
        self.format_length = 0
        self.uri_length = 0  # of document-uri; -1: longer than the room
        self.k_octets = 0  # job-k-octets, 0 if not said
        self.message = b""  # why ``judge`` says no
        self.bad_tag = 0  # syntax of the attribute that is not supported, t.UNSUPPORTED if its value does
        self.bad_number = 0  # not matter, 0 if all is well
        self.bad_value = self._keyword
        self.bad_length = 0
        self._bad_name = b""
        self._fault = 0  # status of what is wrong with the embedded message as such
        self._complete = False
        self._fidelity = False
        self.packed = False  # it says so
        self._packed_length = 0
        self._charset = False
        self._uuid_matches = False
        self._wanted = -1  # which of _NUMBERS is being read ...
        self._wanted_keyword = -1  # ... or of _KEYWORDS

    @property
    def data(self) -> bool:
        """A document is behind the embedded message."""
        return self.inside and self.announced == PRINT_JOB

    def on_event(self, dec, event):
        if event == HEADER:
            if self.follows:
                self.follows = False
                self.inside = True
                self.operation = dec.code
                self.request_id = dec.request_id
            else:
                self.clear()
        elif not self.inside:
            self._outer(dec, event)
        elif event == END:
            self._complete = True
        elif event == ATTRIBUTE:
            self._wanted = self._wanted_keyword = -1
            if dec.group == t.JOB:
                self._template(dec)
        elif event == VALUE and dec.depth == 0:
            if dec.group == t.OPERATION:
                self._operation_value(dec)
            elif dec.group == t.JOB:
                self._template_value(dec)

    def damaged(self, dec):
        """The decoder refused the embedded message, or it was cut short."""
        known = dec.offset < 8 or 0x0100 <= dec.version < 0x0300
        self._fault = BAD_REQUEST if known else _VERSION_NOT_SUPPORTED

    def judge(self, formats, schemes=(), most_k_octets: int = 0, gzip: bool = False) -> int:
        """The status-code with which to answer the embedded request: below 0x0100 to accept it, else
        to reject it with ``message``. ``formats``: MIME types that the engine takes; ``schemes``: of
        document-uris, in lower case; ``most_k_octets``: of a document, 0 = no limit; ``gzip`` may come."""
        status = self._check_request()
        if status:
            self.bad_tag = 0
            return status
        status = self._check_document(formats, schemes, gzip)
        if status:
            return status
        if most_k_octets and self.k_octets > most_k_octets:
            self.bad_tag = 0
            self.message = b"The document is larger than this printer takes."
            return _TOO_LARGE
        if not self.bad_tag:
            return 0
        self.message = b"An attribute or its value is not supported."
        return _VALUES_NOT_SUPPORTED if self._fidelity else _IGNORED

    def format(self) -> bytes:
        """document-format (allocates, once a document)."""
        return bytes(self._format[: self.format_length])

    def bad_name(self) -> bytes:
        """The name of the attribute that is not supported."""
        return self._bad_name

    def _outer(self, dec, event):
        PrinterReport.on_event(self, dec, event)
        if event == VALUE and dec.group == t.OPERATION and dec.depth == 0:
            if dec.name_is(b"embedded-message"):
                if dec.value_is(b"print-job-request"):
                    self.announced = PRINT_JOB
                elif dec.value_is(b"print-uri-request"):
                    self.announced = PRINT_URI
            elif dec.name_is(b"job-uuid"):
                self.uuid_length = max(0, dec.copy_value(self.uuid, 0, UUID_LENGTH))
        elif event == END:
            self.follows = self.announced != 0

    def _operation_value(self, dec):
        tag = dec.tag
        if dec.name_is(b"document-format"):
            self.format_length = max(0, dec.copy_value(self._format, 0, len(self._format)))
        elif dec.name_is(b"document-uri"):
            self.uri_length = dec.copy_value(self.document_uri, 0, len(self.document_uri))
        elif dec.name_is(b"job-id"):
            self.job_id = dec.integer() if tag == t.INTEGER else 0
        elif dec.name_is(b"job-uuid"):
            self._uuid_matches = self._same_uuid(dec)
        elif dec.name_is(b"attributes-charset"):
            self._charset = dec.value_is(b"utf-8") or dec.value_is(b"us-ascii")
        elif dec.name_is(b"compression"):
            if not dec.value_is(b"none"):
                self.packed = True
                self._packed_length = dec.copy_value(self._keyword, 0, _KEYWORD_ROOM)
        elif dec.name_is(b"ipp-attribute-fidelity"):
            self._fidelity = tag == t.BOOLEAN and dec.byte() == 1
        elif dec.name_is(b"job-k-octets"):
            self.k_octets = dec.integer() if tag == t.INTEGER else 0

    def _same_uuid(self, dec):
        if dec.long or dec.length != self.uuid_length:
            return False
        for i in range(self.uuid_length):
            if dec.byte(i) != self.uuid[i]:
                return False
        return True

    def _template(self, dec):
        """The first attribute that is not supported is noted; one is enough for the answer."""
        for name in _OBEYED:
            if dec.name_is(name):
                return
        for i in range(len(_NUMBERS)):
            if dec.name_is(_NUMBERS[i]):
                self._wanted = i
                return
        for i in range(len(_KEYWORDS)):
            if dec.name_is(_KEYWORDS[i]):
                self._wanted_keyword = i
                return
        if not self.bad_tag:
            self._bad(dec.name(), t.UNSUPPORTED)

    def _template_value(self, dec):
        if self.bad_tag:
            return
        i = self._wanted
        if i >= 0:
            if dec.tag != t.INTEGER and dec.tag != t.ENUM:
                self._bad(_NUMBERS[i], t.UNSUPPORTED)
            elif dec.integer() != _ONLY_NUMBERS[i]:
                self.bad_number = dec.integer()
                self._bad(_NUMBERS[i], dec.tag)
        i = self._wanted_keyword
        if i >= 0 and not dec.value_is(_ONLY_KEYWORDS[i]):
            n = -1 if self.packed else dec.copy_value(self._keyword, 0, _KEYWORD_ROOM)
            self.bad_value = self._keyword
            self.bad_length = max(n, 0)
            self._bad(_KEYWORDS[i], t.KEYWORD if n > 0 and dec.tag == t.KEYWORD else t.UNSUPPORTED)

    def _bad(self, name, tag):
        self._bad_name = name
        self.bad_tag = tag

    def _bad_string(self, name, tag, value, length):
        """Note a string value; one that was too long to keep is left out."""
        self._bad(name, tag if length > 0 else t.UNSUPPORTED)
        self.bad_value = value
        self.bad_length = max(length, 0)

    def _check_request(self):
        """Whether the embedded message is a request that can be answered at all."""
        if self._fault == _VERSION_NOT_SUPPORTED:
            self.message = b"The embedded request has an unknown version."
            return self._fault
        if self._fault or not self._complete:
            self.message = b"The embedded request is malformed."
            return BAD_REQUEST
        if self.operation != PRINT_JOB and self.operation != PRINT_URI:
            self.message = b"The embedded request is neither Print-Job nor Print-URI."
            return _OPERATION_NOT_SUPPORTED
        if not self._charset:
            self.message = b"The embedded request is not in utf-8."
            return _CHARSET_NOT_SUPPORTED
        if self.operation != self.announced:
            self.message = b"The embedded request is not what embedded-message says."
        elif self.uuid_length != UUID_LENGTH or not self._uuid_matches:
            self.message = b"The embedded job-uuid is not that of the offer."
        elif self.job_id < 1:
            self.message = b"The embedded request has no job-id."
        elif not self.format_length:
            self.message = b"The embedded request has no document-format."
        elif self.operation == PRINT_URI and self.uri_length == 0:
            self.message = b"The embedded request has no document-uri."
        else:
            return 0
        return BAD_REQUEST

    def _check_document(self, formats, schemes, gzip):
        if self.operation == PRINT_URI:
            if not self._scheme_in(schemes):
                self.message = b"Documents are not fetched by this scheme."
                self._bad_string(b"document-uri", t.URI, self.document_uri, self.uri_length)
                return _SCHEME_NOT_SUPPORTED
            if self.uri_length < 0:
                self.bad_tag = 0
                self.message = b"The document-uri is too long."
                return _TOO_LONG
        if self.packed and not (gzip and self._packed_length == 4 and self._keyword.startswith(b"gzip")):
            self.message = b"The document is compressed in a way that this printer does not take."
            self._bad_string(b"compression", t.KEYWORD, self._keyword, self._packed_length)
            return COMPRESSION_NOT_SUPPORTED
        for mime in formats:
            if len(mime) == self.format_length and self._format.startswith(mime):
                return 0
        self.message = b"This printer does not take documents of that format."
        self._bad_string(b"document-format", t.MIME_MEDIA_TYPE, self._format, self.format_length)
        return FORMAT_NOT_SUPPORTED

    def _scheme_in(self, schemes):
        if self.uri_length < 0:
            return len(schemes) > 0  # its beginning was not kept: the length is what is wrong
        uri = self.document_uri
        for scheme in schemes:
            n = len(scheme)
            if n < self.uri_length and uri[n] == _COLON:
                for i in range(n):
                    if uri[i] | 32 != scheme[i]:
                        break
                else:
                    return True
        return False
