"""An Output Device: what it says it is, and how it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from fetchprint.ipp import tags
from fetchprint_tools.codes import PrinterState
from fetchprint_tools.message import Attribute, Collection, Group, Range, Resolution
from fetchprint_tools.render import Media, Target
from fetchprint_tools.render.formats import PWG_RASTER
from fetchprint_tools.render.media import is_roll
from fetchprint_tools.render.rendering import RASTER_TYPES

INFRA = "infra"
MOBILE = "mobile"
"""Profiles that a device may speak."""

DEFAULT_MEDIA = Media("custom_receipt_80x200mm", 8000, 20000, 400, 400, 0, 0)
DEFAULT_DPI = 203
"""What is assumed where a device says nothing: receipt paper."""


@dataclass
class OutputDevice:
    """Known by ``uuid``; ``attributes`` is the sum of what it declared."""

    uuid: str
    profile: str = INFRA
    attributes: dict[str, Attribute] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)  # hashes, once it is registered; the newest last
    heard: float = field(default_factory=time.monotonic)
    left: bool = False  # it said good-bye and was not heard since
    identify: tuple[list[str], str] | None = None  # actions and message it has not acknowledged

    def quiet_for(self, seconds: float) -> bool:
        """Whether nothing was heard of it for so long."""
        return time.monotonic() - self.heard > seconds

    def replace(self, group: Group) -> set[str]:
        """Like ``update``, but what ``group`` lacks is forgotten."""
        changed = self.update(group)
        for name in [name for name in self.attributes if name not in group]:
            del self.attributes[name]
            changed.add(name)
        return changed

    def update(self, group: Group) -> set[str]:
        """Take over what changed and give the names of it; delete-attribute removes."""
        changed = set()
        for attribute in group:
            old = self.attributes.get(attribute.name)
            if attribute.tag == tags.DELETE_ATTRIBUTE:
                if old is not None:
                    del self.attributes[attribute.name]
                    changed.add(attribute.name)
            elif old != attribute:
                self.attributes[attribute.name] = attribute
                changed.add(attribute.name)
        return changed

    def values(self, name: str) -> list[object]:
        """All values of what it declared, perhaps none."""
        attribute = self.attributes.get(name)
        return [] if attribute is None else list(attribute.values)

    def strings(self, name: str) -> list[str]:
        """Its values that are strings."""
        return [value for value in self.values(name) if isinstance(value, str)]

    @property
    def state(self) -> PrinterState:
        """printer-state; idle where it did not say."""
        for value in self.values("printer-state"):
            if isinstance(value, int) and value in tuple(PrinterState):
                return PrinterState(value)
        return PrinterState.IDLE

    @property
    def state_reasons(self) -> list[str]:
        """printer-state-reasons without ``none``."""
        return [reason for reason in self.strings("printer-state-reasons") if reason != "none"]

    @property
    def formats(self) -> list[str]:
        """document-format-supported."""
        return self.strings("document-format-supported")

    @property
    def schemes(self) -> list[str]:
        """reference-uri-schemes-supported: those by which it fetches documents itself."""
        return self.strings("reference-uri-schemes-supported")

    def target(self, media: str | Collection | None, scaling: str) -> Target:
        """What to render for: ``media`` is a name or a media-col that the job asks for."""
        return Target(self._dpi(), self._raster_type(), self._media(media), scaling)

    def _dpi(self) -> int:
        for name in (
            "pwg-raster-document-resolution-supported",
            "printer-resolution-default",
            "printer-resolution-supported",
        ):
            for value in self.values(name):
                if isinstance(value, Resolution) and value.x == value.y:
                    return value.x if value.units == 3 else round(value.x * 2.54)
        return DEFAULT_DPI

    def _raster_type(self) -> str:
        declared = self.strings("pwg-raster-document-type-supported")
        if not declared:
            return RASTER_TYPES[0]
        return next((kind for kind in RASTER_TYPES if kind in declared), declared[0])

    def _media(self, wanted: str | Collection | None) -> Media:
        offered = [
            media
            for name in ("media-col-default", "media-col-ready", "media-col-database")
            for value in self.values(name)
            if isinstance(value, Collection) and (media := media_of(value)) is not None
        ]
        if wanted is not None:
            named = next((media for media in offered if _is(media, wanted)), None)
            if named is not None:
                return named
            sized = Media.from_name(wanted) if isinstance(wanted, str) else media_of(wanted)
            if sized is not None:
                return sized
        if offered:
            return offered[0]
        names = [*self.strings("media-default"), *self.strings("media-supported")]
        return next((media for name in names if (media := Media.from_name(name))), DEFAULT_MEDIA)

    @property
    def renders(self) -> bool:
        """Whether documents can be rendered for it."""
        return PWG_RASTER in self.formats


def media_of(collection: Collection) -> Media | None:
    """A media-col value as ``Media``; None without a size."""
    size = collection.get("media-size")
    if not isinstance(size, Collection):
        return None
    x, y = size.get("x-dimension"), size.get("y-dimension")
    name = collection.get("media-size-name") or collection.get("media-key") or ""
    roll = isinstance(y, Range) or is_roll(name)
    across = x.high if isinstance(x, Range) else x
    along = y.high if isinstance(y, Range) else y
    if not isinstance(across, int) or not isinstance(along, int):
        return None
    margins = {
        side: margin if isinstance(margin := collection.get(f"media-{side}-margin"), int) else 0
        for side in ("left", "right", "top", "bottom")
    }
    return Media(str(name), across, along, roll=roll, **margins)


def _is(media: Media, wanted: str | Collection) -> bool:
    if isinstance(wanted, str):
        return media.name == wanted
    other = media_of(wanted)
    return other is not None and media.x == other.x and (media.roll or media.y == other.y)
