"""One run: the parts one after the other, so that none disturbs another, each with its own failure."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fetchprint_tools.bench import device_run, engines, heap, latency, link, sizes, streaming, thermal
from fetchprint_tools.bench.figures import Part, Settings, Tell
from fetchprint_tools.errors import UserError

_LINE_SECONDS = 10.0
"""Between two lines about one part where no terminal shows a moving one."""

Measurement = tuple[str, Callable[[Tell], Part]]


def measure(settings: Settings, console: Console, only: tuple[str, ...] = ()) -> list[Part]:
    """Every part, or those named in ``only``; progress goes to ``console``."""
    parts: list[Part] = []
    chosen = only or NAMES
    with ExitStack() as stack:
        begin = stack.enter_context(_progress(console))
        rom = stack.enter_context(device_run.image()) if set(chosen) & _ON_DEVICE else Path()
        for name, function in measurements(rom, settings):
            if name not in chosen:
                continue
            tell = begin(name)
            started = time.monotonic()
            try:
                part = function(tell)
            except UserError as error:
                part = Part(name, name, absent=[str(error)], failed=True)
            part.seconds = time.monotonic() - started
            parts.append(part)
    return parts


def measurements(rom: Path, settings: Settings) -> list[Measurement]:
    """Name and function of each part, in order; ``rom`` is for those of _ON_DEVICE."""
    return [
        ("latency", lambda tell: latency.measure(settings, tell)),
        ("heap", lambda tell: heap.measure(settings, tell)),
        ("heap-32", lambda tell: heap.measure_32(settings, tell)),
        ("heap-frozen", lambda tell: heap.measure_frozen(settings, tell)),
        ("throughput", lambda tell: streaming.throughput(rom, settings, tell)),
        ("allocation", lambda tell: streaming.allocation(rom, settings, tell)),
        ("raster", lambda tell: streaming.raster(rom, settings, tell)),
        ("thermal", lambda tell: thermal.measure(rom, settings, tell)),
        ("link", lambda tell: link.measure(rom, settings, tell)),
        ("engines", lambda tell: engines.measure(rom, settings, tell)),
        ("size", lambda tell: sizes.measure(rom, settings, tell)),
    ]


NAMES = (
    *("latency", "heap", "heap-32", "heap-frozen", "throughput", "allocation", "raster", "thermal"),
    *("link", "engines", "size"),
)
_ON_DEVICE = frozenset(("throughput", "allocation", "raster", "thermal", "link", "engines", "size"))
"""Those that run scripts of ``on_device`` from an image, which takes a while to build."""


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], Tell]]:
    """Gives ``begin(part)``, which gives what takes the part's progress."""
    columns = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("")
        last: list[float] = [0.0]

        def begin(name: str) -> Tell:
            last[0] = 0.0
            started = time.monotonic()

            def tell(text: str) -> None:
                progress.update(task, description=f"{name}: {text}")
                now = time.monotonic()
                if not console.is_terminal and now >= last[0] + _LINE_SECONDS:
                    last[0] = now
                    console.print(f"{name}: {text} ({now - started:.0f} s)", markup=False, soft_wrap=True)

            return tell

        yield begin


def machine(settings: Settings) -> dict[str, Any]:
    """What the figures hold for."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _processor(),
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "quick": settings.quick,
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except FileNotFoundError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
