"""Streaming: the real chain against a bare loop with the same buffer, in turn, on this interpreter.

Both read from a TCP connection and write to the same sink through the port's own streams.
The chain is what prints a document in the engine's own language: ``http.client`` reads and
unpacks a chunked reply, ``document.pipe`` takes it through, ``engine.escpos`` writes it.
"""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import sys

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine.escpos import EscPos
from fetchprint.engine.escpos_link import CTS
from fetchprint.http.client import Connection

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

WINDOW = 1460  # build.py's receive buffer: one TCP segment
WAIT_MS = 20  # the loop's longest sleep with a job in hand
FORMAT = b"application/vnd.epson.escpos"


def measure(reply_port: str, raw_port: str, sink: str, octets: str, rounds: str):
    """``sink``: the path of a tty or a TCP port. Yields milliseconds of each round, side by side."""
    port = Port()
    out = port.open_device(sink) if sink.startswith("/") else port.connect("127.0.0.1", int(sink))
    engine = EscPos(out, bytearray(2048), status=False, flow=CTS, drawer=True)
    pipe = Pipe(engine)
    window = bytearray(WINDOW)
    connection = Connection(port.connect, "127.0.0.1", int(reply_port), "/raw", bytearray(1280), window)
    total = int(octets)
    for _ in range(int(rounds)):
        bare = _bare(port, port.connect("127.0.0.1", int(raw_port)), out, window, total)
        chain = stream(port, connection, engine, pipe, FORMAT, total)
        yield {"bare": bare, "chain": chain}


def _bare(port, source, out, window, total):
    """Read and write until the source closes; milliseconds from its first octets on."""
    size = len(window)
    begun = False
    moved = 0
    start = 0
    while True:
        n = source.readinto(window, 0, size)
        if n is None:
            port.wait(WAIT_MS)
            continue
        if n == 0:
            break
        if not begun:
            begun = True
            start = port.now()
        at = 0
        while at < n:
            written = out.write(window, at, n - at)
            if written is None:
                port.wait(WAIT_MS)
            else:
                at += written
        moved += n
    end = port.now()
    source.close()
    if moved != total:
        raise OSError("the bare loop moved %d octets of %d" % (moved, total))  # noqa: UP031
    return ticks.diff(end, start)


def stream(port, connection, engine, pipe, format, total):
    """One document through the chain, turn by turn as the loop does it; milliseconds for ``total`` octets.

    The time ends when the engine's driver has taken the last octet, or with the document when
    ``total`` is 0; then the document is brought to its end.
    """
    connection.post(port.now(), 0, 5000)
    while True:
        status = connection.poll(port.now())
        if status is not None:
            break
        port.wait(WAIT_MS)
    if status != 200:
        raise OSError("the feeder answered with HTTP %d" % status)  # noqa: UP031
    start = port.now()
    end = -1
    pipe.start(connection, format)
    while True:
        now = port.now()
        work = pipe.work
        engine.poll(now)
        done = pipe.poll(now)
        if end < 0 and pipe.octets == total:
            end = port.now()
        if done:
            break
        port.wait(0 if pipe.work != work else WAIT_MS)
    if total and end < 0:
        raise OSError("the chain moved %d octets of %d" % (pipe.octets, total))  # noqa: UP031
    return ticks.diff(port.now() if end < 0 else end, start)
