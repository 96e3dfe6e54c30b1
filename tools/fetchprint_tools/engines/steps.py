"""Steps of an emulated engine: a generator that yields why it cannot go on, and goes on where it stood."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[str, None, T]
"""Yields DATA, PAPER or STOPPED; gives a T in the end."""

DATA = "data"
"""It needs more bytes."""
PAPER = "paper"
"""The paper has to move first."""
STOPPED = "stopped"
"""Somebody has to see to the printer."""
