"""What a plugin registers: one frozen record per thing.

A record that is wrong says so when it is made, as a `PluginError`. ``origin`` is filled in by the loader, never
by the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import attrs
from attrs import field, frozen

from ..errors import PluginError
from ..interfaces import INTERFACES, Capabilities, Interface, operations_of
from ..record import RECORD_FIELDS
from .settings import RESERVED_SETTINGS, Rate
from .suggestions import did_you_mean

if TYPE_CHECKING:
    import click

    from ..interfaces.call import Attempt, Call
    from ..interfaces.observed import BreakerChange, RoutedCall
    from ..record.record import GarmentRecord

_KEBAB = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@frozen
class Distribution:
    """The installed package that something comes from, and the entry point and its module through which it came.

    A plugin that the host hands over as an object has neither.
    """

    name: str
    version: str = ""
    entry_point: str = ""
    module: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


def is_plugin_name(name: object) -> bool:
    """Whether ``name`` has the form of every registered name: lower-case words joined by hyphens."""
    return isinstance(name, str) and _KEBAB.fullmatch(name) is not None


def _name(record: object, _attribute: object, value: Any) -> None:
    if not is_plugin_name(value):
        raise PluginError(
            f"the name of a {type(record).__name__} is lower-case words joined by hyphens, "
            f"as in 'acme-tagger', not {value!r}"
        )


def _text(record: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise PluginError(f"{_label(record)} needs a {attribute.name}: a short text for people")


def _text_if_any(record: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str):
        raise PluginError(f"{_label(record)}: {attribute.name} must be a text, not {value!r}; leave it out for none")


def _callable(record: Any, attribute: Any, value: Any) -> None:
    if not callable(value):
        raise PluginError(f"{_label(record)}: {attribute.name} must be something that can be called")


def _settings_class(record: Any, _attribute: object, value: Any) -> None:
    if not isinstance(value, type) or not attrs.has(value):
        raise PluginError(f"{_label(record)}: settings must be an attrs class, made with @attrs.frozen")
    taken = sorted(RESERVED_SETTINGS.intersection(each.alias or each.name for each in attrs.fields(value)))
    if taken:
        raise PluginError(
            f"{_label(record)}: the setting {taken[0]!r} is one that every provider has and Placket reads itself; "
            "choose another name"
        )


def _interfaces(record: Any, _attribute: object, value: Any) -> None:
    if not value:
        raise PluginError(f"{_label(record)} names no interface; write interfaces=(GarmentTagger,)")
    for interface in value:
        if interface not in INTERFACES:
            known = ", ".join(each.__name__ for each in INTERFACES)
            raise PluginError(f"{_label(record)}: {interface!r} is not an interface; there are {known}")


def _capabilities(record: ProviderType, _attribute: object, value: Any) -> None:
    if not isinstance(value, Capabilities):
        raise PluginError(f"{_label(record)}: capabilities must be a placket.interfaces.Capabilities")
    known = [
        f"{interface.interface_name}.{operation}"
        for interface in record.interfaces
        for operation in operations_of(interface)
    ]
    _known_keys(record, "operation of its interfaces", value.operations, known)
    names = {path.partition(".")[0] for path in RECORD_FIELDS}
    for fields in (value.fields, *value.interface_fields.values()):
        _known_keys(record, "field of a record", fields, names)
    own = [interface.interface_name for interface in record.interfaces]
    _known_keys(record, "interface of its own", value.interface_fields, own)


def _known_keys(record: ProviderType, what: str, keys: Iterable[str], known: Collection[str]) -> None:
    for key in keys:
        if key not in known:
            raise PluginError(f"{_label(record)}: the capability {key!r} is no {what}{did_you_mean(key, known)}")


def _label(record: Any) -> str:
    return f"the {type(record).__name__} {record.name!r}"


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, Iterable) else (value,)


@frozen(kw_only=True)
class ProviderType:
    """A kind of provider that a configuration can name.

    ``factory(settings, context)`` returns the provider: an object of every class in ``interfaces``.
    ``settings`` is an attrs class, see `placket.registry.settings`; its fields become the keys of the
    provider's table in the configuration. ``lineage`` names the model or vendor that it resells, so that two
    resellers of one model do not outvote the rest. ``rate_limit`` is what the vendor's page states; a
    configuration may set another. ``title``, ``description`` and ``homepage`` are what ``placket providers`` tells
    people: a name, a sentence, and the address of the page that the plugin was written from.
    """

    name: str = field(validator=_name)
    title: str = field(validator=_text)
    settings: type = field(validator=_settings_class)
    factory: Callable[[Any, Any], Any] = field(validator=_callable)
    interfaces: tuple[type[Interface], ...] = field(converter=_as_tuple, validator=_interfaces)
    capabilities: Capabilities = field(validator=_capabilities)
    homepage: str = field(default="", validator=_text_if_any)
    description: str = field(default="", validator=_text_if_any)
    lineage: str | None = None
    rate_limit: Rate | None = None
    origin: Distribution | None = field(default=None, eq=False)


@frozen(kw_only=True)
class ImageHostType:
    """A place where images can be published.

    ``factory(settings, context)`` returns an `placket.interfaces.ImageHost`.
    """

    name: str = field(validator=_name)
    title: str = field(validator=_text)
    settings: type = field(validator=_settings_class)
    factory: Callable[[Any, Any], Any] = field(validator=_callable)
    description: str = field(default="", validator=_text_if_any)
    origin: Distribution | None = field(default=None, eq=False)


@frozen(kw_only=True)
class MergePolicyType:
    """A way in which the claims of one field become its value.

    ``policy`` is a pure function with the signature of the policies in `placket.merge`; ``[merge.fields.NAME]
    policy = "…"`` names it.
    """

    name: str = field(validator=_name)
    title: str = field(validator=_text)
    policy: Callable[..., Any] = field(validator=_callable)
    description: str = field(default="", validator=_text_if_any)
    origin: Distribution | None = field(default=None, eq=False)


@frozen(kw_only=True)
class Exporter:
    """A file format for records.

    ``write(records, file)`` writes them to a binary file that is open for writing, and perhaps a pipe, in which nobody
    can go back. It can go through the records once, and each is read as it is asked for. ``media_type`` is as in
    ``text/csv``, ``suffix`` as in ``.csv``.
    """

    name: str = field(validator=_name)
    title: str = field(validator=_text)
    write: Callable[[Iterable[GarmentRecord], BinaryIO], None] = field(validator=_callable)
    media_type: str = field(validator=_text)
    suffix: str = field(validator=_text)
    origin: Distribution | None = field(default=None, eq=False)


@frozen(kw_only=True)
class Command:
    """A command of the ``placket`` command line.

    ``load()`` imports and returns it when it is run or asked for its help.
    """

    name: str = field(validator=_name)
    help: str = field(validator=_text)
    load: Callable[[], click.Command] = field(validator=_callable)
    origin: Distribution | None = field(default=None, eq=False)


def _ignore(*_about: Any) -> None:
    pass


@frozen(kw_only=True)
class CallObserver:
    """Somebody who is told about every call: metrics, traces, an audit trail.

    ``finished(attempt)`` is called once for each call to a provider, skipped ones included. ``started(call)`` is called
    before a provider is asked, and ``routed(interface, operation)`` before the router asks anybody; each may return a
    function that is told how it went, as an `Attempt` or a `RoutedCall`, in the same task: what the one puts into the
    context, the other can take out. ``breaker_changed(change)`` is called when a provider is left alone after failures,
    probed, or trusted again. ``trace_headers()`` returns what is sent along to providers that are configured with
    ``trace_context = true``. All of them are quick, plain (not async) and do not raise; when one does, it is logged,
    and the call goes on.

    ``prepare()`` is called each time a configuration comes into use, before any call, and is the place to import what
    is heavy. It may raise ConfigError to say what is missing.
    """

    name: str = field(validator=_name)
    finished: Callable[[Attempt], None] = field(validator=_callable)
    started: Callable[[Call], Callable[[Attempt], None] | None] = field(default=_ignore, validator=_callable)
    routed: Callable[[str, str], Callable[[RoutedCall], None] | None] = field(default=_ignore, validator=_callable)
    breaker_changed: Callable[[BreakerChange], None] = field(default=_ignore, validator=_callable)
    trace_headers: Callable[[], Mapping[str, str]] | None = None
    prepare: Callable[[], None] = field(default=_ignore, validator=_callable)
    origin: Distribution | None = field(default=None, eq=False)


Named = TypeVar("Named", ProviderType, ImageHostType)


def references(records: Iterable[Named]) -> dict[str, Named]:
    """Every text by which a configuration may name each record, as ``plugin = "acme"``.

    The plugin's name is enough when the plugin registers one record of this kind, or one of the plugin's own
    name; ``acme:tagger`` always works. What the host handed over as an object goes by the record's name.
    """
    by_plugin: dict[str, list[Named]] = {}
    for record in records:
        by_plugin.setdefault(record.origin.entry_point if record.origin else "", []).append(record)
    found: dict[str, Named] = {}
    for plugin, members in by_plugin.items():
        for record in members:
            if not plugin:
                found[record.name] = record
                continue
            found[f"{plugin}:{record.name}"] = record
            if record.name == plugin or len(members) == 1:
                found[plugin] = record
    return found
