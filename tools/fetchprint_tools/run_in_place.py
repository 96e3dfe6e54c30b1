"""Run by MicroPython, not by Python: ``run_in_place.py IMAGE [ARGUMENT...]`` starts a ROMFS image.

On a board the firmware's code lies in flash, frozen or in ROMFS, and runs from there; the
heap holds what it works with. Here the image is put into memory that is not the heap:
the environment of this process, which the caller has made large enough. Bytecode then
runs from it in place.
"""

import sys

import uctypes
import vfs

_AREA = b"FETCHPRINT_ROM"
_ENV_START = 47  # fields of /proc/self/stat behind the program's name (proc(5): 50 and 51)
_ENV_END = 48


def environment():
    """The memory in which the kernel put the environment."""
    with open("/proc/self/stat") as file:
        text = file.read()
    fields = text[text.rfind(")") + 2 :].split()
    start = int(fields[_ENV_START])
    return start, int(fields[_ENV_END])


def mount(path):
    start, end = environment()
    offset = uctypes.bytearray_at(start, end - start).find(_AREA)
    if offset < 0:
        raise OSError("the environment holds no " + _AREA.decode())
    start = (start + offset + 15) & ~15
    area = uctypes.bytearray_at(start, end - start)
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size > len(area) or file.readinto(area) != size:
            raise OSError("the environment is too small for the image of " + str(size) + " bytes")
    vfs.mount(vfs.VfsRom(area), "/rom")


mount(sys.argv[1])
sys.path[:] = ["/rom", ".frozen"]
sys.modules.pop("__main__", None)

import main  # noqa: E402 - from the image

main.run(*sys.argv[2:3])
