"""The port for boards: Wi-Fi, TCP, UART, flash. ``rp2`` and ``esp32`` add what their chips do differently."""

import gc
import json
import os
import socket
import time

import machine

from fetchprint.port import common, console
from fetchprint.port.native import micropython
from fetchprint.port.wifi import WiFi

const = micropython.const

_IN = const(1)  # select.POLLIN and POLLOUT: the same on every board
_OUT = const(4)
_NO_FILE = const(2)  # ENOENT
_BOOT = "/boot.json"  # see firmware/boot/main.py
_BLINK_MS = const(500)
# Numbers of RP2 and ESP32, which differ; the module errno lacks some of them.
_CONNECTED = (106, 127)  # EISCONN
_UNDER_WAY = (115, 114, 119, 120)  # EINPROGRESS, EALREADY

_BEFORE = const(0)  # the network is not up, or the name is not resolved
_CONNECTING = const(1)
_OPEN = const(2)


class TCPStream(common.Stream):
    """A TCP connection; made by ``Port.connect``."""

    def __init__(self, port, host, number, allows):
        self._host = host
        self._allows = allows
        self._number = number
        self._address = None
        self._alive = False
        self._error = None
        self._phase = _BEFORE
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        common.Stream.__init__(self, port, self._socket)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._phase != _OPEN and not self._connected():
            return None
        if off:
            got = self._socket.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._socket.readinto(buf, n)
        if got is None:
            self.want |= _IN
        else:
            self.want &= ~_IN
            if not self._alive:
                self._alive = True
                self._port.proven()
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._phase != _OPEN and not self._connected():
            return None
        done = self._socket.write(buf, off, n)
        if done is None:
            self.want |= _OUT
        else:
            self.want &= ~_OUT
        return done

    def _connected(self):
        """Go on with connecting as far as it goes without waiting."""
        if self._error is not None:
            raise self._error
        try:
            if self._phase == _BEFORE:
                if not self._port.online:
                    return False
                address = self._port.address(self._host, self._number)
                if self._allows is not None and not self._allows(_octets(address[-1][0])):
                    self._port.dead(self._host, self._number, address)
                    raise OSError("the address of %s is not allowed" % self._host)
                self._address = address
                self._phase = _CONNECTING
            self._socket.connect(self._address[-1])
        except OSError as error:
            # lwIP: once connected, connecting again is answered with EISCONN.
            if error.errno in _CONNECTED:
                self._phase = _OPEN
                return True
            if error.errno not in _UNDER_WAY:
                self._error = error
                raise
        self.want |= _OUT
        return False

    def close(self) -> None:
        if self._socket is None:
            return
        if not self._alive and self._address:
            self._port.dead(self._host, self._number, self._address)
        self.forget()
        self._socket.close()
        self._phase = _BEFORE
        self._error = OSError("stream is closed")
        self._socket = None


class UARTStream(common.Stream):
    """A UART; made by ``Port.open_device``. ``buffer`` bytes are sent without the CPU;
    ``writer(buf, off, n)`` never waits and answers the count moved or nothing."""

    def __init__(self, port, uart, writer, buffer, baudrate):
        self._uart = uart
        self._write = writer
        # poll tells of room for a single byte: wait until a good part of the buffer is free instead.
        self._room_ms = max(1, buffer * 5000 // baudrate)
        common.Stream.__init__(self, port, uart)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._uart is None:
            raise OSError("stream is closed")
        if off:
            got = self._uart.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._uart.readinto(buf, n)
        if got:
            self.want &= ~_IN
            return got
        self.want |= _IN
        return None

    def write(self, buf: bytearray, off: int, n: int):
        if self._uart is None:
            raise OSError("stream is closed")
        done = self._write(buf, off, n)
        if not done:
            self._port.soon(self._room_ms)
            return None
        return done

    def close(self) -> None:
        if self._uart is not None:
            self.forget()
            self._uart.deinit()
            self._uart = None


class Port(common.Port):
    """The same names in every port. What the board is like is in ``/board.json``."""

    def __init__(self):
        common.Port.__init__(self)
        gc.threshold(8192)  # small garbage collected often leaves fewer holes than much of it at once
        settings = load("/board.json") or {}
        self.write_event(event="boot", board=settings.get("board", "unknown"), cause=self.reset_cause())
        self._longest = 0  # ms that the next wait may last, when a stream has asked for it
        self._watchdog_ms = settings.get("watchdog_ms")
        self._watchdog = None
        self._led = self._light = None
        if "led" in settings:
            self._led = machine.Pin(settings["led"], machine.Pin.OUT)
        boot = load(_BOOT) or {}
        self._proven = "resets" not in boot and "back" not in boot
        self._wifi = WiFi(settings, load("/wifi.json") or {}, self.write_event)

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
            boot = load(_BOOT) or {}
            with open(_BOOT + ".new", "w") as file:
                json.dump({"slot": boot.get("slot", "a")}, file)
            os.rename(_BOOT + ".new", _BOOT)

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
        UART = machine.UART
        flow = 0
        pins = {}
        for key in ("tx", "rx", "cts", "rts"):
            if key in settings:
                pins[key] = machine.Pin(settings[key])
                if key == "cts":
                    flow |= UART.CTS
                elif key == "rts":
                    flow |= UART.RTS
        uart = UART(int(number), baudrate, txbuf=buffer, rxbuf=256, timeout=0, flow=flow, **pins)
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
        if self._led:
            light = self._wifi.steady or now // _BLINK_MS & 1
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

    def _resolve(self, host, port):
        try:
            return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError as error:
            raise OSError("cannot resolve %s: %s" % (host, error))


def _octets(address):
    """An IPv4 address in dotted form as four octets; boards have no other kind."""
    return bytes([int(part) for part in address.split(".")])


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
