"""How a record declares its fields: one line says the type, the vocabulary and the policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from .record import GarmentRecord

T = TypeVar("T")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class RecordField(Generic[T]):
    """One field of the record, and a descriptor that reads its resolved value.

    ``value_type`` is the type of one claim's value. ``policy`` names the default way in which claims become the value
    (see `placket.merge`). ``attribute`` is the vocabulary attribute of terms. ``path`` is the claims' field name
    where it differs from the Python name, as in ``ar.assets``.
    """

    __slots__ = ("attribute", "doc", "path", "policy", "value_type")

    many = False
    """The value is a tuple with one member per distinct claim value."""
    keyed = False
    """The value is a mapping, and claims name a key after a dot."""

    def __init__(
        self, value_type: type[T] | Any, policy: str, doc: str, *, attribute: str = "", path: str = ""
    ) -> None:
        self.value_type = value_type
        self.policy = policy
        self.doc = doc
        self.attribute = attribute
        self.path = path

    def __set_name__(self, owner: type, name: str) -> None:
        self.path = self.path or name


class One(RecordField[T]):
    """A field with one value, None while nobody says anything."""

    __slots__ = ()

    @overload
    def __get__(self, record: None, owner: type) -> One[T]: ...
    @overload
    def __get__(self, record: GarmentRecord, owner: type) -> T | None: ...
    def __get__(self, record: GarmentRecord | None, owner: type) -> One[T] | T | None:
        if record is None:
            return self
        resolution = record.resolutions.get(self.path)
        return None if resolution is None else resolution.value


class Many(RecordField[T]):
    """A field with several values, best first; empty while nobody says anything."""

    __slots__ = ()
    many = True

    @overload
    def __get__(self, record: None, owner: type) -> Many[T]: ...
    @overload
    def __get__(self, record: GarmentRecord, owner: type) -> tuple[T, ...]: ...
    def __get__(self, record: GarmentRecord | None, owner: type) -> Many[T] | tuple[T, ...]:
        if record is None:
            return self
        resolution = record.resolutions.get(self.path)
        return () if resolution is None else resolution.value


class Keyed(RecordField[T]):
    """A field that is a mapping; claims name the key after a dot, as in ``measurements.waist``."""

    __slots__ = ()
    keyed = True

    @overload
    def __get__(self, record: None, owner: type) -> Keyed[T]: ...
    @overload
    def __get__(self, record: GarmentRecord, owner: type) -> Mapping[str, T]: ...
    def __get__(self, record: GarmentRecord | None, owner: type) -> Keyed[T] | Mapping[str, T]:
        if record is None:
            return self
        start = self.path + "."
        found = {
            path.removeprefix(start): resolution.value
            for path, resolution in record.resolutions.items()
            if path.startswith(start)
        }
        return MappingProxyType(found) if found else _NOTHING
