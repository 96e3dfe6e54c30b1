"""Runs host_tests/portable/test_*.py on MicroPython in a board's heap; pytest itself runs them on CPython.

Firmware and tests are compiled first, as for a board: compiling in the heap would need most of it.
"""

from __future__ import annotations

import ast
import functools
import subprocess
from pathlib import Path

import pytest

from fetchprint_tools import micropython, micropython32, mpy, paths
from support import SLOW_PORTABLE, absent

HERE = Path(__file__).parent
PORTABLE = HERE / "portable"

# Here the code and the tests lie in the heap, too; a board runs them from flash.
HEAP = "192k"
# These load the whole proxy, for what it does; what it needs is measured where its code lies in ROM.
WHOLE_PROXY = ("test_mobile_offers", "test_mobile_session", "test_mobile_recovery", "test_own_code")
WHOLE_PROXY_HEAP = "512k"
# The services live in the same heap, with their documents; what the device keeps is measured.
HOSTILE_HEAP = "4m"

# What is not run with 32 bits, and why.
NOT_32 = {
    "test_hostile": "that build's stack is too small for the imports of all attackers at once",
    "test_hostile_busy": "the same",
    "test_whole_firmware": "the same: it imports the services of those",
    "test_whole_leaving": "the same",
    "test_whole_mobile": "the same",
    "test_http_port_streams_allocate_nothing": "addresses above 1 GB, which no board has, are objects: the "
    "poller makes one each time it looks for a stream",
    "test_http_port_exchanges_over_a_real_socket_allocate_nothing": "the same",
    "test_every_encoder_call": "it encodes and sums integers of 32 bits, which are objects there",
    "test_link-test_allocates_nothing": "the engine's side, which has CRCs of 32 bits, is in the locked part",
    "test_link_spi-test_allocates_nothing": "the same",
}

# One process runs all tests of a file; pytest's own limit is for one test.
FILE_SECONDS = 110


def functions_of(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if name.startswith("test_")]


CASES = [(path, name) for path in sorted(PORTABLE.glob("test_*.py")) for name in functions_of(path)]


def compile_all(folder: Path, architecture: str) -> Path:
    """A folder with the firmware and the portable modules as .mpy files."""
    complaints = mpy.compile_tree(paths.firmware_dir(), folder, architecture)
    complaints += mpy.compile_tree(PORTABLE, folder, architecture)
    assert not complaints, "\n".join(complaints)
    return folder


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_all(tmp_path_factory.mktemp("mpy"), mpy.UNIX)


@pytest.fixture(scope="module")
def compiled_32(tmp_path_factory: pytest.TempPathFactory) -> Path:
    usable, reason = micropython32.available()
    if not usable:
        absent(reason)
    return compile_all(tmp_path_factory.mktemp("mpy32"), micropython32.ARCHITECTURE)


def heap_for(name: str) -> str:
    """The heap that a module of tests runs in."""
    if name.startswith(("test_hostile", "test_whole")):
        return HOSTILE_HEAP
    return WHOLE_PROXY_HEAP if name in WHOLE_PROXY else HEAP


@functools.cache
def outcome(path: Path, compiled: Path, bits: int) -> tuple[dict[str, tuple[bool, str]], str]:
    """What each test of the file did (passed, its output), and the end of the run."""
    script = HERE / "portable_runner.py"
    command = micropython32.command if bits == 32 else micropython.command
    done = subprocess.run(
        command(script, [path.stem, *functions_of(path)], heap_for(path.stem)),
        env=micropython.environment(firmware=compiled),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        timeout=FILE_SECONDS,
        check=False,
    )
    verdicts: dict[str, tuple[bool, str]] = {}
    output: list[str] = []
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "portable:":
            verdicts[words[2]] = (words[1] == "pass", "\n".join(output))
            output = []
        else:
            output.append(line)
    return verdicts, f"MicroPython ended with status {done.returncode}:\n" + "\n".join(output)


IDS = [f"{path.stem}-{name}" for path, name in CASES]
MARKED = [
    pytest.param(path, name, marks=pytest.mark.slow if path.stem in SLOW_PORTABLE else ())
    for path, name in CASES
]
CASES_32 = [
    (path, name) for path, name in CASES if not {path.stem, name, f"{path.stem}-{name}"} & NOT_32.keys()
]


@pytest.mark.parametrize(("path", "name"), MARKED, ids=IDS)
def test_on_micropython(path: Path, name: str, compiled: Path) -> None:
    judge(path, name, compiled, 64)


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize(("path", "name"), CASES_32, ids=[f"{path.stem}-{name}" for path, name in CASES_32])
def test_on_32_bits(path: Path, name: str, compiled_32: Path) -> None:
    """Where integers above 30 bits are objects, as on a board."""
    judge(path, name, compiled_32, 32)


def judge(path: Path, name: str, compiled: Path, bits: int) -> None:
    verdicts, end = outcome(path, compiled, bits)
    passed, output = verdicts.get(name, (False, end))
    if not passed:
        pytest.fail(f"{path.name}::{name} on MicroPython\n{output}", pytrace=False)


def test_a_failure_shows_its_traceback(tmp_path: Path) -> None:
    module = tmp_path / "test_sample.py"
    module.write_text(
        "def test_good():\n    pass\n\n\ndef test_bad():\n    print('before')\n    assert 1 == 2, 'sums'\n"
    )
    done = subprocess.run(
        micropython.command(HERE / "portable_runner.py", ["test_sample", "test_good", "test_bad"]),
        env=micropython.environment([tmp_path]),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "portable: pass test_good" in done.stdout
    assert "AssertionError: sums" in done.stdout
    assert "line 7" in done.stdout
    assert done.stdout.splitlines()[-1] == "portable: fail test_bad"


def test_the_heap_is_a_boards(tmp_path: Path) -> None:
    script = tmp_path / "heap.py"
    script.write_text("import gc\ngc.collect()\nprint(gc.mem_free() + gc.mem_alloc())\n")
    done = subprocess.run(
        micropython.command(script, heap="128k"),
        env=micropython.environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert 100 * 1024 < int(done.stdout) <= 128 * 1024
