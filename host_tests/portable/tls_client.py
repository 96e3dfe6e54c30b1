"""Run on either interpreter, on this machine or on a board: connections over TLS by the firmware's port.

``tls_client.py HOST PORT SETTINGS [CLOCK]``: SETTINGS is ``tls`` of a service in JSON, CLOCK the time in
seconds that the device believes it is. Says ``ok`` and how many octets came back, or ``refused`` and why.
"""

import gc
import json
import sys

from fetchprint.errors import LocalError
from fetchprint.port.trust import Clock, Trust

OCTETS = 3000  # that are sent
PATIENCE_MS = 8000


class Store:
    """Of records, in memory."""

    def __init__(self):
        self.records = {}

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.records[name] = data


def say(port, host, number, settings, clock=None, patience=PATIENCE_MS):
    """One line about one connection; ``settings`` as in the configuration."""
    try:
        now = None if clock is None else lambda: int(clock)
        trust = Trust(settings, Clock(Store(), now, port.set_clock), host)
        stream = port.secure(trust).connect(host, int(number))
        try:
            return exchange(port, stream, patience)
        finally:
            stream.close()
            stream.close()
            gc.collect()
    except (LocalError, OSError) as error:
        return "refused %s" % error


def exchange(port, stream, patience):
    """Send OCTETS and read until the end."""
    tx = bytearray(b"x" * OCTETS)
    rx = bytearray(1460)
    out = got = nothing = 0
    begun = port.now()
    while port.now() - begun < patience:
        if out < len(tx):
            n = stream.write(tx, out, len(tx) - out)
            if n:
                out += n
        else:
            n = stream.readinto(rx, 0, len(rx))
            if n == 0:
                break
            got += n or 0
        if n is None:
            nothing += 1
            port.wait(250)
    return "ok %d of %d octets, nothing to do for %d times" % (got, out, nothing)


if __name__ == "__main__":
    from fetchprint.port import choice

    arguments = sys.argv[1:]
    arguments[2] = json.loads(arguments[2])
    print(say(choice.port(), *arguments))
