"""The settings of the document pipe, and the pipe made from them. Needed at start-up only."""

from fetchprint.document import halftone
from fetchprint.document.pipe import MOST_OCTETS, Pipe

SETTINGS = {
    "halftone": ("error-diffusion", "ordered", "threshold"),
    "align": ("left", "center"),
    "text": True,
    "gzip": False,
    "most-octets": MOST_OCTETS,
}
"""See ``config.driver_setup``. ``halftone``: how greys become dots; ``align``: where on the head a page
lies that is narrower; ``text``: whether plain text is printed in the built-in font;
``gzip``: whether documents may come compressed, which takes 36 kB of memory; ``most-octets``: of the largest
document printed, unpacked."""


def make(settings, engine):
    """The pipe into ``engine``. ``settings`` has every key of SETTINGS."""
    method = settings["halftone"]
    if method == "ordered":
        dots = halftone.Ordered()
    elif method == "threshold":
        dots = halftone.Threshold()
    else:
        dots = None  # the pipe's own
    text = None
    if settings["text"]:  # code costs memory
        from fetchprint.document.text import Decoder as text
    inflate = None
    if settings["gzip"]:
        from fetchprint.document.inflate import Inflate

        inflate = Inflate()
    return Pipe(engine, dots, settings["align"] == "center", text, inflate, settings["most-octets"])
