"""Which port this is: the module named after the platform, as MicroPython calls it."""

import sys

_PORTS = {"linux": "unix", "darwin": "unix"}


def port():
    """The Port for whatever this runs on. Raises ImportError, naming it, where there is none."""
    name = "cpython"
    if sys.implementation.name == "micropython":
        name = _PORTS.get(sys.platform, sys.platform)
    return __import__("fetchprint.port." + name, None, None, ("Port",)).Port()
