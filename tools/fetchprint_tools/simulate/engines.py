"""Which engines there are in the simulation, and what can befall each."""

from __future__ import annotations

from fetchprint_tools.simulate import faults
from fetchprint_tools.simulate.printer import Printer
from fetchprint_tools.simulate.real import RealPrinter
from fetchprint_tools.simulate.world import World

SEAM = ("pass", "raster")
"""With a driver of the simulation's own, at the seam of ``engine/base.py``."""

ENGINES: dict[str, tuple[str, ...]] = {
    "pass": ("paper", "broken"),
    "raster": ("paper", "broken"),
    "escpos": ("paper", "cover", "silence", "engine-off"),
    "link": ("paper", "cover", "silence", "engine-off"),
    "link_spi": ("paper", "cover", "silence", "engine-off"),
    "thermal": ("paper", "cover", "engine-off"),
    "raw": (),
}
"""By name: the misfortunes that an engine of this kind can have and tell of."""

_MISFORTUNES = frozenset(fault for known in ENGINES.values() for fault in known)


def make(world: World, name: str) -> Printer | RealPrinter:
    """One of ``ENGINES``."""
    return Printer(world, name == "raster") if name in SEAM else RealPrinter(world, name)


def can_happen(engine: str, event: str) -> bool:
    """Whether the event of ``faults`` means something with this engine."""
    return event in faults.EVENTS and (event not in _MISFORTUNES or event in ENGINES[engine])
