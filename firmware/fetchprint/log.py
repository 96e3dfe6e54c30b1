"""What happened, one JSON object a line: for people through the host command, and for machines."""

import json


class Log:
    """``write_line(text)`` is the port's; ``service``: whose events these are, if they are of one."""

    def __init__(self, write_line, service: str = ""):
        self._write_line = write_line
        self._service = service

    def event(self, kind: str, **fields):
        """Write ``{"event": kind, ...}``. Bytes values are text from the standards or the service;
        JSON escapes control characters in them. Not for steady state: it allocates."""
        for key in fields:
            value = fields[key]
            if isinstance(value, bytes):
                fields[key] = value.decode()
        out = {"event": kind, "service": self._service} if self._service else {"event": kind}
        out.update(fields)
        self._write_line(json.dumps(out))
