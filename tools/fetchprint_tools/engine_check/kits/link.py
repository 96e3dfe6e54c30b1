"""The framed link over a UART: the engine tells what it is, and what is lost on the wire is sent again."""

from __future__ import annotations

from typing import Any

from fetchprint_tools.engine_check.adapter import Adapter, of_ours
from fetchprint_tools.engines.link.controller import SMALLEST

WIDTH = 576


def engine(settings: dict[str, Any], buffer_size: int, speed: float | None) -> Any:
    return of_ours("link")({**settings, "width": WIDTH}, buffer_size, speed)


ADAPTER = Adapter(make=engine, small_buffer=SMALLEST, flow=False)
