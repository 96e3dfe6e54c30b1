"""Part 6: what the firmware takes of a board: .mpy files, and the heap once it is imported."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fetchprint_tools import mpy, paths
from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell
from fetchprint_tools.errors import UserError

ARCHITECTURE = "armv6m"
TARGET = 80 * 1024
"""Octets of .mpy for the whole firmware."""

HOST_ONLY = ("port/cpython", "port/tls_cpython")
"""No MicroPython runs it."""
ELSEWHERE = ("port/wifi", "port/board", "port/board_streams", "port/board_bus", "port/esp32", "port/rp2")
"""What only a board can import."""
ORDER = (
    *("base", "port", "ipp", "http", "document", "engine", "service", "proxy", "start-up"),
    *("adafruit", "link", "raw", "thermal"),
)
"""Groups in the order of import: each needs only those before it. The last line is what can be left out, or
takes the place of others: a transport, and drivers beside that for ESC/POS."""
_HEAP = "256k"
"""For all of them in one interpreter, which no board has."""


def group_of(name: str) -> str:
    """The group of the module ``name``, such as ``http/client``."""
    if name == "http/adafruit" or name == "http/wire":
        return "adafruit"
    if name in ("build", "config", "settings"):
        return "start-up"
    room, slash, rest = name.partition("/")
    driver = rest.partition("_")[0]
    if room == "engine" and driver in ("link", "raw", "thermal"):
        return driver
    return room if slash else "base"


def modules() -> dict[str, list[str]]:
    """Names of the firmware's modules by group, in ORDER; what came newly has a group of its own."""
    root = paths.firmware_dir() / "fetchprint"
    groups: dict[str, list[str]] = {name: [] for name in ORDER}
    for source in sorted(root.rglob("*.py")):
        name = str(source.relative_to(root).with_suffix(""))
        if name not in HOST_ONLY:
            groups.setdefault(group_of(name), []).append(name)
    return groups


def measure(rom: Path, _settings: Settings, tell: Tell) -> Part:
    """Both figures for each group of modules."""
    columns = (f".mpy, {ARCHITECTURE}", "heap when imported", "modules")
    part = Part("size", "Code of the firmware, bytes", columns)
    part.notes.append(
        "Heap: unix port, whose objects are twice as large as a 32-bit board's, the code lying in ROM. The "
        "start-up group leaves the heap again before the first job; adafruit is the other transport; link, "
        "raw and thermal are drivers."
    )
    groups = modules()
    tell(f"compiling for {ARCHITECTURE}")
    files = _compiled()
    tell("importing on MicroPython")
    arguments = [
        f"{group}=" + ",".join(_dotted(name) for name in names if name not in ELSEWHERE)
        for group, names in groups.items()
        if names
    ]
    figures = device_run.run(rom, "micropython", "bench_imports", arguments, timeout=60, heap=_HEAP)
    heap = {each["group"]: int(each["bytes"]) for each in figures}
    for group, names in groups.items():
        size = sum(files[name] for name in names)
        part.rows.append(Row(group, f"{size:,}", f"{heap[group]:,}", str(len(names))))
    total = sum(files[name] for names in groups.values() for name in names)
    in_heap = sum(heap.values()) - heap[""]
    met = total <= TARGET
    part.rows.append(Row("all", f"{total:,}", f"{in_heap:,}", str(len(files)), f"<= {TARGET:,}", met))
    part.facts.update(
        architecture=ARCHITECTURE,
        mpy={group: sum(files[name] for name in names) for group, names in groups.items()},
        heap={group: heap[group] for group in groups},
        total=total,
    )
    return part


def _dotted(name: str) -> str:
    dotted = "fetchprint." + name.replace("/", ".")
    return dotted.removesuffix(".__init__")


def _compiled() -> dict[str, int]:
    """Octets of each module's .mpy file, numbers written in place as in an image."""
    with TemporaryDirectory(prefix="fetchprint-bench-") as folder:
        python, output = Path(folder, "py"), Path(folder, "mpy")
        device_run.write_inlined(device_run.firmware_sources(), python)
        complaints = mpy.compile_tree(python / "fetchprint", output, ARCHITECTURE)
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        files = output.rglob("*.mpy")
        sizes = {str(file.relative_to(output).with_suffix("")): file.stat().st_size for file in files}
    return {name: size for name, size in sizes.items() if name not in HOST_ONLY}
