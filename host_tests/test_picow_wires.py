"""What the emulated Pico W's wires say to an engine in another process, without a board."""

from __future__ import annotations

from fetchprint.config import driver_setup
from fetchprint_tools.boards import data
from fetchprint_tools.engines.thermal import ThermalMechanism
from fetchprint_tools.picow.contents import BOARD
from fetchprint_tools.picow.spi import INPUTS, BenchEnd, pins


def talk(end: BenchEnd, engine: ThermalMechanism) -> None:
    """Carry what there is both ways, an octet at a time."""
    for octet in bytes(end.out):
        engine.receive(bytes((octet,)), 0.0)
    end.out.clear()
    for octet in engine.transmit():
        end.hear(bytes((octet,)))


def test_the_bench_end_says_what_happens_and_remembers_what_it_hears() -> None:
    number, places = pins(data.load(BOARD).engines["thermal"]["device"])
    assert number == 0 and {"latch", "strobe", "motor", "phase_a", "phase_b", *INPUTS} <= places.keys()
    engine = ThermalMechanism(driver_setup("thermal").SETTINGS)
    end = BenchEnd(places)
    assert end.level("no_paper") == 0 and end.analogue("supply") == 0, "nothing was heard yet"
    engine.paper_out()
    end.ask()
    end.ask()  # the first is not answered: it is not asked twice
    talk(end, engine)
    assert end.level("no_paper") == 1 and end.level("head_up") == 0
    assert end.analogue("supply") == engine.analogue("supply") > 0
    engine.paper_in()
    end.elapse(25_000_000)
    end.shift(b"\xff" * 8 + bytes(64))
    end.pulse("latch", 1)
    end.set("strobe", 1)
    end.elapse(100)
    end.set("strobe", 0)
    end.ask()
    talk(end, engine)
    assert end.level("no_paper") == 0
    assert (engine.us, engine.octets, engine.burning_us) == (25_000_101, 72, 100)
    assert engine.warnings == []
