"""Plain text judged by other code: wrapped as the print service does, decoded by Python, drawn by Pillow."""

from __future__ import annotations

from document_samples import Paper, Source
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fetchprint.document import font
from fetchprint.document.pipe import Pipe
from fetchprint.document.text import Decoder
from fetchprint_tools.render.text import _wrap

COLUMNS = 30
WIDTH = 10 * COLUMNS
WINDOWS_1252 = bytes(octet for octet in range(0x80, 0xA0) if octet not in b"\x81\x8d\x8f\x90\x9d").decode(
    "cp1252"
)
KNOWN = {*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, WINDOWS_1252)}


def glyphs() -> dict[str, Image.Image]:
    """Every glyph as a picture, read as font.py describes it."""
    extra = [int.from_bytes(font.EXTRA[at : at + 2]) for at in range(0, len(font.EXTRA), 2)]
    found: dict[str, Image.Image] = {}
    at = 0
    for code in [*range(0x20, 0x7F), *range(0xA0, 0x100), *extra]:
        top, count = (octet - 48 for octet in font.GLYPHS[at : at + 2])
        picture = Image.new("1", (10, 20), 1)
        for y in range(count):
            high, low = (octet - 48 for octet in font.GLYPHS[at + 2 + 2 * y : at + 4 + 2 * y])
            for x in range(10):
                if (high << 5 | low) >> (9 - x) & 1:
                    picture.putpixel((x, top + y), 0)
        found[chr(code)] = picture
        at += 2 + 2 * count
    assert at == len(font.GLYPHS)
    return found


GLYPHS = glyphs()


def printed(data: bytes, piece: int = 500) -> list[Image.Image]:
    engine = Paper(width=WIDTH)
    pipe = Pipe(engine, text=Decoder)
    pipe.start(Source(data, piece), b"text/plain")
    while not pipe.poll(0):
        pass
    lines = [engine.log[at] for at in range(2, len(engine.log), 2)]
    return [Image.frombytes("1", (WIDTH, len(page)), b"".join(page), "raw", "1;I") for page in lines]


def drawn(text: str) -> list[Image.Image]:
    """What it must look like."""
    pages = []
    for part in text.replace("\r\n", "\n").replace("\r", "\n").split("\f"):
        if not part:
            continue
        body = part.removesuffix("\n").split("\n")
        lines = [piece for line in body for piece in _wrap(line, COLUMNS)]
        page = Image.new("1", (WIDTH, 20 * len(lines)), 1)
        for row, line in enumerate(lines):
            for column, character in enumerate(line):
                page.paste(GLYPHS.get(character, GLYPHS["\ufffd"]), (10 * column, 20 * row))
        pages.append(page)
    return pages


def same(left: list[Image.Image], right: list[Image.Image]) -> bool:
    return [(p.size, p.tobytes()) for p in left] == [(p.size, p.tobytes()) for p in right]


def test_the_font_has_what_windows_1252_has() -> None:
    assert {ord(character) for character in GLYPHS} == KNOWN | {0xFFFD}
    assert len({(p.tobytes()) for p in GLYPHS.values()}) >= len(GLYPHS) - 4  # some look alike: blanks, dashes
    for character, picture in GLYPHS.items():
        assert (len(picture.getcolors()) == 1) == (character in " \u00a0\u00ad"), character


def test_known_characters() -> None:
    text = "".join(map(chr, sorted(KNOWN - {0x20, 0xA0}))) + "\nΩ 中 \U0001f600"
    assert same(printed(text.encode()), drawn(text))


words = st.text(st.sampled_from("abcdefgxyz€ü"), min_size=1, max_size=40)
lines = st.lists(words, max_size=12).flatmap(
    lambda found: st.lists(
        st.sampled_from((" ", " ", "  ", "\t")), min_size=len(found), max_size=len(found)
    ).map(lambda gaps: "".join(word + gap for word, gap in zip(found, gaps, strict=True)))
)


@given(st.lists(lines, min_size=1, max_size=6), st.sampled_from(("\n", "\r\n", "\r")), st.integers(1, 50))
def test_any_text_wraps_as_the_service_wraps_it(body: list[str], end: str, piece: int) -> None:
    text = end.join(["x", *body]) + end
    assert same(printed(text.encode(), piece), drawn(text))


@given(st.binary(min_size=1, max_size=25), st.integers(1, 9))
def test_any_octets_are_decoded_as_python_decodes_them(data: bytes, piece: int) -> None:
    data = b"." + bytes(octet for octet in data if octet not in b"\t\r\n\f ")
    # Python's strip, in the judge's wrapping, would take other things for blanks
    plain = (c if c == " " or not c.isspace() else "\ufffd" for c in data.decode("utf-8", "replace"))
    assert same(printed(data, piece), drawn("".join(plain)))
