"""Takes the place of the firmware's main.py: ``main.py MODULE ARGUMENT...`` runs one measurement.

``MODULE.measure(ARGUMENT...)`` yields dicts; each becomes one line of JSON.
"""

import json
import sys


def run(name: str, *arguments: str) -> None:
    """Run the measurement ``name``."""
    for figures in __import__(name).measure(*arguments):
        print(json.dumps(figures))


if __name__ == "__main__":
    run(*sys.argv[1:])
