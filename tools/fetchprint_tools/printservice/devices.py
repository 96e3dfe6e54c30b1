"""All output devices of the queue, in memory and in the database."""

from __future__ import annotations

import time
from collections.abc import Iterator

from fetchprint_tools.codes import Status
from fetchprint_tools.message import Group
from fetchprint_tools.printservice.database import Database
from fetchprint_tools.printservice.device import INFRA, OutputDevice
from fetchprint_tools.printservice.limits import MAX_DEVICES
from fetchprint_tools.printservice.records import pack_attributes, unpack_attributes
from fetchprint_tools.printservice.refusal import Refusal


class Devices:
    """Devices by uuid. One that is known stays known over a restart until it deregisters."""

    def __init__(self, database: Database, silence: float) -> None:
        """``silence``: seconds without a request after which a device counts as gone."""
        self._database = database
        self.silence = silence
        self._by_uuid: dict[str, OutputDevice] = {}
        # Each has the whole of that time to come back after a restart; who was heard last stays last.
        for row in database.rows("SELECT * FROM devices ORDER BY heard"):
            attributes = {one.name: one for one in unpack_attributes(row["attributes"])}
            device = OutputDevice(row["uuid"], row["profile"], attributes, (row["secret"] or "").split())
            self._by_uuid[device.uuid] = device

    def __iter__(self) -> Iterator[OutputDevice]:
        return iter(tuple(self._by_uuid.values()))

    def __len__(self) -> int:
        return len(self._by_uuid)

    def __contains__(self, uuid: object) -> bool:
        return uuid in self._by_uuid

    @property
    def uuids(self) -> list[str]:
        """Every output-device-uuid."""
        return list(self._by_uuid)

    @property
    def take_many_documents(self) -> bool:
        """Whether a job may have several documents: not when all speak the profile that knows one only."""
        return not self._by_uuid or any(device.profile == INFRA for device in self)

    @property
    def present(self) -> list[OutputDevice]:
        """Those that are not silent, the one heard last first."""
        there = [device for device in self if not self.silent(device)]
        return sorted(there, key=lambda device: device.heard, reverse=True)

    def find(self, uuid: str | None) -> OutputDevice | None:
        """The device, if it is known; it need not have been heard."""
        return None if uuid is None else self._by_uuid.get(uuid)

    def silent(self, device: OutputDevice) -> bool:
        """Whether it counts as gone."""
        return device.left or device.quiet_for(self.silence)

    def latest(self) -> OutputDevice | None:
        """The one heard last."""
        return max(reversed(self._by_uuid.values()), key=lambda one: one.heard, default=None)

    def add(self, uuid: str, profile: str) -> OutputDevice:
        """A new device, stored. Raises ``Refusal`` when there are too many."""
        if len(self._by_uuid) >= MAX_DEVICES:
            raise Refusal(Status.NOT_POSSIBLE, f"there are {MAX_DEVICES} output devices already")
        device = self._by_uuid[uuid] = OutputDevice(uuid, profile)
        self._database.undo(lambda: self._by_uuid.pop(uuid, None))
        self.save(device)
        return device

    def save(self, device: OutputDevice) -> None:
        """It has changed."""
        self._database.run(
            "INSERT INTO devices VALUES (?,?,?,?,?)"
            " ON CONFLICT (uuid) DO UPDATE SET profile=excluded.profile, attributes=excluded.attributes,"
            " secret=excluded.secret, heard=excluded.heard",
            device.uuid,
            device.profile,
            pack_attributes(device.attributes.values()),
            " ".join(device.secrets) or None,
            time.time(),
        )

    def declare(self, device: OutputDevice, group: Group, whole: bool) -> set[str]:
        """Take over what it says of itself, all (``whole``) or a part of it; the names of what changed."""
        before = dict(device.attributes)
        with self._database.transaction():
            self._database.undo(lambda: setattr(device, "attributes", before))
            changed = device.replace(group) if whole else device.update(group)
            if changed:
                self.save(device)
        return changed

    def set_secrets(self, device: OutputDevice, hashes: list[str]) -> None:
        """The hashes of its credentials from now on."""
        before = device.secrets
        with self._database.transaction():
            self._database.undo(lambda: setattr(device, "secrets", before))
            device.secrets = hashes
            self.save(device)

    def remove(self, device: OutputDevice) -> None:
        """It is not known any more."""
        with self._database.transaction():
            self._database.undo(lambda: self._by_uuid.__setitem__(device.uuid, device))
            del self._by_uuid[device.uuid]
            self._database.run("DELETE FROM devices WHERE uuid=?", device.uuid)
