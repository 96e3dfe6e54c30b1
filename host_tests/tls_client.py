"""Run on either interpreter: one connection over TLS by the firmware's port.

``tls_client.py HOST PORT SETTINGS [CLOCK]``: SETTINGS is ``tls`` of a service in JSON, CLOCK the time in
seconds that the device believes it is. Says ``ok`` and how many octets came back, or ``refused`` and why.
"""

import gc
import json
import sys

from fetchprint.errors import LocalError
from fetchprint.port import choice
from fetchprint.port.trust import Clock, Trust


class Store:
    """Of records, in memory."""

    def __init__(self):
        self.records = {}

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.records[name] = data


def run(host, number, settings, clock=None):
    """Send 3,000 octets and read until the end."""
    port = choice.port()
    store = Store()
    now = None if clock is None else lambda: int(clock)
    trust = Trust(json.loads(settings), Clock(store, now), host)
    stream = port.secure(trust).connect(host, int(number))
    tx = bytearray(b"x" * 3000)
    rx = bytearray(1460)
    out = got = nothing = 0
    begun = port.now()
    while port.now() - begun < 8000:
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
    stream.close()
    stream.close()
    gc.collect()
    return " ".join(["ok", str(got), "of", str(out), "octets, nothing to do for", str(nothing), "times"])


try:
    print(run(*sys.argv[1:]))
except (LocalError, OSError) as error:
    print("refused", error)
