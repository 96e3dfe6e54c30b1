"""gzip made by zlib and by Python's gzip, unpacked by the firmware, on CPython and on MicroPython."""

from __future__ import annotations

import gzip
import random
import subprocess
import zlib
from pathlib import Path

import pytest
from document_samples import Source
from hypothesis import given
from hypothesis import strategies as st

from fetchprint.document.errors import DocumentError
from fetchprint.document.inflate import Inflate
from fetchprint_tools import micropython

SCRIPT = """
import sys
from fetchprint.document.inflate import Inflate

class File:
    def __init__(self, path):
        self.buf = bytearray(1460)
        self.pos = self.end = 0
        self.file = open(path, "rb")
    def fill(self, now):
        self.pos = 0
        self.end = self.file.readinto(self.buf)
        return self.end

unpacker = Inflate()
for name in sys.argv[1:]:
    unpacker.start(File(name))
    with open(name + ".plain", "wb") as out:
        while True:
            n = unpacker.fill(0)
            if not n:
                break
            out.write(memoryview(unpacker.buf)[unpacker.pos : unpacker.end])
            unpacker.pos = unpacker.end
"""

STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED)
UNPACKER = Inflate()


def packed(data: bytes, level: int, strategy: int) -> bytes:
    pack = zlib.compressobj(level, zlib.DEFLATED, 31, 8, strategy)
    return pack.compress(data) + pack.flush()


def unpacked(data: bytes, piece: int = 1460) -> bytes:
    UNPACKER.start(Source(data, piece))
    out = bytearray()
    while UNPACKER.fill(0):
        out += UNPACKER.buf[UNPACKER.pos : UNPACKER.end]
        UNPACKER.pos = UNPACKER.end
    return bytes(out)


def plain(size: int, alphabet: int, seed: int) -> bytes:
    """Octets of few or many kinds, with far repeats."""
    source = random.Random(seed)
    text = bytes(source.randrange(alphabet) for _ in range(size // 2))
    return text + text[: size // 4] + bytes(source.randrange(alphabet) for _ in range(size // 4))


@given(
    st.integers(0, 3000),
    st.sampled_from((1, 2, 5, 60, 256)),
    st.integers(0, 9),
    st.sampled_from(STRATEGIES),
    st.integers(1, 100),
)
def test_what_zlib_packs(size: int, alphabet: int, level: int, strategy: int, piece: int) -> None:
    data = plain(size, alphabet, size)
    assert unpacked(packed(data, level, strategy), piece) == data


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_more_than_the_window(strategy: int) -> None:
    data = plain(150_000, 40, strategy)
    assert unpacked(packed(data, 9, strategy)) == data


def test_a_bomb() -> None:
    bomb = packed(bytes(3_000_000), 9, zlib.Z_DEFAULT_STRATEGY)
    with pytest.raises(DocumentError, match="octets come of"):
        unpacked(bomb)
    blank = packed(bytes(200_000), 9, zlib.Z_DEFAULT_STRATEGY)  # so few may well be a blank page
    assert unpacked(blank) == bytes(200_000)


def test_micropython(tmp_path: Path) -> None:
    script = tmp_path / "unpack.py"
    script.write_text(SCRIPT)
    documents = {}
    for number, strategy in enumerate(STRATEGIES):
        data = plain(100_000 + number, (2, 17, 90, 200, 256)[number], number)
        documents[tmp_path / f"{number}.gz"] = data
        (tmp_path / f"{number}.gz").write_bytes(packed(data, (1, 6, 9, 9, 5)[number], strategy))
    made = tmp_path / "made.gz"
    documents[made] = Path(__file__).read_bytes()
    with gzip.open(made, "wb") as file:  # with a name in its header
        file.write(documents[made])
    command = micropython.command(script, [str(path) for path in documents])
    subprocess.run(command, env=micropython.environment(), check=True, timeout=60)
    for path, data in documents.items():
        assert Path(f"{path}.plain").read_bytes() == data, path
