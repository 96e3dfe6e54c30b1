"""IPP status codes that the Proxy acts on (RFC 8011 appendix B, PWG 5100.18 section 8)."""

from fetchprint.port.native import micropython

const = micropython.const

EVENTS_COMPLETE = const(0x0007)  # successful-ok-events-complete: the subscription has ended
SUCCESS_END = const(0x0100)  # the codes below are successful-ok-...
BAD_REQUEST = const(0x0400)
NOT_AUTHENTICATED = const(0x0402)
NOT_AUTHORIZED = const(0x0403)
NOT_POSSIBLE = const(0x0404)
NOT_FOUND = const(0x0406)
FORMAT_NOT_SUPPORTED = const(0x040A)
COMPRESSION_NOT_SUPPORTED = const(0x040F)
FORMAT_ERROR = const(0x0411)
NOT_FETCHABLE = const(0x0420)
SERVER_ERRORS = const(0x0500)  # and above
