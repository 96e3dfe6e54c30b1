"""What is wrong between a board and a service over TLS: judged on this computer as the firmware does it, with
the board's own files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetchprint.errors import LocalError
from fetchprint.port import cpython
from fetchprint.port.trust import Clock, TLSError, Trust, TrustError
from fetchprint.settings import ServiceURI

SECONDS = 15.0
Read = Callable[[str], bytes | None]
Seen = tuple[bool | None, str, str]
_FILES = "fetchprint provision, with --ca or --pin, and --new-identity or --cert and --key"
_ELSEWHERE = "this computer cannot reach it; perhaps the board can: fetchprint monitor shows what it says"


class _Nothing:
    """A store that keeps nothing."""

    def load(self, name: str) -> None:
        return None

    def save(self, name: str, data: bytes) -> None:
        """Nothing is to be remembered of this."""


def examine(service: dict[str, Any], read: Read) -> Seen:
    """Whether ``service`` is whom it should be (None: that cannot be seen from here), what was seen, and what
    to do. ``read`` gives a file of the board."""
    uri = ServiceURI(service["uri"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            settings = _copied(service["tls"], read, Path(folder))
            trust = Trust(settings, Clock(_Nothing()), uri.host)
            client = cpython.Port().secure(trust)
        except LocalError as error:
            return False, str(error).replace(f"{folder}/", ""), _FILES
    try:
        said = _ask(client, uri)
    except TLSError as error:
        what, _, todo = str(error).removeprefix("TLS: ").rpartition(": ")
        return False, what or todo, todo
    except OSError as error:
        return None, f"{uri.uri}: {error}", _ELSEWHERE
    if not said.startswith(b"HTTP/1."):
        return False, f"{uri.uri} answers {said!r}", "it speaks TLS but not HTTP: is the port the right one?"
    shown = ", and was shown the board's certificate" if trust.chain else ""
    return True, f"{uri.host} is whom it should be{shown}; it answers {said.decode('latin-1')!r}", ""


def _copied(table: dict[str, Any], read: Read, folder: Path) -> dict[str, Any]:
    """``table`` with the files of the board in ``folder``."""

    def copy(name: str) -> str:
        data = read(name)
        if data is None:
            raise TrustError(f"{name} is not on the board")
        path = folder / name.rpartition("/")[2]
        path.write_bytes(data)
        return str(path)

    copied = {}
    for key, value in table.items():
        if key != "pin":
            value = [copy(one) for one in value] if isinstance(value, list) else copy(value)
        copied[key] = value
    return copied


def _ask(client: Any, uri: ServiceURI) -> bytes:
    """The first octets of the reply to an empty request. Raises OSError."""
    port = client.port
    request = bytearray(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" % uri.path.encode())
    reply = bytearray(12)
    stream = client.connect(uri.host, uri.port)
    sent, begun = 0, port.now()
    try:
        while port.now() - begun < SECONDS * 1000:
            if sent < len(request):
                n = stream.write(request, sent, len(request) - sent)
                sent += n or 0
            else:
                n = stream.readinto(reply, 0, len(reply))
                if n is not None:
                    return bytes(reply[:n])
            if n is None:
                port.wait(250)
        raise OSError(f"no answer within {SECONDS:g} s")
    finally:
        stream.close()
