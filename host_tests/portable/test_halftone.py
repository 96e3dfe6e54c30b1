"""Halftoning: what must hold of each method. Its dots are judged by Pillow in test_document_halftone."""

from document_samples import noise
from heap import locked

from fetchprint.document.errors import DocumentLocalError
from fetchprint.document.halftone import ErrorDiffusion, Ordered, Threshold


def methods(width):
    return (Threshold(), Ordered(), ErrorDiffusion(width))


def ones(octets):
    return sum([bin(octet).count("1") for octet in octets])


def test_black_and_white():
    for width in (1, 7, 8, 9, 576, 577):
        n = (width + 7) // 8
        last = 0xFF & (0xFF << (8 * n - width))
        for method in methods(width):
            method.start(width)
            dots = bytearray(n)
            for _ in range(9):
                method.line(bytes(width), dots)
                assert bytes(dots) == b"\xff" * (n - 1) + bytes([last])
            method.start(width)
            for _ in range(9):
                method.line(b"\xff" * width, dots)
                assert bytes(dots) == bytes(n)


def test_greys_keep_their_level():
    width = 256
    for method, tolerance in ((Ordered(), 4), (ErrorDiffusion(width), 4)):
        for level in (16, 64, 128, 200, 240):
            method.start(width)
            dots = bytearray(width // 8)
            black = 0
            for _ in range(64):
                method.line(bytes([level]) * width, dots)
                black += ones(dots)
            assert abs(black * 255 // (width * 64) - (255 - level)) <= tolerance, (level, black)


def test_a_page_begins_afresh():
    for method in methods(64):
        first = bytearray(8)
        again = bytearray(8)
        method.start(64)
        for y in range(5):
            method.line(noise(64, y), first)
        method.start(64)
        for y in range(5):
            method.line(noise(64, y), again)
        assert first == again


def test_limits():
    small = ErrorDiffusion(8)
    for call in (lambda: small.start(9), lambda: small.start(0), lambda: Threshold(0)):
        try:
            call()
            raise AssertionError("taken")
        except DocumentLocalError:
            pass


def test_allocates_nothing():
    line = noise(577)
    dots = bytearray(73)
    for method in methods(577):
        with locked():
            method.start(577)
            for _ in range(3):
                method.line(line, dots)
