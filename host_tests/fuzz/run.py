"""Coverage-guided fuzzing of one target: ``python host_tests/fuzz/run.py TARGET [SECONDS [FOLDER]]``.

Corpus and crashes are kept in FOLDER, ``.cache/fuzz/TARGET`` if none is given. Without SECONDS, or with 0, it
runs until it is stopped. A crash is a file there, to be made a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "host_tests/fuzz"), str(ROOT / "host_tests/portable"), str(ROOT / "firmware")]

with atheris.instrument_imports(include=["fetchprint"]):
    import targets


def main(name: str, seconds: str = "0", kept: str = "") -> None:
    folder = Path(kept) if kept else ROOT / ".cache" / "fuzz" / name
    folder.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(targets.seeds(name)):
        (folder / f"seed-{i}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *limits, str(folder)], targets.TARGETS[name])
    atheris.Fuzz()


main(*sys.argv[1:])
