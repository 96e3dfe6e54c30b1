"""Runs in MicroPython: the ports of boards over stand-ins for ``machine`` and ``network``.

``board_ports.py PORT HOST NUMBER DNS NTP``: the root file system is a littlefs in memory; HOST:NUMBER echoes.
Prints ``name: value`` lines.
"""

import io
import json
import socket
import sys
import time

import vfs


class Machine:
    PWRON_RESET, WDT_RESET = 1, 3
    mem32, fed, uarts = {}, [], []

    class Pin:
        OUT = 1

        def __init__(self, number, mode=0):
            self.number = number

        def value(self, level):
            Machine.light = level

    class WDT:
        def __init__(self, timeout):
            Machine.timeout = timeout

        def feed(self):
            Machine.fed.append(time.ticks_ms())

    class UART(io.IOBase):
        CTS, RTS = 2, 1

        def __init__(self, number, baudrate, **settings):
            self.settings = settings
            self.room = settings["txbuf"]
            self.sent = b""
            self.said = b""
            Machine.uarts.append(self)

        def write(self, buf, off, n):
            n = min(n, self.room)
            self.room -= n
            self.sent += bytes(buf[off : off + n])
            return n or None

        def txdone(self):
            return self.room == self.settings["txbuf"]

        def readinto(self, buf, n):
            n = min(n, len(self.said))
            buf[:n] = self.said[:n]
            self.said = self.said[n:]
            return n or None

        def ioctl(self, request, arg):
            return 0

        def deinit(self):
            pass

    @staticmethod
    def reset_cause():
        return Machine.WDT_RESET


class Network:
    STAT_WRONG_PASSWORD, STAT_NO_AP_FOUND = -3, -2
    there = False
    joins = 0

    class WLAN:
        IF_STA = 0
        PM_NONE = 1

        def __init__(self, interface):
            pass

        def active(self, on):
            pass

        def config(self, **settings):
            Network.settings = settings

        def connect(self, ssid, password):
            Network.joins += 1

        def disconnect(self):
            pass

        def isconnected(self):
            return Network.there

        def status(self):
            return 1

        def ifconfig(self):
            return ("10.0.0.2", "255.255.255.0", "10.0.0.1", "127.0.0.1")


sys.modules["machine"] = Machine
sys.modules["network"] = Network
name, host, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
module = __import__("fetchprint.port." + name, None, None, ("Port",))
__import__("fetchprint.port.dns")  # the file system that they come from goes away now
ntp = __import__("fetchprint.port.ntp", None, None, ("Time",))


class Memory:
    def __init__(self, blocks):
        self.data = bytearray(blocks * 512)

    def readblocks(self, n, buf, off=0):
        buf[:] = self.data[n * 512 + off : n * 512 + off + len(buf)]

    def writeblocks(self, n, buf, off=0):
        self.data[n * 512 + off : n * 512 + off + len(buf)] = buf

    def ioctl(self, op, arg):
        return len(self.data) // 512 if op == 4 else 512 if op == 5 else 0


memory = Memory(64)
vfs.VfsLfs2.mkfs(memory)
vfs.mount(vfs.VfsLfs2(memory), "/")


def put(path, value):
    with open(path, "w") as file:
        json.dump(value, file)


def get(path):
    with open(path) as file:
        return json.load(file)


put("/board.json", {"board": "TEST", "led": 2, "watchdog_ms": 8000, "wifi_power_save": "PM_NONE"})
put("/wifi.json", {"ssid": "net", "password": "12345678", "ntp": "good.example"})
put("/boot.json", {"slot": "b", "back": "a", "resets": 2})

port = module.Port()
print("power-save:", Network.settings["pm"])
stream = port.connect(host, number)
buf = bytearray(b"hello, board!")
print("before the network:", stream.write(buf, 0, len(buf)))
port.wait(0)
print("watchdog before the second turn:", len(Machine.fed))
Network.there = True
since = time.ticks_ms()
while not port.online:
    port.wait(20)
print("steady after:", time.ticks_diff(time.ticks_ms(), since) >= 1000)
print("light:", Machine.light)
print("slot before:", sorted(get("/boot.json")))
sent = None
while not sent:
    sent = stream.write(buf, 0, len(buf))
    port.wait(20)
got = bytearray(32)
n = None
while n is None:
    port.wait(20)
    n = stream.readinto(got, 0, 32)
print("echo:", bytes(got[:n]) == buf)
print("slot after:", get("/boot.json"))
stream.close()
# what a board's getaddrinfo gives; here it gives the address as octets
port._addresses[("x.example", number)] = [(2, 1, 0, "", ("127.0.0.1", number))]
try:
    port.connect("x.example", number, lambda octets: octets != bytes([127, 0, 0, 1])).write(buf, 0, 1)
except OSError as error:
    print("not allowed:", error)
for path in ("uart1,baudrate=9600,tx=x", "tty0", "uart1,speed=3"):
    try:
        port.open_device(path)
    except OSError as error:
        print("refused:", str(error)[:40])
uart = port.open_device("uart1,baudrate=115200,tx=8,rx=9,cts=10,rts=11")
hardware = Machine.uarts[-1]
print("flow:", hardware.settings["flow"], sorted(hardware.settings))
big = bytearray(1000)
first = uart.write(big, 0, len(big))
print("fills the buffer:", first == hardware.settings["txbuf"], uart.write(big, first, 10))
before = time.ticks_ms()
port.wait(5000)
print("waits for room:", time.ticks_diff(time.ticks_ms(), before) < 100)
hardware.room = hardware.settings["txbuf"]
print("goes on:", uart.write(big, first, 10))
hardware.said = b"\x12"
print("hears:", uart.readinto(got, 0, 32), got[0])
store = port.store("/state")
store.save("x", b"1")
print("store:", store.load("x"), store.load("y"))
fed = len(Machine.fed)
time.sleep_ms(30)
print("fed by the loop alone:", len(Machine.fed) == fed)
port.dns_port = int(sys.argv[4])
for name in ("good.example", "missing.example", "short.example", "silent.example"):
    stream = port.connect(name, number)
    since = time.ticks_ms()
    fed = len(Machine.fed)
    try:
        while not stream.write(buf, 0, 1):
            port.wait(100)
        print(name + ":", "connected")
    except OSError as error:
        print(name + ":", error, time.ticks_diff(time.ticks_ms(), since) // 1000)
    stream.close()
print("fed meanwhile:", len(Machine.fed) - fed > 20)
port.ntp_port = int(sys.argv[5])
told = []
port.ask_time(lambda text: told.append(text) or True)
while not told:
    port.wait(20)
print("time:", told[0], port._time)


class From2000:
    """The clock of the ESP32 family, which counts from another year."""

    @staticmethod
    def gmtime(seconds):
        return time.gmtime(seconds + 946684800)


ntp.time = From2000
port.ask_time(lambda text: told.append(text))
while len(told) < 2:
    port.wait(20)
print("time by another count:", told[1])


class Silence:
    """A port whose time server says nothing."""

    ntp_port = 1
    given_up = 0

    def address(self, host, number):
        return socket.getaddrinfo("127.0.0.1", int(sys.argv[6]))[0]

    def dead(self, host, number, address):
        self.given_up += 1


silence = Silence()
asks = ntp.Time(silence, "x", None)
for at in (0, 1000, 2000, 4000, 6000, 7000):
    print("silence:", asks.poll(at), silence.given_up)
asks.poll(8000)
print("given up:", silence.given_up, asks._socket)
asks.poll(71000)
print("not at once:", asks._socket)
asks.poll(72000)
print("again later:", asks._socket is not None)
port.identify()
seen = set()
while port._noticed is not None:
    port._noticed -= 2000  # time flies
    seen.add(Machine.light)
    port.wait(1000)
port.wait(0)
print("flickers:", len(seen), Machine.light)
Network.there = False
joins = Network.joins
while Network.joins == joins:
    port.wait(20)
print("joins again:", not port.online)
port.release()
fed = len(Machine.fed)
port.wait(0)
port.wait(0)
print("released:", len(Machine.fed) == fed, Machine.mem32, Machine.timeout)
