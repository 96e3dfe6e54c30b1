"""The packaged ippserver gives out converted documents whole, on a busy machine too."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e import PDF, pdf
from fetchprint_tools import processes
from fetchprint_tools.ippserver import IppServer
from service_device import Device
from service_kit import Printer, read_pwg
from support import wait_until

pytestmark = [pytest.mark.system, pytest.mark.slow]

ATONCE = 3
TIMES = 20
"""With the converter linked directly, one document in four was cut short."""


def test_no_tail_is_lost(ippserver: IppServer, tmp_path: Path) -> None:
    device = Device(ippserver.uri)
    assert device.declare(raster="sgray_8") < 0x100
    client = Printer(ippserver.uri)
    document = pdf(tmp_path / "two.pdf", "one", "two").read_bytes()
    jobs = [client.print(document, PDF) for _ in range(ATONCE)]
    for job in jobs:
        wait_until(lambda job=job: job in device.fetchable(), 10, f"job {job} to be fetchable")
        assert device.fetch(job).code == device.acknowledge(job) == 0
    load = [
        processes.spawn([sys.executable, "-c", "while True: pass"]) for _ in range(1 + (os.cpu_count() or 1))
    ]
    try:
        with ThreadPoolExecutor(ATONCE) as pool:
            rows = list(pool.map(lambda job: [device.document(job)[1] for _ in range(TIMES)], jobs))
    finally:
        for process in load:
            processes.kill(process)
    sizes = {len(document) for row in rows for document in row}
    assert len(sizes) == 1, f"documents of {sorted(sizes)} octets"
    assert len(read_pwg(rows[0][0])) == 2
