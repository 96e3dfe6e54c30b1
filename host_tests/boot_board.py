"""Runs in MicroPython: one start of a board, ``boot_board.py FLASH CAUSE [broken|full]``.

FLASH is the file with its file system, in which ``/main.py`` is; CAUSE is a reset cause. A broken flash
can be read, not written; a full one has room for nothing. What is slept and reset is printed.
"""

import sys

import board_flash


class Machine:
    PWRON_RESET, WDT_RESET, SOFT_RESET = 1, 3, 5

    @staticmethod
    def reset_cause():
        return getattr(Machine, sys.argv[2] + "_RESET")

    @staticmethod
    def reset():
        print("reset")


class Time:
    @staticmethod
    def sleep(seconds):
        print("slept", seconds)


sys.modules["machine"] = Machine
sys.modules["time"] = Time
flash = board_flash.mount(sys.argv[1])
with open("/main.py") as file:
    text = file.read()
if "full" in sys.argv:
    junk, number = bytes(4096), 0
    while len(junk) > 256:
        number += 1
        try:
            with open("/" + str(number), "wb") as file:
                file.write(junk)
        except OSError:
            junk = junk[: len(junk) // 2]
if "broken" in sys.argv:
    flash.fault = 5
exec(text, {"__name__": "__main__"})
