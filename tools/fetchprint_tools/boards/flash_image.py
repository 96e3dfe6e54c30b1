"""What is flashed: the merged image of the ESP32 family, the UF2 of RP2 boards, and a look into each.

An ESP32 image of MicroPython has no filesystem in its partition table (MicroPython claims the rest
of the flash when it starts). Here the table gets an entry ``vfs`` for it, which MicroPython looks
for first, so that the filesystem's place does not depend on what size the flash chip reports.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from fetchprint_tools.boards.data import UF2_FAMILIES, Board, Flash
from fetchprint_tools.errors import UserError

PARTITION_TABLE = 0x8000
PARTITION_TABLE_SIZE = 0xC00
_ENTRY = struct.Struct("<2sBBII16sI")
_MAGIC, _MD5_MAGIC = b"\xaa\x50", b"\xeb\xeb" + b"\xff" * 14
_DATA, _FAT = 1, 0x81
"""The type and subtype that MicroPython's own table gives ``vfs``."""

_UF2 = struct.Struct("<8I476sI")
_UF2_MAGIC = (0x0A324655, 0x9E5D5157, 0x0AB16F30)
_UF2_FAMILY_PRESENT = 0x2000
_UF2_PAYLOAD = 256
FLASH_BASE = 0x10000000
"""Where RP2 chips see their flash."""


@dataclass(frozen=True)
class Partition:
    """An entry of the ESP32 partition table (ESP-IDF programming guide, Partition Tables)."""

    type: int
    subtype: int
    offset: int
    size: int
    label: str
    flags: int = 0


def partitions(table: bytes) -> list[Partition]:
    """The entries of a partition table. Raises UserError when its MD5 does not match."""
    found: list[Partition] = []
    for at in range(0, len(table) - _ENTRY.size + 1, _ENTRY.size):
        entry = table[at : at + _ENTRY.size]
        if entry[:16] == _MD5_MAGIC:
            if hashlib.md5(table[:at], usedforsecurity=False).digest() != entry[16:]:
                raise UserError("the partition table's MD5 does not match: the image is damaged")
            return found
        magic, kind, subtype, offset, size, label, flags = _ENTRY.unpack(entry)
        if magic != _MAGIC:
            break
        found.append(Partition(kind, subtype, offset, size, label.rstrip(b"\0").decode("ascii"), flags))
    raise UserError("there is no partition table in this image", hint="is it an image for this board?")


def partition_table(entries: list[Partition]) -> bytes:
    """The table as ESP-IDF writes it, with its MD5, padded with 0xFF."""
    table = b"".join(
        _ENTRY.pack(_MAGIC, e.type, e.subtype, e.offset, e.size, e.label.encode(), e.flags) for e in entries
    )
    table += _MD5_MAGIC + hashlib.md5(table, usedforsecurity=False).digest()
    return table.ljust(PARTITION_TABLE_SIZE, b"\xff")


def esp32(board: Board, image: bytes, filesystem: bytes) -> bytes:
    """``image`` with the filesystem behind it, to be written at the board's image offset."""
    flash = _flash(board)
    at = PARTITION_TABLE - flash.image_offset
    entries = [p for p in partitions(image[at : at + PARTITION_TABLE_SIZE]) if p.label != "vfs"]
    for entry in entries:
        if entry.offset + entry.size > flash.filesystem_offset:
            raise UserError(
                f"the filesystem of {board.name} begins inside the image's partition {entry.label}",
                hint="correct flash.filesystem_offset in board.json",
            )
    entries.append(Partition(_DATA, _FAT, flash.filesystem_offset, flash.filesystem_size, "vfs"))
    merged = bytearray(image)
    merged[at : at + PARTITION_TABLE_SIZE] = partition_table(entries)
    _pad(merged, flash.filesystem_offset - flash.image_offset, board)
    return bytes(merged) + filesystem


def _pad(image: bytearray, size: int, board: Board) -> None:
    if len(image) > size:
        raise UserError(
            f"the image for {board.name} reaches into the filesystem",
            hint="correct flash.filesystem_offset in board.json, or is this the image of another board?",
        )
    image.extend(b"\xff" * (size - len(image)))


def _flash(board: Board) -> Flash:
    if board.flash is None:
        raise UserError(f"{board.name} has no flash of its own")
    return board.flash


def uf2_blocks(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """(address, payload, family) of each block of a UF2 file. Raises UserError when it is none."""
    if not data or len(data) % _UF2.size:
        raise UserError("this is no UF2 file: its size is no multiple of 512")
    for at in range(0, len(data), _UF2.size):
        first, second, flags, address, size, _, _, family, payload, end = _UF2.unpack_from(data, at)
        if (first, second, end) != _UF2_MAGIC or size > len(payload):
            raise UserError(f"this is no UF2 file: the block at byte {at} is not one")
        if flags & 1 == 0:  # not "not main flash"
            yield address, payload[:size], family


def uf2(blocks: list[tuple[int, bytes]], family: int) -> bytes:
    """A UF2 file of (address, up to 256 bytes)."""
    out = bytearray()
    for number, (address, payload) in enumerate(blocks):
        out += _UF2.pack(
            *_UF2_MAGIC[:2],
            _UF2_FAMILY_PRESENT,
            address,
            _UF2_PAYLOAD,
            number,
            len(blocks),
            family,
            payload.ljust(_UF2_PAYLOAD, b"\0"),
            _UF2_MAGIC[2],
        )
    return bytes(out)


def rp2(board: Board, image: bytes, filesystem: bytes) -> bytes:
    """``image``, a UF2 file, with the filesystem in further blocks.

    All of it, also what is erased: what an earlier filesystem left there could look newer to littlefs.
    """
    flash = _flash(board)
    family = UF2_FAMILIES[board.chip]
    blocks = []
    for address, payload, found in uf2_blocks(image):
        if found != family:
            raise UserError(f"this image is for another chip: its UF2 family is {found:#x}, not {family:#x}")
        if address + len(payload) > FLASH_BASE + flash.filesystem_offset:
            raise UserError(f"the image for {board.name} reaches into the filesystem")
        blocks.append((address, payload))
    start = FLASH_BASE + flash.filesystem_offset
    for page in range(0, len(filesystem), _UF2_PAYLOAD):
        blocks.append((start + page, filesystem[page : page + _UF2_PAYLOAD]))
    return uf2(blocks, family)
