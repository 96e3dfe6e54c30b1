"""Documents of ordinary formats, made into PWG raster pages of one size, type and resolution."""

from fetchprint_tools.render.errors import RenderError
from fetchprint_tools.render.formats import RENDERABLE, sniff
from fetchprint_tools.render.media import Media
from fetchprint_tools.render.rendering import Rendering, Target

__all__ = ["RENDERABLE", "Media", "RenderError", "Rendering", "Target", "sniff"]
