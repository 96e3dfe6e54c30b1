"""What can be wrong between a computer, a board, its network, its service and its engine."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fetchprint.config import ConfigError, check
from fetchprint.settings import ServiceURI
from fetchprint_tools.boards import connection, data, doctor_tls
from fetchprint_tools.errors import UserError

_TOOLS = ("mpremote", "mpy-cross", "esptool")
_HEAP_SHARE = 0.9
"""Of the heap that board.json expects at the prompt: less means that something else is on the board."""
_WIFI = """\
import network,json,time
w=network.WLAN(network.WLAN.IF_STA)
c=json.load(open('/wifi.json'))
w.active(True)
if not w.isconnected():
    w.connect(c['ssid'],c.get('password',''))
    t=time.ticks_ms()
    while not w.isconnected() and time.ticks_diff(time.ticks_ms(),t)<20000: time.sleep_ms(100)
print((w.isconnected(),w.status(),w.ifconfig()))
"""
_CLOCK = "import time\nprint(time.localtime()[0])"
_RESOLVE = """\
import socket
try: print(repr(socket.getaddrinfo(%r,%d)[0][-1][0]))
except OSError as e: print(repr('!'+str(e)))
"""
_REACH = """\
import socket
s=socket.socket()
s.settimeout(10)
try:
    s.connect(socket.getaddrinfo(%r,%d)[0][-1])
    s.send(b'POST %s HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n')
    print(repr(s.recv(12)))
except OSError as e: print(repr('!'+str(e)))
s.close()
"""

_CONNECT = """\
import socket
s=socket.socket()
s.settimeout(10)
try:
    s.connect(socket.getaddrinfo(%r,%d)[0][-1])
    print(b'')
except OSError as e: print(repr('!'+str(e)))
s.close()
"""


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well (None: could not be looked at), and what to do."""

    what: str
    good: bool | None
    detail: str
    hint: str = ""


def host() -> Iterator[Finding]:
    """The computer itself."""
    beside = Path(sys.executable).parent
    for tool in _TOOLS:
        found = (beside / tool).is_file() or shutil.which(tool) is not None
        yield Finding(
            f"host tool {tool}", found, "installed" if found else "missing", "" if found else "make setup"
        )


class Doctor:
    """Examines the board at ``link``."""

    def __init__(self, link: connection.Connection) -> None:
        self._link = link
        self._config: dict[str, Any] | None = None

    def findings(self) -> Iterator[Finding]:
        """One after the other; what depends on something that is not well is left out."""
        identity = self._link.identity()
        yield Finding("board", True, f"{identity.machine}, MicroPython {identity.release}")
        settings = self._json("/board.json") or {}
        name = settings.get("board")
        if name in data.names():
            expected = data.load(name).heap_kB * 1000
            good = identity.heap >= expected * _HEAP_SHARE
            hint = "" if good else "is another program running on it? fetchprint flash begins anew"
            yield Finding(
                "free heap at the prompt", good, f"{identity.heap} of {expected} octets expected", hint
            )
        good = identity.disk > 100_000
        yield Finding(
            "room in flash", good, f"{identity.disk} octets", "" if good else "remove files that are yours"
        )
        yield from self._configuration()
        wifi = self._wifi()
        yield wifi
        if not wifi.good:
            return
        yield from self._clock()
        for service in (self._config or {}).get("services", ()):
            yield from self._service(ServiceURI(service["uri"]), service)
        yield from self._engine()

    def _json(self, path: str) -> dict[str, Any] | None:
        kept = self._link.read(path)
        if kept is None:
            return None
        try:
            found: dict[str, Any] = json.loads(kept)
        except ValueError:
            return None
        return found

    def _configuration(self) -> Iterator[Finding]:
        self._config = self._json("/config.json")
        if self._config is None:
            yield Finding(
                "configuration", False, "there is none, or it is damaged", "fetchprint deploy --service URI"
            )
            return
        try:
            check(self._config)
        except ConfigError as error:
            yield Finding("configuration", False, str(error), "fetchprint deploy --config FILE")
            return
        boot = self._json("/boot.json") or {}
        detail = f"good; the application is in slot {boot.get('slot', 'a')}"
        resets = boot.get("resets", 0)
        yield Finding(
            "configuration",
            resets < 3,
            detail + (f", and {resets} resets came before a service answered" if resets else ""),
            "" if resets < 3 else "fetchprint monitor shows why it starts again and again",
        )

    def _wifi(self) -> Finding:
        kept = self._json("/wifi.json")
        if kept is None:
            return Finding("Wi-Fi", False, "none is set", "fetchprint provision --ssid NAME")
        connected, status, addresses = self._link.value(_WIFI)
        if connected:
            return Finding("Wi-Fi", True, f"{kept['ssid']}, address {addresses[0]}, DNS {addresses[3]}")
        hint = "is the password right (fetchprint provision), is the network in reach, and has it 2.4 GHz?"
        return Finding("Wi-Fi", False, f"{kept['ssid']} was not joined (status {status})", hint)

    def _clock(self) -> Iterator[Finding]:
        year = self._link.value(_CLOCK)
        good = year >= 2025
        yield Finding(
            "clock", True, f"year {year}" + ("" if good else ": not set, which only TLS would mind")
        )

    def _service(self, uri: ServiceURI, service: dict[str, Any]) -> Iterator[Finding]:
        address = self._link.value(_RESOLVE % (uri.host, uri.port))
        if address.startswith("!"):
            yield Finding(
                "DNS", False, f"{uri.host}: {address[1:]}", "is the name right, and the DNS server above?"
            )
            return
        yield Finding("DNS", True, f"{uri.host} is {address}")
        where = (uri.host, uri.port)
        said = self._link.value(_CONNECT % where if uri.secure else _REACH % (*where, uri.path))
        if isinstance(said, str):
            hint = "is the service running, and does a firewall stand between?"
            yield Finding("service", False, f"{uri.uri}: {said[1:]}", hint)
            return
        if uri.secure:
            yield Finding("service", True, f"{uri.uri} takes the board's connection")
            yield Finding("TLS", *doctor_tls.examine(service, self._link.read))
            return
        good = said.startswith(b"HTTP/1.")
        hint = "" if good else "does it listen for TLS there, or is it another program?"
        yield Finding("service", good, f"{uri.uri} answers {said.decode('latin-1')!r}", hint)

    def _engine(self) -> Iterator[Finding]:
        settings = (self._config or {}).get("engine", {})
        device = str(settings.get("device", ""))
        if settings.get("driver") != "escpos" or not device.startswith("uart"):
            yield Finding("engine", None, f"{settings.get('driver')}: can only be asked by the firmware")
            return
        said = self._link.value(_ask_escpos(device))
        if not said:
            hint = "is it switched on, are TX and RX crossed, and is the baud rate right?"
            yield Finding("engine", False, f"no answer to DLE EOT at {device}", hint)
            return
        problems = [
            text for bit, text in ((0x08, "off-line"), (0x20, "waiting for a person")) if said[0] & bit
        ]
        hint = "close its cover and put paper in" if problems else ""
        yield Finding(
            "engine", not problems, ", ".join(problems) or f"answers {said.hex()} to DLE EOT 1", hint
        )


def _ask_escpos(device: str) -> str:
    """Code that sends DLE EOT 1 and prints what comes back."""
    number, *parts = device.removeprefix("uart").split(",")
    settings = dict(part.split("=") for part in parts)
    baudrate = settings.pop("baudrate", "115200")
    pins = "".join(f",{key}=Pin({pin})" for key, pin in settings.items() if key in ("tx", "rx"))
    return (
        "from machine import UART,Pin\nimport time\n"
        f"u=UART({number},{baudrate}{pins})\nu.write(b'\\x10\\x04\\x01')\n"
        "t=time.ticks_ms()\n"
        "while not u.any() and time.ticks_diff(time.ticks_ms(),t)<1000: time.sleep_ms(5)\n"
        "print(u.read(1) or b'')"
    )


def examine(port: str | None, tell: Callable[[Finding], None]) -> bool:
    """Everything; whether all is well."""
    well = True

    def told(finding: Finding) -> None:
        nonlocal well
        well = well and finding.good is not False
        tell(finding)

    for finding in host():
        told(finding)
    try:
        name = connection.find_port(port)
        told(Finding("port", True, name))
        with connection.Connection(name) as link:
            for finding in Doctor(link).findings():
                told(finding)
            link.restart()
    except UserError as error:
        told(Finding("board", False, error.what, error.hint or ""))
    return well
