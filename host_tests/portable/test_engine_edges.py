"""What the drivers of engines do where few engines go: ports that fail in the middle, octets that nobody
expects, calls that come too early."""

from document_samples import noise
from escpos_bench import Bench, refused
from link_bench import Bus

from fetchprint.engine import base, link_frames
from fetchprint.engine.escpos_status import ASB_MS, CONFIRMATION, IGNORED, Status
from fetchprint.engine.link import FramedLink
from fetchprint.engine.link_spi import SPIStream
from fetchprint.engine.link_window import Window
from fetchprint.engine.raw import Raw
from fetchprint.engine.xonxoff import XonXoff


def fails(*arguments):
    raise OSError(5)


class Port:
    """A Stream that says ``says`` and takes ``room`` octets."""

    def __init__(self, says=b"", room=1 << 20):
        self.says = says
        self.room = room

    def readinto(self, buf, off, n):
        n = min(n, len(self.says))
        buf[off : off + n] = self.says[:n]
        self.says = self.says[n:]
        return n or None

    def write(self, buf, off, n):
        n = min(n, self.room)
        self.room -= n
        return n or None


# -- ESC/POS --


def test_a_page_without_lines():
    bench = Bench().ready()
    bench.call(bench.driver.begin_job)
    assert bench.driver.end_job() is None  # what begins a job has not left yet
    bench.call(bench.driver.begin_page, 576, 10)
    bench.call(bench.driver.end_page)
    bench.call(bench.driver.end_job)
    assert bench.driver.pages == 1 and not bench.engine.count


def test_a_port_that_fails():
    bench = Bench().ready()
    bench.engine.readinto = fails
    bench.turn()
    assert bench.driver.reasons == base.OFFLINE and bench.driver.fault is not None
    bench = Bench().ready()
    driver = bench.driver
    bench.call(driver.begin_job)
    assert bench.call(driver.write, b"a", 0, 1) == 1
    bench.engine.write = fails
    assert "port is gone" in str(refused(base.EngineError, driver.write, b"b", 0, 1))


def test_an_engine_that_talks_without_end():
    for status in (True, False):
        bench = Bench(status=status).ready()

        def talks(buf, off, n):
            for i in range(n):
                buf[off + i] = 0xFF
            return n

        bench.engine.readinto = talks
        bench.run(50)
        assert bench.driver.fault is None


def test_half_of_an_automatic_status():
    status = Status()
    assert status.take(0x10, 0, False, False) == IGNORED
    assert status.take(0, ASB_MS + 1, False, False) == CONFIRMATION  # the next of the four was lost
    assert not status.automatic


def test_a_line_that_takes_nothing():
    line = XonXoff(Port(room=0), 9600)
    line.poll(0)
    line.poll(100)
    assert line.write(b"abc", 0, 3) is None and line.urgent(b"abc", 0, 3) is None


# -- raw --


def test_raw():
    driver = Raw(Port(), (b"a/b",), b"", b"")
    assert driver.begin_job()
    refused(base.EngineLocalError, driver.begin_job)
    driver._port.readinto = fails
    driver.poll(1)
    assert driver.reasons == base.OFFLINE and driver.fault is not None


# -- the framed link --


def framed(kind, payload):
    buf = bytearray(len(payload) + link_frames.OVERHEAD)
    buf[link_frames.HEAD : link_frames.HEAD + len(payload)] = payload
    link_frames.close(buf, 0, kind, 0, len(payload))
    return bytes(buf)


def linked(port):
    driver = FramedLink(port, bytearray(256), 64, 7)
    driver.poll(1)
    port.says = framed(link_frames.CAPABILITIES, b"\1\1\0\7\0\1\0\x40\0\x10\0\xcb")
    driver.poll(2)
    assert driver.session.joined
    return driver


def test_a_link_that_fails():
    port = Port()
    driver = linked(port)
    port.says = framed(0x83, b"of a later version")
    driver.poll(3)
    assert driver.session.joined and driver.fault is None
    port.readinto = fails
    driver.poll(4)
    assert driver.reasons == base.OFFLINE and driver.fault is not None


def test_a_link_whose_window_is_full():
    port = Port()
    driver = linked(port)
    port.says = framed(link_frames.STATUS, b"\0\1\0\7" + bytes(17))
    driver.poll(3)
    assert driver.begin_job()
    text = noise(200, 1)
    sent = 0
    for _ in range(10):
        n = driver.write(text, sent, len(text) - sent)
        if n is None:
            break
        sent += n
    assert n is None and 0 < sent < len(text)


def test_a_bus_is_closed_with_its_stream():
    bus = Bus(None)
    closed = []
    bus.close = lambda: closed.append(1)
    SPIStream(bus, True).close()
    assert closed


def window(port):
    """Two frames of 20 octets in two slots."""
    made = Window(port, bytearray(128), 64)
    made.heard(0, 0, 0, 0, 1000, 0)
    for _ in range(2):
        assert made.at() >= 0
        made.fill = 10
        made.close(link_frames.LINES)
    return made


def test_a_slot_is_not_used_again_while_its_frame_leaves_once_more():
    port = Port()
    made = window(port)
    assert made.send(0)
    made.heard(1, 0, 1, 0, 1000, 0)  # a gap: both are sent again
    port.room = 5
    assert made.send(2)
    made.heard(3, 2, 1, 0, 1000, 0)  # they had come, though
    assert made.at() == -1
    port.room = 1000
    made.send(4)
    assert made.at() >= 0


def test_what_an_engine_expects_that_was_never_sent_is_passed_over():
    made = window(Port())
    made.heard(1, 9, 0, 0, 1000, 0)
    assert made.base == 0


def test_questions_without_an_answer_are_counted_as_far_as_an_octet_goes():
    port = Port(room=0)
    made = window(port)
    made.misses = 0xFF
    made.ask(0)
    made.ask(1 << 14)
    assert made.misses == 0xFF
    made = window(port)
    made.small(link_frames.HELLO, 1, 1)
    made.ask(1 << 14)  # no room for the question yet
    assert not made._answer_due
