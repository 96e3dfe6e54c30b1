"""What makes a document impossible to render."""

from __future__ import annotations


class RenderError(Exception):
    """The document is broken, locked or too large; the message says which, for the person who sent it."""
