"""Whom a board trusts over TLS and who it is itself: files in its own /tls, which its configuration names."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from fetchprint.port.credentials import certificates, private_key
from fetchprint.port.trust import TrustError
from fetchprint_tools.emulate_options import OptionError

FOLDER = "/tls"


def take(config: dict[str, Any]) -> dict[str, bytes]:
    """The files here that ``tls`` and ``csr`` name, by their path on the board, which ``config`` names from
    then on. A path that begins with /tls/ is one there already. Raises OptionError.

    The paths come from the contents: what is new lies beside what it replaces, and replacing the
    configuration is the switch.
    """
    files: dict[str, bytes] = {}

    def moved(key: str, name: str) -> str:
        if name.startswith(f"{FOLDER}/"):
            return name
        path = Path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise OptionError(f"cannot be read: {error.strerror}", where=name) from error
        try:
            if key == "key":
                private_key(data, name)
            elif key != "csr":
                certificates(data, name)
        except TrustError as error:
            raise OptionError(str(error)) from error
        place = f"{FOLDER}/{key}-{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
        files[place] = data
        return place

    for table in [*config["services"], config.get("references", {})]:
        if "csr" in table:
            table["csr"] = moved("csr", table["csr"])
        for key, value in table.get("tls", {}).items():
            if key != "pin":
                several = isinstance(value, list)
                places = [moved(key, one) for one in (value if several else [value])]
                table["tls"][key] = places if several else places[0]
    return files


def named(config: dict[str, Any]) -> set[str]:
    """The paths that ``config`` names."""
    found: set[str] = set()
    for table in [*config["services"], config.get("references", {})]:
        for value in (table.get("csr"), *table.get("tls", {}).values()):
            found.update(value if isinstance(value, list) else [value] if value else [])
    return found
