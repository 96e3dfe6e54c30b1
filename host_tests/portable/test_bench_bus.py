"""The bus on the bench when the bench does not answer."""

from fetchprint import ticks
from fetchprint.port.bench import Bus


class Port:
    """A clock that moves with each wait."""

    def __init__(self):
        self.time = ticks.PERIOD - 100

    def now(self):
        return self.time

    def wait(self, ms):
        self.time = ticks.add(self.time, ms // 10)


class Silence:
    """A Stream that takes everything, and never has anything to read."""

    def __init__(self, answer=None):
        self.answer = answer
        self.closed = False

    def write(self, buf, off, n):
        return min(n, 100)

    def readinto(self, buf, off, n):
        return self.answer

    def close(self):
        self.closed = True


class Full(Silence):
    """A Stream that takes nothing."""

    def write(self, buf, off, n):
        return None


def refused(call, *args):
    try:
        call(*args)
    except (OSError, ValueError) as error:
        return str(error)
    raise AssertionError("taken")


def test_a_bench_that_does_not_answer():
    port = Port()
    bus = Bus(port, Silence(), 10000000)
    ready = bus.input("ready")
    assert refused(ready.value) == "the bench is silent"
    assert 5000 <= ticks.diff(port.now(), ticks.PERIOD - 100) <= 7000
    assert refused(Bus(port, Silence(0), 10000000).analogue("heat").read) == "the bench has hung up"
    assert refused(Bus(port, Full(), 10000000).poll, port.now()) == "the bench is silent"
    assert "an SPI clock of 999 Hz" in refused(Bus, port, Silence(), 999)
    bus.close()


def test_time_on_the_bench():
    bus = Bus(Port(), Silence(), 1000000)
    began = bus.ticks_us()
    bus.poll(0)
    bus.write(bytes(3000), 0, 3000)
    assert ticks.diff(bus.ticks_us(), began) == 24000
    bus.wait_until(ticks.add(began, 20000))  # over already
    bus.poll(10)  # the bench is ahead
    assert ticks.diff(bus.ticks_us(), began) == 24000
    for ms in range(10, 400000, 50000):
        now = bus.ticks_us()
        bus.poll(ms + 50000)
        assert ticks.diff(bus.ticks_us(), now) == 50000000
    now = bus.ticks_us()
    bus.poll(ticks.add(400000, 10000000))
    assert ticks.diff(bus.ticks_us(), now) == 60000000, "whoever slept for hours was not running"
