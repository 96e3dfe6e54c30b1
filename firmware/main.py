"""What the device runs: ``main.py [CONFIG]``, CONFIG being a JSON file (see fetchprint/config.py)."""

import json
import sys

from fetchprint import VERSION
from fetchprint.errors import LocalError
from fetchprint.log import Log
from fetchprint.port import choice


def run(path: str = "config.json"):
    """Print until a clean stop. Exits with 2 when the configuration is not usable."""
    port = choice.port()
    try:
        with open(path) as file:
            settings = json.load(file)
        loop = _build(settings, port)
    except (LocalError, OSError, ValueError) as error:
        Log(port.write_line).event("error", message="%s: %s" % (path, error))
        sys.exit(2)
    port.collect()
    heap = port.heap()
    loop.log.event("start", version=VERSION, runtime=sys.implementation.name, free=heap and heap[1])
    try:
        loop.run()
    except KeyboardInterrupt:
        port.release()
        raise
    port.release()


def _build(settings, port):
    """The checks and the building run once: afterwards their code is taken out of memory again."""
    from fetchprint import config

    config.check(settings)
    config = None  # the last reference
    _drop("config")
    from fetchprint import build

    loop = build.loop(settings, port)
    build = None
    _drop("build", "settings", "document_setup")
    _drop_setups()
    if "fetchprint.port.credentials" in sys.modules:
        delattr(sys.modules["fetchprint.port"], "credentials")
        del sys.modules["fetchprint.port.credentials"]
    return loop


def _drop(*names):
    import fetchprint

    for name in names:
        delattr(fetchprint, name)
        del sys.modules["fetchprint." + name]


def _drop_setups():
    engines = "fetchprint.engine."
    setups = [name for name in sys.modules if name.startswith(engines) and name.endswith("_setup")]
    for name in setups:
        delattr(sys.modules["fetchprint.engine"], name[len("fetchprint.engine.") :])
        del sys.modules[name]


if __name__ == "__main__":
    run(*sys.argv[1:2])
