"""What MicroPython's heap gives out while a document streams and while messages are made and read.

The collector is off, so that ``gc.mem_alloc`` only ever grows: the difference is every byte
that was taken, whether it was given back or not.
"""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc

from bench_chain import FORMAT, WINDOW, stream

from fetchprint.document.pipe import Pipe
from fetchprint.engine.escpos import EscPos
from fetchprint.engine.escpos_link import CTS
from fetchprint.http.client import Connection
from fetchprint.ipp import decoder as d
from fetchprint.ipp.encoder import Encoder
from fetchprint.port.unix import Port
from fetchprint.service import infra, infra_replies, replies

WHO = infra.Identity(b"ipp://127.0.0.1:631/ipp/print/infra", b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77")
FORMATS = (b"image/pwg-raster", b"application/vnd.epson.escpos")
REASONS = (b"job-completed-successfully",)
PRINTING = (b"job-printing",)


def measure(reply_port: str, sink: str, raw_octets: str, job: str, jobs: str):
    """``job`` and ``jobs``: files with a Fetch-Job and a Get-Jobs reply. Yields bytes by what was done."""
    port = Port()
    out = port.connect("127.0.0.1", int(sink))
    engine = EscPos(out, bytearray(2048), status=False, flow=CTS, drawer=True)
    pipe = Pipe(engine)
    number = int(reply_port)
    tx, rx = bytearray(1280), bytearray(WINDOW)
    raw = Connection(port.connect, "127.0.0.1", number, "/raw", tx, rx)
    yield _documents("stream-raw", port, raw, engine, pipe, FORMAT, int(raw_octets))
    raw.close()
    raster = Connection(port.connect, "127.0.0.1", number, "/raster", tx, rx)
    yield _documents("stream-raster", port, raster, engine, pipe, b"image/pwg-raster", 0)
    raster.close()
    enc = Encoder(bytearray(1280), 0)
    dec = d.Decoder(256)
    encode(enc)
    yield {"what": "encode", "bytes": _encode(enc), "requests": 8}
    for what, path, sink_ in (
        ("decode-fetch-job", job, replies.JobInfo()),
        ("decode-get-jobs", jobs, infra_replies.FetchableJobs()),
    ):
        with open(path, "rb") as file:
            data = file.read()
        decode(dec, data, sink_)
        yield {"what": what, "bytes": _decode(dec, data, sink_), "octets": len(data)}


def _documents(what, port, connection, engine, pipe, format, total):
    """The first document opens the connection and registers the streams; the second is measured."""
    stream(port, connection, engine, pipe, format, total)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    stream(port, connection, engine, pipe, format, total)
    after = gc.mem_alloc()
    gc.enable()
    return {"what": what, "bytes": after - before, "octets": pipe.octets}


def encode(enc) -> None:
    """The requests that one job takes, and those of waiting."""
    infra.get_notifications(enc, WHO, 17, 1, True)
    infra.get_jobs(enc, WHO)
    infra.fetch_job(enc, WHO, 1208)
    infra.acknowledge_job(enc, WHO, 1208)
    infra.fetch_document(enc, WHO, 1208, 1, FORMATS)
    infra.acknowledge_document(enc, WHO, 1208, 1)
    infra.update_job_status(enc, WHO, 1208, 5, PRINTING, b"", 1, 40)
    infra.update_job_status(enc, WHO, 1208, 9, REASONS, b"", 3, 120)


def _encode(enc):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    encode(enc)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def decode(dec, data, sink) -> None:
    """``data`` through the decoder, fed by windows, its events given to ``sink``."""
    dec.reset()
    at = 0
    event = d.NEED_DATA
    while event != d.END:
        if event == d.NEED_DATA:
            n = min(WINDOW, len(data) - at)
            dec.feed(data, at, n)
            at += n
        else:
            sink.on_event(dec, event)
        event = dec.next()
    sink.on_event(dec, event)


def _decode(dec, data, sink):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    decode(dec, data, sink)
    after = gc.mem_alloc()
    gc.enable()
    return after - before
