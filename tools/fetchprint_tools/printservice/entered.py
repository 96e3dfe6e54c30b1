"""Registration codes that printers have made and the operator has entered: from ``fetchprint admit`` to the
service. Each is an empty file named after the code, so that whoever may write to DATA admits printers, and
nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fetchprint_tools.errors import UserError

_CODE = re.compile(r"[A-Z0-9]{10,63}")  # 50 bits at least, if it is one that a printer has made


def prepare(data: Path) -> None:
    """The service makes the folder, so that it can remove what is left there, by root, too."""
    _folder(data).mkdir(mode=0o700, exist_ok=True)


def put(data: Path, code: str) -> str:
    """Leave ``code`` for the service on ``data``; as it was understood. Raises ``UserError``."""
    letters = "".join(code.split()).replace("-", "").upper()
    if not _CODE.fullmatch(letters):
        raise UserError(
            f"{code!r} is no registration code", hint="give the 10 letters and digits that the printer shows"
        )
    try:
        (_folder(data) / letters).touch(mode=0o600)
    except FileNotFoundError as error:
        raise UserError(
            "there is no print service", where=str(data), hint="give the --data of fetchprint serve"
        ) from error
    except OSError as error:
        raise UserError(f"the code cannot be left: {error.strerror}", where=str(_folder(data))) from error
    return letters


def take(data: Path) -> Iterator[str]:
    """The codes that have been left; each is there until the caller has dealt with it."""
    for path in sorted(_folder(data).glob("*")):
        if _CODE.fullmatch(path.name) and path.is_file():
            yield path.name
            path.unlink()


def _folder(data: Path) -> Path:
    return data / "entered-codes"
