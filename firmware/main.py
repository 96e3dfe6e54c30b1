"""What the device runs: ``main.py [CONFIG]``, CONFIG being a JSON file (see fetchprint/config.py)."""

import json
import sys

from fetchprint import VERSION, build, config
from fetchprint.errors import LocalError
from fetchprint.log import Log

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port


def run(path: str = "config.json"):
    """Print until a clean stop. Exits with 2 when the configuration is not usable."""
    port = Port()
    try:
        with open(path) as file:
            settings = json.load(file)
        config.check(settings)
        loop = build.loop(settings, port)
    except (LocalError, OSError, ValueError) as error:
        Log(port.write_line).event("error", message="%s: %s" % (path, error))
        sys.exit(2)
    loop.log.event("start", version=VERSION, runtime=sys.implementation.name)
    loop.run()


if __name__ == "__main__":
    run(*sys.argv[1:2])
