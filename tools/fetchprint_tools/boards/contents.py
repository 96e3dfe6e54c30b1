"""Which files a board gets: the modules that its configuration needs, compiled, and the configuration."""

from __future__ import annotations

import ast
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fetchprint.settings import ServiceURI, registers
from fetchprint_tools import firmware_build, mpy, paths, shorten
from fetchprint_tools.boards.data import Board
from fetchprint_tools.errors import UserError

SLOT = "a"
"""The folder that holds the application; an update fills the other one, ``b``."""


def modules(board: Board, config: Mapping[str, Any]) -> list[str]:
    """The firmware's modules that ``config`` needs on ``board``, found by following imports."""
    texts = firmware_build.inlined()
    absent = _absent(config)
    driver = config["engine"]["driver"]
    waiting = ["main", f"fetchprint.port.{board.port}"]
    waiting.append(driver if "." in driver else f"fetchprint.engine.{driver}_setup")
    waiting += [f"fetchprint.proxy.{profile}.profile" for profile in _profiles(config)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        file = name if name in texts else f"{name}.__init__"
        if file in found or file not in texts or name in absent:
            continue
        found.add(file)
        waiting += _imported(name, texts[file])
        if "." in name:
            waiting.append(name.rpartition(".")[0])
    return sorted(found)


def _absent(config: Mapping[str, Any]) -> set[str]:
    """What is imported only where the configuration asks for it."""
    absent = set()
    if config.get("transport", "native") == "adafruit":
        absent.add("fetchprint.http.client")
    else:
        absent.add("fetchprint.http.adafruit")
    if not config.get("document", {}).get("text", True):
        absent.add("fetchprint.document.text")
    if not config["engine"].get("device", "").startswith("spi"):
        absent.add("fetchprint.port.board_bus")
    if not config.get("document", {}).get("gzip", False):
        absent.add("fetchprint.document.inflate")
    if "references" not in config:
        absent |= {"fetchprint.http.reference", "fetchprint.http.rules"}
    if not any(ServiceURI(service["uri"]).secure for service in config["services"]):
        absent |= {"fetchprint.port.tls", "fetchprint.port.trust", "fetchprint.port.x509"}
    if not any(registers(service) for service in config["services"]):
        absent |= {"fetchprint.proxy.registration", "fetchprint.service.registration"}
    return absent


def _profiles(config: Mapping[str, Any]) -> list[str]:
    return sorted({service.get("profile", "infra") for service in config["services"]})


def _imported(name: str, text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.append(node.module)
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [module for module in found if module != name]


def compiled(board: Board, config: Mapping[str, Any]) -> dict[str, bytes]:
    """The application: path below its folder to .mpy file."""
    texts = firmware_build.inlined()
    wanted = modules(board, config)
    texts, _ = shorten.shorten({name: texts[name] for name in wanted})
    files = {}
    with tempfile.TemporaryDirectory() as work:
        python, output = Path(work, "py"), Path(work, "mpy")
        for name in wanted:
            path = python / Path(*name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[name])
        if config.get("transport") == "adafruit":
            for library in firmware_build.LIBRARIES:
                (python / f"{library}.py").write_bytes(firmware_build.library(library).read_bytes())
        complaints = mpy.compile_tree(python, output, board.mpy_architecture, small=True)
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        for path in sorted(output.rglob("*.mpy")):
            files[path.relative_to(output).as_posix()] = path.read_bytes()
    return files


def whole(board: Board, config: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of the board's filesystem except what is provisioned."""
    files = {f"{SLOT}/{path}": data for path, data in compiled(board, config).items()}
    files["main.py"] = (paths.firmware_dir() / "boot" / "main.py").read_bytes()
    files["board.json"] = _json(board.on_board())
    files["config.json"] = _json(config)
    return files


def _json(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, sort_keys=True, separators=(",", ":")).encode()
