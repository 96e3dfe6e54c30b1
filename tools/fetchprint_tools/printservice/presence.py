"""Devices coming, going and falling silent, and what that does to their jobs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.refusal import Refusal

if TYPE_CHECKING:
    from fetchprint_tools.printservice.printqueue import Queue

STATE_ATTRIBUTES = frozenset(
    (
        "printer-state",
        "printer-state-reasons",
        "printer-state-message",
        "printer-alert",
        "printer-is-accepting-jobs",
    )
)
"""What says how the device is, not what it is."""

STOPPED = "printer-stopped"
SILENT = "nothing is heard of the output device that holds this job"
"""Reason and message of a job whose device fell silent."""


class Presence:
    """Which devices are there. A device that says nothing for ``devices.silence`` seconds counts as gone;
    its jobs are shown as stopped, stay its own, and go on when it is heard again."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._gone: set[str] = set()  # whose silence has been told

    def known(self, uuid: str) -> OutputDevice:
        """The device with this uuid, which has just been heard. Raises ``Refusal``."""
        device = self._queue.devices.find(uuid)
        if device is None:
            raise Refusal(Status.NOT_FOUND, f"no output device {uuid} is registered here")
        self.heard(device)
        return device

    def heard(self, device: OutputDevice) -> None:
        """A sign of life: the jobs of a device that had fallen silent go on."""
        device.heard = time.monotonic()
        device.left = False
        if device.uuid in self._gone:
            self._gone.discard(device.uuid)
            self._say_device(device.uuid, "heard again")
        for job in self._queue.jobs.of_device(device.uuid):
            if job.stranded is not None:
                with self._queue.jobs.edit(job):
                    state, reasons, message = job.stranded
                    job.stranded = None
                    self._queue.change(job, state, reasons, message)

    def admit(self, uuid: str, profile: str) -> OutputDevice:
        """The device with this uuid, which is made known if it was not."""
        device = self._queue.devices.find(uuid)
        if device is None:
            with self._queue.database.transaction():
                device = self._queue.devices.add(uuid, profile)
                self._say_device(uuid, "connected")
        self.heard(device)
        if device.profile != profile:
            device.profile = profile
            self._queue.devices.save(device)
        return device

    def update(self, device: OutputDevice, group: Group, whole: bool = False) -> None:
        """What a device says of itself: a part of it, or all of it (``whole``)."""
        changed = self._queue.devices.declare(device, group, whole)
        if changed & STATE_ATTRIBUTES:
            reasons = self._queue.state_reasons
            self._queue.log.say(
                "printer-state",
                f"printer: {self._queue.state.name.lower()} ({', '.join(reasons)})",
                **{"printer-state": self._queue.state.name.lower(), "printer-state-reasons": reasons},
            )
            self._queue.printer_event("printer-state-changed")
        if changed - STATE_ATTRIBUTES:
            self._queue.config_changed = self._queue.now()
            self._queue.printer_event("printer-config-changed")
        self._queue.offers.wake()

    def remove(self, uuid: str) -> None:
        """Deregister-Output-Device: what it still held can never end, so it ends now."""
        device = self.known(uuid)
        with self._queue.database.transaction():
            for job in self._queue.jobs.of_device(uuid):
                if job.canceling:
                    self._queue.end(job, JobState.CANCELED, job.reasons)
                else:
                    message = "the output device has left"
                    self._queue.end(job, JobState.ABORTED, ["aborted-by-system"], message)
            self._queue.devices.remove(device)
            self._say_device(uuid, "left")
        self._queue.printer_event("printer-state-changed")
        self._queue.offers.wake()

    def _say_device(self, uuid: str, state: str) -> None:
        text = f"device {uuid} {state}"
        facts = {"output-device-uuid": uuid, "state": state}

        def say() -> None:
            self._queue.log.say("device", text, **facts)
            self._queue.changes.tell()

        self._queue.database.after(say)

    def identify(self, actions: list[str], message: str) -> None:
        """Identify-Printer: the devices are told by an event and ask what to do."""
        if not self._queue.devices:
            raise Refusal(Status.NOT_POSSIBLE, "no output device is connected that could identify itself")
        for device in self._queue.devices:
            device.identify = (actions, message)
        self._queue.printer_event("printer-state-changed")
        self._queue.offers.wake()

    def asked_to_identify(self, device: OutputDevice) -> list[Attribute]:
        """identify-actions for ``device``, if a client asked for them: said once."""
        if device.identify is None:
            return []
        actions, _message = device.identify
        device.identify = None
        self._queue.printer_event("printer-state-changed")
        return [Attribute("identify-actions", tags.KEYWORD, *actions)]

    def sweep(self) -> None:
        """Notice who has fallen silent."""
        queue = self._queue
        for device in queue.devices:
            if not queue.devices.silent(device):
                continue
            if device.uuid not in self._gone:
                self._gone.add(device.uuid)
                self._say_device(device.uuid, "silent")
                queue.printer_event("printer-state-changed")
            for job in queue.jobs.of_device(device.uuid):
                if job.stranded is None:
                    with queue.jobs.edit(job):
                        job.stranded = job.state, job.reasons, job.message
                        queue.change(job, JobState.PROCESSING_STOPPED, [*job.reasons, STOPPED], SILENT)
