"""Runs in MicroPython: the file system of a frozen build over a block device that fails on command.

``boot_storage.py CASE BOOT``: one of the functions below, which raises what goes wrong; BOOT is ``_boot.py``.
"""

import gc
import os
import sys

import storage
import vfs

from fetchprint.port import common
from fetchprint.proxy.journal import Journal

BLOCK = 4096
COUNT = 160
OPTIONS = {"progsize": 256}
NAME = "infra-0123abcd"
KEPT = {
    "/config.json": b'{"services": []}',
    "/state/" + NAME + "-uuid.json": b'{"uuid": "urn:uuid:1"}',
    "/ca.pem": b"-" * 3000,
}


class Time:
    """Time that passes at once."""

    passed = 0

    @staticmethod
    def sleep_ms(ms):
        Time.passed += ms


storage.time = Time


class PowerCut(BaseException):
    pass


class Flash:
    """``failing``: reads that fail from now on; ``left``: changes until power fails in the middle of one."""

    def __init__(self, count=COUNT):
        self.data = bytearray(b"\xff" * (count * BLOCK))
        self.count = count
        self.failing = 0
        self.bad = ()  # blocks that can never be read
        self.left = -1
        self.changes = 0

    def readblocks(self, n, buf, off=0):
        if self.failing or n in self.bad:
            self.failing = max(0, self.failing - 1)
            raise OSError(5)
        at = n * BLOCK + off
        buf[:] = memoryview(self.data)[at : at + len(buf)]

    def writeblocks(self, n, buf, off=0):
        self._change(n * BLOCK + off, bytes(buf))

    def ioctl(self, what, arg):
        if what == 4:
            return self.count
        if what == 5:
            return BLOCK
        if what == 6:
            self._change(arg * BLOCK, b"\xff" * BLOCK)
        return 0

    def _change(self, at, data):
        self.changes += 1
        if self.left == 0:
            data = data[: len(data) // 2]
        self.data[at : at + len(data)] = data
        if self.left == 0:
            raise PowerCut
        self.left -= 1


def boot(flash):
    """As ``storage.start``, which keeps nobody waiting for long."""
    gc.collect()
    Time.passed = 0
    for path in ("/second", "/"):
        if any(path == place for _, place in vfs.mount()):
            vfs.umount(path)
    found = storage.start(flash, **OPTIONS)
    assert Time.passed < 1000
    return found


class Log:
    said = ()

    def event(self, kind, **fields):
        self.said += (fields.get("message"),)


def journal():
    """The firmware's journal, as a device that knows who it is has it."""
    store = common.Store("/state", common.synced_by_flush, common.synced_by_flush)
    known = store.load(NAME + "-uuid.json") is not None
    return Journal(store, NAME, Log(), known)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def installed():
    """A board that has started twice: its settings are in both stores."""
    flash = Flash()
    assert boot(flash)
    os.mkdir("/state")
    for path, data in KEPT.items():
        with open(path, "wb") as file:
            file.write(data)
    assert not journal().failing
    assert boot(flash)
    assert whole()
    return flash


def whole():
    return all(content(path) == data for path, data in KEPT.items())


def again(flash):
    """The same flash after a power cut."""
    other = Flash(flash.count)
    other.data = bytearray(flash.data)
    return other


def blank():
    installed()
    kept = journal()
    assert not kept.lost and not kept.fresh


def the_boot_module():
    """On an ESP32 the block device is in ``flashbdev``."""

    class Module:
        bdev = installed()

    vfs.umount("/")
    sys.modules["flashbdev"] = Module
    exec(BOOT, {})
    assert whole()


def a_passing_error():
    flash = installed()
    for errors in range(1, 16):
        before = bytes(flash.data)
        flash.failing = errors
        assert boot(flash) and whole() and not journal().lost, errors
        assert flash.data == before, "nothing was written"


def a_lasting_error():
    for bad in ((0, 1), range(COUNT - 32)):
        flash = installed()
        before = bytes(flash.data[: 100 * BLOCK])
        flash.bad = bad
        assert boot(flash) and whole()
        assert journal().lost, "it is told to the services"
        flash.bad = ()
        assert bytes(flash.data[: 100 * BLOCK]) == before, "the first store is as it was"
        assert boot(flash) and whole() and content("/in-use") == b""
        assert not journal().lost and not journal().fresh, "the journal goes on there"


def a_corrupt_superblock():
    flash = installed()
    flash.data[: 2 * BLOCK] = b"\x5a" * (2 * BLOCK)
    before = bytes(flash.data[: 100 * BLOCK])
    assert boot(flash) and whole() and journal().lost
    assert bytes(flash.data[: 100 * BLOCK]) == before


def a_corrupt_second_store():
    flash = installed()
    at = (COUNT - 32) * BLOCK
    flash.data[at : at + 2 * BLOCK] = b"\x5a" * (2 * BLOCK)
    assert boot(flash) and whole() and not journal().lost
    flash.data[: 2 * BLOCK] = b"\x5a" * (2 * BLOCK)
    assert boot(flash) and whole(), "it was made anew"


def a_file_system_of_before():
    """One that fills the flash, as MicroPython and ``fetchprint build`` make it: there is no second store."""
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash, **OPTIONS)
    system = vfs.VfsLfs2(flash, **OPTIONS)
    with system.open("config.json", "w") as file:
        file.write("{}")
    changes = flash.changes
    assert boot(flash) and content("/config.json") == b"{}" and flash.changes == changes
    flash.data[: 2 * BLOCK] = b"\x5a" * (2 * BLOCK)
    before = bytes(flash.data)
    assert boot(flash) is False and flash.data == before
    flash.bad = range(COUNT)
    assert boot(flash) is False


def a_small_flash():
    flash = Flash(64)
    assert boot(flash) and boot(flash)
    with open("/config.json", "w") as file:
        file.write("{}")
    assert boot(flash) and content("/config.json") == b"{}"


def cut_short(flash, changes):
    """A boot that loses its power after so many changes of the flash."""
    flash.left = changes
    try:
        boot(flash)
    except PowerCut:
        return
    raise AssertionError("no cut")


def power_cut_while_it_is_made():
    flash = Flash()
    assert boot(flash)
    for cut in range(flash.changes):
        flash = Flash()
        cut_short(flash, cut)
        assert boot(again(flash)), cut
        with open("/config.json", "w") as file:
            file.write("{}")


def power_cut_while_it_is_copied_or_takes_over():
    for bad in ((), (0, 1)):
        flash = installed()
        with open("/ca.pem", "wb") as file:
            file.write(b"+" * 3000)
        with open("/new.json", "wb") as file:
            file.write(b"{}")
        before = again(flash)
        before.bad = bad
        image = again(before)
        image.bad = bad
        assert boot(image) and image.changes
        for cut in range(image.changes):
            flash = again(before)
            flash.bad = bad
            cut_short(flash, cut)
            flash = again(flash)
            flash.bad = bad
            assert boot(flash), cut
            assert content("/config.json") == KEPT["/config.json"]
            assert bad or content("/ca.pem") == b"+" * 3000


with open(sys.argv[2]) as file:
    BOOT = file.read()
vfs.umount("/")
globals()[sys.argv[1]]()
