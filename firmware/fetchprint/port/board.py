"""The port for boards: Wi-Fi, TCP, UART, flash. ``rp2`` and ``esp32`` add what their chips do differently."""

import gc
import json
import os
import socket
import time

import machine

from fetchprint.port import common, console
from fetchprint.port.board_streams import TCPStream, UARTStream
from fetchprint.port.native import micropython
from fetchprint.port.wifi import WiFi

const = micropython.const

_NO_FILE = const(2)  # ENOENT
_BOOT = "/boot.json"  # see firmware/boot/main.py
_BLINK_MS = const(500)
_FAST_MS = const(64)  # for somebody who looks for the printer
_NOTICED_MS = const(15000)
_LOOKUP_MS = const(50)  # between two looks for an answer of DNS


class Port(common.Port):
    """The same names in every port. What the board is like is in ``/board.json``."""

    dns_port = 53
    ntp_port = 123
    tls_in_heap = False  # mbedtls takes its memory from MicroPython's heap

    def __init__(self):
        common.Port.__init__(self)
        gc.threshold(8192)  # small garbage collected often leaves fewer holes than much of it at once
        settings = load("/board.json") or {}
        self.write_event(event="boot", board=settings.get("board", "unknown"), cause=self.reset_cause())
        self._longest = 0  # ms that the next wait may last, when a stream has asked for it
        self._watchdog_ms = settings.get("watchdog_ms")
        self._watchdog = None
        self._queries = {}  # host -> what DNS is being asked
        self._led = self._light = self._noticed = self._time = None
        if "led" in settings:
            self._led = machine.Pin(settings["led"], machine.Pin.OUT)
        else:
            self.identify = None
        boot = _boot()
        self._proven = "resets" not in boot and "back" not in boot
        credentials = load("/wifi.json") or {}
        self._ntp = credentials.get("ntp")
        self._wifi = WiFi(settings, credentials, self.write_event)

    def reset_cause(self) -> str:
        """Why the board started."""
        cause = machine.reset_cause()
        for name in ("PWRON", "WDT", "SOFT", "HARD", "DEEPSLEEP"):
            if cause == getattr(machine, name + "_RESET", None):
                return name
        return str(cause)

    def proven(self) -> None:
        """A service has answered: this application works, and earlier resets are forgiven."""
        if not self._proven:
            self._proven = True
            try:
                with open(_BOOT + ".new", "w") as file:
                    json.dump({"slot": _boot().get("slot", "a")}, file)
                os.rename(_BOOT + ".new", _BOOT)
            except OSError as error:  # a full flash is no reason not to print
                self.write_event(event="error", message="%s cannot be written: %s" % (_BOOT, error))

    def release(self) -> None:
        """The loop has ended because somebody wants so: the board stays as it is, without a watchdog."""
        if self._watchdog:
            self._watchdog = None
            self._watchdog_ms = None
            self._disarm()

    @property
    def online(self) -> bool:
        """The network is there, and has been for long enough to be relied on."""
        return self._wifi.steady

    def now(self) -> int:
        """Monotonic milliseconds, wrapping at ticks.PERIOD."""
        return common.wrapped(time.ticks_ms())

    def connect(self, host: str, port: int, allows=None) -> TCPStream:
        """Begin a TCP connection; the Stream answers None until it is there. ``allows`` is asked about
        the address (4 octets) before it is connected to; OSError when it answers False."""
        return TCPStream(self, host, port, allows)

    def secure(self, trust, connections: int = 2):
        """Whose ``connect`` takes the place of that above for the service that ``trust`` is for.
        ``connections``: how many there will be at a time."""
        from fetchprint.port import tls  # only where a service needs it: code costs memory

        return tls.Client(self, trust, connections if self.tls_in_heap else 0)

    def set_clock(self, text: str) -> None:
        """Set the clock, which begins anew after each power-on, to YYYYMMDDHHMMSS (UTC)."""
        y, mo, d = int(text[:4]), int(text[4:6]), int(text[6:8])
        machine.RTC().datetime((y, mo, d, 0, int(text[8:10]), int(text[10:12]), int(text[12:14]), 0))

    def ask_time(self, tell) -> None:
        """Ask the network for the time until it is known; see ``ntp.Time``."""
        from fetchprint.port import ntp  # only where TLS needs it: code costs memory

        self._time = ntp.Time(self, self._ntp or ntp.HOST, tell)

    def identify(self) -> None:
        """Let the light flicker for a while."""
        self._noticed = time.ticks_ms()

    def open_bus(self, path: str, hz: int):
        """SPI, pins and analogue inputs that ``path`` describes, see ``board_bus.open_bus``."""
        from fetchprint.port import board_bus  # most engines have none: code costs memory

        return board_bus.open_bus(path, hz)

    def open_device(self, path: str) -> UARTStream:
        """The UART that ``path`` describes: ``uart1,baudrate=115200,tx=8,rx=9,cts=10,rts=11``.

        What is left out is the chip's default; ``cts`` and ``rts`` switch flow control on.
        """
        parts = path.split(",")
        settings = {"baudrate": 115200}
        number = parts[0][4:]
        good = parts[0].startswith("uart") and number.isdigit()
        for part in parts[1:]:
            key, _, value = part.partition("=")
            good = good and value.isdigit() and key in ("baudrate", "tx", "rx", "cts", "rts")
            settings[key] = int(value) if good else 0
        if not good:
            raise OSError("device %r: expected uartN,baudrate=N,tx=N,rx=N and perhaps cts=N,rts=N" % path)
        baudrate = settings["baudrate"]
        # What is sent while the loop sleeps, 20 ms at most with a job in hand, and as much again.
        buffer = max(256, baudrate // 250)
        flow = 0
        pins = {}
        for key in ("tx", "rx", "cts", "rts"):
            if key in settings:
                pins[key] = machine.Pin(settings[key])
                if key == "cts":
                    flow |= machine.UART.CTS
                elif key == "rts":
                    flow |= machine.UART.RTS
        uart = machine.UART(int(number), baudrate, txbuf=buffer, rxbuf=256, timeout=0, flow=flow, **pins)
        return UARTStream(self, uart, self._writer(uart, buffer), buffer, baudrate)

    def open_stdin(self) -> console.InputStream:
        """The console as a Stream to read."""
        return console.InputStream(self)

    def store(self, path: str) -> common.Store:
        """Records in the directory ``path``, which is created."""
        return common.Store(path, common.synced_by_flush, common.synced_by_flush)

    def soon(self, ms: int) -> None:
        """The next wait is to last ``ms`` at most."""
        if not self._longest or ms < self._longest:
            self._longest = ms

    def wait(self, ms: int) -> None:
        """See common.Port. The one place that feeds the watchdog, and so only the loop does."""
        now = time.ticks_ms()
        self._wifi.poll(now)
        if self._watchdog:
            self._watchdog.feed()
        elif self._watchdog_ms:
            self._watchdog = machine.WDT(timeout=self._watchdog_ms)
        if self._time and self._wifi.steady and self._time.poll(self.now()):
            self._time = None
        if self._led:
            light = 1 if self._wifi.steady else now // _BLINK_MS & 1
            if self._noticed is not None:
                light = now // _FAST_MS & 1
                self.soon(_FAST_MS)
                if time.ticks_diff(now, self._noticed) > _NOTICED_MS:
                    self._noticed = None
            if light != self._light:
                self._light = light
                self._led.value(light)
        if self._longest and self._longest < ms:
            ms = self._longest
        self._longest = 0
        common.Port.wait(self, ms)

    def heap(self):
        """(used, free) bytes of the interpreter's heap."""
        return gc.mem_alloc(), gc.mem_free()

    def collect(self) -> None:
        """Collect garbage."""
        gc.collect()

    def write_line(self, text: str) -> None:
        """One line to the console, at once."""
        print(text)

    def write_event(self, **fields) -> None:
        """One event, as ``log.Log`` writes them."""
        print(json.dumps(fields))

    def _sleep(self, ms):
        for handle, events in self.poller.ipoll(ms):
            self._woke(handle, events)

    def address(self, host: str, port: int):
        """See common.Port, but it never waits: None while DNS has not answered."""
        known = self._addresses.get((host, port))
        if not known:
            number = host
            # ``.local`` is multicast DNS, which only MicroPython's own way can.
            if not host.replace(".", "").isdigit() and not host.endswith(".local"):
                number = self._lookup(host)
                if number is None:
                    return None
            known = socket.getaddrinfo(number, port, 0, socket.SOCK_STREAM)
            self._addresses[(host, port)] = known
        return known[0]

    def _lookup(self, host):
        from fetchprint.port import dns  # only where names are used: code costs memory

        query = self._queries.get(host)
        if query is None:
            query = self._queries[host] = dns.Query(self._wifi.dns(), host, self.dns_port)
        found = None
        try:
            found = query.poll(self.now())
        finally:
            if found is None and query.waiting:
                self.soon(_LOOKUP_MS)
            else:
                query.close()
                del self._queries[host]
        return found


def _boot():
    try:
        return load(_BOOT) or {}
    except ValueError:
        return {"resets": 0}  # as boot/main.py takes it: slot a, and to be written anew


def load(path: str):
    """What the JSON file says; None when there is none. Raises ValueError, naming it, when it is damaged."""
    try:
        with open(path) as file:
            return json.load(file)
    except OSError as error:
        if error.errno != _NO_FILE:
            raise
        return None
    except ValueError:
        raise ValueError("%s is not valid JSON" % path)
