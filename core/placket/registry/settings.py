"""What the settings class of a plugin is made of.

A settings class is a frozen attrs class; each field is a key of the provider's table in the configuration::

    @frozen(kw_only=True)
    class AcmeSettings:
        api_key: Secret = setting(doc="The key from Acme's dashboard.")
        base_url: Url = setting(default=Url("https://api.acme.example"), doc="Where Acme's service is.")
        poll_every: Duration = setting(default=Duration(2.0), doc="The pause between two looks at a job.")

Field types are bool, int, float, str, Decimal, Literal, StrEnum, Path, `Secret`, `Duration`, `ByteSize`,
`Rate`, `Url`, attrs classes of these, and ``tuple[X, ...]``, ``Mapping[str, X]`` and ``X | None`` of them. The
configuration, the editor's schema and the docs pages all read the same class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, NewType
from urllib.parse import urlsplit

import attrs

from ..errors import ConfigError
from ..transport.rate_limit import Rate
from ..transport.redaction import Secret

__all__ = [
    "RESERVED_SETTINGS",
    "Bounds",
    "ByteSize",
    "Duration",
    "Rate",
    "Secret",
    "Url",
    "parse_byte_size",
    "parse_duration",
    "parse_url",
    "setting",
]

Duration = NewType("Duration", float)
"""Seconds; written ``"250ms"``, ``"60s"``, ``"5m"``, ``"2h"`` or ``"1d"``."""

ByteSize = NewType("ByteSize", int)
"""Bytes; written ``"512 KiB"``, ``"10 MB"``."""

Url = NewType("Url", str)
"""The address of a service: https, or http to this machine. It has no trailing slash, no credentials, no
query."""

RESERVED_SETTINGS = frozenset(
    {
        "breaker",
        "budget",
        "concurrency",
        "cost",
        "enabled",
        "lineage",
        "options",
        "plugin",
        "quota_group",
        "rate_limit",
        "timeout",
        "trace_context",
        "weight",
    }
)
"""Keys that every provider's table has: Placket reads them itself, so no plugin may use them for its own."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 36_500 * 86_400
"""A hundred years in seconds: a date that lies much further back or ahead is none."""
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.ASCII)


def setting(
    *,
    doc: str,
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    validator: Callable[[Any, Any, Any], Any] | None = None,
) -> Any:
    """One field of a settings class.

    ``doc`` is a sentence for the operator. Without ``default`` or ``factory`` the key is required. ``minimum``
    and ``maximum`` are inclusive bounds of a number, ``above`` an exclusive one. A ``validator`` is attrs' own
    and raises ValueError with words for the operator.
    """
    bounds = Bounds(minimum, maximum, above)
    metadata: dict[str, Any] = {"doc": doc} if bounds == Bounds() else {"doc": doc, "bounds": bounds}
    validators: list[Any] = [each for each in (metadata.get("bounds"), validator) if each is not None]
    return attrs.field(default=default, factory=factory, kw_only=True, validator=validators, metadata=metadata)


@attrs.frozen
class Bounds:
    """The bounds of a number; of every member, where the setting is a list or a table of numbers."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None

    def check(self, value: Any) -> None:
        """Raise ConfigError when the value is out of bounds.

        Its ``path`` is the member's place, empty for a plain number.
        """
        if isinstance(value, Mapping):
            for key, member in value.items():
                self._check_number(member, str(key))
        elif isinstance(value, tuple):
            for place, member in enumerate(value):
                self._check_number(member, str(place))
        elif value is not None:
            self._check_number(value, "")

    def _check_number(self, value: Any, path: str) -> None:
        if self.minimum is not None and value < self.minimum:
            raise ConfigError(f"must be at least {self.minimum:g}, not {value:g}", path=path)
        if self.above is not None and value <= self.above:
            raise ConfigError(f"must be more than {self.above:g}, not {value:g}", path=path)
        if self.maximum is not None and value > self.maximum:
            raise ConfigError(f"must be at most {self.maximum:g}, not {value:g}", path=path)

    def __call__(self, _settings: object, attribute: Any, value: Any) -> None:
        """Check a field of a settings object that is made in code."""
        try:
            self.check(value)
        except ConfigError as error:
            raise ConfigError(error.message, path=f"{attribute.alias}.{error.path}".rstrip(".")) from None


def parse_duration(text: str) -> Duration:
    """Read ``"60s"``, ``"5m"``, ``"250ms"``, ``"1.5h"``, ``"1d"`` as seconds; raises ConfigError."""
    seconds = _amount(text, _SECONDS, 'a duration with its unit, as "60s", "5m" or "250ms"')
    if seconds > _LONGEST:
        raise ConfigError('must be at most "36500d", a hundred years')
    return Duration(float(seconds))


def parse_byte_size(text: str) -> ByteSize:
    """Read ``"10 MB"`` (10,000,000), ``"512 KiB"`` (524,288) as bytes; raises ConfigError."""
    return ByteSize(int(_amount(text, _BYTES, 'a size with its unit, as "10 MB" or "512 KiB"')))


def _amount(text: str, units: dict[str, Any], wanted: str) -> Decimal:
    found = _AMOUNT.fullmatch(text.strip().lower())
    if found is None or found[2] not in units:
        raise ConfigError(f"must be {wanted}; the units are {', '.join(units)}")
    # Decimal, because 0.1 and 0.001 as floats make "100ms" a little more than a tenth of a second.
    return Decimal(found[1]) * Decimal(str(units[found[2]]))


def parse_url(text: str) -> Url:
    """Check the address of a service, as ``https://api.acme.example/v1``; raises ConfigError.

    Plain http is for this machine only: a key sent over it to anywhere else could be read on the way. The text
    itself is never repeated in the error, because people paste credentials into addresses.
    """
    wanted = 'must be an address as "https://api.acme.example/v1"'
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")  # as whoever looks it up does, who has no better words for what DNS cannot have
    except ValueError:
        raise ConfigError(wanted) from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\\\x00-\x1f\x7f]", text):
        raise ConfigError(wanted)
    if parts.username is not None or parts.password is not None:
        raise ConfigError("must not carry a user name or password; give them as settings of their own")
    if parts.query or parts.fragment:
        raise ConfigError("must end before any ? or #")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigError("must begin with https://; plain http:// is accepted for localhost only")
    return Url(text.rstrip("/"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
