"""A bus on a board: SPI, pins and analogue inputs by ``machine`` (see Bus in docs/architecture.md).

What a pulse or a wait lasts is as exact as the board's interrupts let it be: some 10 microseconds more
now and then with Wi-Fi on. Nothing here allocates after start-up, except transfers that are not a
whole buffer.
"""

from time import sleep_us, ticks_us

import machine

from fetchprint import ticks


def open_bus(path: str, hz: int):
    """The bus that ``path`` describes pin by pin: ``spi1,sck=10,mosi=11,miso=12,latch=5,strobe=6,supply=26``.

    The names are those of the SPI and of the driver's pins, the numbers are GPIOs. What is left out of the
    SPI's is the chip's default; a driver's pin that is left out is an OSError that names it.
    """
    parts = path.split(",")
    number = parts[0][3:]
    good = parts[0].startswith("spi") and number.isdigit()
    pins = {}
    for part in parts[1:]:
        name, _, place = part.partition("=")
        good = good and name != "" and place.isdigit() and name not in pins
        pins[name] = int(place) if good else 0
    if not good:
        raise OSError("device %r: expected spiN,sck=N,mosi=N,miso=N and the engine's pins, NAME=N" % path)
    return Bus(int(number), hz, pins)


class Bus:
    """See Bus in docs/architecture.md; made by ``open_bus``."""

    def __init__(self, number: int, hz: int, pins):
        """``number`` of the SPI. ``pins``: for each name that a driver uses, the number of the GPIO; with
        ``sck``, ``mosi`` and ``miso`` in it, the SPI uses these instead of the chip's default."""
        options = {}
        for name in ("sck", "mosi", "miso"):
            if name in pins:
                options[name] = machine.Pin(pins[name])
        self._spi = machine.SPI(number, baudrate=hz, polarity=0, phase=0, **options)
        self._pins = pins

    def poll(self, now: int):
        """A board has nothing to do here."""

    def write(self, buf, off: int, n: int):
        """Clock out ``n`` octets of ``buf`` from ``off``."""
        if n < len(buf):
            buf = memoryview(buf)[off : off + n]
        self._spi.write(buf)

    def exchange(self, tx, rx, off: int, n: int):
        """Clock out ``n`` octets of ``tx`` from ``off``; as many come in to ``rx``, at the same place."""
        if n < len(tx) or n < len(rx):
            tx = memoryview(tx)[off : off + n]
            rx = memoryview(rx)[off : off + n]
        self._spi.write_readinto(tx, rx)

    def output(self, name: str, value: int = 0):
        """The output pin ``name``, set to ``value``."""
        return Output(machine.Pin(self._place(name), machine.Pin.OUT, value=value))

    def input(self, name: str):
        """The input pin ``name``: has ``value()``."""
        return machine.Pin(self._place(name), machine.Pin.IN)

    def analogue(self, name: str):
        """The analogue input ``name``."""
        adc = machine.ADC(machine.Pin(self._place(name)))
        if hasattr(adc, "atten"):
            adc.atten(machine.ADC.ATTN_11DB)  # an ESP32 reads up to 1 V without
        return Analogue(adc)

    def ticks_us(self) -> int:
        """Microseconds, wrapping as milliseconds do."""
        return ticks_us() & (ticks.PERIOD - 1)

    def wait_until(self, us: int):
        """Wait until ``ticks_us`` has reached ``us``."""
        left = ticks.diff(us, self.ticks_us())
        if left > 0:
            sleep_us(left)

    def close(self):
        """Give the SPI up."""
        self._spi.deinit()

    def _place(self, name):
        if name not in self._pins:
            raise OSError("this board has no pin %r" % name)
        return self._pins[name]


class Output:
    """An output pin; made by ``Bus.output``."""

    def __init__(self, pin):
        self._pin = pin
        self.set = pin.value  # set(value), without one call more

    def pulse(self, us: int):
        """High for ``us`` microseconds, then low, whatever happens."""
        self._pin.value(1)
        try:
            sleep_us(us)
        finally:
            self._pin.value(0)


class Analogue:
    """An analogue input; made by ``Bus.analogue``."""

    def __init__(self, adc):
        self.read = adc.read_u16  # 0 to 65535
