"""What the device is and how it is, as printer attributes (PWG 5100.18 section 5.6): the same in
every profile. The attributes come from the engine's capabilities, and from what the document pipe makes
of them: a format is declared only if it can be printed on this engine.

Not sent, because the service decides them: ippget-event-life, job-ids-supported,
multiple-document-jobs-supported and their like.
"""

from fetchprint.ipp import tags as t
from fetchprint.service.request import keywords

_MARGINS = (
    b"media-left-margin-supported",
    b"media-right-margin-supported",
    b"media-top-margin-supported",
    b"media-bottom-margin-supported",
)
_MONOCHROME = (b"monochrome",)
_COLOR = (b"monochrome", b"color", b"auto")


def state(enc, value, reasons, message):
    """printer-state ``value`` 3 idle, 4 processing or 5 stopped; ``reasons`` printer-state-reasons."""
    enc.integer(b"printer-state", t.ENUM, value)
    keywords(enc, b"printer-state-reasons", reasons or (b"none",))
    enc.string(b"printer-state-message", t.TEXT, message)


def capabilities(enc, pipe, name):
    """What can be printed by ``pipe`` on its engine; ``name`` for printer-info."""
    engine = pipe.engine
    enc.string(b"printer-info", t.TEXT, name)
    enc.string(b"printer-make-and-model", t.TEXT, engine.make_and_model)
    enc.string(b"printer-device-id", t.TEXT, engine.device_id)
    enc.boolean(b"color-supported", engine.color)
    modes = _COLOR if engine.color else _MONOCHROME
    keywords(enc, b"print-color-mode-supported", modes)
    enc.string(b"print-color-mode-default", t.KEYWORD, modes[-1])
    keywords(enc, b"sides-supported", engine.sides)
    enc.string(b"sides-default", t.KEYWORD, engine.sides[0])
    enc.range(b"copies-supported", 1, engine.copies)
    enc.integer(b"copies-default", t.INTEGER, 1)
    if engine.identify_actions:
        keywords(enc, b"identify-actions-supported", engine.identify_actions)
        enc.string(b"identify-actions-default", t.KEYWORD, engine.identify_actions[0])
    enc.range(b"job-k-octets-supported", 0, pipe.most_k)
    keywords(enc, b"compression-supported", pipe.compressions)
    attribute = b"document-format-supported"
    for mime in pipe.formats:
        enc.string(attribute, t.MIME_MEDIA_TYPE, mime)
        attribute = None
    enc.string(b"document-format-default", t.MIME_MEDIA_TYPE, pipe.formats[0])
    dpi = engine.resolution
    if dpi:
        enc.resolution(b"printer-resolution-supported", dpi, dpi)
        enc.resolution(b"printer-resolution-default", dpi, dpi)
    if pipe.raster_types:
        enc.resolution(b"pwg-raster-document-resolution-supported", dpi, dpi)
        keywords(enc, b"pwg-raster-document-type-supported", pipe.raster_types)
        keywords(enc, b"pwg-raster-document-sheet-back", (b"normal",))
    if pipe.urf:
        keywords(enc, b"urf-supported", pipe.urf)
    if engine.media:
        _media(enc, engine.media)


def _media(enc, media):
    """``media`` as in ``engine.base.Engine``: sizes and margins in hundredths of millimetres (PWG 5100.7)."""
    first = media[0]
    name = b"media-supported"
    for medium in media:
        enc.string(name, t.KEYWORD, medium[0])
        name = None
    enc.string(b"media-default", t.KEYWORD, first[0])
    enc.string(b"media-ready", t.KEYWORD, first[0])
    name = b"media-size-supported"
    for medium in media:
        enc.begin_collection(name)
        _dimensions(enc, medium)
        enc.end_collection()
        name = None
    name = b"media-col-database"
    for medium in media:
        _media_col(enc, name, medium)
        name = None
    _media_col(enc, b"media-col-default", first)
    _media_col(enc, b"media-col-ready", first)
    for i in range(4):
        _margins(enc, _MARGINS[i], media, 3 + i)


def _margins(enc, name, media, at):
    """Each value once: 1setOf integer."""
    for i in range(len(media)):
        value = media[i][at]
        for j in range(i):
            if media[j][at] == value:
                break
        else:
            enc.integer(name, t.INTEGER, value)
            name = None


def _media_col(enc, name, medium):
    enc.begin_collection(name)
    enc.begin_collection(b"media-size")
    _dimensions(enc, medium)
    enc.end_collection()
    enc.string(b"media-size-name", t.KEYWORD, medium[0])
    enc.integer(b"media-left-margin", t.INTEGER, medium[3])
    enc.integer(b"media-right-margin", t.INTEGER, medium[4])
    enc.integer(b"media-top-margin", t.INTEGER, medium[5])
    enc.integer(b"media-bottom-margin", t.INTEGER, medium[6])
    enc.end_collection()


def _dimensions(enc, medium):
    enc.integer(b"x-dimension", t.INTEGER, medium[1])
    enc.integer(b"y-dimension", t.INTEGER, medium[2])
