"""``placket serve``: the twins of one vendor or of several, until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen

import placket
from placket.config import default_config
from placket.errors import InvalidInput
from placket.registry import did_you_mean
from placket.testing import Fault

from .fault_rules import fault_of, parts_of
from .quirks import parse_quirks
from .serving import LOOPBACK, is_loopback
from .twin import VENDORS, Twin, setting_of, twin_class
from .vendor import VendorTwin, secrets_of

CREDENTIALS = "credentials.json"

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only with --expose

_PORTS = 65_535


@frozen(kw_only=True)
class Wanted:
    """What is to be served. ``port`` is that of the first twin, the next has the next one; 0 lets the system choose."""

    vendors: tuple[str, ...]
    host: str = LOOPBACK
    port: int = 8080
    config: str | None = None
    state: Path
    quirks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    seed: int = 0
    trusted_hosts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    expose: bool = False


@frozen
class Served:
    """One twin that is being served. ``other_urls`` are the base URLs of clients of other versions."""

    vendor: str
    title: str
    url: str
    root: str
    credentials: Mapping[str, str] = field(repr=False)
    other_urls: Sequence[str] = ()


def vendors_of(names: Iterable[str]) -> tuple[str, ...]:
    """The vendors that are meant; raises InvalidInput for one that has no twin."""
    found: dict[str, None] = {}
    for name in names:
        for vendor in VENDORS if name == "all" else (name,):
            if vendor not in VENDORS:
                choices = ("all", *VENDORS)
                raise InvalidInput(
                    f"there is no twin of {vendor!r}{did_you_mean(vendor, choices)} (twins: {', '.join(choices)})"
                )
            found[vendor] = None
    return tuple(found)


def default_state() -> Path:
    """Where twins keep what outlives them, where nobody says: beside the data of Placket's providers."""
    return placket.open().data_folder / "twins"


@asynccontextmanager
async def serving(wanted: Wanted) -> AsyncIterator[Sequence[Served]]:
    """Serve the twins while the context lasts; raises InvalidInput for what cannot be served as it is wanted."""
    kinds = {vendor: twin_class(vendor) for vendor in wanted.vendors}
    quirks = parse_quirks(wanted.quirks, {vendor: kind.quirks_class for vendor, kind in kinds.items()})
    faults = _faults(wanted.faults, wanted.vendors)
    given = _settings(wanted.settings, kinds)
    if not is_loopback(wanted.host) and not wanted.expose:
        raise InvalidInput(f"{wanted.host} can be reached from other machines; say so with --expose, or leave it out")
    if wanted.port and wanted.port + len(kinds) - 1 > _PORTS:
        raise InvalidInput(f"{len(kinds)} twins do not fit from port {wanted.port} on; choose a smaller one")
    settings = _with_credentials(wanted.state, kinds, given)
    async with AsyncExitStack() as opened:
        config = default_config() if wanted.config is None else Path(wanted.config)
        backend = await opened.enter_async_context(placket.open(config, data_folder=wanted.state / "backend"))
        served = []
        for place, (vendor, kind) in enumerate(kinds.items()):
            twin = Twin(
                vendor,
                quirks=quirks[vendor],
                backend=backend,
                state=wanted.state,
                trusted_hosts=wanted.trusted_hosts,
                faults=faults[vendor],
                seed=wanted.seed,
                host=wanted.host,
                port=wanted.port + place if wanted.port else 0,
                **settings[vendor],
            )
            url = await opened.enter_async_context(twin)
            root = url.removesuffix(kind.prefix)
            others = [root + prefix for prefix in kind.other_prefixes]
            served.append(Served(vendor, kind.title, url, root, twin.credentials, others))
        yield served


def interruption() -> asyncio.Event:
    """Set when the process is asked to end, by Ctrl-C or SIGTERM; from the call on, neither ends it by itself."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, asked.set)
        except (NotImplementedError, ValueError, RuntimeError):
            # Windows has none of these; there Ctrl-C comes as KeyboardInterrupt.
            continue
    return asked


def _faults(written: Iterable[str], vendors: Sequence[str]) -> dict[str, list[Fault]]:
    """The rules of each twin; one that names no ``twin`` is for all."""
    rules: dict[str, list[Fault]] = {vendor: [] for vendor in vendors}
    for text in written:
        parts = parts_of(text)
        only = parts.pop("twin", None)
        if only is not None and only not in rules:
            raise InvalidInput(f"no twin of {only!r} is served{did_you_mean(only, vendors)}")
        rule = fault_of(parts)
        for vendor in vendors if only is None else (only,):
            rules[vendor].append(rule)
    return rules


def _settings(written: Iterable[str], kinds: Mapping[str, type[VendorTwin]]) -> dict[str, dict[str, Any]]:
    """The settings of each twin from texts such as ``sartiq.token_lifetime=60``."""
    found: dict[str, dict[str, Any]] = {vendor: {} for vendor in kinds}
    for text in written:
        name, equals, value = text.partition("=")
        vendor, _, setting = name.partition(".")
        if not equals or not setting or vendor not in kinds:
            raise InvalidInput(
                f"{text!r} is not a setting of a twin that is served{did_you_mean(vendor, kinds)}; "
                "write vendor.setting=value"
            )
        declared = setting_of(kinds[vendor], setting.replace("-", "_"))
        found[vendor][declared.name] = _converted(text, value, declared.default)
    return found


def _converted(text: str, value: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(default, str):
        return value
    if isinstance(default, bool) or default is None or not isinstance(default, int | float):
        raise InvalidInput(f"{text!r}: this setting cannot be given on the command line")
    if value.lower() == "none":
        return None
    try:
        return type(default)(value)
    except ValueError:
        raise InvalidInput(f"{text!r}: a number is wanted") from None


def _with_credentials(
    folder: Path, kinds: Mapping[str, type[VendorTwin]], given: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The settings with credentials: made at random once, and kept beside the state for the next time."""
    path = folder / CREDENTIALS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        whole: dict[str, dict[str, Any]] = {}
        for vendor, kind in kinds.items():
            mine = kept.setdefault(vendor, {})
            for name in secrets_of(kind.settings_class):
                mine.setdefault(name, secrets.token_urlsafe(18))
            whole[vendor] = {**mine, **given[vendor]}
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept, indent=2), "utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{error.filename or folder} cannot be used: {error.strerror}; choose a folder with --state"
        ) from error
    except (ValueError, AttributeError) as error:
        raise InvalidInput(f"{path} is damaged ({error}); remove it, and new credentials are made") from error
    return whole
