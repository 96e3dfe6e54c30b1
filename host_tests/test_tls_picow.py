"""Whom the emulated Pico W takes for its service: the list of ``test_tls_verification``, on its MicroPython.

One board that is switched on once meets one service after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tls_client import OCTETS

from fetchprint_tools import firmware_build, mpy, pki
from fetchprint_tools.boards import data, filesystem, wheel
from fetchprint_tools.errors import UserError
from fetchprint_tools.picow.contents import HERE
from fetchprint_tools.picow.device import SSID, PicoW
from fetchprint_tools.picow.run import connect
from support import absent
from tls_kit import CLIENT, Answering, Pair, make

BOARD = data.load("RPI_PICO_W")
PROGRAMS = Path(__file__).with_name("portable")
SECONDS = 2700.0
"""A second of the emulated board is up to half a minute of a busy computer, and a handshake takes one."""
RSA = rsa.generate_private_key(65537, 2048)
"""Where nothing depends on it: verifying by it costs the emulated board less time than P-256."""
MODULES = (
    *("__init__", "errors", "ticks", "port.__init__", "port.native", "port.common", "port.console"),
    *("port.board", "port.board_streams", "port.wifi", "port.rp2", "port.tls", "port.trust"),
    *("port.x509", "port.credentials"),
)
CA = make(ca=True, subject="the CA")
QUICK = make(ca=True, subject="the quick CA", own=RSA)
OK = make(CA, names=(HERE,))


def quick(issuer: Pair = QUICK, **options: Any) -> Pair:
    return make(issuer, **{"names": (HERE,), "own": RSA, **options})


@dataclass
class Meeting:
    """A service, and what the board is to say of it; ``before``: with the clock as it is after power-on."""

    says: str
    pair: Pair = field(default_factory=quick)
    trust: tuple[str, ...] = ("quick",)
    before: bool = False
    demands: bool = False
    plain: bool = False
    times: int = 1
    version: ssl.TLSVersion | None = None


def long_chain() -> Pair:
    between = QUICK
    for number in range(3):
        between = quick(between, ca=True, subject=f"between {number}", filler=2500)
    return quick(between)


MEETINGS = {
    # It begins later than the floor, below which no time is believed: its day is tried once, and kept.
    "clock unset": Meeting("the clock is not set", before=True),
    "its day is tried": Meeting("ok 3000 of 3000", before=True),
    "wrong name": Meeting("wrong name", pair=quick(names=("other.example",))),
    "unknown CA": Meeting("unknown CA", pair=quick(make(ca=True, subject="another", own=RSA))),
    "expired": Meeting("expired", pair=quick(days=(-20, -10))),
    "not yet valid": Meeting("not valid before", pair=quick(days=(10, 20))),
    "wrong key usage": Meeting("wrong key usage", pair=quick(purpose=CLIENT)),
    "another pin": Meeting("not the pinned one", trust=("quick", "wrong")),
    "downgrade": Meeting("refused the connection", version=ssl.TLSVersion.TLSv1_1),
    "plain text": Meeting("does not speak TLS", plain=True),
    "very large chain": Meeting("longer than 16 kB", pair=quick(filler=40_000)),
    "missing client certificate": Meeting("it may demand a client certificate", demands=True),
    "both certificates": Meeting("ok 3000 of 3000", OK, ("ca", "pin", "cert"), demands=True),
    "long chain": Meeting("ok 3000 of 3000", pair=long_chain()),
    "maximum-size records": Meeting("ok 48000 of 3000", times=16),
}
TRUST = {
    "ca": {"ca": "/ca.der"},
    "quick": {"ca": "/quick.der"},
    "pin": {"pin": pki.pin_of(OK.certificate)},
    "wrong": {"pin": pki.pin_of(CA.certificate)},
    "cert": {"cert": "/device.der", "key": "/key.der"},
}


def service(folder: Path, meeting: Meeting) -> Answering:
    made = Answering(folder, meeting.pair, times=meeting.times, plain=meeting.plain, patience=SECONDS)
    if meeting.demands:
        made.context.load_verify_locations(cadata=CA.der)
        made.context.verify_mode = ssl.CERT_REQUIRED
    if meeting.version is not None:
        made.context.set_ciphers("ALL:@SECLEVEL=0")
        made.context.minimum_version = ssl.TLSVersion.TLSv1
        made.context.maximum_version = meeting.version
    return made


def modules() -> dict[str, bytes]:
    """Only what TLS needs of the firmware, compiled."""
    texts = firmware_build.inlined()
    with tempfile.TemporaryDirectory() as work:
        python, output = Path(work, "py"), Path(work, "mpy")
        for name in MODULES:
            path = python / Path("fetchprint", *name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[f"fetchprint.{name}"])
        (python / "tls_client.py").write_bytes((PROGRAMS / "tls_client.py").read_bytes())
        assert not mpy.compile_tree(python, output, BOARD.mpy_architecture, small=True)
        files = sorted(output.rglob("*.mpy"))
        return {f"a/{path.relative_to(output).as_posix()}": path.read_bytes() for path in files}


def board(meetings: list[dict[str, Any]]) -> PicoW:
    """Switched off, with everything in its flash."""
    try:
        image = wheel.find(BOARD)
    except UserError as error:
        absent(str(error))
    device = make(CA, names=(), purpose=CLIENT, subject="a printer")
    files = modules() | {
        "main.py": (PROGRAMS / "tls_board.py").read_bytes(),
        "meetings.json": json.dumps(meetings).encode(),
        "wifi.json": json.dumps({"ssid": SSID, "password": "emulated"}).encode(),
        "board.json": json.dumps(BOARD.on_board()).encode(),
        "ca.der": CA.der,
        "quick.der": QUICK.der,
        "device.der": device.der,
        "key.der": pki.key_der(device.key),
    }
    made = PicoW(image, connect=connect)
    assert BOARD.flash is not None
    start, size = BOARD.flash.filesystem_offset, BOARD.flash.filesystem_size
    made.flash[start:] = filesystem.make(files, size)
    return made


async def say(device: PicoW) -> list[str]:
    """All lines until it is done."""
    said = bytearray()

    def heard(piece: bytes | bytearray) -> None:
        said.extend(piece)
        print(piece.decode(errors="replace"), end="", flush=True)
        if b"all met" in said or (b"Traceback" in said and b">>> " in said):
            device.stop()

    device.cdc.on_serial_data = heard
    device.boot()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(device.run(), SECONDS)
    return said.decode().splitlines()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.board
@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 60)
def test_whom_a_pico_w_trusts(tmp_path: Path) -> None:
    clock = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    with contextlib.ExitStack() as stack:
        plans, services = [], []
        for meeting in MEETINGS.values():
            services.append(stack.enter_context(service(tmp_path, meeting)))
            settings = {key: value for name in meeting.trust for key, value in TRUST[name].items()}
            most = OCTETS * meeting.times
            plan = {"host": HERE, "number": services[-1].port, "settings": settings, "most": most}
            plans.append(plan if meeting.before else {**plan, "time": clock})
        said = asyncio.run(say(board(plans)))
    met = [json.loads(line.removeprefix("meeting ")) for line in said if line.startswith("meeting ")]
    assert len(met) == len(MEETINGS), "\n".join(said)
    for name, (_, free, opened, ms, text) in zip(MEETINGS, met, strict=True):
        print(f"{name}: {free} octets free before, {opened} while open, {ms} ms: {text}")
    for (name, meeting), (_, _, _, _, text), answered in zip(MEETINGS.items(), met, services, strict=True):
        assert meeting.says in text, (name, text)
        assert text.startswith("ok" if meeting.says.startswith("ok") else "refused TLS: "), (name, text)
        assert text.startswith("ok") or not answered.received, name
    # The modules are there from the first on; less than a kilobyte more is what errors have left.
    assert met[1][1] - met[-1][1] < 2000, "memory did not come back"
