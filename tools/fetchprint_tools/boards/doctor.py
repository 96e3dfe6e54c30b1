"""What can be wrong between a computer, a board, its network, its service and its engine."""

from __future__ import annotations

import calendar
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fetchprint.config import ConfigError, check
from fetchprint.settings import ServiceURI
from fetchprint_tools.boards import connection, data, doctor_tls
from fetchprint_tools.errors import UserError

_TOOLS = ("mpremote", "mpy-cross", "esptool")
_ROOM = 100_000
"""Octets that an update takes, and the journal."""
_FIRST_YEAR = 2025
"""A clock that says less has not been set."""
_HEAP_SHARE = 0.9
"""Of the heap that board.json expects at the prompt: less means that something else is on the board."""
_MPY = 6
"""The format of the .mpy files that the firmware comes in."""
_OLDEST = (1, 24)
_DAY = 86400
_WIFI = """\
import network,json,time
w=network.WLAN(network.WLAN.IF_STA)
c=json.load(open('/wifi.json'))
w.active(True)
bad={getattr(network,n,n):n for n in ('STAT_WRONG_PASSWORD','STAT_NO_AP_FOUND')}
if not w.isconnected():
    w.connect(c['ssid'],c.get('password',''))
    t=time.ticks_ms()
    while not w.isconnected() and time.ticks_diff(time.ticks_ms(),t)<20000 and w.status() not in bad:
        time.sleep_ms(100)
print((w.isconnected(),bad.get(w.status(),str(w.status())),w.ifconfig()))
"""
_WIFI_HINTS = {
    "STAT_WRONG_PASSWORD": "the password is wrong: fetchprint provision --ssid NAME",
    "STAT_NO_AP_FOUND": "there is no such network in reach: is the name right, and has it 2.4 GHz?",
}
_CLOCK = "import time\nprint(tuple(time.gmtime()[:6]))"
_RESOLVE = """\
import socket
try:
    a=socket.getaddrinfo(%r,%d)[0][-1]
    print(a if isinstance(a,tuple) else bytes(a))
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
        settings = self._link.table("/board.json") or {}
        name = settings.get("board")
        yield self._board(identity, name)
        if name in data.names():
            expected = data.load(name).heap_kB * 1000
            good = identity.heap >= expected * _HEAP_SHARE
            hint = "" if good else "is something of yours in its boot.py? fetchprint flash begins anew"
            yield Finding(
                "free heap at the prompt", good, f"{identity.heap} of {expected} octets expected", hint
            )
        good = identity.disk > _ROOM
        yield Finding(
            "room in flash", good, f"{identity.disk} octets", "" if good else "remove files that are yours"
        )
        yield from self._configuration()
        yield from self._engine()
        wifi = self._wifi()
        yield wifi
        if not wifi.good:
            return
        yield self._clock()
        for service in (self._config or {}).get("services", ()):
            yield from self._service(ServiceURI(service["uri"]), service)

    def _board(self, identity: connection.Identity, name: object) -> Finding:
        said = f"{identity.machine}, MicroPython {identity.release}"
        numbers = tuple(int(part) for part in re.findall(r"\d+", identity.release)[:2])
        hint = ""
        if numbers < _OLDEST or identity.mpy & 0xFF != _MPY:
            hint = "it is too old: fetchprint flash brings a newer MicroPython"
        elif name is None:
            hint = "there is no fetchprint on it: fetchprint deploy brings it"
        elif name not in data.names():
            hint = f"it has the files of {name!r}, which is unknown here: fetchprint deploy brings yours"
        elif data.load(str(name)).port != identity.platform:
            hint = f"it has the files of {name}: fetchprint deploy brings those of this board"
        return Finding("board", not hint, said, hint)

    def _configuration(self) -> Iterator[Finding]:
        self._config = self._link.table("/config.json")
        if self._config is None:
            yield Finding(
                "configuration", False, "there is none, or it is damaged", "fetchprint deploy --service URI"
            )
            return
        try:
            check(self._config)
        except ConfigError as error:
            self._config = None
            yield Finding("configuration", False, str(error), "fetchprint deploy --config FILE")
            return
        boot = self._link.table("/boot.json") or {}
        detail = f"good; the application is in slot {boot.get('slot', 'a')}"
        resets = boot.get("resets", 0)
        yield Finding(
            "configuration",
            resets < 3,
            detail + (f", and {resets} resets came before a service answered" if resets else ""),
            "" if resets < 3 else "fetchprint monitor shows why it starts again and again",
        )

    def _wifi(self) -> Finding:
        kept = self._link.table("/wifi.json")
        if kept is None or "ssid" not in kept:
            return Finding("Wi-Fi", False, "none is set", "fetchprint provision --ssid NAME")
        connected, status, addresses = self._link.value(_WIFI)
        if connected:
            return Finding("Wi-Fi", True, f"{kept['ssid']}, address {addresses[0]}, DNS {addresses[3]}")
        hint = _WIFI_HINTS.get(
            status,
            "is the password right (fetchprint provision), is the network in reach, and has it 2.4 GHz?",
        )
        return Finding("Wi-Fi", False, f"{kept['ssid']} was not joined (status {status})", hint)

    def _clock(self) -> Finding:
        board = calendar.timegm((*self._link.value(_CLOCK), 0, 0, 0))
        days = round((board - time.time()) / _DAY)
        secure = any(ServiceURI(one["uri"]).secure for one in (self._config or {}).get("services", ()))
        if time.gmtime(board).tm_year < _FIRST_YEAR:
            return Finding(
                "clock", True, "not set" + (": a time server or the certificate does it" if secure else "")
            )
        if abs(days) < 1:
            return Finding("clock", True, "as this computer's")
        detail = f"{abs(days)} days {'ahead of' if days > 0 else 'behind'} this computer's"
        if not secure:
            return Finding("clock", True, detail + ", which only TLS would mind")
        hint = "if this computer's is right, cut the board's power: its clock begins anew and is set again"
        return Finding("clock", False, detail, hint)

    def _service(self, uri: ServiceURI, service: dict[str, Any]) -> Iterator[Finding]:
        address = self._link.value(_RESOLVE % (uri.host, uri.port))
        if isinstance(address, str):
            yield Finding(
                "DNS", False, f"{uri.host}: {address[1:]}", "is the name right, and the DNS server above?"
            )
            return
        # A tuple on boards; MicroPython leaves it to the port, and on Unix it is a sockaddr_in.
        shown = address[0] if isinstance(address, tuple) else ".".join(map(str, address[4:8]))
        yield Finding("DNS", True, f"{uri.host} is {shown}")
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
        if self._config is None:
            return
        settings = self._config["engine"]
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
    except UserError as error:
        told(Finding("cable", False, error.what, error.hint or ""))
        return well
    try:
        with connection.Connection(name, fresh=True) as link:
            told(Finding("port", True, name))
            for finding in Doctor(link).findings():
                told(finding)
            link.restart()
    except connection.PortError as error:
        told(Finding("port", False, f"{name}: {error.what}", error.hint or ""))
    except UserError as error:
        told(Finding("board", False, error.what, error.hint or "switch it off and on, and try again"))
    return well
