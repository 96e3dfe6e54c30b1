"""Run on either interpreter, also on a board: a connection over TLS by the firmware's port.

``tls_client.py HOST PORT SETTINGS [CLOCK]``: SETTINGS is ``tls`` of a service in JSON, CLOCK the time in
seconds that the device believes it is. Says ``ok`` and how many octets came back, or ``refused`` and why.
"""

import gc
import json
import sys

from fetchprint.errors import LocalError
from fetchprint.port.trust import Clock, Trust

OCTETS = 3000  # that are sent


class Store:
    """Of records, in memory."""

    def __init__(self):
        self.records = {}

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.records[name] = data


def meet(port, clock, host, number, settings, patience=8000, opened=None, most=None):
    """One line about one connection; ``settings`` as in the configuration. ``opened()`` is called when it is
    there; ``most``: octets after which it is closed here."""
    try:
        stream = port.secure(Trust(settings, clock, host)).connect(host, int(number))
        try:
            return exchange(port, stream, patience, opened, most)
        finally:
            stream.close()
            stream.close()
            gc.collect()
    except (LocalError, OSError) as error:
        return "refused %s" % error


def exchange(port, stream, patience, opened, most):
    """Send OCTETS and read until the end or ``most``, for ``patience`` ms."""
    tx = bytearray(b"x" * OCTETS)
    rx = bytearray(1460)
    out = got = nothing = 0
    begun = port.now()
    while port.now() - begun < patience:
        if out < len(tx):
            n = stream.write(tx, out, len(tx) - out)
            if n:
                if opened and not out:
                    opened()
                out += n
        else:
            n = stream.readinto(rx, 0, len(rx))
            if n == 0:
                break
            got += n or 0
            if got == most:
                break
        if n is None:
            nothing += 1
            port.wait(250)
    return "ok %d of %d octets, nothing to do for %d times" % (got, out, nothing)


def main(host, number, settings, time=None):
    from fetchprint.port import choice

    now = None if time is None else lambda: int(time)
    print(meet(choice.port(), Clock(Store(), now), host, number, json.loads(settings)))


if __name__ == "__main__":
    main(*sys.argv[1:])
