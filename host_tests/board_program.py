"""Runs in MicroPython with ``-i``: ``board_program.py FLASH STATE CAUSE [raw]``, a board from its reset on.

FLASH is the file with its file system, STATE see board_hardware, CAUSE its reset cause. ``/main.py`` runs,
unless ``raw`` says that a soft reset came out of the raw REPL; the prompt is there afterwards.
"""

import sys

import board_flash
import board_hardware

board_hardware.hardware(sys.argv[2], int(sys.argv[3]))
board_flash.mount(sys.argv[1])
sys.path[:] = ["", "/lib", ".frozen"]
if "raw" not in sys.argv:
    try:
        with open("/main.py") as _file:
            _text = _file.read()
    except OSError:
        _text = ""  # nothing has been deployed yet
    exec(compile(_text, "main.py", "exec"), globals())
