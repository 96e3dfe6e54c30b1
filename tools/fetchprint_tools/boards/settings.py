"""The configuration for a board: from a file, or from a service's URI and the board's own defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fetchprint import config as firmware_config
from fetchprint_tools.boards.data import Board
from fetchprint_tools.emulate_options import OptionError, check_uri, read_config

STATE = "/state"
"""Where a board keeps its journal."""

SMALL_KB = 300
"""Below this a board does without what most services make unnecessary, unless it is asked for: a service
renders what it is given, so that plain text comes as a raster."""


def make(
    board: Board,
    file: Path | None,
    service: str | None,
    engine: str,
    name: str | None,
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A checked configuration; ``more`` is said of its first service besides. Raises OptionError."""
    config = read_config(file) if file is not None else {}
    if service is not None:
        services = config.setdefault("services", [{}])
        services[0]["uri"] = check_uri(service)
    if not config.get("services"):
        raise OptionError(
            "no print service is named", hint="give --service ipp://HOST[:PORT]/PATH or --config FILE"
        )
    say(config["services"][0], more or {})
    config.setdefault("engine", {"driver": engine})
    driver = config["engine"].setdefault("driver", engine)
    if driver not in board.engines:
        raise OptionError(
            f"{board.name} has no pins for the engine {driver}",
            hint=f"give its device in a configuration file, or one of {', '.join(board.engines)}",
        )
    for key, value in board.engines[driver].items():
        config["engine"].setdefault(key, value)
    if board.heap_kB < SMALL_KB:
        config.setdefault("document", {}).setdefault("text", False)
    config["state"] = config.get("state", STATE) if board.port == "unix" else STATE
    if name is not None:
        config["name"] = name
    check(config, str(file or ""))
    return config


def say(service: dict[str, Any], more: dict[str, Any]) -> None:
    """``more`` of ``service``, over what is known of it."""
    tls = {**service.get("tls", {}), **more.get("tls", {})}
    service.update(more)
    if tls:
        service["tls"] = tls


def check(config: dict[str, Any], where: str = "") -> None:
    """Raises OptionError with what the firmware would say of ``config``."""
    try:
        firmware_config.check(config)
    except firmware_config.ConfigError as error:
        raise OptionError(f"the configuration is not usable: {error}", where=where) from error
