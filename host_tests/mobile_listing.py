"""The listings of docs/mobile-operations.md: octets and what they mean, line by line.

    44 00 10 "embedded-message" 00 04 "none"   ; keyword

``octets`` reads the left side alone and ``listing`` writes both from octets: with a parser of its own
(RFC 8010 section 3), so that the document does not rest on the codec that it describes.
"""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "mobile-operations.md"

_GROUPS = {1: "operation", 2: "job", 3: "end-of", 4: "printer", 5: "unsupported"}
_SYNTAXES = {
    0x10: "unsupported",
    0x21: "integer",
    0x22: "boolean",
    0x23: "enum",
    0x41: "text",
    0x42: "name",
    0x44: "keyword",
    0x45: "uri",
    0x46: "uriScheme",
    0x47: "charset",
    0x48: "naturalLanguage",
    0x49: "mimeMediaType",
}
_END = 3
_PRINT_JOB = 0x0002
_TEXT = re.compile(rb"[ !#-~]+")


def examples() -> dict[str, list[str]]:
    """The lines of each listing by its name."""
    found = re.findall(r"^```ipp ([a-z-]+)\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert len(found) == len({name for name, _ in found}), "two listings of one name"
    return {name: text.splitlines() for name, text in found}


def octets(lines: list[str]) -> bytes:
    """What the left side of the lines says."""
    out = bytearray()
    for line in lines:
        left = re.sub(r'("[^"]*")|;.*', lambda found: found[1] or "", line)
        for text, number in re.findall(r'"([^"]*)"|(\S+)', left):
            out += text.encode("ascii") if text else bytes([int(number, 16)])
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.lines: list[str] = []
        self._fields: list[str] = []  # of the line being put together

    def take(self, count: int, text: bool = False) -> bytes:
        taken = self.data[self.at : self.at + count]
        assert len(taken) == count, f"cut short at octet {self.at}"
        self.at += count
        if text and _TEXT.fullmatch(taken):
            self._fields.append(f'"{taken.decode()}"')
        else:
            self._fields += [f"{octet:02x}" for octet in taken]
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big", signed=count == 4)

    def say(self, what: str) -> None:
        """End the line of the octets taken since the last one."""
        self.lines.append(f"{' '.join(self._fields):<75} ; {what}")
        self._fields.clear()

    def message(self) -> tuple[int, str]:
        """One message; its code and the value of embedded-message."""
        major, minor, code = self.number(1), self.number(1), self.number(2)
        self.say(f"version {major}.{minor}, code 0x{code:04x}, request-id {self.number(4)}")
        embedded = "none"
        while (tag := self.number(1)) != _END:
            if tag in _GROUPS:
                self.say(f"{_GROUPS[tag]}-attributes-tag")
                continue
            syntax = _SYNTAXES[tag]
            name = self.take(self.number(2), True).decode()
            length = self.number(2)
            if syntax in ("integer", "enum"):
                assert length == 4
                syntax += f" {self.number(4)}"
            elif syntax == "boolean":
                assert length == 1
                syntax += " true" if self.number(1) else " false"
            else:
                value = self.take(length, True).decode()
                if name == "embedded-message":
                    embedded = value
            self.say(syntax if name else syntax + ", one more value")
        self.say("end-of-attributes-tag")
        return code, embedded


def listing(data: bytes) -> list[str]:
    """Octets of a message, with the one embedded in it and the document, as the lines of a listing."""
    reader = _Reader(data)
    _, embedded = reader.message()
    if embedded != "none":
        code, inner = reader.message()
        assert inner == "none"
        assert (code == _PRINT_JOB) == (embedded == "print-job-request")
        if code == _PRINT_JOB:
            reader.take(len(data) - reader.at)
            reader.say("document data")
    assert reader.at == len(data), "octets behind the end"
    return reader.lines
