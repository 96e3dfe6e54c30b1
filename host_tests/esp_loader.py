"""A stand-in for a chip of the ESP32 family in its serial boot loader, with a flash, at the end of a pty.

It speaks the protocol of Espressif's "Serial Protocol" chapter (SLIP frames, checksums, status octets): that
of the ROM, and once a stub has been loaded and started that of the stub. Its flash is NOR: erasing sets the
bits of whole sectors and programming clears them, so what was not erased first comes out wrong. Only the
register addresses and the chips' identities are esptool's.
"""

from __future__ import annotations

import functools
import hashlib
import operator
import os
import select
import struct
import threading
import tty
import zlib
from collections import Counter
from types import TracebackType

from esptool.targets import CHIP_DEFS

SECTOR = 4096
MAGIC_REGISTER = 0x40001000
_ESC, _END = 0xDB, 0xC0
_SYNC = b"\x07\x07\x12\x20" + 32 * b"\x55"
_UNSUPPORTED, _FAILED, _BAD_SUM = 5, 6, 7


class Refused(Exception):
    """What a loader answers with status 1 and this reason."""


class Chip:
    """``chip`` as esptool names it. ``flash`` is all zero, as after another program.

    ``spoiled`` are offsets at which programming goes wrong, ``fading`` those that change once the flash has
    been checked. ``seen`` counts the commands, by number; ``baudrate`` is the last that was asked for.
    """

    def __init__(self, chip: str, size: int) -> None:
        self.flash = bytearray(size)
        self.spoiled: set[int] = set()
        self.fading: set[int] = set()
        self.baudrate = 115200
        self.seen: Counter[int] = Counter()
        self.stub = False
        self._kind = CHIP_DEFS[chip]
        self._base = self._kind.SPI_REG_BASE
        self._registers = {
            MAGIC_REGISTER: getattr(self._kind, "MAGIC_VALUE", 0),
            self._base + self._kind.SPI_W0_OFFS: (size.bit_length() - 1) << 16 | 0x4020,  # JEDEC ID
            self._kind.UART_CLKDIV_REG: 347,  # 40 MHz at 115,200 baud
        }
        if not self._kind.USES_MAGIC_VALUE:
            self._registers[self._kind.EFUSE_BLOCK1_ADDR + 12] = 4 << 18  # revision 0.4, as they are sold
        self._ram: dict[int, bytes] = {}
        self._at = self._left = self._sequence = 0
        self._inflater: zlib._Decompress | None = None
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave  # held open: the other end may come and go
        self.device = os.ttyname(slave)
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Chip:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._stopped)
        self._thread.join(10)
        for descriptor in (self._master, self._slave, self._stop):
            os.close(descriptor)

    # -- frames (RFC 1055) --

    def _serve(self) -> None:
        frame = bytearray()
        escaped = False
        while True:
            ready, _, _ = select.select([self._master, self._stop], [], [])
            if self._stop in ready:
                return
            for octet in os.read(self._master, 65536):
                if octet == _END:
                    if frame:
                        self._frame(bytes(frame))
                        frame.clear()
                elif escaped:
                    frame.append({0xDC: _END, 0xDD: _ESC}[octet])
                    escaped = False
                elif octet == _ESC:
                    escaped = True
                else:
                    frame.append(octet)

    def _send(self, frame: bytes) -> None:
        data = frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        data = b"\xc0" + data + b"\xc0"
        while data:
            data = data[os.write(self._master, data) :]

    def _answer(self, command: int, value: int = 0, data: bytes = b"", status: int = 0) -> None:
        data += bytes((status != 0, status)) + (b"" if self.stub else b"\0\0")
        self._send(struct.pack("<BBHI", 1, command, len(data), value) + data)

    def _frame(self, frame: bytes) -> None:
        if len(frame) < 8 or frame[0] != 0:
            return
        _, command, length, checksum = struct.unpack_from("<BBHI", frame)
        data = frame[8:]
        self.seen[command] += 1
        if length != len(data):
            self._answer(command, status=_FAILED)
            return
        try:
            self._carry_out(command, data, checksum)
        except Refused as refusal:
            self._answer(command, status=int(str(refusal)))

    # -- commands --

    def _carry_out(self, command: int, data: bytes, checksum: int) -> None:
        value, said = 0, b""
        words = struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
        if command == 0x08 and data == _SYNC:
            for _ in range(8):
                self._answer(command, 0 if self.stub else 0x20120707)
            return
        if command == 0x0A:  # READ_REG
            value = self._registers.get(words[0], 0)
        elif command == 0x09:  # WRITE_REG
            address, number, mask, _ = words
            if address == self._base:
                number = 0  # a command to the flash chip: done at once
            if address != self._base + self._kind.SPI_W0_OFFS:
                self._registers[address] = number & mask
        elif command == 0x14 and not self._kind.USES_MAGIC_VALUE:  # GET_SECURITY_INFO
            said = struct.pack("<IB7sII", 0, 0, bytes(7), self._kind.IMAGE_CHIP_ID, 0)
        elif command in (0x0D, 0x0B):  # SPI_ATTACH, SPI_SET_PARAMS
            pass
        elif command == 0x0F:  # CHANGE_BAUDRATE, which a pty has none of
            self.baudrate = words[0]
        elif command in (0x05, 0x02, 0x10):  # MEM_BEGIN, FLASH_BEGIN, FLASH_DEFL_BEGIN
            self._begin(command, *words[:4])
        elif command in (0x07, 0x03, 0x11):  # MEM_DATA, FLASH_DATA, FLASH_DEFL_DATA
            self._block(command, words, data[16:], checksum)
        elif command == 0x06:  # MEM_END
            if not any(start <= words[1] < start + len(code) for start, code in self._ram.items()):
                raise Refused(_FAILED)  # nothing has been loaded where it is to start
            self._answer(command)
            self.stub = True
            self._send(b"OHAI")
            return
        elif command in (0x04, 0x12):  # FLASH_END, FLASH_DEFL_END
            if self._left:
                raise Refused(_FAILED)
        elif command == 0x13:  # SPI_FLASH_MD5
            digest = hashlib.md5(self.flash[words[0] : words[0] + words[1]], usedforsecurity=False)
            said = digest.digest() if self.stub else digest.hexdigest().encode()
            for at in self.fading:
                self.flash[at] ^= 1
            self.fading.clear()
        else:
            raise Refused(_UNSUPPORTED)
        self._answer(command, value, said)

    def _begin(self, command: int, size: int, blocks: int, block: int, offset: int) -> None:
        self._at, self._left, self._sequence = offset, size, 0
        if command == 0x05:
            self._ram[offset] = b""
            return
        if offset + size > len(self.flash) or offset % SECTOR:
            raise Refused(_FAILED)
        self._inflater = zlib.decompressobj() if command == 0x10 else None
        end = -(-(offset + size) // SECTOR) * SECTOR
        self.flash[offset:end] = b"\xff" * (end - offset)

    def _block(self, command: int, words: tuple[int, ...], data: bytes, checksum: int) -> None:
        length, sequence = words[:2]
        if functools.reduce(operator.xor, data, 0xEF) != checksum:
            raise Refused(_BAD_SUM)
        if length != len(data) or sequence != self._sequence:
            raise Refused(_FAILED)
        self._sequence += 1
        if command == 0x07:
            start = next(reversed(self._ram))
            self._ram[start] += data
            return
        if self._inflater is not None:
            data = self._inflater.decompress(data)
        data = data[: self._left]  # the last block is padded
        end = self._at + len(data)
        old = int.from_bytes(self.flash[self._at : end], "big")
        self.flash[self._at : end] = (old & int.from_bytes(data, "big")).to_bytes(len(data), "big")
        for at in self.spoiled:
            if self._at <= at < end:
                self.flash[at] ^= 1
        self._at = end
        self._left -= len(data)
