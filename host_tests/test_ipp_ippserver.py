"""The packaged ippserver reads what the firmware encodes: every request of the INFRA profile."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest

from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.ipp import tags
from fetchprint.ipp.encoder import Encoder
from fetchprint.service import description, infra
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.message import Message, decode
from support import wait_until

UUID = b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"
BAD_REQUEST = 0x0400
NOT_FOUND = 0x0406
NOT_POSSIBLE = 0x0404


class Engine(base.Engine):
    """The capabilities that the device reports."""

    make_and_model = b"Emulated ESC/POS"
    device_id = b"MFG:Emulated;MDL:ESC/POS;CMD:ESCPOS;"
    formats = (b"image/pwg-raster", b"application/octet-stream")
    resolution = 203
    width = 576
    raster_types = (b"black_1", b"sgray_8")
    media = ((b"om_80mm-roll_80x200mm", 8000, 20000, 0, 0, 0, 0),)


class Device:
    """Posts what the firmware encodes and reads what the server answers."""

    def __init__(self, server: IppServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        self._path = f"/ipp/print/{server.queue}"
        self.who = infra.Identity(server.uri.encode(), UUID)

    def post(self, body: bytes) -> tuple[Message, bytes]:
        self._connection.request("POST", self._path, body, {"Content-Type": "application/ipp"})
        response = self._connection.getresponse()
        data = response.read()
        assert response.status == 200
        message, used = decode(data)
        assert message.request_id == int.from_bytes(body[4:8])
        return message, data[used:]

    def send(self, request: Callable[..., int], *arguments: Any) -> tuple[Message, bytes]:
        """One request of the profile, which the server must not call malformed."""
        encoder = Encoder(bytearray(3000))
        length = request(encoder, self.who, *arguments)
        message, data = self.post(bytes(encoder.buf[:length]))
        assert message.code != BAD_REQUEST, (request.__name__, message)
        return message, data

    def ok(self, request: Callable[..., int], *arguments: Any) -> tuple[Message, bytes]:
        message, data = self.send(request, *arguments)
        assert message.code < 0x0100, (request.__name__, hex(message.code), message)
        return message, data

    def close(self) -> None:
        self._connection.close()


@pytest.mark.system
def test_ippserver_accepts_every_request_of_the_profile(ippserver: IppServer) -> None:
    device = Device(ippserver)
    try:
        hold_the_conversation(device, ippserver.uri)
    finally:
        device.close()


def hold_the_conversation(device: Device, uri: str) -> None:
    printer, _ = device.post(Message.request(0x000B, 99, uri).encode())
    assert printer.code == 0
    assert (
        "urf-supported" in printer.groups_of(tags.PRINTER)[0] or len(printer.groups_of(tags.PRINTER)[0]) > 50
    )

    device.ok(description.update_device, Pipe(Engine), b"thermal", 3, (), b"")
    device.ok(description.update_state, 5, (b"media-empty-error", b"cover-open"), b"The cover is open.")
    device.ok(description.update_state, 3, (), b"")
    # With two empty sets the server answers 0400: that is a quirk the profile names, so one job is listed.
    device.send(infra.update_active_jobs, (4711,), (5,))
    subscription, _ = device.ok(infra.create_subscription)
    subscription_id = subscription.get(tags.SUBSCRIPTION, "notify-subscription-id")
    assert subscription_id > 0
    device.ok(infra.renew_subscription, subscription_id)

    job = Message.request(0x0002, 100, uri)
    job.groups[0].add("requesting-user-name", tags.NAME, "judge")
    job.groups[0].add("document-format", tags.MIME_MEDIA_TYPE, "application/octet-stream")
    created, _ = device.post(job.encode() + b"\x1b@hello\n")
    assert created.code < 0x0100, created
    job_id = created.get(tags.JOB, "job-id")

    device.ok(infra.get_notifications, subscription_id, 1, False)
    jobs = wait_until(lambda: device.ok(infra.get_jobs)[0].groups_of(tags.JOB), 10, "a fetchable job")
    assert [group.get("job-id") for group in jobs] == [job_id]
    fetched, _ = device.ok(infra.fetch_job, job_id)
    assert fetched.get(tags.JOB, "job-id") == job_id
    device.ok(infra.acknowledge_job, job_id)
    state, _ = device.ok(infra.get_job_state, job_id)
    assert state.get(tags.JOB, "job-id") == job_id
    document, data = device.ok(infra.fetch_document, job_id, 1, Engine.formats)
    assert data == b"\x1b@hello\n", document
    device.ok(infra.acknowledge_document, job_id, 1)
    device.ok(infra.update_document_status, job_id, 1, 5, (b"printing",), 0, 1)
    device.ok(infra.update_document_status, job_id, 1, 9, (), 1, 1)
    device.ok(infra.update_job_status, job_id, 5, (b"job-printing",), b"", 0, 1)
    device.ok(infra.update_job_status, job_id, 9, (b"job-completed-successfully",), b"", 1, 1)
    assert device.send(infra.acknowledge_identify)[0].code == NOT_POSSIBLE
    assert device.send(infra.fetch_job, 4711)[0].code == NOT_FOUND
    device.send(infra.acknowledge_job, job_id, 0x040A, b"none of the formats is known here")
    device.send(infra.acknowledge_document, job_id, 1, 0x040A, b"not that one")
    device.ok(infra.deregister)
