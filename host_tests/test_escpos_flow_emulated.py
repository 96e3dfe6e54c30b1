"""115,200 baud, an engine with 512 bytes and each flow control, judged by the paper; the whole path, too."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from e2e import DPI, MEDIA, PWG, Emulate, assert_printed
from escpos_wire import ESCPOS, Wire, clean, document, noise, on_paper
from fetchprint.engine.escpos_link import CTS, PACE, XON_XOFF
from fetchprint_tools.engines.rate import LineRate
from fetchprint_tools.raster import write_pwg
from service_kit import Printer, Service

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("status", [True, False])
@pytest.mark.parametrize("speed", [150, 800])
@pytest.mark.parametrize("flow", [CTS, XON_XOFF, PACE])
def test_no_line_is_lost(flow: int, speed: int, status: bool) -> None:
    options = {"flow_setting": flow, "status": status, "line_speed": speed}
    wire = Wire(speed, 512, 115200, flow=flow == CTS, xon_xoff=flow == XON_XOFF, **options)
    if status:
        wire.ready()
    pages = [noise(90), noise(40, 2)]
    wire.print(document(*pages))
    wire.until(lambda: len(wire.paper.pages) == 2, 2)
    clean(wire)
    for n, page in enumerate(pages):
        assert on_paper(page, wire.paper.image(n))


@pytest.mark.parametrize("flow", [CTS, XON_XOFF])
def test_own_language(flow: int) -> None:
    wire = Wire(100, 512, 115200, flow=flow == CTS, xon_xoff=flow == XON_XOFF, flow_setting=flow).ready()
    data = b"\x1b@" + b"A line of a receipt\n" * 150
    wire.print(data, ESCPOS)
    clean(wire)
    assert wire.printer.lines == 150 * 30


def test_a_line_rate() -> None:
    rate = LineRate(9600)
    assert rate.reach(0.0, 100, False) == 16
    rate.carry(16)
    assert rate.reach(0.05, 100, True) == 48
    rate.carry(48)
    assert rate.reach(10.0, 100, False) == 16, "an idle line saves nothing up"
    assert 0 < rate.wait() < 0.1
    assert LineRate(None).reach(0.0, 100, False) == 100
    with pytest.raises(ValueError, match="at least 1 baud"):
        LineRate(0)


@pytest.mark.system
@pytest.mark.parametrize("flow", ["cts", "xonxoff", "none"])
def test_the_whole_path_on_micropython(flow: str, tmp_path: Path) -> None:
    page = noise(160)
    out = io.BytesIO()
    write_pwg([page], out, dpi=DPI, media_name=MEDIA)
    line = ("--baud", "115200", "--buffer", "512", "--speed", "150", "--flow", flow)
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with Emulate(service.uri, tmp_path, "--jobs", "1", *line) as printer:
            printer.ready()
            job = client.print(out.getvalue(), PWG)
            assert printer.ended() == 0
            assert_printed(printer, job, [page])
            assert not printer.all("engine"), "a warning, or bytes that were dropped"
