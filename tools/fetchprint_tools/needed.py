"""Which of the firmware's modules a configuration needs."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from fetchprint.settings import OWN_CODE, ServiceURI, registers


def needed(texts: Mapping[str, str], port: str, config: Mapping[str, Any]) -> dict[str, str]:
    """Those of the modules ``texts`` that ``config`` needs on ``port``, found by following imports."""
    left_out = absent(config)
    driver = config["engine"]["driver"]
    waiting = ["main", f"fetchprint.port.{port}"]
    waiting.append(driver if "." in driver else f"fetchprint.engine.{driver}_setup")
    waiting += [f"fetchprint.proxy.{profile}.profile" for profile in _profiles(config)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        file = name if name in texts else f"{name}.__init__"
        if file in found or file not in texts or name in left_out:
            continue
        found.add(file)
        waiting += _imported(name, texts[file])
        if "." in name:
            waiting.append(name.rpartition(".")[0])
    return {name: texts[name] for name in sorted(found)}


def absent(config: Mapping[str, Any]) -> set[str]:
    """What is imported only where the configuration asks for it, which this one does not."""
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
    secure = any(ServiceURI(service["uri"]).secure for service in config["services"])
    if not secure and "tls" not in config.get("references", {}):
        absent |= {
            "fetchprint.port.tls",
            "fetchprint.port.trust",
            "fetchprint.port.x509",
            "fetchprint.port.ntp",
        }
    if not any(registers(service) for service in config["services"]):
        absent |= {"fetchprint.proxy.registration", "fetchprint.service.registration"}
    if not any(service.get("register") == OWN_CODE for service in config["services"]):
        absent.add("fetchprint.proxy.own_code")
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
