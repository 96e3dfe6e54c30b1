"""The packaged ippserver gives out converted documents whole, on a busy machine too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from e2e import PDF, pdf
from fetchprint_tools import processes
from fetchprint_tools.ippserver import IppServer
from service_device import Device
from service_kit import Printer, read_pwg

pytestmark = [pytest.mark.system, pytest.mark.slow]

TIMES = 40
"""With the converter linked directly, one document in four was cut short."""


def test_no_tail_is_lost(ippserver: IppServer, tmp_path: Path) -> None:
    device = Device(ippserver.uri)
    assert device.declare(raster="sgray_8") < 0x100
    job = Printer(ippserver.uri).print(pdf(tmp_path / "two.pdf", "one", "two").read_bytes(), PDF)
    assert device.fetch(job).code == device.acknowledge(job) == 0
    load = [
        processes.spawn([sys.executable, "-c", "while True: pass"]) for _ in range(1 + (os.cpu_count() or 1))
    ]
    try:
        documents = [device.document(job)[1] for _ in range(TIMES)]
    finally:
        for process in load:
            processes.kill(process)
    assert {len(document) for document in documents} == {len(documents[0])}
    assert len(read_pwg(documents[0])) == 2
