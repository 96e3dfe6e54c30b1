"""The commands that have to do with a board, as far as no board is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fetchprint_tools.boards import data, flash, flash_image, watch
from fetchprint_tools.engines.wire import Pty
from fetchprint_tools.errors import UserError
from fetchprint_tools.event_text import EventText
from support import wait_until

pytestmark = pytest.mark.slow


def fetchprint(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fetchprint_tools", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)


def a_uf2(family: int) -> bytes:
    blocks = [(flash_image.FLASH_BASE + at, bytes(256)) for at in range(0, 2048, 256)]
    return flash_image.uf2(blocks, family)


def test_a_uf2_is_copied_to_the_board_s_drive(tmp_path: Path) -> None:
    board = data.load("RPI_PICO_W")
    place = tmp_path / "RPI-RP2"
    place.mkdir()
    (place / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    image = tmp_path / "RPI_PICO_W.uf2"
    image.write_bytes(a_uf2(0xE48BFF56))
    assert flash.drive(board, place) == place
    done = fetchprint("flash", "--board", "RPI_PICO_W", "--dir", str(tmp_path), "--drive", str(place))
    assert done.returncode == 0, done.stderr
    assert (place / image.name).read_bytes() == image.read_bytes()


def test_what_cannot_be_flashed_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    board = data.load("RPI_PICO_W")
    with pytest.raises(UserError, match="there is no RPI-RP2 drive"):
        flash.drive(board, tmp_path)
    (tmp_path / "INFO_UF2.TXT").write_text("Board-ID: RP2350\n")
    with pytest.raises(UserError, match="there is no RPI-RP2 drive"):
        flash.drive(board, tmp_path)
    image = tmp_path / "x.uf2"
    image.write_bytes(a_uf2(0xE48BFF59))
    place = tmp_path / "drive"
    place.mkdir()
    with pytest.raises(UserError, match="another chip"):
        flash.copy(board, image, place, lambda done, of: None)
    image.write_bytes(b"no image")
    with pytest.raises(UserError, match="no UF2 file"):
        flash.copy(board, image, place, lambda done, of: None)
    assert list(place.iterdir()) == []
    done = fetchprint("flash", "--board", "ESP32_GENERIC", "--dir", str(tmp_path))
    assert done.returncode == 1 and "fetchprint build --board ESP32_GENERIC" in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "nothing to provision"),
        (("--ssid", "x" * 33), "1 to 32 octets"),
        (("--ssid", "x", "--password-file", "/nowhere"), "cannot be read"),
        (("--ssid", "x", "--open-network", "--country", "Germany"), "two letters"),
        (("--ssid", "x", "--open-network", "--ntp", "a b"), "a host's name"),
        (("--service", "gopher://x/"), "no scheme of a print service"),
        (("--ssid", "x", "--open-network", "--port", "/dev/nowhere"), "cannot open the port"),
    ],
)
def test_what_provision_refuses(args: tuple[str, ...], message: str) -> None:
    done = fetchprint("provision", *args)
    assert done.returncode in (1, 2) and message in done.stderr


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("sesame open\n")
    for given in (("--password-file", str(tmp_path / "password")), ()):
        done = fetchprint("provision", "--ssid", "x", *given, "--port", "/dev/nowhere", stdin="sesame open\n")
        assert done.returncode == 1 and "cannot open the port" in done.stderr
        assert "sesame" not in done.stdout + done.stderr


def test_the_monitor_shows_what_a_board_says() -> None:
    wire = Pty()
    command = [sys.executable, "-u", "-m", "fetchprint_tools", "monitor", "--port", wire.device]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        said = b""

        def spoken() -> bool:
            nonlocal said
            wire.write(b'{"event": "network", "state": "up", "address": "10.0.0.2"}\r\n')
            said += process.stdout.read() or b""
            return b"network up: 10.0.0.2" in said

        wait_until(spoken, 20, "the monitor's line")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        wire.close()


def lines(level: str, *events: object) -> list[str]:
    texts = EventText()
    found = []
    for event in events:
        line = event if isinstance(event, str) else json.dumps(event)
        shown = watch.shown(line, event if isinstance(event, dict) else {}, level, texts)
        if shown is not None:
            found.append(shown.split(" ", 1)[1])
    return found


def test_the_levels_of_the_log() -> None:
    error = {"event": "error", "message": "no paper"}
    boot = {"event": "boot", "board": "RPI_PICO_W", "cause": "WDT"}
    heap = {"event": "heap", "used": 1, "free": 2, "peak": 3}
    assert lines("error", error, boot, heap) == ["error: no paper"]
    assert lines("info", boot) == ["RPI_PICO_W has started (WDT)"]
    assert lines("info", {"event": "clock", "time": "20270101120000"}) == ["the clock is set: 20270101120000"]
    assert lines("debug", heap) == [json.dumps(heap)]
    assert lines("info", "MemoryError: memory allocation failed") == ["MemoryError: memory allocation failed"]


def test_the_doctor_tells_what_is_missing() -> None:
    done = fetchprint("doctor", "--port", "/dev/nowhere")
    assert done.returncode == 1
    assert "ok  host tool mpremote: installed" in done.stdout
    assert "WRONG  port: /dev/nowhere: cannot open the port" in done.stdout
    assert "what to do: is the board plugged in" in done.stdout
