"""Numbers for the names and keywords of IPP: the same octets on the wire, the same taken from replies."""

from __future__ import annotations

import subprocess
from pathlib import Path

from fetchprint_tools import firmware_build, micropython, words

SOURCE = '''"""A module."""


def put(enc, who, values, job):
    enc.string(b"attributes-charset", 0x47, b"utf-8")
    enc.string(b"job-name", 0x42, job.name)
    enc.integer(b"job-id", 0x21, 7)
    keywords(enc, b"requested-attributes", (b"job-id", b"job-state"))
    keywords(enc, b"reasons", values or (b"none",))
    enc.string(b"made", 0x42, b"%d" % 7)
    name = b"job-ids"
    for value in values:
        enc.integer(name, 0x21, value)
        name = None
    return b"kept"


def on_event(sink, dec):
    if dec.name_is(b"job-state") and not dec.value_is(b""):
        sink.state = b"job-state"
'''

SCRIPT = """
from fetchprint.engine.base import Engine, rolls
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.service import infra, mobile
from fetchprint.service.infra_replies import ActiveJobs, DocumentInfo, FetchableJobs
from fetchprint.service.infra_replies import Notifications, Subscription
from fetchprint.service.replies import JobInfo

class Printer(Engine):
    formats = (b"image/pwg-raster", b"text/plain")
    make_and_model = b"Model"
    identify_actions = (b"display",)
    media = rolls(576, 203)
    resolution = 203

class Pipe:
    engine = Printer()
    formats = Printer.formats
    raster_types = (b"black_1",)
    urf = (b"V1.4",)
    most_k = 5
    compressions = (b"none",)

who = infra.Identity(b"ipp://host/ipp/print", b"urn:uuid:00000000-0000-0000-0000-000000000000")
enc = Encoder(bytearray(4096))
def show(length):
    print("".join(["%02x" % b for b in enc.buf[:length]]))
show(mobile.report_printer(enc, who, Pipe, b"name", 5, (b"media-empty",), b"Stopped"))
show(infra.create_subscription(enc, who))
show(infra.update_active_jobs(enc, who, (1, 2), (5, 9)))
show(infra.get_job_state(enc, who, 3))
show(infra.fetch_document(enc, who, 3, 1, Printer.formats))
show(infra.update_document_status(enc, who, 3, 1, 9, (), 2, 3))
replies = bytes.fromhex(REPLIES)
dec = Decoder(64, 64)
for sink in (JobInfo(), FetchableJobs(), ActiveJobs(), Subscription(), Notifications(), DocumentInfo()):
    dec.reset()
    dec.feed(replies, 0, len(replies))
    while True:
        event = dec.next()
        sink.on_event(dec, event)
        if event == 8:  # END
            break
    for name in sorted(dir(sink)):
        value = getattr(sink, name)
        if not name.startswith("__") and isinstance(value, (bool, int, bytes, bytearray)):
            print(type(sink).__name__, name, value)
"""


def reply() -> bytes:
    """With what each sink looks for."""
    from fetchprint.ipp import tags as t
    from fetchprint.ipp.encoder import Encoder

    enc = Encoder(bytearray(2000))
    enc.begin(0x0200, 0, 1)
    enc.group(t.OPERATION)
    enc.string(b"document-format", t.MIME_MEDIA_TYPE, b"text/plain")
    enc.string(b"compression", t.KEYWORD, b"gzip")
    enc.integer(b"printer-up-time", t.INTEGER, 11)
    enc.integer(b"job-ids", t.INTEGER, 4)
    enc.integer(b"output-device-job-states", t.ENUM, 5)
    enc.group(t.SUBSCRIPTION)
    enc.integer(b"notify-subscription-id", t.INTEGER, 12)
    enc.integer(b"notify-lease-duration", t.INTEGER, 13)
    enc.group(t.JOB)
    enc.integer(b"job-id", t.INTEGER, 4)
    enc.integer(b"job-idx", t.INTEGER, 5)
    enc.integer(b"job-state", t.ENUM, 3)
    enc.string(b"job-state-reasons", t.KEYWORD, b"job-canceled-by-user")
    enc.string(None, t.KEYWORD, b"job-canceled-by-usex")
    enc.integer(b"number-of-documents", t.INTEGER, 2)
    enc.string(b"job-uuid", t.URI, b"urn:uuid:00000000-0000-0000-0000-000000000001")
    enc.group(t.EVENT_NOTIFICATION)
    enc.integer(b"notify-sequence-number", t.INTEGER, 21)
    enc.string(b"printer-state-reasons", t.KEYWORD, b"identify-printer-requested")
    return bytes(enc.buf[: enc.end()])


def test_words_become_numbers_where_they_go_nowhere_else() -> None:
    texts = words.numbered({"fetchprint.m": SOURCE, "fetchprint.ipp.encoder": '"""E."""\n\nWORDS = b""\n'})
    source = texts["fetchprint.m"]
    space: dict[str, bytes] = {}
    exec(texts["fetchprint.ipp.encoder"], space)
    for word in (b"attributes-charset", b"utf-8", b"job-id", b"job-state", b"none", b"job-ids", b"job-name"):
        assert word in space["WORDS"]
    assert space["WORDS"].count(b"job-id") == 1, "it is the beginning of job-ids"
    assert 'return b"kept"' in source and 'sink.state = b"job-state"' in source
    assert 'b"%d" % 7' in source and 'dec.value_is(b"")' in source and "job.name" in source
    assert source.count('b"') == 4
    place = words.numbered(
        {
            "fetchprint.m": '"""M."""\n\ndef put(enc):\n    enc.integer(b"job-id", 33, 1)\n',
            "fetchprint.ipp.encoder": 'WORDS = b""\n',
        }
    )
    assert f"enc.integer({len(b'job-id')}, 33, 1)" in place["fetchprint.m"]


def test_the_octets_are_the_same(tmp_path: Path) -> None:
    plain = firmware_build.inlined()
    said = {}
    for kind, texts in (("plain", plain), ("numbered", words.numbered(plain))):
        folder = tmp_path / kind
        for name, text in texts.items():
            path = Path(folder, *name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "check.py").write_text(SCRIPT.replace("REPLIES", repr(reply().hex())))
        program = str(micropython.executable())
        done = subprocess.run(
            [program, "check.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said[kind] = done.stdout
    assert said["plain"] == said["numbered"]
    for fact in (
        "JobInfo canceled True",
        "FetchableJobs job_id 4",
        "Subscription lease 13",
        "DocumentInfo gzip True",
    ):
        assert fact in said["plain"], fact
    assert "Notifications identify True" in said["plain"] and "ActiveJobs revealed 4" in said["plain"]
