"""The whole path with the built-in print service: documents, and what the service is to show."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image

from e2e import DPI, HEAD, MEDIA, Emulate
from fetchprint_tools.codes import JobState
from fetchprint_tools.raster import write_pwg
from service_kit import Printer
from support import wait_until

STOPPED = 5
"""printer-state"""


def configured(
    folder: Path, *options: str, services: list[dict[str, Any]], runtime: str = "cpython", **more: Any
) -> Emulate:
    """The emulation with a configuration file, of which ``more`` is the rest."""
    config = folder / "printer.json"
    config.write_text(json.dumps({"services": services, **more}))
    return Emulate((), folder, "--config", str(config), *options, runtime=runtime)


def raster(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    write_pwg(list(pages), out, dpi=DPI, media_name=MEDIA)
    return out.getvalue()


def dots(seed: int, height: int = 300) -> Image.Image:
    """A page of grey noise."""
    return Image.frombytes("L", (HEAD, height), random.Random(seed).randbytes(HEAD * height))


def state(client: Printer, job: int, wanted: JobState) -> None:
    """Wait until the service shows the job in a state."""
    wait_until(lambda: client.state(job) == wanted, 10, f"job {job} to be {wanted.name}")


def shown(client: Printer, reason: str) -> None:
    """Wait until the service shows the printer as stopped for ``reason``."""

    def stopped() -> bool:
        now = client.printer()
        return now.get("printer-state") == STOPPED and reason in now.values("printer-state-reasons")

    wait_until(stopped, 5, f"the printer to be stopped: {reason}")
