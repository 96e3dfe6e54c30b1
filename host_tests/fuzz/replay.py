"""Runs a target over files that fuzzing found, on CPython or MicroPython: ``replay.py TARGET FILE...``.

Prints for each file what the target made of it.
"""

import sys

if sys.implementation.name == "micropython":
    from targets import TARGETS
else:
    from host_targets import TARGETS

for name in sys.argv[2:]:
    with open(name, "rb") as file:
        made = TARGETS[sys.argv[1]](file.read())
    # What the two put into quotes differs, so that it is spelled here.
    print("replayed: " + "".join([c if " " <= c <= "~" else "<%x>" % ord(c) for c in made]))
