"""The file system of a frozen build: mounted with patience, made only on a flash that has never had one.

MicroPython's own start-up formats the flash of an RP2 board when mounting fails, whatever the reason was, and
waits for ever on an ESP32. Here an error is met like this:

    it passes         the file system is mounted at the next of a few attempts
    it stays          the second store takes its place; what the first one holds is left as it is
    the flash is      both are made, again from the beginning if power fails meanwhile
    blank throughout

The second store is the last 128 kB of a flash that was made here. It holds a copy of the settings and of
who the printer is, brought up to date at each start, and no job journal: so when it takes over the journal is
missed, and every service is told that it was lost (proxy/journal.py). From then on it stays in use, because
the first one would not know what was printed meanwhile, until somebody installs the board anew.
"""

import json
import os
import time

import vfs

_ATTEMPTS = 6
_FIRST_PAUSE_MS = 20  # doubled each time: 0.6 s together
_SECOND = 32  # blocks; the journal takes 20
_LEAST = 128  # blocks of a flash that is divided
_MOST = 8192  # octets of a file that is copied
_IN_USE = "in-use"  # files of the second store: it has taken over; the first one is being made
_MAKING = "making"
_PLACE = "/second"  # where that is mounted for a moment
_JOURNAL = ("-jobs", "-done-", ".bad", ".new")  # what is not copied
_BLOCKS, _BLOCK_SIZE = 4, 5  # operations of a block device's ioctl


class Part:
    """``count`` blocks of a block device, from ``first`` on."""

    def __init__(self, device, first, count):
        self._device = device
        self._first = first
        self._count = count

    def readblocks(self, n, buf, off=0):
        return self._device.readblocks(n + self._first, buf, off)

    def writeblocks(self, n, buf, off=0):
        return self._device.writeblocks(n + self._first, buf, off)

    def ioctl(self, what, arg):
        if what == _BLOCKS:
            return self._count
        return self._device.ioctl(what, arg + self._first if what == 6 else arg)  # 6: erase a block


def start(device, **options):
    """Mount what there is at ``/``; ``options`` of VfsLfs2. Whether there is a file system; no OSError."""
    count = device.ioctl(_BLOCKS, 0)
    first = second = None
    if count >= _LEAST:
        first = Part(device, 0, count - _SECOND)
        second = Part(device, count - _SECOND, _SECOND)
    try:
        return _start(device, first, second, options)
    except OSError as error:
        _say("error", "the flash cannot be used: %s" % error)
        return False


def _start(device, first, second, options):
    spare, found = _opened(device, first, second, options)
    if spare and _has(spare, _IN_USE):
        vfs.mount(spare, "/")
        _say("error", "the second store is in use: install the board anew to use the first one")
        return True
    if spare and _has(spare, _MAKING):
        found = None
    elif found is None and not _blank(first or device):
        return _take_over(spare)
    if found is None:
        _say("note", "the flash is blank: a file system is made")
        if second:
            spare = _made(second, options)
            spare.open(_MAKING, "w").close()
        found = _made(first or device, options)
        if second:
            spare.remove(_MAKING)
    vfs.mount(found, "/")
    if _divided(found, first):
        _copy(spare or _made(second, options))
    return True


def _take_over(spare):
    text = "the file system cannot be mounted, and is left as it is; "
    if not spare:
        _say("error", text + "install the board anew, which makes another")
        return False
    spare.open(_IN_USE, "w").close()
    vfs.mount(spare, "/")
    _say("error", text + "the second store takes over, without the job journal")
    return True


def _opened(device, first, second, options):
    """The second store and the first, or a file system that fills the flash; None for what there is not after
    the last attempt."""
    spare = found = None
    pause = _FIRST_PAUSE_MS
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep_ms(pause)
            pause *= 2
        if second:
            spare = spare or _mounted(second, options)
            found = found or _mounted(first, options)
        found = found or _mounted(device, options)
        if found and (spare or not _divided(found, first)):
            break
    return spare, found


def _mounted(device, options):
    try:
        return vfs.VfsLfs2(device, **options)
    except OSError:
        return None  # what is to be done about it depends on the other attempts


def _divided(system, first):
    return first and system.statvfs("/")[2] == first.ioctl(_BLOCKS, 0)


def _made(device, options):
    vfs.VfsLfs2.mkfs(device, **options)
    return vfs.VfsLfs2(device, **options)


def _blank(device):
    """Whether it is certain that nothing was ever written: each octet of an erased flash is 255."""
    buf = bytearray(device.ioctl(_BLOCK_SIZE, 0))
    erased = b"\xff" * len(buf)
    for n in range(device.ioctl(_BLOCKS, 0)):
        try:
            device.readblocks(n, buf)
        except OSError:
            return False
        if buf != erased:
            return False
    return True


def _has(system, name):
    try:
        system.stat(name)
    except OSError:
        return False
    return True


def _copy(spare):
    """Bring the second store up to date. What fails there fails quietly for the application: the first one
    is well."""
    try:
        vfs.mount(spare, _PLACE)
        try:
            _copy_directory("")
        finally:
            vfs.umount(_PLACE)
    except OSError as error:
        _say("error", "the second store cannot be brought up to date: %s" % error)


def _copy_directory(path):
    for entry in os.ilistdir(path or "/"):
        name = path + "/" + entry[0]
        if name == _PLACE:
            continue
        if entry[1] == 0x4000:
            if not _has_path(_PLACE + name):
                os.mkdir(_PLACE + name)
            _copy_directory(name)
        elif not name.endswith(".mpy") and not any([part in name for part in _JOURNAL]):
            _copy_file(name)


def _copy_file(name):
    data = _content(name)
    if len(data) <= _MOST and (not _has_path(_PLACE + name) or _content(_PLACE + name) != data):
        with open(_PLACE + name + ".new", "wb") as file:
            file.write(data)
        os.rename(_PLACE + name + ".new", _PLACE + name)


def _has_path(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _content(path):
    with open(path, "rb") as file:
        return file.read(_MOST + 1)


def _say(kind, text):
    print(json.dumps({"event": kind, "message": "storage: " + text}))
