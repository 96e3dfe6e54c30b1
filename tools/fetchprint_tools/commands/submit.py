"""``fetchprint submit``: send a document to any IPP print service and follow it."""

from __future__ import annotations

import getpass
import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from fetchprint.ipp import tags
from fetchprint_tools.client import IppClient, trusting
from fetchprint_tools.codes import JobState, Operation, Status, status_keyword
from fetchprint_tools.errors import UserError
from fetchprint_tools.message import Group, Message
from fetchprint_tools.render.formats import OCTET_STREAM, guess

POLL_SECONDS = 0.25
"""Between two looks at the job: a person sees no delay, a service notices no load."""

_WATCHED = ("job-id", "job-state", "job-state-reasons", "job-state-message", "job-impressions-completed")


class Follower:
    """Tells a person, or a machine, what has become of the job."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._console = Console(stderr=True, highlight=False)
        self._last: dict[str, Any] | None = None

    def sent(self, path: Path, mime: str, job_id: int) -> None:
        """The service has the document."""
        if self._as_json:
            self._print({"event": "submitted", "file": str(path), "document-format": mime, "job-id": job_id})
        else:
            self._console.print(f"job {job_id}: {path.name} sent as {mime}", markup=False, soft_wrap=True)

    def state(self, job: Group) -> JobState:
        """Report what changed; the state."""
        state = JobState(job.get("job-state"))
        reasons = [reason for reason in job.values("job-state-reasons") if reason != "none"]
        facts = {
            "job-id": job.get("job-id"),
            "job-state": state.keyword,
            "job-state-reasons": reasons,
            "job-state-message": str(job.get("job-state-message", "")),
            "job-impressions-completed": _number(job.get("job-impressions-completed")),
        }
        if facts != self._last:
            self._last = facts
            if self._as_json:
                self._print({"event": "job-state", **facts})
            else:
                self._console.print(_line(facts), markup=False, soft_wrap=True)
        return state

    def _print(self, facts: dict[str, Any]) -> None:
        print(json.dumps(facts), flush=True)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _line(facts: dict[str, Any]) -> str:
    line = f"job {facts['job-id']}: {facts['job-state']}"
    if facts["job-state-reasons"]:
        line += f" ({', '.join(facts['job-state-reasons'])})"
    pages = facts["job-impressions-completed"]
    if pages:
        line += f", {pages} page{'s' * (pages != 1)} printed"
    if facts["job-state-message"]:
        line += f": {facts['job-state-message']}"
    return line


def _refused(reply: Message, uri: str, mime: str) -> UserError:
    """The service's refusal as something that a person can act on."""
    what = f"the service refused the job: {status_keyword(reply.code)}"
    detail = reply.get(tags.OPERATION, "status-message")
    if detail:
        what += f" ({detail})"
    hints = {
        Status.NOT_FOUND: "there is no such queue: check the path of the address",
        Status.DOCUMENT_FORMAT_NOT_SUPPORTED: f"the printer takes no {mime}: convert the document,"
        " or say with --format what it is",
        Status.NOT_ACCEPTING_JOBS: "the queue takes no jobs now: try later",
        Status.BUSY: "try again in a moment",
        Status.OPERATION_NOT_SUPPORTED: "the address is not that of a print queue: check it",
    }
    try:
        hint = hints.get(Status(reply.code))
    except ValueError:
        hint = None
    return UserError(what, where=uri, hint=hint)


def submit(client: IppClient, path: Path, mime: str, name: str, bar: bool) -> int:
    """Print-Job, the document streamed from the file; the job-id. Raises ``UserError``."""
    message = client.message(Operation.PRINT_JOB, user=getpass.getuser())
    message.groups[0].add("job-name", tags.NAME, name)
    message.groups[0].add("document-name", tags.NAME, path.name)
    message.groups[0].add("document-format", tags.MIME_MEDIA_TYPE, mime)
    console = Console(stderr=True)
    columns = (TextColumn("sending"), BarColumn(), DownloadColumn())
    with (
        Progress(
            *columns, console=console, disable=not bar or not console.is_terminal, transient=True
        ) as progress,
        progress.open(path, "rb") as file,
    ):
        reply, _data = client.request(message, file)
    if reply.code >= Status.BAD_REQUEST:
        raise _refused(reply, client.uri, mime)
    job_id = reply.get(tags.JOB, "job-id")
    if not isinstance(job_id, int):
        raise UserError("the service accepted the document but gave no job-id", where=client.uri)
    return job_id


def follow(client: IppClient, job_id: int, follower: Follower) -> JobState:
    """Watch the job until it ends; its last state. Raises ``UserError``."""
    while True:
        message = client.message(Operation.GET_JOB_ATTRIBUTES)
        message.groups[0].add("job-id", tags.INTEGER, job_id)
        message.groups[0].add("requesting-user-name", tags.NAME, getpass.getuser())
        message.groups[0].add("requested-attributes", tags.KEYWORD, *_WATCHED)
        reply, _data = client.request(message)
        job = reply.find(tags.JOB)
        if reply.code >= Status.BAD_REQUEST or job is None or "job-state" not in job:
            raise UserError(
                f"the service does not say how job {job_id} is: {status_keyword(reply.code)}",
                where=client.uri,
                hint="the service may have been restarted; send the document again if it was not printed",
            )
        state = follower.state(job)
        if state.ended:
            return state
        time.sleep(POLL_SECONDS)


@click.command()
@click.argument("uri")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "mime", metavar="MIME", help="Document format; found out from the file if left out."
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="For ipps: the CA of the service, in PEM.  [default: those that this machine trusts]",
)
@click.option("--wait", is_flag=True, help="Follow the job to its end.")
@click.option("--name", help="Name of the job; the file's name if left out.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line on stdout instead of text on stderr."
)
def command(
    uri: str, file: Path, mime: str | None, ca: Path | None, wait: bool, name: str | None, as_json: bool
) -> None:
    """Send FILE to the print queue at URI, such as ipp://127.0.0.1:8631/ipp/print/infra.

    Exits with 0 when the service took the document or, with --wait, when the job was completed;
    with 1 when it was aborted or canceled, or could not be sent.
    """
    try:
        mime = mime or guess(file)
    except OSError as error:
        raise UserError(
            f"the document cannot be read: {error.strerror}", where=str(file), hint="check the file's name"
        ) from error
    client = IppClient(uri, context=None if ca is None else trusting(ca))
    follower = Follower(as_json)
    try:
        job_id = submit(client, file, mime, name or file.name, bar=not as_json)
        follower.sent(file, "a document of unknown format" if mime == OCTET_STREAM else mime, job_id)
        if wait and follow(client, job_id, follower) != JobState.COMPLETED:
            sys.exit(1)
    except KeyboardInterrupt:
        raise UserError("interrupted; the job goes on at the service", where=uri) from None
