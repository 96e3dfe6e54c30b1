"""Measures which branches of the firmware the tests take: ``run.py [PYTEST ARGUMENTS]``.

Ends with 1 when a branch is missed that ``reasons.toml`` does not excuse, or one is excused that was taken.
With ``--keep`` first, the data of the last run is judged again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import reasons
from missed import missed

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIRMWARE = ROOT / "firmware" / "fetchprint"
FOLDER = ROOT / ".cache" / "coverage"

ROOMS = ("ipp", "http", "service", "proxy", "document", "engine")

# In one process, on CPython, and with no real time to wait for.
TESTS = [
    "host_tests/portable",
    "host_tests/test_simulate.py",
    *(f"host_tests/test_{name}.py" for name in ("escpos_drawer", "escpos_emulated", "escpos_flow_emulated")),
    *(
        f"host_tests/test_{name}.py"
        for name in ("link_printing", "link_emulated", "link_fuzz", "capabilities")
    ),
]


def measure(arguments: list[str]) -> int:
    """Run the tests; their exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    coverage = [sys.executable, "-m", "coverage"]
    config = ["--rcfile", str(HERE / "coverage.ini")]
    environment = {**os.environ, "COVERAGE_FILE": str(FOLDER / "data"), "COVERAGE_CORE": "ctrace"}
    tests = [*TESTS, "-m", "not system", "--hypothesis-seed=0", "-q", *arguments]
    done = subprocess.run([*coverage, "run", *config, "-m", "pytest", *tests], cwd=ROOT, env=environment)
    subprocess.run(
        [*coverage, "json", *config, "-q", "-o", str(FOLDER / "report.json")],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return done.returncode


def main(arguments: list[str]) -> int:
    status = 0
    if arguments[:1] != ["--keep"]:
        status = measure(arguments)
    excused = reasons.load()
    found = json.loads((FOLDER / "report.json").read_text())["files"]
    names: dict[str, list[str]] = {}
    branches: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for path, seen in found.items():
        file = Path(path).relative_to("firmware/fetchprint").as_posix()
        names[file] = missed((ROOT / path).read_text(encoding="utf-8"), seen)
        room = file.split("/")[0]
        branches[room] += seen["summary"]["num_branches"]
        taken[room] += seen["summary"]["covered_branches"]
    named = Counter(file.split("/")[0] for file, _ in excused)
    rows = [f"| {room} | {branches[room]} | {taken[room]} | {named[room]} |" for room in ROOMS]
    total = f"| **all** | {branches.total()} | {taken.total()} | {named.total()} |"
    print("\n".join(["| room | branches | taken | named with a reason |", "|---|---|---|---|", *rows, total]))
    share = 100 * taken.total() / branches.total()
    print(f"{share:.2f} % of {branches.total()} branches")
    problems = list(reasons.complaints(names, excused))
    print("\n".join(problems))
    return 1 if problems else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
