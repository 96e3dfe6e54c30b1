"""Where things are: the repository, the firmware, caches, programs of the virtual environment."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import util
from pathlib import Path

from fetchprint_tools.errors import UserError

REPO = Path(__file__).resolve().parents[2]


def in_checkout() -> bool:
    """Whether this package runs from a checkout of the repository (and not from an installed wheel)."""
    return (REPO / "pyproject.toml").is_file() and (REPO / "firmware").is_dir()


def firmware_dir() -> Path:
    """The folder that holds the package ``fetchprint``: what MICROPYPATH must name."""
    if in_checkout():
        return REPO / "firmware"
    spec = util.find_spec("fetchprint")
    if spec is None or spec.origin is None:
        raise UserError("the package fetchprint is not installed", hint="run 'make setup' in the checkout")
    return Path(spec.origin).parent.parent


def cache_dir() -> Path:
    """Where downloaded parts are kept: ``$FETCHPRINT_CACHE``, ``.cache`` of the checkout, or ``~/.cache``."""
    named = os.environ.get("FETCHPRINT_CACHE")
    if named:
        return Path(named).resolve()
    if in_checkout():
        return REPO / ".cache"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "fetchprint"


def log_dir() -> Path:
    """Where the output of installers is kept; made when absent."""
    path = cache_dir() / "log"
    path.mkdir(parents=True, exist_ok=True)
    return path


def ippserver_root_is_given() -> bool:
    """Whether ``$FETCHPRINT_IPPSERVER_ROOT`` names a root that somebody else keeps."""
    return bool(os.environ.get("FETCHPRINT_IPPSERVER_ROOT"))


def ippserver_root() -> Path:
    """The root of the system that holds the packaged ippserver: the given one or the cache's."""
    if ippserver_root_is_given():
        return Path(os.environ["FETCHPRINT_IPPSERVER_ROOT"]).resolve()
    return cache_dir() / "ippserver"


def program(name: str) -> Path:
    """The program ``name``: beside this interpreter first, then on PATH."""
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    if found is None:
        raise UserError(f"{name} is not installed", where=str(beside.parent), hint="run 'make setup'")
    return Path(found)
