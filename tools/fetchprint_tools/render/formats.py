"""Which format a document has, judged by its first octets."""

from __future__ import annotations

from pathlib import Path

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TEXT = "text/plain"
PWG_RASTER = "image/pwg-raster"
OCTET_STREAM = "application/octet-stream"

RENDERABLE = (PDF, JPEG, PNG, TEXT)
"""What ``Rendering`` can open."""

SNIFF_LENGTH = 4096
"""Octets that ``sniff`` looks at: a PDF header may stand behind up to 1024 octets of something else."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"RaS2", PWG_RASTER),
    (b"UNIRAST\0", "image/urf"),
    (b"%!PS", "application/postscript"),
    (b"\x1b%-12345X@PJL", "application/vnd.hp-pcl"),
    (b"^XA", "application/vnd.zebra-zpl"),
    (b"\x1b@", "application/vnd.escpos"),
)

_SUFFIXES = {
    ".pdf": PDF,
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".txt": TEXT,
    ".text": TEXT,
    ".log": TEXT,
    ".md": TEXT,
    ".pwg": PWG_RASTER,
    ".urf": "image/urf",
    ".ps": "application/postscript",
}


def sniff(head: bytes) -> str | None:
    """The MIME media type that the first ``SNIFF_LENGTH`` octets speak for; None when none does."""
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    if b"%PDF-" in head[:1024]:
        return PDF
    return TEXT if head and _is_text(head) else None


def _is_text(head: bytes) -> bool:
    # Control characters other than tab, line feed, form feed and carriage return belong to no text.
    if any(octet < 32 and octet not in b"\t\n\f\r" for octet in head) or 127 in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut in two by the end of the head is no fault.
        return error.end == len(head) and len(head) - error.start < 4 and len(head) >= SNIFF_LENGTH
    return True


def guess(path: Path) -> str:
    """The format of a file by its content, then by its name; octet-stream lets the service decide."""
    with path.open("rb") as file:
        found = sniff(file.read(SNIFF_LENGTH))
    if found is None or found == TEXT:
        return _SUFFIXES.get(path.suffix.lower(), found or OCTET_STREAM)
    return found
