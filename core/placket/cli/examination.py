"""What ``placket doctor`` looks at."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from attrs import frozen

from ..config import Config, load_config, structure_settings
from ..errors import ConfigError, PlacketError
from ..registry import Registry
from .config import problems_of, warnings_of
from .failures import message_of
from .plugins import loaded_registry

PYTHONS = ((3, 11), (3, 13))
"""The first and the last version that the tests run on."""

CONNECT_SECONDS = 5.0

EMBEDDED = ("numpy", "Pillow", "SciPy", "onnxruntime", "SQLAlchemy", "Alembic", "aiosqlite", "faiss-cpu")

EXTRAS = {
    **dict.fromkeys(EMBEDDED, ("local", "the embedded provider")),
    "keyring": ("keyring", "secrets in the system's keyring"),
}
"""Optional packages: the extra that installs each, and what needs it."""


class Status(StrEnum):
    """How something was found."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@frozen
class Finding:
    """One thing that was looked at. ``advice`` says what to do, where there is something to do."""

    status: Status
    what: str
    found: str
    advice: str = ""


async def examine(source: str | None, *, network: bool) -> list[Finding]:
    """Look at everything; nothing raises. ``network`` allows connecting to the providers' addresses."""
    findings = [_python(), _placket()]
    try:
        config, error = load_config(source), None
    except ConfigError as caught:
        config, error = None, caught
    registry = None
    try:
        registry = loaded_registry()
        findings += _plugins(registry, set(config.plugin_names) if config else set())
    except ConfigError as broken:
        findings.append(Finding(Status.PROBLEM, "plugins", message_of(broken), "correct or unset PLACKET_PLUGINS"))
    findings += _extras()
    if config is None:
        findings.append(
            Finding(Status.PROBLEM, "configuration", message_of(error) if error else "", "correct the file")
        )
    elif registry is not None:
        findings += _configuration(config, registry)
        if not any(finding.status is Status.PROBLEM for finding in findings):
            findings.append(await _opening(config))
        if network:
            findings += [finding async for finding in _reachable(config, registry)]
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    first, last = (".".join(map(str, each)) for each in PYTHONS)
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Finding(Status.OK, "Python", version)
    return Finding(Status.WARNING, "Python", version, f"Placket is tested with {first} to {last}")


def _placket() -> Finding:
    from .. import __version__

    return Finding(Status.OK, "Placket", __version__)


def _plugins(registry: Registry, used: set[str]) -> Iterator[Finding]:
    for plugin in registry.plugins:
        yield Finding(
            Status.OK, f"plugin {plugin.name}", f"{plugin.origin}{'' if plugin.name in used else ', not used'}"
        )
    for broken in registry.broken:
        yield Finding(
            Status.PROBLEM if broken.name in used else Status.WARNING,
            f"plugin {broken.name}",
            message_of(broken.to_error()),
            f"update or uninstall {broken.distribution}",
        )


def _extras() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    for name, (extra, purpose) in EXTRAS.items():
        try:
            yield Finding(Status.OK, name, version(name))
        except PackageNotFoundError:
            yield Finding(
                Status.WARNING,
                name,
                f"not installed; {purpose} needs it",
                f"if you want that: pip install 'placket[{extra}]'",
            )


def _configuration(config: Config, registry: Registry) -> Iterator[Finding]:
    problems = list(problems_of(config, registry, resolve=False))
    for problem in problems:
        yield Finding(Status.PROBLEM, "configuration", message_of(problem), f"correct it in {config.origin}")
    if not problems:
        count = len(config.providers)
        yield Finding(
            Status.OK, "configuration", f"{config.origin}: {count} {'provider' if count == 1 else 'providers'}"
        )
        for warning in warnings_of(config, registry):
            yield Finding(Status.WARNING, "configuration", message_of(warning), f"correct it in {config.origin}")
        yield from _secrets(config, registry)
    host = config.images.host
    if host is None:
        yield Finding(Status.OK, "image host", "none; providers that take only public addresses get only such pictures")
    else:
        yield Finding(Status.OK, "image host", host.plugin)


def _secrets(config: Config, registry: Registry) -> Iterator[Finding]:
    for name, provider in config.providers.items():
        if not provider.enabled:
            continue
        kind = registry.provider_type(provider.plugin)
        try:
            structure_settings(kind, provider.options, f"providers.{name}", folder=config.folder)
        except ConfigError as error:
            yield Finding(Status.PROBLEM, f"settings of {name}", message_of(error), "supply the secret")
        else:
            yield Finding(Status.OK, f"settings of {name}", "complete")


async def _opening(config: Config) -> Finding:
    """Build the providers as a program would; nothing else says whether they can be."""
    from ..app import open as open_router

    try:
        async with open_router(config) as router:
            names = ", ".join(target.name for target in router.providers)
    except PlacketError as error:
        return Finding(Status.PROBLEM, "providers", message_of(error), "see what the message says")
    return Finding(Status.OK, "providers", f"ready: {names}")


async def _reachable(config: Config, registry: Registry) -> AsyncIterator[Finding]:
    """Connect to every provider whose settings have a ``base_url``, which says where its service is."""
    for name, provider in config.providers.items():
        if not provider.enabled:
            continue
        try:
            kind = registry.provider_type(provider.plugin)
            settings = structure_settings(
                kind, provider.options, f"providers.{name}", folder=config.folder, resolve=False
            )
        except ConfigError:
            continue
        if address := getattr(settings, "base_url", ""):
            yield await _connected(name, address)


async def _connected(name: str, address: str) -> Finding:
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    what = f"connection to {name}"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=secure or None)
    except TimeoutError:
        return Finding(
            Status.PROBLEM, what, f"{host}:{port} does not answer within {CONNECT_SECONDS:g} s", "check the network"
        )
    except OSError as error:  # ssl's errors are of this kind, too
        return Finding(Status.PROBLEM, what, f"{host}:{port}: {error}", "check base_url, the network and its proxies")
    writer.close()
    return Finding(Status.OK, what, f"{host}:{port}{' with TLS' if secure else ''}")
