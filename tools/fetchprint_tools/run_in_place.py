"""``python -m fetchprint_tools.run_in_place HEAP IMAGE [ARGUMENT...]``: MicroPython starts a ROMFS image.

On a board the firmware's code lies in flash, frozen or in ROMFS, and runs from there; the
heap holds what it works with. Here the image is mapped into the process, outside
MicroPython's heap of HEAP bytes, and its bytecode runs from it in place. The interpreter
is the unix port as it is installed: its ``main`` is called as its own command does.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

_START = """\
import sys, uctypes, vfs
vfs.mount(vfs.VfsRom(uctypes.bytearray_at({address}, {size})), "/rom")
sys.path[:] = ["/rom", ".frozen"]
sys.modules.pop("__main__", None)
import main
main.run(*{arguments!r})
"""


def main(heap: str, image: str, *arguments: str) -> None:
    """Ends the process with the exit status of MicroPython."""
    from micropython_unix import main as micropython

    with open(image, "rb") as file:
        # Private and writable, because only then does ctypes tell the address; nobody writes.
        mapped = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    code = _START.format(address=address, size=len(mapped), arguments=arguments)
    sys.argv = ["micropython", "-X", f"heapsize={heap}", "-c", code]
    sys.exit(micropython())


if __name__ == "__main__":
    main(*sys.argv[1:])
