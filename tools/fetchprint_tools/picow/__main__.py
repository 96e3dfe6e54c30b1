"""``python -m fetchprint_tools.picow CONFIG``: the firmware on an emulated Pico W, as ``emulate`` starts it.

CONFIG is that of ``fetchprint emulate``: ``engine.device`` is the pty with the engine at its other
end, ``state`` a folder, in which the board's flash is kept from one run to the next.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from fetchprint_tools.boards import data, wheel
from fetchprint_tools.boards.contents import shortened
from fetchprint_tools.engines.wire import open_tty
from fetchprint_tools.errors import UserError
from fetchprint_tools.picow import contents, run
from fetchprint_tools.picow.device import PicoW

FLASH = "flash.bin"


def main(path: str) -> int:
    config = json.loads(Path(path).read_text())
    kept = Path(config["state"]) / FLASH
    board = data.load(contents.BOARD)
    made = contents.for_board(config)
    engine = made["engine"]
    *_, meanings = shortened(board, made)
    image = contents.flash(config, kept)
    print("switching on; until it is connected an emulated Pico W takes a minute or two", file=sys.stderr)
    device = PicoW(wheel.find(board), connect=run.connect)
    device.flash[:] = image
    serial = open_tty(Path(config["engine"]["device"]))
    line = run.join(device, engine["device"], serial)
    device.boot()

    def readable(line: bytes) -> bytes:
        return meanings.long(
            line.replace(contents.HERE.encode(), b"127.0.0.1").decode("utf-8", "replace")
        ).encode()

    return asyncio.run(run.run(device, line, readable, run.saver(device, kept)))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except UserError as error:
        error.show()
        sys.exit(error.exit_code)
