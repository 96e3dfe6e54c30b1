"""Each driver of a byte stream alone, with an engine that takes octets as fast as they come."""

from __future__ import annotations

from pathlib import Path

from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell

_BAUD = 921_600
_BITS = 10
"""Of an octet on the line."""
_SECONDS = 60.0


def names() -> list[str]:
    """The drivers that have an ``on_device/engine_NAME.py``."""
    return sorted(path.stem.removeprefix("engine_") for path in device_run.SCRIPTS.glob("engine_*.py"))


def measure(rom: Path, settings: Settings, tell: Tell) -> Part:
    """Lines a second, time for a dot, how far a fast line could be kept busy, and what a page allocates."""
    part = Part(
        "engines", "Drivers: raster lines into the engine", ("lines/s", "ns a dot", f"of {_BAUD:,} baud")
    )
    part.notes.append(
        "Pages of 1,600 lines of noise into a driver whose engine takes octets at once. Last column: what "
        "the driver writes a second against what such a line carries; above 1 the line never waits. raw gets "
        "as many octets, which nobody looks at."
    )
    part.facts["runs"] = runs = []
    ms = "500" if settings.quick else "2000"
    for name in names():
        for runtime in device_run.RUNTIMES:
            tell(f"{name} on {runtime}")
            for each in device_run.run(rom, runtime, "bench_engine", [name, ms], timeout=_SECONDS):
                rate = each["lines"] * 1000 / each["ms"]
                dot = each["ms"] * 1e6 / (each["lines"] * each["width"])
                share = each["octets"] * 1000 / each["ms"] / (_BAUD / _BITS)
                taken = each["bytes"]
                part.rows.append(
                    Row(
                        f"{runtime}, {name}" + ("" if taken is None else f": {taken} bytes allocated a page"),
                        f"{rate:,.0f}",
                        f"{dot:.1f}",
                        f"{share:.1f}",
                        "" if taken is None else "0 bytes",
                        None if taken is None else taken == 0,
                    )
                )
                runs.append({"driver": name, "runtime": runtime, **each, "lines-per-second": round(rate)})
    return part
