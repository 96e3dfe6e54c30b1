"""The thermal head's driver: how fast the interpreter is, how fast the paper, how busy the SPI."""

from __future__ import annotations

from pathlib import Path

from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell

_SECONDS = 60.0
_WHAT = {"text": "one dot in eight black", "black": "all black"}


def measure(rom: Path, _settings: Settings, tell: Tell) -> Part:
    """A page of 1,600 lines, 576 dots, default settings: an 80 mm head for 24 V, SPI at 10 MHz."""
    part = Part("thermal", "Thermal head, 1,600 lines of 576 dots", ("driver", "paper", "SPI used"))
    part.notes.append(
        "The driver alone, its wires taking no time of the interpreter's; the paper's speed is what strobes, "
        "motor and SPI at 10 MHz then allow."
    )
    part.facts["runs"] = runs = []
    for runtime in device_run.RUNTIMES:
        tell(runtime)
        for each in device_run.run(rom, runtime, "bench_thermal", [], timeout=_SECONDS):
            driver = each["lines"] * 1000 / each["interpreter-ms"]
            paper = each["lines"] * 1e6 / each["paper-us"]
            share = each["spi-us"] / each["paper-us"]
            part.rows.append(
                Row(
                    f"{runtime}, {_WHAT[each['page']]}",
                    f"{driver:,.0f} lines/s",
                    f"{paper:,.0f} lines/s",
                    f"{share:.1%}",
                )
            )
            if runtime == "micropython":
                taken = each["bytes"]
                part.rows.append(Row("  heap taken by the page", f"{taken}", target="0", met=taken == 0))
            runs.append({"runtime": runtime, **each})
    return part
