"""Coverage-guided fuzzing of one target: ``python host_tests/fuzz/run.py TARGET [SECONDS [FOLDER]]``.

It begins with ``corpus/TARGET``; finds and crashes are kept in FOLDER, ``.cache/fuzz/TARGET`` if none
is given. Without SECONDS, or with 0, it runs until it is stopped. A crash is a file there, to be made a test.
With ``keep`` for SECONDS the short ones of FOLDER go into the corpus: each took a branch that none had taken.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4096  # octets of what it tries
LONGEST_KEPT = 1024  # and of what is kept in the repository
NAME = 40  # characters of the names that the fuzzer gives: SHA-1
FOLDERS = ("host_tests/fuzz", "host_tests", "host_tests/portable", "firmware", "tools")
sys.path[:0] = [str(ROOT / name) for name in FOLDERS]

with atheris.instrument_imports(include=["fetchprint"]):
    import host_targets


def main(name: str, seconds: str = "0", kept: str = "") -> None:
    folder = Path(kept) if kept else ROOT / ".cache" / "fuzz" / name
    folder.mkdir(parents=True, exist_ok=True)
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    if seconds == "keep":
        for path in folder.iterdir():
            if len(path.name) == NAME and path.stat().st_size <= LONGEST_KEPT:
                shutil.copy(path, corpus)
        return
    for i, seed in enumerate(host_targets.seeds(name)):
        (folder / f"seed-{i}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/"]
    target = host_targets.TARGETS[name]

    def once(data: bytes) -> None:
        target(data)

    atheris.Setup([sys.argv[0], *limits, "-timeout=20", *map(str, (folder, corpus))], once)
    atheris.Fuzz()


main(*sys.argv[1:])
