"""Boards: their data, and what is built from it, looked into with tools that are not ours."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from littlefs import LittleFS
from rp2040py.device.load_flash import decode_block

from fetchprint_tools import micropython, paths
from fetchprint_tools.boards import build, contents, data, filesystem, flash_image, ram, settings, wheel
from fetchprint_tools.errors import UserError
from support import absent

pytestmark = pytest.mark.slow

SERVICE = "ipp://print.example/ipp/print/infra"
ESP32 = [name for name in data.names() if name.startswith("ESP32")]
FLASHED = [*ESP32, "RPI_PICO_W"]


def built(name: str, out: Path, **options: Any) -> build.Built:
    board = data.load(name)
    try:
        wheel.find(board)
    except UserError as error:
        absent(str(error))
    config = settings.make(board, None, SERVICE, "escpos", "Till 3")
    return build.build(board, config, out, None, **options)


@pytest.mark.parametrize("name", data.names())
def test_every_board_is_described_well(name: str) -> None:
    board = data.load(name)
    assert board.name == name and board.title
    assert settings.make(board, None, SERVICE, "escpos", None)["engine"]["driver"] == "escpos"


def with_key(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        at = table
        *way, last = key.split(".")
        for step in way:
            at = at[step]
        at[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.pop("chip"), "chip: is missing"),
        (with_key("colour", 1), "colour: is not known"),
        (with_key("chip", "esp8266"), "chip: expected one of"),
        (with_key("mpy_architecture", "armv6m"), "mpy_architecture: esp32 runs xtensawin"),
        (with_key("watchdog_ms", 5), "watchdog_ms: expected 1000 to"),
        (with_key("watchdog_ms", True), "watchdog_ms: has the wrong type"),
        (with_key("flash.size", 3 << 20), "flash.size: flash chips have powers of two"),
        (with_key("flash.filesystem_offset", 4097), "flash.filesystem_offset: expected a multiple of 4096"),
        (with_key("flash.filesystem_size", 4 << 20), "flash.filesystem_size: the filesystem ends beyond"),
        (with_key("image.sha256", "abc"), "image.sha256: expected 64"),
        (with_key("image.package", None), "image: package, member and sha256 belong together"),
        (with_key("wifi_power_save", "off"), "wifi_power_save: expected one of"),
        (with_key("engines.escpos.device", "/dev/ttyS0"), "engines.escpos.device: '/dev/ttyS0' is no device"),
        (with_key("heap_kB", 1), "heap_kB: expected kilobytes"),
    ],
)
def test_what_is_wrong_with_a_board_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    table = json.loads((data.folder() / "ESP32_GENERIC" / "board.json").read_text())
    change(table)
    path = tmp_path / "MINE" / "board.json"
    path.parent.mkdir()
    path.write_text(json.dumps(table))
    monkeypatch.setattr(data, "folder", lambda: tmp_path)
    with pytest.raises(UserError) as caught:
        data.load("MINE")
    assert message in str(caught.value) and str(path) in str(caught.value)


def test_an_rp2_watchdog_cannot_wait_longer_than_its_counter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = json.loads((data.folder() / "RPI_PICO_W" / "board.json").read_text())
    table["watchdog_ms"] = 8389
    (tmp_path / "MINE").mkdir()
    (tmp_path / "MINE" / "board.json").write_text(json.dumps(table))
    monkeypatch.setattr(data, "folder", lambda: tmp_path)
    with pytest.raises(UserError, match="watchdog_ms: expected 1000 to 8388"):
        data.load("MINE")


def test_the_same_files_give_the_same_filesystem() -> None:
    files = {"main.py": b"print(1)\n", "a/deep/er/x.mpy": bytes(9000), "config.json": b"{}"}
    image = filesystem.make(files, 64 * 4096)
    assert image == filesystem.make(dict(reversed(files.items())), 64 * 4096)
    assert filesystem.read(image) == files
    changed = filesystem.update(image, {"config.json": b'{"a":1}'})
    assert filesystem.read(changed) == {**files, "config.json": b'{"a":1}'}
    newer = LittleFS(block_size=4096, block_count=64, disk_version=0x00020001)  # as a board leaves it
    with newer.open("/kept", "wb") as file:
        file.write(b"journal")
    assert filesystem.read(filesystem.update(bytes(newer.context.buffer), files))["kept"] == b"journal"
    with pytest.raises(UserError, match="does not fit"):
        filesystem.make({"big": bytes(300000)}, 64 * 4096)


def micropython_mounts(image: bytes, folder: Path) -> dict[str, str]:
    """What MicroPython itself reads from a littlefs image with the ESP32's cache: path to SHA-256."""
    (folder / "fs.bin").write_bytes(image)
    script = folder / "look.py"
    script.write_text(
        "import os, vfs, hashlib, binascii\n"
        "class Flash:\n"
        "    def __init__(self, data): self.data = data\n"
        "    def readblocks(self, n, buf, off=0):\n"
        "        at = n * 4096 + off\n"
        "        buf[:] = self.data[at : at + len(buf)]\n"
        "    def writeblocks(self, n, buf, off=0): raise OSError(30)\n"
        "    def ioctl(self, op, arg):\n"
        "        return len(self.data) // 4096 if op == 4 else 4096 if op == 5 else 0\n"
        f"data = open({str(folder / 'fs.bin')!r}, 'rb').read()\n"
        "vfs.mount(vfs.VfsLfs2(Flash(memoryview(data)), progsize=32), '/flash', readonly=True)\n"
        "def walk(path):\n"
        "    for entry in os.ilistdir(path):\n"
        "        if entry[1] == 0x4000: walk(path + '/' + entry[0])\n"
        "        else:\n"
        "            digest = hashlib.sha256(open(path + '/' + entry[0], 'rb').read()).digest()\n"
        "            print(path[6:] + '/' + entry[0], binascii.hexlify(digest).decode())\n"
        "walk('/flash')\n"
    )
    out = subprocess.run(
        micropython.command(script, heap="32m"), capture_output=True, text=True, check=True, timeout=60
    ).stdout
    return {line.split()[0][1:]: line.split()[1] for line in out.splitlines()}


@pytest.mark.slow
@pytest.mark.parametrize("name", FLASHED)
def test_what_is_flashed_holds_what_it_should(name: str, tmp_path: Path) -> None:
    result = built(name, tmp_path / "one")
    board = result.board
    assert board.flash is not None
    sum_mpy = sum(len(content) for path, content in result.files.items() if path.endswith(".mpy"))
    assert sum_mpy <= 81_920
    original = wheel.find(board).read_bytes()
    system = (tmp_path / "one" / "filesystem.bin").read_bytes()
    if board.port == "rp2":
        flash = bytearray(b"\xff" * board.flash.size)
        uf2 = (tmp_path / "one" / f"{name}.uf2").read_bytes()
        for source in (original, uf2):
            for at in range(0, len(source), 512):
                block = decode_block(source[at : at + 512])
                place = block.flash_address - flash_image.FLASH_BASE
                if source is uf2:
                    flash[place : place + len(block.payload)] = block.payload
                else:
                    assert len(block.payload) == 256
        assert uf2[: len(original)].count(b"UF2\n") == len(original) // 512
        assert flash[board.flash.filesystem_offset :] == system
    else:
        merged = (tmp_path / "one" / f"{name}.bin").read_bytes()
        at = board.flash.filesystem_offset - board.flash.image_offset
        assert merged[at:] == system
        table = flash_image.PARTITION_TABLE - board.flash.image_offset
        changed = [i for i in range(len(original)) if merged[i] != original[i]]
        assert changed and table <= changed[0] and changed[-1] < table + flash_image.PARTITION_TABLE_SIZE
        # the table by the layout of ESP-IDF's documentation, not by our code
        rows = []
        while merged[table : table + 2] == b"\xaa\x50":
            rows.append(struct.unpack("<BBII16s", merged[table + 2 : table + 28]))
            table += 32
        assert (
            1,
            0x81,
            board.flash.filesystem_offset,
            board.flash.filesystem_size,
            b"vfs".ljust(16, b"\0"),
        ) in rows
        assert (0, 0, 0x10000, 0x1F0000, b"factory".ljust(16, b"\0")) in rows
        info = subprocess.run(
            [
                sys.executable,
                "-m",
                "esptool",
                "--chip",
                board.chip,
                "image-info",
                tmp_path / "one" / f"{name}.bin",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert info.returncode == 0, info.stdout + info.stderr
        assert "Validation hash: " not in info.stdout or "(valid)" in info.stdout
        assert "Checksum: " in info.stdout and "(invalid" not in info.stdout
        manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
        (part,) = manifest["builds"][0]["parts"]
        assert part == {"path": f"{name}.bin", "offset": board.flash.image_offset}
    judge = LittleFS(mount=False, block_size=4096, block_count=len(system) // 4096, name_max=0)
    judge.context.buffer[:] = system
    judge.mount()
    for path, content in result.files.items():
        with judge.open("/" + path, "rb") as file:
            assert file.read() == content, path
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in result.files.items()}
    assert micropython_mounts(system, tmp_path) == digests
    if name not in ("ESP32_GENERIC", "RPI_PICO_W"):
        return  # one of each kind is enough
    again = built(name, tmp_path / "two")
    for path in again.written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


def test_no_secret_is_in_what_is_built_unless_asked_for(tmp_path: Path) -> None:
    board = data.load("RPI_PICO_W")
    assert "wifi.json" not in contents.whole(board, settings.make(board, None, SERVICE, "escpos", None))
    asked = built("RPI_PICO_W", tmp_path / "asked", secrets={"ssid": "x", "password": "very secret"})
    assert b"very secret" in (tmp_path / "asked" / "filesystem.bin").read_bytes()
    assert json.loads(asked.files["wifi.json"])["ssid"] == "x"
    assert (tmp_path / "asked" / "files" / "wifi.json").stat().st_mode & 0o077 == 0


def test_an_image_that_is_not_the_one_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = data.load("ESP32_GENERIC")
    assert board.image is not None
    monkeypatch.setattr(wheel, "cached", lambda image: tmp_path / image.file)
    (tmp_path / board.image.file).write_bytes(b"something else")
    with pytest.raises(UserError, match=r"not the image that board\.json names"):
        wheel.find(board)
    config = settings.make(board, None, SERVICE, "escpos", None)
    with pytest.raises(UserError, match="no partition table"):
        build.build(board, config, tmp_path / "out", tmp_path / board.image.file)


def test_a_board_gets_only_the_modules_that_it_needs() -> None:
    board = data.load("RPI_PICO_W")
    config = settings.make(board, None, SERVICE, "escpos", None)
    names, _ = contents.modules(board, config)
    assert "fetchprint.port.rp2" in names and "fetchprint.engine.escpos" in names
    assert "fetchprint.engine.escpos_filter" not in names, "it is in that of escpos"
    absent_ones = ("adafruit", "port.unix", "port.cpython", "port.esp32", "mobile")
    assert not [name for name in names for part in absent_ones if part in name]
    config["transport"] = "adafruit"
    files = contents.compiled(board, config)
    assert "adafruit_requests.mpy" in files and "fetchprint/http/adafruit.mpy" in files
    assert "fetchprint/http/client.mpy" not in files


def test_what_modules_take_of_the_heap_is_measured() -> None:
    board = data.load("ESP32_GENERIC")
    config = settings.make(board, None, SERVICE, "escpos", None)
    config.update(transport="adafruit", services=[{"uri": "ipps://print.example/ipp/print/infra"}])
    taken = ram.measure(board, config)
    names = {name.removesuffix(".__init__") for name in contents.modules(board, config)[0]}
    found = {path.removesuffix(".mpy").removesuffix("/__init__").replace("/", ".") for path in taken}
    assert found == names, "each of them can be loaded"
    kept = sum(octets for path, octets in taken.items() if not ram.dropped(path))
    assert 60_000 < kept < sum(taken.values()) < 300_000


def test_the_build_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fetchprint_tools", "build", "--board", "UNIX", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--service", SERVICE], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert ".mpy together" in done.stdout and "RAM of the code" in done.stdout
    assert (tmp_path / "files" / "a" / "main.mpy").is_file()
    assert paths.firmware_dir().is_dir() and shutil.which("sh")
    done = subprocess.run(
        [*command, "--service", SERVICE, "--json"], capture_output=True, text=True, check=True, timeout=60
    )
    report = json.loads(done.stdout)
    modules = {path for path in report["files"] if path.endswith(".mpy")}
    assert set(report["ram"]) == modules and min(report["ram"].values()) > 0
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "no print service is named" in done.stderr
