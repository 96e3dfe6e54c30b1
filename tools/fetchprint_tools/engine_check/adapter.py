"""What the engine check needs to know of a driver: its settings, its emulated engine, its peculiarities."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fetchprint.config import ConfigError, driver_setup
from fetchprint_tools.engines import emulated
from fetchprint_tools.errors import UserError

Make = Callable[[dict[str, Any], int, float | None], Any]
"""Makes the emulated engine from the driver's settings, its buffer in bytes, its speed in lines a second."""

KITS = "fetchprint_tools.engine_check.kits"


@dataclass
class Adapter:
    """One driver in the check. For a driver of ours it is ``ADAPTER`` in ``kits/NAME.py``; a vendor's is
    ``ADAPTER`` in the file given with ``--emulated``."""

    make: Make
    """The emulated engine. It has the methods of ``engines.emulated.EmulatedEngine``, and of a printer's
    misfortunes those that it knows: ``paper_out()``, ``paper_in()``, ``cover_open()``, ``cover_close()``,
    ``power(on)``."""
    driver: str = ""
    """The driver's name, where the file in ``kits`` has another."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The driver's settings that differ from its defaults."""
    buffer: int = 4096
    small_buffer: int = 512
    """The smallest receive buffer, in bytes, that the driver is made for; ``settings`` are told of it where
    they have a ``buffer``."""
    speed: float = 800.0
    slow: float = 60.0
    """Lines a second."""
    baud: int | None = 115200
    """Of the line to the engine; None for a bus or a line that is never waited for."""
    flow: bool = True
    """Whether the wire stops when the engine's buffer is full, as RTS/CTS does."""
    mime: str = ""
    document: bytes = b""
    """A document in the engine's own language, for ``write``; none: the driver passes nothing through."""
    unsolicited: Callable[[Any], None] | None = None
    """Makes the engine say something that nobody asked for."""
    without: dict[str, str] = field(default_factory=dict)
    """Checks that mean nothing for this engine, and why."""


def find(name: str) -> Adapter:
    """The adapter of one of our drivers."""
    try:
        module = importlib.import_module(f"{KITS}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{KITS}.{name}":
            raise
        known = ", ".join(names())
        raise UserError(
            f"there is no check for a driver {name!r}", hint=f"known are {known}, or a file"
        ) from error
    adapter: Adapter = module.ADAPTER
    return adapter


def names() -> list[str]:
    """The drivers of ours that can be checked."""
    folder = Path(__file__).with_name("kits")
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def load(path: Path) -> Adapter:
    """The ``ADAPTER`` in a vendor's file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UserError("this is no Python file", where=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    adapter = getattr(module, "ADAPTER", None)
    if not isinstance(adapter, Adapter):
        raise UserError("the file has no ADAPTER", where=str(path), hint="see docs/porting.md")
    return adapter


def of_ours(driver: str) -> Make:
    """The emulated engine that goes with a driver of ours."""
    return emulated.MODELS[driver]


def whole_settings(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """``given`` with the defaults of the driver's SETTINGS; UserError for a key that it does not have."""
    settings = module.SETTINGS
    unknown = [key for key in given if key not in settings]
    if unknown:
        raise UserError(f"the driver has no setting {unknown[0]!r}", hint="known are " + ", ".join(settings))
    whole = {}
    for key, default in settings.items():
        if default is str:
            default = "the wire"
        whole[key] = given.get(key, default[0] if isinstance(default, tuple) else default)
    return whole


def setup_module(name: str) -> tuple[str, Any]:
    """Name and module with the SETTINGS of a driver of ours."""
    try:
        module = driver_setup(name)
    except ConfigError as error:
        raise UserError(str(error)) from error
    return module.__name__, module
