"""Attributes of IPP messages in order: the attribute, the group, the collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

from fetchprint_tools.values import Extension, OutOfBand


class Attribute:
    """A name and one or more values (1setOf); ``tags[i]`` is the tag of ``values[i]``."""

    def __init__(self, name: str, tag: int, *values: Any) -> None:
        self.name = name
        self.values: list[Any] = []
        self.tags: list[int] = []
        for value in values:
            self.append(tag, value)

    def append(self, tag: int, value: Any) -> None:
        """Add a value. OutOfBand and Extension values bring their own tag."""
        self.tags.append(value.tag if isinstance(value, OutOfBand | Extension) else tag)
        self.values.append(value)

    @property
    def tag(self) -> int:
        """Tag of the first value."""
        return self.tags[0]

    @property
    def value(self) -> Any:
        """The first value."""
        return self.values[0]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Attribute)
            and (self.name, self.tags) == (other.name, other.tags)
            and self.values == other.values
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, {[hex(tag) for tag in self.tags]}, {self.values!r})"


class Attributes:
    """Attributes by name, in their order; what a Group and a Collection have in common."""

    def __init__(self, attributes: Iterable[Attribute] = ()) -> None:
        self.attributes: dict[str, Attribute] = {}
        for attribute in attributes:
            self.put(attribute)

    def add(self, name: str, tag: int, *values: Any) -> Self:
        """Append an attribute with these values (at least one); returns itself, for chains.

        Raises ValueError without values or when the attribute is there already.
        """
        if not values:
            raise ValueError(f"attribute {name!r} needs a value")
        self.put(Attribute(name, tag, *values))
        return self

    def put(self, attribute: Attribute) -> None:
        """Append an attribute; ValueError when one of its name is there already."""
        if attribute.name in self.attributes:
            raise ValueError(f"attribute {attribute.name!r} is there already")
        self.attributes[attribute.name] = attribute

    def get(self, name: str, default: Any = None) -> Any:
        """The first value of ``name``, or ``default`` if it is absent."""
        attribute = self.attributes.get(name)
        return default if attribute is None else attribute.value

    def values(self, name: str) -> list[Any]:
        """All values of ``name``; an empty list if it is absent."""
        attribute = self.attributes.get(name)
        return [] if attribute is None else list(attribute.values)

    def __getitem__(self, name: str) -> Attribute:
        return self.attributes[name]

    def __contains__(self, name: object) -> bool:
        return name in self.attributes

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes.values())

    def __len__(self) -> int:
        return len(self.attributes)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Collection(Attributes):
    """A collection value: its members by name, in order."""

    def __repr__(self) -> str:
        return f"Collection({list(self)!r})"


class Group(Attributes):
    """An attribute group: ``tag`` is ``tags.OPERATION``, ``tags.JOB`` ..."""

    def __init__(self, tag: int, attributes: Iterable[Attribute] = ()) -> None:
        super().__init__(attributes)
        self.tag = tag

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and self.tag == other.tag and super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"Group(0x{self.tag:02x}, {list(self)!r})"
