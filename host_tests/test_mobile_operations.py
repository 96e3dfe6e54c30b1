"""docs/mobile-operations.md against itself, two decoders and the firmware: its octets mean what it says,
and the device sends and understands exactly them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pyipp.parser import parse

from fetchprint.document.pipe import MOST_OCTETS
from fetchprint.engine import base
from fetchprint.ipp import tags
from fetchprint.ipp.decoder import END, Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.proxy import own_code
from fetchprint.proxy.mobile import hold, offers
from fetchprint.service import mobile
from fetchprint.service.mobile_offer import Offer
from fetchprint.service.mobile_replies import JobReport, PrinterReport
from fetchprint.service.registration import Registration, register_printer
from fetchprint.settings import OWN_CODE
from fetchprint_tools.message import Message, decode
from fetchprint_tools.printservice import limits
from mobile_listing import DOCUMENT, examples, listing, octets

EXAMPLES = examples()
TEXT = DOCUMENT.read_text()
NORMATIVE = TEXT[: TEXT.index("\n## 12. Examples\n")]

QUEUE = b"ipp://print.example:631/ipp/print/till"
DEVICE = b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"
JOB = b"urn:uuid:8a1bd4e2-5c1d-4f1c-92a0-6a1f0e3d9b11"
ESCPOS = b"application/vnd.epson.escpos"


class Engine(base.Engine):
    """What a Register-Printer says of the engine, and which formats it takes."""

    make_and_model = b"Emulated ESC/POS"
    device_id = b"MFG:Emulated;MDL:ESC/POS;CMD:ESCPOS;"
    formats = (b"image/pwg-raster", ESCPOS)


def example(name: str) -> bytes:
    return octets(EXAMPLES[name])


def messages(name: str) -> tuple[list[Message], bytes]:
    """The outer message, the embedded one if there is one, and the document; by the host's decoder."""
    data = example(name)
    found, length = decode(data)
    chain = [found]
    if found.get(tags.OPERATION, "embedded-message", "none") != "none":
        inner, more = decode(data[length:])
        chain.append(inner)
        length += more
    return chain, data[length:]


def read(sink: Any, data: bytes) -> bytes:
    """Feed a sink of the firmware; what is left is the document."""
    dec = Decoder(1023)
    dec.feed(data, 0, len(data))
    while True:
        event = dec.next()
        sink.on_event(dec, event)
        if event == END:
            if not getattr(sink, "follows", False):
                return data[dec.pos :]
            left = dec.pos
            dec.reset()
            dec.feed(data, left, len(data) - left)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_line_says_what_its_octets_are(name: str) -> None:
    assert listing(example(name)) == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_two_decoders_read_the_same(name: str) -> None:
    chain, document = messages(name)
    data = example(name)
    assert b"".join(message.encode() for message in chain) + document == data
    at = 0
    for message in chain:
        encoded = message.encode()
        judged = parse(data[at : at + len(encoded)])
        assert (judged["status-code"], judged["request-id"]) == (message.code, message.request_id)
        for name_, attribute in message.groups[0].attributes.items():
            assert judged["operation-attributes"][name_] == attribute.value
        at += len(encoded)


def test_there_is_an_example_of_each_request_and_response() -> None:
    table = dict(re.findall(r"^\| 0x(6F0\d) \| ([A-Za-z-]+) \|", NORMATIVE, re.MULTILINE))
    assert len(table) == 6
    for code, operation in table.items():
        request, _ = messages(f"{operation.lower()}-request")
        assert request[0].code == int(code, 16)
        assert f"{operation} (0x{code})" in NORMATIVE  # the section that defines it
        answers = [name for name in EXAMPLES if name.startswith(f"{operation.lower()}-response")]
        assert answers
        for name in answers:
            assert messages(name)[0][0].code == 0


def test_every_attribute_of_the_examples_is_defined() -> None:
    defined = "\n".join(line for line in NORMATIVE.splitlines() if line.startswith(("|", "**", "Every")))
    for name in EXAMPLES:
        for message in messages(name)[0]:
            for group in message.groups:
                for attribute in group:
                    assert attribute.name in defined, f"{attribute.name} of {name}"


def test_requests_begin_as_section_1_2_says() -> None:
    section = NORMATIVE[NORMATIVE.index("### 1.2") : NORMATIVE.index("### 1.3")]
    order = re.findall(r"^\| ([a-z-]+) \| \S+ \| (?:REQUIRED|OPTIONAL)", section, re.MULTILINE)
    assert order[0] == "attributes-charset" and order[-1] == "printer-uuid"
    for name in (name for name in EXAMPLES if name.endswith("-request")):
        (outer, *_), _ = messages(name)
        assert list(outer.groups[0].attributes)[: len(order)] == order
        assert outer.get(tags.OPERATION, "printer-uri") == QUEUE.decode()
        assert outer.get(tags.OPERATION, "printer-uuid") == DEVICE.decode()


def offer_of(name: str) -> Offer:
    offer = Offer()
    read(offer, example(name))
    return offer


def rejected() -> Offer:
    """The job that the example of Reject-Print-Job refuses: the other one in PDF."""
    outer, inner = messages("fetch-print-job-response-print-job")[0]
    inner.groups[0].attributes["document-format"].values[0] = "application/pdf"
    offer = Offer()
    read(offer, outer.encode() + inner.encode())
    assert offer.judge(Engine.formats) == 0x040A
    return offer


REQUESTS: dict[str, tuple[Callable[..., int], Callable[[], tuple[Any, ...]]]] = {
    "fetch-print-job-request": (mobile.fetch_print_job, lambda: (60,)),
    "accept-print-job-request": (
        mobile.accept_print_job,
        lambda: (offer_of("fetch-print-job-response-print-job"),),
    ),
    "reject-print-job-request": (
        mobile.reject_print_job,
        lambda: (rejected(), 0x040A, rejected().message),
    ),
    "report-print-job-request": (
        mobile.report_print_job,
        lambda: (JOB, 5, (b"job-printing",), b"Printing.", 0, 1),
    ),
    "report-printer-request": (
        mobile.report_printer_state,
        lambda: (5, (b"media-empty",), b"Stopped: media-empty"),
    ),
    "register-printer-request": (
        register_printer,
        lambda: (Engine, b"Till 3", b"K7QF2MXWPA", b""),
    ),
}


def test_the_device_sends_exactly_these_octets() -> None:
    assert set(REQUESTS) == {name for name in EXAMPLES if name.endswith("-request")}
    for name, (function, arguments) in REQUESTS.items():
        who = mobile.Identity(QUEUE, DEVICE)
        who.request_id = messages(name)[0][0].request_id - 1
        enc = Encoder(bytearray(2000), 100)
        length = function(enc, who, *arguments())
        assert bytes(enc.buf[100 : 100 + length]).hex(" ") == example(name).hex(" "), name


def test_the_device_understands_each_response() -> None:
    offer = Offer()
    assert read(offer, example("fetch-print-job-response-none")) == b""
    assert not offer.announced and not offer.follows and not offer.inside
    assert read(offer, example("fetch-print-job-response-print-job")) == b"\x1b@Hello\n"
    assert offer.judge(Engine.formats) == 0
    assert (offer.operation, offer.request_id, offer.job_id) == (mobile.PRINT_JOB, 7, 42)
    assert (bytes(offer.uuid), offer.format()) == (JOB, ESCPOS)
    assert read(offer, example("fetch-print-job-response-print-uri")) == b""
    assert offer.judge(Engine.formats, (b"https",)) == 0 and offer.operation == mobile.PRINT_URI
    uri = bytes(offer.document_uri[: offer.uri_length])
    assert uri == b"https://files.example/receipts/4711.bin"
    report = JobReport()
    read(report, example("accept-print-job-response"))
    assert report.accepted and not report.canceled and report.job_id == 42
    rejection = JobReport()
    read(rejection, example("reject-print-job-response"))
    assert not rejection.found
    canceled = JobReport()
    read(canceled, example("report-print-job-response"))
    assert canceled.accepted and canceled.canceled and bytes(canceled.uuid) == JOB
    printer = PrinterReport()
    read(printer, example("report-printer-response"))
    assert printer.found and printer.accepted and not printer.identify
    registration = Registration()
    read(registration, example("register-printer-response"))
    assert registration.usable and bytes(registration.uuid) == DEVICE
    assert registration.credentials().startswith(b"Bearer ")


def test_the_captions_say_what_the_examples_hold() -> None:
    _, inner = messages("fetch-print-job-response-print-job")[0]
    job = inner.groups[0]
    said = re.search(r'job (\d+), "([^"]+)" of (\w+)', TEXT)
    assert said is not None
    assert (int(said[1]), said[2], said[3]) == (
        job.get("job-id"),
        job.get("job-name"),
        job.get("requesting-user-name"),
    )
    _, answer = messages("accept-print-job-request")[0]
    assert f"repeats the request-id {inner.request_id} of" in TEXT
    assert answer.request_id == inner.request_id
    assert answer.get(tags.JOB, "job-uri") == f"{QUEUE.decode()}/42"


def test_each_status_of_a_rejection_is_in_the_table() -> None:
    section = NORMATIVE[NORMATIVE.index("## 4. Reject-Print-Job") : NORMATIVE.index("## 5. ")]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    listed = {int(code, 16) for row in rows for code in re.findall(r"0x([0-9A-F]{4})", row.split("|")[1])}
    assert {0x0400, 0x0408, 0x0409, 0x040A, 0x040B, 0x040C, 0x040D, 0x040F, 0x0412, 0x0501, 0x0503} <= listed
    assert {0x0504, 0x0505, 0x0506, 0x0507} <= listed


def test_the_built_in_service_chooses_what_it_says() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", TEXT[TEXT.index("### 11.3") :], re.MULTILINE))
    said = {
        "Fetch-Print-Job requests that are held": (limits.MAX_HELD,),
        "an offer binds its job for": (limits.OFFER_TIME,),
        '"not now" lasts': (limits.NOT_NOW,),
        "a device counts as gone after": (limits.DEVICE_SILENCE,),
        "the end of a job is remembered for": (limits.JOB_MEMORY, limits.JOB_HISTORY),
        "devices of a queue": (limits.MAX_DEVICES,),
        "the same code again, by the same device": (limits.CODE_AGAIN,),
        "wrong codes": (limits.WRONG_CODES, limits.ATTEMPTS_MINUTE),
    }
    for name, numbers in said.items():
        found = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", rows[name])]
        assert tuple(found) == numbers, name
    assert rows["a registration code"].startswith(f"{limits.CODE_LETTERS} characters")
    assert f"{limits.CODE_LIFE:,.0f} s" in rows["a registration code"]
    assert limits.MAX_FETCH_WAIT == 300 and limits.MAX_MESSAGE == 65536


def test_the_built_in_device_chooses_what_it_says() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", TEXT[TEXT.index("### 11.4") :], re.MULTILINE))
    assert rows["fetch-wait"] == f"{hold._WAIT_S} s"
    assert (
        offers._LOOK_MS == 1000 and "within a second" in rows["the first octets of a document are looked at"]
    )
    assert f"{MOST_OCTETS:,}" in rows["the largest document"]
    own = rows["a code of its own"]
    assert f'"register": "{OWN_CODE}"' in own and f"{own_code._LETTERS} characters of `A-Z2-7`" in own
    assert own_code._LIFE_MS == 3600_000 and "after an hour" in own


def test_each_refusal_has_a_status_of_its_operation() -> None:
    table = dict(re.findall(r"^\| 0x(6F0\d) \| ([A-Za-z-]+) \|", NORMATIVE, re.MULTILINE))
    refused = [name for name in EXAMPLES if "-refused-" in name]
    assert len(refused) == 4
    for name in refused:
        operation = next(one for one in table.values() if name.startswith(one.lower()))
        section = NORMATIVE[re.search(rf"^## \d\. {operation} ", NORMATIVE, re.MULTILINE).start() :]  # type: ignore[union-attr]
        section = section[: section.index("\n## ", 1)]
        (outer,), document = messages(name)
        assert document == b"" and f"0x{outer.code:04X} |" in section
        report = JobReport()
        read(report, example(name))
        assert report.found == (outer.find(tags.JOB) is not None)
