"""How much heap MicroPython gets here: what the firmware holds in it, and room for its garbage."""

from __future__ import annotations

from typing import Any

HEAPS = {"native": "140k", "adafruit": "184k"}
"""The library and its garbage need the difference: 64-bit objects are twice a board's size."""
SPI_HEAPS = {"native": "154k", "adafruit": "192k"}
"""The bus of a bench has buffers that a board has not."""
SERVICE_HEAP = 14
"""Kilobytes more for each further service: buffers and objects of its two connections."""
PROFILE_HEAP = 32
"""Kilobytes more for a second profile: what its code needs beside it, its objects and names."""
FIRST_HEAP = 12
"""Kilobytes more to register: its code and data stand beside those of the start-up, once."""
REFERENCE_HEAP = 10
"""Kilobytes more to fetch documents by reference: code, buffers, the window for a document-uri."""

TLS_HEAP = 28
"""Kilobytes more to verify services: code, names, and what is known of a certificate while it is judged.
mbedtls itself has its memory elsewhere here, unlike on an RP2040."""


BITS_32 = 2, 3
"""How much of all that objects of 32 bits need."""


def default_heap(config: dict[str, Any], spi: bool, runtime: str = "micropython") -> str:
    """For the configuration ``config``; ``spi``: its engine is on a bus."""
    services = config["services"]
    least = (SPI_HEAPS if spi else HEAPS)[config["transport"]]
    more = SERVICE_HEAP * (len(services) - 1)
    more += PROFILE_HEAP * (len({service["profile"] for service in services}) - 1)
    if any(service.get("code") or service.get("register") for service in services):
        more += FIRST_HEAP
    if any("tls" in table for table in [*services, config.get("references", {})]):
        more += TLS_HEAP
    if "references" in config:
        more += REFERENCE_HEAP
    whole = int(least.removesuffix("k")) + more
    if runtime == "micropython-32":
        whole = whole * BITS_32[0] // BITS_32[1]
    return f"{whole}k"
