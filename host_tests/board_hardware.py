"""Runs in MicroPython: what a board has and the unix port has not. ``machine``, ``network``, ``os``, ``sys``.

``hardware(state, cause)``: ``state`` is a JSON file of the host that is read at each question, so that
a test can change it while the board runs: ``network`` (joined when asked), ``status`` (of a join that
failed), ``clock`` (seconds to add), ``engine`` (hexadecimal octets that answer DLE EOT), ``release`` (of
MicroPython, read at the start).
"""

import io
import json
import os
import sys
import time

_MACHINE = "Stand-in board with RP2040"


class _Over:
    """A built-in module with some things of its own in front."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


def hardware(state, cause):
    file = open(state)  # noqa: SIM115 - the file system that it is on goes away

    def told(name):
        file.seek(0)
        return json.load(file).get(name)

    class Machine:
        PWRON_RESET, WDT_RESET, SOFT_RESET = 1, 3, 5
        mem32 = {}  # noqa: RUF012

        class Pin:
            OUT = 1

            def __init__(self, number, mode=0):
                pass

            def value(self, level):
                pass

        class WDT:
            def __init__(self, timeout):
                pass

            def feed(self):
                pass

        class RTC:
            def datetime(self, when):
                pass

        class UART(io.IOBase):
            CTS, RTS = 2, 1

            def __init__(self, number, baudrate, **settings):
                self._said = b""

            def write(self, buf, off=0, n=None):
                n = len(buf) if n is None else n
                if b"\x10\x04" in bytes(buf[off : off + n]):
                    self._said += bytes.fromhex(told("engine") or "")
                return n

            def any(self):
                return len(self._said)

            def read(self, n):
                said, self._said = self._said[:n], self._said[n:]
                return said or None

            def readinto(self, buf, n):
                said = self.read(n) or b""
                buf[: len(said)] = said
                return len(said) or None

            def txdone(self):
                return True

            def ioctl(self, request, arg):
                return 0

            def deinit(self):
                pass

        @staticmethod
        def reset_cause():
            return cause

        @staticmethod
        def reset():
            native.system("kill -KILL $PPID")

    class Network:
        STAT_WRONG_PASSWORD, STAT_NO_AP_FOUND = -3, -2

        class WLAN:
            IF_STA = 0
            PM_NONE = 1
            PM_PERFORMANCE = 2

            def __init__(self, interface):
                self._asked = False

            def active(self, on):
                pass

            def config(self, **settings):
                pass

            def connect(self, ssid, password):
                self._asked = True

            def disconnect(self):
                self._asked = False

            def isconnected(self):
                return self._asked and bool(told("network"))

            def status(self):
                return told("status") or 1

            def ifconfig(self):
                return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    class Name:
        machine = _MACHINE
        release = told("release") or "1.27.0"

    native = os
    system = _Over(sys)
    system.platform = "rp2"
    operating = _Over(os)
    operating.uname = lambda: Name
    clock = _Over(time)
    clock.gmtime = clock.localtime = lambda at=None: time.gmtime(time.time() + (told("clock") or 0))
    sys.modules["machine"] = Machine
    sys.modules["network"] = Network
    sys.modules["sys"] = system
    sys.modules["os"] = operating
    sys.modules["time"] = clock
