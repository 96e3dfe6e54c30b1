"""Run on either interpreter: one request over TLS, turn by turn as the loop does it.

``tls_turns.py HOST PORT SETTINGS STEP``: the clock goes on by STEP ms each turn whatever the time really is.
Says the status or what failed, the turns and the longest of them in ms.
"""

import gc
import json
import sys
import time

from tls_client import Store

from fetchprint.errors import PeerError
from fetchprint.http.client import Connection
from fetchprint.port import choice
from fetchprint.port.trust import Clock, Trust

_MOST = 20000  # turns

if hasattr(time, "ticks_us"):
    microseconds = time.ticks_us
else:

    def microseconds():
        return time.monotonic_ns() // 1000


def main(host, number, settings, step):
    port = choice.port()
    trust = Trust(json.loads(settings), Clock(Store()), host)
    client = port.secure(trust)
    connection = Connection(client.connect, host, int(number), "/ipp", bytearray(512), bytearray(512))
    gc.collect()
    turns = longest = 0
    said = None
    connection.post(0, 3, 60000)
    while said is None and turns < _MOST:
        turns += 1
        begun = microseconds()
        try:
            said = connection.poll(turns * int(step))
        except PeerError as error:
            said = error.reason
        longest = max(longest, microseconds() - begun)
        port.wait(5)
    open_streams = len(port.streams)
    print(json.dumps([said, turns, longest // 1000, open_streams]))


main(*sys.argv[1:])
