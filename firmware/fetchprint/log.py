"""What happened, one JSON object a line: for people through the host command, and for machines."""

import json


class Log:
    """``write_line(text)`` is the port's; ``service``: whose events these are, if they are of one."""

    def __init__(self, write_line, service: str = ""):
        self._write_line = write_line
        self._service = service

    def event(self, kind: str, **fields):
        """Write ``{"event": kind, ...}``. Bytes values are text from the standards or the service. What
        is not printable US-ASCII is escaped, so that no text can do anything to a terminal. Not for
        steady state: it allocates."""
        for key in fields:
            value = fields[key]
            if isinstance(value, bytes):
                fields[key] = value.decode()
        out = {"event": kind, "service": self._service} if self._service else {"event": kind}
        out.update(fields)
        line = json.dumps(out)
        for c in line:
            if not " " <= c <= "~":  # MicroPython's json leaves what is beyond US-ASCII, and DEL
                line = "".join([c if " " <= c <= "~" else "\\u%04x" % min(ord(c), 0xFFFD) for c in line])
                break
        self._write_line(line)
