"""One request, checked, and the making of its reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from fetchprint.ipp import tags
from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.message import UNSUPPORTED, Attribute, Attributes, Group, Message
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import Refusal

Stream = AsyncIterator[bytes]


@dataclass
class Answer:
    """A reply: its status, its groups behind the operation group, perhaps a document."""

    status: Status = Status.OK
    operation: list[Attribute] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    document: AsyncGenerator[bytes] | None = None
    unsupported: list[Attribute] = field(default_factory=list)
    message: str = ""  # status-message

    def group(self, tag: int, attributes: Iterable[Attribute] = ()) -> Group:
        """Append a group."""
        group = Group(tag, attributes)
        self.groups.append(group)
        return group


Handler = Callable[["Exchange"], Awaitable[Answer]]


class Exchange:
    """A request whose form is right: charset, language and target are there."""

    def __init__(self, queue: Queue, message: Message, base: str, resource: str, body: Stream) -> None:
        """``base`` is the scheme, host and port that the client used; ``resource`` the path of the target."""
        self.queue = queue
        self.message = message
        self.operation = message.groups[0]
        self.base = base
        self.resource = resource
        self.body = body
        self.connected: Callable[[], bool] = lambda: True  # whether the peer still is

        self.octets = 0  # of the message, its end tag included
        self.secret = ""  # of the device's credentials, as it came
        self.identity: str | None = None  # uuid of the device that the credentials belong to

    # -- names --

    @property
    def printer_uri(self) -> str:
        """The queue as this client reaches it; a CUPS client asked for /printers/."""
        if self.resource.startswith("/printers/"):
            return f"{self.base}/printers/{self.queue.name}"
        return f"{self.base}/ipp/print/{self.queue.name}"

    def job_uri(self, job: Job) -> str:
        """The job as this client reaches it."""
        return f"{self.base}/ipp/print/{self.queue.name}/{job.id}"

    @property
    def user(self) -> str:
        """requesting-user-name."""
        name = str(self.operation.get("requesting-user-name", ""))
        return name or "anonymous"

    @property
    def claimed(self) -> str | None:
        """The uuid of the device that the request says it is from, whichever profile it speaks."""
        mobile = self.message.code >= Operation.FETCH_PRINT_JOB
        value = self.operation.get("printer-uuid" if mobile else "output-device-uuid")
        return value if isinstance(value, str) else None

    # -- reading, each raising Refusal for what is wrong --

    def one(self, group: Attributes | None, name: str, kind: type, needed: bool = True) -> Any:
        """The only value of an attribute; None when it is absent and not ``needed``."""
        if group is None or name not in group:
            if needed:
                raise Refusal(Status.BAD_REQUEST, f"{name} is missing")
            return None
        attribute = group[name]
        wrong = kind is int and isinstance(attribute.value, bool)
        if len(attribute.values) != 1 or not isinstance(attribute.value, kind) or wrong:
            raise Refusal(Status.BAD_REQUEST, f"{name} must be one {kind.__name__}", [attribute])
        return attribute.value

    def text(self, name: str, default: str = "") -> str:
        """An operation attribute that may be a text or name with or without language."""
        return str(self.operation.get(name, default))

    def device_uuid(self) -> str:
        """output-device-uuid."""
        uuid: str = self.one(self.operation, "output-device-uuid", str)
        # uri(45), but not to be judged further: ippproxy's own have 44 characters.
        if not uuid.startswith("urn:uuid:") or not 10 <= len(uuid) <= 45:
            raise Refusal(
                Status.BAD_REQUEST, "output-device-uuid must be a urn:uuid: of at most 45 characters"
            )
        return uuid

    def job(self) -> Job:
        """The job that the request is about: printer-uri and job-id, or job-uri."""
        if "job-uri" in self.operation:
            last = self.resource.rstrip("/").rpartition("/")[2]
            number = int(last) if last.isdigit() else 0
        else:
            number = self.one(self.operation, "job-id", int)
        job = self.queue.jobs.find(number)
        if job is None:
            raise Refusal(Status.NOT_FOUND, f"there is no job {number}")
        return job

    def requested(self, default: Iterable[str] = ("all",)) -> set[str]:
        """requested-attributes."""
        return {str(value) for value in self.operation.values("requested-attributes")} or set(default)


def shortened(text: str, octets: int = 255) -> str:
    """At most so many octets of UTF-8, as ``text(255)`` and ``name(255)`` ask for."""
    return text.encode("utf-8", "surrogateescape")[:octets].decode("utf-8", "ignore")


def unsupported(name: str) -> Attribute:
    """For the unsupported group: an attribute that is not known at all."""
    return Attribute(name, tags.UNSUPPORTED, UNSUPPORTED)


def select(
    attributes: Iterable[Attribute], wanted: set[str], groups: dict[str, Callable[[str], bool]]
) -> list[Attribute]:
    """Those of ``attributes`` that requested-attributes names, singly or by a group's name."""
    tests = [test for name, test in groups.items() if name in wanted]
    return [one for one in attributes if one.name in wanted or any(test(one.name) for test in tests)]
