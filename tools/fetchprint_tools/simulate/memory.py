"""What the firmware holds on to: its buffers and lists must not grow with what it has been through."""

from __future__ import annotations

import gc
import types
from typing import TYPE_CHECKING, Any

from fetchprint_tools.simulate.world import Failed

if TYPE_CHECKING:
    from fetchprint_tools.simulate.run import Run

_MOST = 64 * 1024
"""Octets and elements in all containers of a device with two services; 3 buffers of 4 kB are most of it."""
_CONTAINERS = (dict, list, tuple, set, str, bytes, bytearray)
_FOREIGN = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def held(root: Any) -> int:
    """Octets and elements in every container that is reached from ``root`` without leaving the firmware."""
    seen: set[int] = set()
    todo = [root]
    total = 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, _FOREIGN):
            continue
        own = type(one).__module__.startswith("fetchprint.")
        if not own and not isinstance(one, (*_CONTAINERS, types.MethodType)):
            continue
        seen.add(id(one))
        if isinstance(one, _CONTAINERS):
            total += len(one)
        todo += gc.get_referents(one)
    return total


def check(run: Run) -> None:
    """Raise ``Failed`` when the firmware holds more than it should."""
    total = held(run.device.loop)
    if total > _MOST:
        raise Failed(f"the firmware holds {total} octets and elements")
