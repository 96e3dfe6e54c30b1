"""Runs the checks of one driver and says how each went."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fetchprint_tools.engine_check import adapter as adapters
from fetchprint_tools.engine_check.adapter import Adapter
from fetchprint_tools.engine_check.checks import CHECKS, Check
from fetchprint_tools.engine_check.rig import Failed, Start
from fetchprint_tools.errors import UserError

PASSED, FAILED, LEFT_OUT = "passed", "failed", "left out"


@dataclass(frozen=True)
class Outcome:
    """``why``: of a failure, or why the check was left out."""

    check: Check
    outcome: str
    why: str = ""


@dataclass(frozen=True)
class Subject:
    """A driver: the module with its SETTINGS and make, where that lies, and its adapter."""

    module: str
    setup: Any
    adapter: Adapter
    folder: Path | None = None


def subject(name: str, emulated: Path | None, given: dict[str, Any]) -> Subject:
    """``name``: of a driver of ours, or a vendor's file; ``given``: settings from the command line."""
    path = Path(name)
    if path.suffix == ".py":
        if emulated is None:
            raise UserError(
                "a driver of your own needs an emulated engine",
                where=name,
                hint="give a file with an ADAPTER by --emulated; see docs/porting.md",
            )
        if not path.is_file():
            raise UserError("this is no Python file", where=name)
        folder = path.resolve().parent
        sys.path.insert(0, str(folder))
        try:
            setup = importlib.import_module(path.stem)
        finally:
            sys.path.remove(str(folder))
        for needed in ("SETTINGS", "make"):
            if not hasattr(setup, needed):
                raise UserError(
                    f"the driver's module has no {needed}", where=name, hint="see docs/porting.md"
                )
        module = path.stem
    else:
        folder = None
        module = ""
    adapter = adapters.load(emulated) if emulated else adapters.find(name)
    if not module:
        module, setup = adapters.setup_module(adapter.driver or name)
    adapter = replace(adapter, settings={**adapter.settings, **given})
    return Subject(module, setup, adapter, folder)


def run(what: Subject, runtime: str, only: tuple[str, ...] = ()) -> Iterator[Outcome]:
    """How each check went, as it ends."""
    settings = adapters.whole_settings(what.setup, what.adapter.settings)
    probe = what.adapter.make(settings, what.adapter.buffer, what.adapter.speed)
    with Start(what.module, settings, what.adapter, runtime, what.folder) as start:
        try:
            raster = bool(start().describe()["width"])
        except Failed as error:
            raise UserError(f"the driver does not start: {error}") from error
    for check in CHECKS:
        if only and check.name not in only:
            continue
        why = _left_out(check, what.adapter, probe, raster)
        if why:
            yield Outcome(check, LEFT_OUT, why)
            continue
        with Start(what.module, settings, what.adapter, runtime, what.folder) as start:
            try:
                check.run(start)
            except Failed as error:
                yield Outcome(check, FAILED, str(error))
            else:
                yield Outcome(check, PASSED)


def _left_out(check: Check, adapter: Adapter, engine: Any, raster: bool) -> str:
    if check.name in adapter.without:
        return adapter.without[check.name]
    if check.raster and not raster:
        return "the driver prints no lines"
    if check.name == "pass-through" and not adapter.document:
        return "the driver passes nothing through"
    if check.name == "unsolicited" and adapter.unsolicited is None:
        return "the engine says nothing by itself"
    missing = [method for method in check.needs if not hasattr(engine, method)]
    return f"the emulated engine has no {missing[0]}" if missing else ""
