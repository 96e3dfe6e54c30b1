"""Numbers of IPP as names (IANA IPP registry; RFC 8011, RFC 3995, RFC 3996, PWG 5100.18;
docs/mobile-operations.md for the 2010 profile)."""

from __future__ import annotations

from enum import IntEnum


class Operation(IntEnum):
    """operation-id."""

    PRINT_JOB = 0x0002
    PRINT_URI = 0x0003
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    SEND_URI = 0x0007
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    CREATE_PRINTER_SUBSCRIPTIONS = 0x0016
    RENEW_SUBSCRIPTION = 0x001A
    CANCEL_SUBSCRIPTION = 0x001B
    GET_NOTIFICATIONS = 0x001C
    GET_DOCUMENT_ATTRIBUTES = 0x0034
    GET_DOCUMENTS = 0x0035
    CLOSE_JOB = 0x003B
    IDENTIFY_PRINTER = 0x003C
    ACKNOWLEDGE_DOCUMENT = 0x003F
    ACKNOWLEDGE_IDENTIFY_PRINTER = 0x0040
    ACKNOWLEDGE_JOB = 0x0041
    FETCH_DOCUMENT = 0x0042
    FETCH_JOB = 0x0043
    GET_OUTPUT_DEVICE_ATTRIBUTES = 0x0044
    UPDATE_ACTIVE_JOBS = 0x0045
    DEREGISTER_OUTPUT_DEVICE = 0x0046
    UPDATE_DOCUMENT_STATUS = 0x0047
    UPDATE_JOB_STATUS = 0x0048
    UPDATE_OUTPUT_DEVICE_ATTRIBUTES = 0x0049
    REGISTER_OUTPUT_DEVICE = 0x005F
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002
    FETCH_PRINT_JOB = 0x6F01
    ACCEPT_PRINT_JOB = 0x6F02
    REJECT_PRINT_JOB = 0x6F03
    REPORT_PRINT_JOB = 0x6F04
    REPORT_PRINTER = 0x6F05
    REGISTER_PRINTER = 0x6F06


class Status(IntEnum):
    """status-code."""

    OK = 0x0000
    OK_IGNORED_OR_SUBSTITUTED = 0x0001
    OK_TOO_MANY_EVENTS = 0x0005
    OK_EVENTS_COMPLETE = 0x0007
    BAD_REQUEST = 0x0400
    FORBIDDEN = 0x0401
    NOT_AUTHENTICATED = 0x0402
    NOT_AUTHORIZED = 0x0403
    NOT_POSSIBLE = 0x0404
    TIMEOUT = 0x0405
    NOT_FOUND = 0x0406
    GONE = 0x0407
    REQUEST_ENTITY_TOO_LARGE = 0x0408
    REQUEST_VALUE_TOO_LONG = 0x0409
    DOCUMENT_FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_OR_VALUES_NOT_SUPPORTED = 0x040B
    URI_SCHEME_NOT_SUPPORTED = 0x040C
    CHARSET_NOT_SUPPORTED = 0x040D
    CONFLICTING_ATTRIBUTES = 0x040E
    COMPRESSION_NOT_SUPPORTED = 0x040F
    COMPRESSION_ERROR = 0x0410
    DOCUMENT_FORMAT_ERROR = 0x0411
    DOCUMENT_ACCESS_ERROR = 0x0412
    TOO_MANY_SUBSCRIPTIONS = 0x0415
    NOT_FETCHABLE = 0x0420
    INTERNAL_ERROR = 0x0500
    OPERATION_NOT_SUPPORTED = 0x0501
    SERVICE_UNAVAILABLE = 0x0502
    VERSION_NOT_SUPPORTED = 0x0503
    DEVICE_ERROR = 0x0504
    TEMPORARY_ERROR = 0x0505
    NOT_ACCEPTING_JOBS = 0x0506
    BUSY = 0x0507
    JOB_CANCELED = 0x0508
    MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED = 0x0509

    @property
    def keyword(self) -> str:
        """The name of the registry, such as ``client-error-not-found``."""
        name = self.name.lower().replace("_", "-")
        if self < 0x0400:
            return "successful-" + name
        return ("client-error-" if self < 0x0500 else "server-error-") + name


def status_keyword(code: int) -> str:
    """The name of any status-code, in hexadecimal when it is not known."""
    try:
        return Status(code).keyword
    except ValueError:
        return f"status 0x{code:04x}"


class JobState(IntEnum):
    """job-state, and document-state likewise (RFC 8011 5.3.7)."""

    PENDING = 3
    PENDING_HELD = 4
    PROCESSING = 5
    PROCESSING_STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def keyword(self) -> str:
        """Such as ``processing-stopped``."""
        return self.name.lower().replace("_", "-")

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more."""
        return self >= JobState.CANCELED


class PrinterState(IntEnum):
    """printer-state (RFC 8011 5.4.11)."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5
