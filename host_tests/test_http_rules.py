"""Which addresses documents may come from, against Python's own register of special addresses."""

from __future__ import annotations

import ipaddress
import random

from fetchprint.http.rules import NEVER, PRIVATE, PUBLIC, kind

COUNT = 20000


def addresses(rng: random.Random) -> list[bytes]:
    """Random ones, half of them near the borders of what is registered."""
    found = []
    networks = [
        *ipaddress._IPv4Constants._private_networks,  # type: ignore[attr-defined]
        *ipaddress._IPv6Constants._private_networks,  # type: ignore[attr-defined]
    ]
    for network in networks:
        size = network.max_prefixlen
        for edge in (int(network[0]), int(network[-1])):
            for off in (-2, -1, 0, 1, 2):
                found.append(((edge + off) % (1 << size)).to_bytes(size // 8, "big"))
    for _ in range(COUNT):
        found.append(rng.randbytes(4))
        found.append(bytes((rng.choice((0x20, 0x2A, 0xFC, 0xFE, 0xFF, 0x00)),)) + rng.randbytes(15))
        found.append(bytes(10) + b"\xff\xff" + rng.randbytes(4))
    return found


def test_public_is_what_python_calls_global() -> None:
    wrong = []
    for raw in addresses(random.Random(5)):
        address = ipaddress.ip_address(raw)
        inner = getattr(address, "ipv4_mapped", None) or address
        is_global = inner.is_global and not inner.is_multicast and not inner.is_reserved
        ours = kind(raw)
        if ours == PUBLIC and not is_global:
            wrong.append(f"{address} is not global")
        if ours == PRIVATE and is_global:
            wrong.append(f"{address} is global")
        if ours == PRIVATE and (inner.is_link_local or inner.is_multicast or inner.is_unspecified):
            wrong.append(f"{address} may never be allowed")
        if ours == NEVER and is_global and inner.version == 4 and not str(inner).startswith("192."):
            wrong.append(f"{address} is global and refused")
    assert not wrong, wrong[:10]
