"""Runs in MicroPython: a board's flash, in a file of the host, and the littlefs in it."""

import os

import vfs

_BLOCK = 4096


class Flash:
    """The block device; ``fault`` is what each write and erase raises: an errno, or None."""

    fault = None

    def __init__(self, path):
        self._file = open(path, "r+b")  # noqa: SIM115 - as long as the board is on
        self._blocks = os.stat(path)[6] // _BLOCK

    def readblocks(self, n, buf, off=0):
        self._file.seek(n * _BLOCK + off)
        self._file.readinto(buf)

    def writeblocks(self, n, buf, off=0):
        if self.fault:
            raise OSError(self.fault)
        self._file.seek(n * _BLOCK + off)
        self._file.write(buf)
        self._file.flush()

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return _BLOCK
        if op == 6 and self.fault:
            raise OSError(self.fault)
        return 0


def mount(path):
    """Put the flash in ``path`` in place of the host's files; the block device."""
    flash = Flash(path)
    vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), "/")
    os.chdir("/")
    return flash
