"""Attributes by the syntaxes that the 2010 profile gives them (docs/mobile-operations.md).

Each function raises ``Refusal`` with client-error-bad-request for what is absent, of another syntax or out
of bounds, and names it.
"""

from __future__ import annotations

import re
from typing import Any

from fetchprint.ipp import tags
from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute, Attributes
from fetchprint_tools.printservice.refusal import Refusal

MAX = 2**31 - 1

_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_TEXTS = (tags.TEXT, tags.TEXT_WITH_LANGUAGE)


def malformed(what: str, *wrong: Attribute) -> Refusal:
    """client-error-bad-request, to be raised."""
    return Refusal(Status.BAD_REQUEST, what, wrong)


def _one(group: Attributes, name: str, kinds: tuple[int, ...], syntax: str) -> Any:
    if name not in group:
        raise malformed(f"{name} is missing")
    attribute = group[name]
    if len(attribute.values) != 1 or attribute.tag not in kinds:
        raise malformed(f"{name} must be one {syntax}", attribute)
    return attribute.value


def uuid(group: Attributes, name: str) -> str:
    """uri(45): a whole urn:uuid: in lower case."""
    found: str = _one(group, name, (tags.URI,), "uri")
    if not _UUID.fullmatch(found):
        raise malformed(f"{name} must be urn:uuid: and 36 lower-case characters", group[name])
    return found


def integer(group: Attributes, name: str, low: int = 0, high: int = MAX, tag: int = tags.INTEGER) -> int:
    """integer(low:high), or an enum."""
    found: int = _one(group, name, (tag,), "enum" if tag == tags.ENUM else "integer")
    if not low <= found <= high:
        raise malformed(f"{name} must be {low} to {high}, not {found}", group[name])
    return found


def keyword(group: Attributes, name: str) -> str:
    """type2 keyword."""
    found: str = _one(group, name, (tags.KEYWORD,), "keyword")
    return found


def keywords(group: Attributes, name: str) -> list[str]:
    """1setOf keyword, without ``none``."""
    if name not in group:
        raise malformed(f"{name} is missing")
    if any(tag != tags.KEYWORD for tag in group[name].tags):
        raise malformed(f"{name} must be keywords", group[name])
    return [str(value) for value in group[name].values if value != "none"]


def text(group: Attributes, name: str, high: int = 255, low: int = 0) -> str:
    """text(low:high), counted in octets."""
    found = str(_one(group, name, _TEXTS, "text"))
    if not low <= len(found.encode("utf-8", "surrogateescape")) <= high:
        raise malformed(f"{name} must have {low} to {high} octets", group[name])
    return found
