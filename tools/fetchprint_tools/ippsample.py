"""The packaged ippsample programs: ippserver, ippproxy, ipptool, ipptransform.

Debian's stable ippsample cannot be installed; the one of its unstable release runs in a
root directory of its own (``fetchprint setup`` makes it). Files pass through a ``Workspace``,
a folder inside that root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from fetchprint_tools import paths, processes
from fetchprint_tools.errors import UserError

PROGRAMS = ("usr/sbin/ippserver", "usr/sbin/ippproxy", "usr/bin/ipptool", "usr/bin/ipptransform")
# ippserver looks for its converter among the commands of cups, where the package does not put it
TRANSFORM = "usr/lib/cups/command/ipptransform"
_TRANSFORM_SCRIPT = Path(__file__).with_name("ipptransform.pl")

_PREFIX = "fetchprint-"
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}


def available() -> tuple[bool, str]:
    """Whether the programs can be run, and the reason when they cannot."""
    root = paths.ippserver_root()
    missing = [name for name in (*PROGRAMS, TRANSFORM) if not os.path.lexists(root / name)]
    if missing:
        absent = root / missing[0]
        return False, f"the packaged ippserver is not set up ({absent} is absent): run 'make setup' as root"
    if os.geteuid() != 0:
        return False, "the packaged ippserver runs in a root directory of its own, which only root can enter"
    return True, ""


def require_available() -> None:
    """Raise ``UserError`` when the programs cannot be run."""
    usable, reason = available()
    if not usable:
        raise UserError(reason)


def install_transform(root: Path) -> None:
    """Put the converter where ippserver looks for it: a script that runs the packaged one and, for
    the quirk told in it, ends only when ippserver has read everything."""
    target = root / TRANSFORM
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copyfile(_TRANSFORM_SCRIPT, target)
    target.chmod(0o755)


class Workspace:
    """A folder that this system and the programs both see; removed at the end, its processes ended."""

    def __init__(self) -> None:
        require_available()
        self.root = paths.ippserver_root()
        _remove_stale(self.root / "tmp")
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=self.root / "tmp"))
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what was started here and remove the folder."""
        for process in self._started:
            processes.end(process)
        self._started.clear()
        if self.path.exists():
            shutil.rmtree(self.path)

    def inside(self, path: Path) -> str:
        """The name the programs know ``path`` (in this folder) by."""
        return "/" + str(path.relative_to(self.root))

    def put(self, source: Path | bytes, name: str | None = None) -> Path:
        """A copy of ``source`` in this folder, called ``name`` (default: the name it has)."""
        if isinstance(source, bytes):
            target = self.path / (name or "data")
            target.write_bytes(source)
        else:
            target = self.path / (name or source.name)
            shutil.copyfile(source, target)
        return target

    def command(self, args: Sequence[str | Path]) -> list[str]:
        """``args`` to run inside the root; a ``Path`` in this folder becomes the name it has there."""
        words = [self.inside(arg) if isinstance(arg, Path) else arg for arg in args]
        return [shutil.which("chroot") or "/usr/sbin/chroot", str(self.root), *words]

    def run(self, args: Sequence[str | Path], timeout: float = 60.0) -> subprocess.CompletedProcess[bytes]:
        """Run to the end; status and output are the caller's to judge. Killed after ``timeout`` seconds."""
        process = processes.spawn(
            self.command(args), env=_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            processes.kill(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(
        self,
        args: Sequence[str | Path],
        stdout: int | IO[Any] | None = subprocess.DEVNULL,
        stderr: int | IO[Any] | None = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start a program that goes on; end it with ``processes.end`` or by closing the workspace."""
        process = processes.spawn(self.command(args), env=_ENVIRONMENT, stdout=stdout, stderr=stderr)
        self._started.append(process)
        return process

    def ipptool(
        self,
        uri: str,
        test: str | Path | bytes,
        *,
        document: Path | None = None,
        define: Mapping[str, str] | None = None,
        options: Sequence[str] = ("-tv",),
        timeout: float = 60.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run ipptool's ``test`` against ``uri``, sending a copy of ``document`` (a file of this system).

        ``test`` is the name of a packaged test file, a file of this system, or a test as bytes.
        """
        if isinstance(test, bytes):
            test = self.put(test, "given.test")
        elif isinstance(test, Path):
            test = self.put(test)
        args: list[str | Path] = ["ipptool", *options]
        if document is not None:
            args += ["-f", self.put(document)]
        for name, value in (define or {}).items():
            args += ["-d", f"{name}={value}"]
        return self.run([*args, uri, test], timeout)

    def ipptransform(
        self,
        document: Path,
        *,
        document_format: str,
        output_format: str = "image/pwg-raster",
        resolution: str = "203dpi",
        types: str = "black_1",
        options: str = "",
        timeout: float = 120.0,
    ) -> bytes:
        """``document`` (of type ``document_format``) as the packaged server's converter renders it.

        ipptransform exits with 1 even when all went well, so its own page report is the judge.
        """
        output = self.path / "transformed"
        args: list[str | Path] = ["ipptransform", "-i", document_format, "-m", output_format, "-f", output]
        args += ["-r", resolution, "-t", types]
        if options:
            args += ["-o", options]
        result = self.run([*args, self.put(document)], timeout)
        messages = result.stderr.decode(errors="replace").strip()
        if "ATTR: job-impressions-completed=" not in messages:
            what = f"ipptransform rendered no page; it said:\n{messages[-1000:]}"
            raise UserError(what, where=str(document))
        return output.read_bytes()

    def ippproxy(
        self, uri: str, device_uri: str, output_format: str, log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start the reference proxy between the queue ``uri`` and the printer ``device_uri``."""
        args = ["ippproxy", "-v", "-d", device_uri, "-m", output_format, uri]
        return self.start(args, stdout=log, stderr=log)


def _remove_stale(folder: Path) -> None:
    """Remove workspaces of processes that were killed before they could tidy up."""
    for path in folder.glob(f"{_PREFIX}*-*"):
        owner = path.name[len(_PREFIX) :].partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(path, ignore_errors=True)  # another process may be removing it too
