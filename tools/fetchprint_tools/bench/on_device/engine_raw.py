"""The driver ``raw`` on a port that takes all that it is given."""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

from fetchprint.engine.raw import Raw


class Sink:
    def __init__(self):
        self.octets = 0

    def readinto(self, buf, off, n):
        return None

    def write(self, buf, off, n):
        self.octets += n
        return n


def rig():
    """Driver and sink."""
    sink = Sink()
    return Raw(sink, (b"application/octet-stream",), b"Bench", b"MFG:Bench;"), sink
