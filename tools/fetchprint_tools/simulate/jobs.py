"""The services' jobs, and what the device says about them."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field

from PIL import Image

from fetchprint_tools.codes import JobState
from fetchprint_tools.raster import write_pwg
from fetchprint_tools.simulate.world import Failed, World

DPI = 203
_NO_RECORD = "no record of the job"
"""What a device says whose memory was destroyed: it cannot know how many pages it has told."""
TOKENS = 8
"""Times that a page says what it is."""


def token(serial: int, number: int, page: int) -> bytes:
    """What a page consists of: ten octets that tell it from every other page of the run."""
    return b"<%04d.%d.%d>" % (serial % 10000, number % 10, page % 10)


def document(serial: int, number: int, pages: int, raster: bool) -> bytes:
    """A document in the language of the simulated engine, each page ends with a form feed; or in PWG Raster,
    each line of a page one token."""
    names = [token(serial, number, page) for page in range(1, pages + 1)]
    if not raster:
        return b"".join(name * TOKENS + b"\f" for name in names)
    out = io.BytesIO()
    size = (8 * len(names[0]), TOKENS)
    images = [Image.frombytes("1", size, name * TOKENS, "raw", "1;I") for name in names]
    write_pwg(images, out, dpi=DPI)
    return out.getvalue()


@dataclass
class Report:
    """One report of the device that the service took."""

    state: int
    impressions: int
    reasons: tuple[str, ...]
    message: str


@dataclass
class Job:
    """``serial`` tells it from every job of the run, whatever its id. ``lost``: the service has forgotten
    it."""

    serial: int
    id: int
    uuid: str
    documents: list[bytes]
    pages: int
    state: int = JobState.PENDING
    reasons: tuple[str, ...] = ("none",)
    device: str = ""
    offered: str = ""
    not_before: int = 0
    cancel: bool = False
    lost: bool = False
    ended: bool = False
    """The service knows an end, whatever ``state`` says."""
    final: int = 0
    """The end that the device reported first."""
    message: str = ""
    impressions: int = 0
    reports: list[Report] = field(default_factory=list)
    reoffered: bool = False
    """The service offers it although it has ended."""

    @property
    def outcome(self) -> str:
        """What became of it, in a word."""
        if self.lost:
            return "forgotten by its service"
        return JobState(self.final or self.state).keyword if self.ended else "left to a person"

    def take(self, report: Report) -> None:
        """What the device says of its job. Raises ``Failed`` when that contradicts what it said before."""
        said = self.reports[-1] if self.reports else None
        self.reports.append(report)
        if self.final:
            # PAPPL takes "canceled" and leaves the job as it was: "aborted" follows.
            again = {self.final, JobState.ABORTED} if self.final == JobState.CANCELED else {self.final}
            if report.state not in again and not self.reoffered:
                raise Failed(f"job {self.serial} was reported {self.final} and then {report.state}")
        elif report.state >= JobState.CANCELED:
            self.final = report.state
        fewer = said is not None and report.impressions < said.impressions
        if said is not None and fewer and not self.reoffered and _NO_RECORD not in report.message:
            raise Failed(
                f"job {self.serial} had {said.impressions} impressions and then {report.impressions}"
            )
        if not self.ended or self.reoffered:
            self.message = report.message
            self.impressions = report.impressions


class Numbers:
    """Serial numbers and names for the jobs of a run."""

    def __init__(self, world: World, raster: bool = False) -> None:
        self._world = world
        self.raster = raster
        self.all: list[Job] = []

    def make(self, job_id: int, pages: int, documents: int) -> Job:
        serial = len(self.all) + 1
        name = uuid.UUID(int=self._world.random.getrandbits(128), version=4).urn
        contents = [document(serial, number, pages, self.raster) for number in range(1, documents + 1)]
        job = Job(serial, job_id, name, contents, pages)
        self.all.append(job)
        return job
