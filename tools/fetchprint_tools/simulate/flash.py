"""Flash with a file system that is atomic under power cuts, and the port's store on top of it.

What the store does is done in the steps of ``port.common.Store``: the record is written to a temporary
file, made durable, renamed. Until it is durable a power cut may leave any part of it."""

from __future__ import annotations

import errno

from fetchprint_tools.simulate.world import World


class Flash:
    """Files that outlive power cuts. ``failing``: the errno of every write from now on, 0 for none."""

    def __init__(self, world: World) -> None:
        self.files: dict[str, bytes] = {}
        self.failing = 0
        self.fail_at: dict[int, int] = {}
        """By number of the write from 1: the errno that it fails with."""
        self.writes = 0
        self.unreadable: set[str] = set()
        """Records that cannot be read until they are written anew."""
        self.world = world

    def journal(self) -> list[str]:
        """The names of the journal's records."""
        kept = [name for name in self.files if "-jobs" in name or "-done-" in name]
        return sorted(name for name in kept if not name.endswith(".new"))

    def damage(self) -> None:
        """What a worn flash or a foreign program does: one octet of some record changes."""
        names = self.journal()
        if names:
            name = self.world.random.choice(names)
            data = bytearray(self.files[name])
            if data:
                data[self.world.random.randrange(len(data))] ^= 1 << self.world.random.randrange(8)
                self.files[name] = bytes(data)
            self.world.fault("flash", f"{name} is damaged")

    def wipe(self) -> None:
        """The journal's records are gone, and what tells who the device is has stayed."""
        for name in self.journal():
            del self.files[name]
        self.world.fault("flash", "the journal is gone")

    def check(self, what: str) -> None:
        """Raise the ``OSError`` that this write fails with, if it does."""
        self.writes += 1
        number = self.fail_at.get(self.writes, self.failing)
        if number:
            self.world.fault("flash", f"{what}: {errno.errorcode[number]}")
            raise OSError(number, errno.errorcode[number])


class Store:
    """What the firmware has of the flash: ``load``, ``save``, ``remove``."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash

    def load(self, name: str) -> bytes | None:
        if name in self._flash.unreadable:
            self._flash.world.fault("flash", f"{name} cannot be read")
            raise OSError(errno.EIO, "EIO")
        return self._flash.files.get(name)

    def save(self, name: str, data: bytes) -> None:
        flash = self._flash
        files = flash.files
        whole = bytes(data)
        temporary = name + ".new"

        def write(n: int) -> None:
            files[temporary] = whole[:n]

        def rename() -> None:
            files[name] = files.pop(temporary)
            flash.unreadable.discard(name)

        flash.check(f"write {temporary}")
        flash.world.operation(
            "flash",
            f"write {temporary}, {len(whole)} octets",
            lambda: write(len(whole)),
            lambda: write(len(whole) // 2),
        )
        flash.check(f"rename {name}")
        # Renaming is one commit of the file system: done, or not.
        done = flash.world.random.random() < 0.5
        flash.world.operation("flash", f"rename {name}", rename, rename if done else lambda: None)

    def remove(self, name: str) -> None:
        def drop() -> None:
            self._flash.files.pop(name, None)

        self._flash.check(f"remove {name}")
        done = self._flash.world.random.random() < 0.5
        self._flash.world.operation("flash", f"remove {name}", drop, drop if done else lambda: None)
