"""A board at the end of a cable (or of ``socket://HOST:PORT``), driven through mpremote's transport."""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from serial import SerialException, serial_for_url
from serial.tools import list_ports

from fetchprint_tools.errors import UserError

VENDORS = {0x2E8A: "Raspberry Pi", 0x303A: "Espressif", 0x10C4: "CP210x", 0x1A86: "CH340", 0x0403: "FTDI"}
"""USB vendor IDs of boards and of the serial adapters on them."""

_TREE = """\
import os,hashlib,binascii
def _w(p,o):
    try: l=list(os.ilistdir(p))
    except OSError: return o
    for e in l:
        q=p.rstrip('/')+'/'+e[0]
        if e[1]==0x4000: _w(q,o)
        else:
            h=hashlib.sha256()
            with open(q,'rb') as f:
                while 1:
                    b=f.read(512)
                    if not b: break
                    h.update(b)
            o[q]=binascii.hexlify(h.digest()).decode()
    return o
print({o:_w(o,{}) for o in %r})
"""
_PUT = """\
import os,hashlib,binascii
def _open(p):
    global _f
    at=p.find('/',1)
    while at>0:
        try: os.mkdir(p[:at])
        except OSError as e:
            if e.errno!=17: raise
        at=p.find('/',at+1)
    _f=open(p+'.new','wb')
def _add(t): _f.write(binascii.a2b_base64(t))
def _close(p,d):
    _f.close()
    h=hashlib.sha256()
    with open(p+'.new','rb') as f:
        while 1:
            b=f.read(512)
            if not b: break
            h.update(b)
    if binascii.hexlify(h.digest()).decode()!=d: return False
    os.rename(p+'.new',p)
    return True
"""
_SECONDS = 60
"""What one step may take on the board: joining a Wi-Fi is the longest."""
_ANSWER_SECONDS = 10
"""What its prompt may take."""
_SOCKET_SECONDS = 600
"""The same on an emulated board, a second of which is up to half a minute of ours."""
_AWAY_SECONDS = 15
"""How long a board may be away from its port while it starts."""
_CHUNK = 3072
"""Octets in one step: as text they are 4096."""
_IDENTITY = """\
import os,sys,gc
gc.collect()
u=os.uname()
s=os.statvfs('/')
print((sys.platform,u.machine,u.release,gc.mem_free(),s[0]*s[3],getattr(sys.implementation,'_mpy',0)))
"""


class PortError(UserError):
    """The port cannot be opened."""


class Identity:
    """What the board says of itself."""

    def __init__(self, said: tuple[str, str, str, int, int, int]) -> None:
        self.platform, self.machine, self.release, self.heap, self.disk, self.mpy = said


def find_port(given: str | None) -> str:
    """The port ``given``, or the only board that is plugged in. Raises UserError."""
    if given is not None:
        return given
    found = [port.device for port in list_ports.comports() if port.vid in VENDORS]
    if len(found) == 1:
        return str(found[0])
    if not found:
        raise UserError(
            "no board was found", hint="plug it in with a data cable, or name its port with --port"
        )
    raise UserError(f"there are several boards: {', '.join(found)}", hint="name one with --port")


class Connection:
    """A board whose program is interrupted and which waits for commands; a context manager.

    ``fresh``: nothing of that program is left in its memory (a soft reset)."""

    def __init__(self, port: str, fresh: bool = False) -> None:
        self.port = port
        self._can_write = False
        self._seconds = _SOCKET_SECONDS if port.startswith("socket:") else _SECONDS
        try:
            self._transport = SerialTransport(port, timeout=10)
        except (TransportError, SerialException, OSError) as error:
            raise _closed(port, error) from error
        try:
            seconds = max(_ANSWER_SECONDS, self._seconds - _SECONDS)
            self._transport.enter_raw_repl(soft_reset=fresh, timeout_overall=seconds)
        except (TransportError, SerialException, OSError) as error:
            self._transport.close()
            raise UserError(
                f"the board does not answer: {error}",
                where=port,
                hint="is MicroPython on it (fetchprint flash), and does no other program use the port?",
            ) from error

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(TransportError, SerialException, OSError):
            self._transport.exit_raw_repl()
        self._transport.close()

    def run(self, code: str) -> str:
        """What ``code`` prints on the board. Raises UserError with the board's own error."""
        try:
            answer: tuple[bytes, bytes] = self._transport.exec_raw(code, timeout=self._seconds)
        except (TransportError, SerialException, OSError) as error:
            raise UserError(f"the connection to the board is gone: {error}", where=self.port) from error
        if answer[1]:
            text = answer[1].decode("utf-8", "replace").strip()
            raise UserError(f"the board could not do this:\n{text}", where=self.port)
        return answer[0].decode("utf-8", "replace").strip()

    def value(self, code: str) -> Any:
        """The value that ``code`` prints, as a Python literal."""
        said = self.run(code)
        try:
            return ast.literal_eval(said.splitlines()[-1] if said else "")
        except (ValueError, SyntaxError) as error:
            raise UserError(
                f"the board answered {said[:80]!r}, which was not expected", where=self.port
            ) from error

    def identity(self) -> Identity:
        return Identity(self.value(_IDENTITY))

    def hashes(self, *folders: str) -> dict[str, str]:
        """SHA-256 of each file below ``folders``, by path."""
        found: dict[str, dict[str, str]] = self.value(_TREE % (tuple(folders),))
        return {path: digest for files in found.values() for path, digest in files.items()}

    def read(self, path: str) -> bytes | None:
        """A file's content; None when there is none."""
        code = f"try:\n print(open({path!r},'rb').read())\nexcept OSError:\n print(None)\n"
        data: bytes | None = self.value(code)
        return data

    def table(self, path: str) -> dict[str, Any] | None:
        """The JSON object in a file; None when there is none, or it is damaged."""
        try:
            found = json.loads(self.read(path) or b"")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def write(self, path: str, data: bytes) -> None:
        """Replace a file: written beside it, read back, renamed. Raises UserError."""
        if not self._can_write:
            self.run(_PUT)
            self._can_write = True
        self.run(f"_open({path!r})")
        for at in range(0, len(data), _CHUNK):
            self.run(f"_add('{base64.b64encode(data[at : at + _CHUNK]).decode()}')")
        digest = hashlib.sha256(data).hexdigest()
        if self.value(f"print(_close({path!r},{digest!r}))") is not True:
            raise UserError(f"{path} came back differently from how it was written", where=self.port)

    def remove(self, path: str) -> None:
        self.run(f"import os\nos.remove({path!r})")

    def restart(self) -> None:
        """Reset the board: it starts what was put on it."""
        with contextlib.suppress(TransportError, SerialException, OSError):
            self._transport.exec_raw_no_follow("import machine,time\ntime.sleep_ms(100)\nmachine.reset()")

    def lines(self) -> Iterator[str | None]:
        """See ``said``."""
        return said(self._transport.serial, self.port)


class Listener:
    """A board that goes on with what it does, and whose words are only read."""

    def __init__(self, port: str) -> None:
        self.port = port
        try:
            self._serial = serial_for_url(port, baudrate=115200, timeout=0.2)
        except (SerialException, OSError) as error:
            raise _closed(port, error) from error

    def lines(self) -> Iterator[str | None]:
        """See ``said``."""
        return said(self._serial, self.port)


def said(serial: Any, port: str) -> Iterator[str | None]:
    """What the board says, a line at a time; None when it was silent for a moment. A board whose USB is its
    own is away from its port while it starts: it is waited for. Raises UserError."""
    pending = b""
    gone = 0.0
    serial.timeout = 0.2
    while True:
        try:
            if gone:
                serial.open()
                gone = 0.0
            data = serial.read(1)
            data += serial.read(serial.in_waiting)
        except (SerialException, OSError) as error:
            serial.close()
            gone = gone or time.monotonic()
            if time.monotonic() - gone > _AWAY_SECONDS:
                raise UserError(f"the connection to the board is gone: {error}", where=port) from error
            time.sleep(0.2)
            data = b""
        pending += data
        *whole, pending = pending.split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
        if not data:
            yield None


def _closed(port: str, error: Exception) -> PortError:
    hint = "is the board plugged in, and is the port not used by another program?"
    if Path(port).exists() and not os.access(port, os.R_OK | os.W_OK):
        group = Path(port).group()
        hint = f"you may not use it: join its group (sudo usermod -a -G {group} $USER) and log in again"
    return PortError(f"cannot open the port: {error}", where=port, hint=hint)


def deploy(
    board: Connection, files: Mapping[str, bytes], slot: str, tell: Callable[[str, int, int], None]
) -> tuple[int, int]:
    """Bring ``files`` to the board, as far as they differ there, those of the application's folder ``a/``
    into ``slot``, and take away what is no longer needed in the slot. Returns (written, left alone)."""
    wanted = {
        f"/{slot}/{path.partition('/')[2]}" if path.startswith("a/") else f"/{path}": data
        for path, data in files.items()
    }
    there = board.hashes(f"/{slot}")
    for path in wanted:
        if path.count("/") == 1:
            digest = board.read(path)
            if digest is not None:
                there[path] = hashlib.sha256(digest).hexdigest()
    stale = {
        path: data for path, data in wanted.items() if there.get(path) != hashlib.sha256(data).hexdigest()
    }
    for path in there:
        if path not in wanted:
            board.remove(path)
    for number, (path, data) in enumerate(sorted(stale.items()), 1):
        tell(path, number, len(stale))
        board.write(path, data)
    return len(stale), len(wanted) - len(stale)
