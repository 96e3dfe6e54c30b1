"""Errors that a person at the command line can act on."""

from __future__ import annotations

from typing import IO, Any

import click


class UserError(click.ClickException):
    """What went wrong, where, and what to do about it; exits with ``exit_code`` 1.

    ``what`` is one sentence without a full stop. ``where`` names the file, address or
    option; ``hint`` is what the person can do. Both may be left out when there is nothing to say.
    """

    exit_code = 1

    def __init__(self, what: str, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def format_message(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.hint:
            lines.append(f"  what to do: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.format_message()

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {self.format_message()}", file=file, err=file is None)
