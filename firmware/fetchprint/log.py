"""What happened, one JSON object a line: for people through the host command, and for machines."""

import json


class Log:
    """``write_line(text)`` is the port's."""

    def __init__(self, write_line):
        self._write_line = write_line

    def event(self, kind: str, **fields):
        """Write ``{"event": kind, ...}``. Bytes values are text from the standards or the service;
        JSON escapes control characters in them. Not for steady state: it allocates."""
        for key in fields:
            value = fields[key]
            if isinstance(value, bytes):
                fields[key] = value.decode()
        out = {"event": kind}
        out.update(fields)
        self._write_line(json.dumps(out))
