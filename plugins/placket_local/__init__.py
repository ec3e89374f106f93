"""The embedded providers: real work on one's own CPU, with no key and no network.

Today a `GarmentTagger` that sees cut-out, colours and pattern. What it cannot see it does not claim: no brand, no
fabric, no size.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from placket.interfaces import Capabilities, GarmentTagger, ImageHost, Level
from placket.registry import ImageHostType, ProviderContext, ProviderType, Url, hookimpl, setting

if TYPE_CHECKING:
    from .provider import LocalProvider

INSTALL = "the embedded provider needs numpy, Pillow and SciPy; install them with: pip install 'placket[local]'"


@frozen(kw_only=True)
class LocalSettings:
    """Settings of the embedded provider."""

    workers: int = setting(
        default=1, minimum=1, maximum=64, doc="Pictures that are analysed at the same time, one core each."
    )
    minimum_quality: float = setting(
        default=0.3,
        minimum=0.0,
        maximum=1.0,
        doc="How good the cut-out of the garment must be, 0 to 1, before anything is claimed from it.",
    )
    shot_quality: float = setting(
        default=0.5,
        minimum=0.0,
        maximum=1.0,
        doc="How good the cut-out of the garment must be, 0 to 1, before shots or AR content are made of it.",
    )
    database: Path | None = setting(
        default=None, doc="The SQLite file in which products and shoots are kept. Left out, one in the data folder."
    )


@frozen(kw_only=True)
class DirectorySettings:
    """Settings of the directory image host."""

    folder: str = setting(doc="The folder to write images into; a web server must serve it.")
    base_url: Url = setting(doc="The address under which the folder is served.")


def _provider(settings: LocalSettings, context: ProviderContext) -> LocalProvider:
    try:
        from .provider import LocalProvider
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "PIL", "scipy"):
            raise
        from placket.errors import ConfigError

        raise ConfigError(INSTALL) from error
    return LocalProvider(settings, context)


def _directory(settings: DirectorySettings, context: ProviderContext) -> ImageHost:  # noqa: ARG001 - the factory's shape
    from .directory_host import DirectoryImageHost

    return DirectoryImageHost(settings.folder, settings.base_url)


@hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the embedded provider."""
    yield ProviderType(
        name="local",
        title="Embedded",
        description="Colours and pattern from the garment's cut-out, on this machine's CPU.",
        settings=LocalSettings,
        factory=_provider,
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(
            operations={"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL},
            fields={"color": Level.FULL, "pattern": Level.PARTIAL, "extra": Level.FULL},
        ),
        lineage="placket-local",
    )


@hookimpl
def placket_image_hosts() -> Iterable[ImageHostType]:
    """Register the directory image host."""
    yield ImageHostType(
        name="directory",
        title="A directory behind a base URL",
        description="Writes images into a folder that a web server of yours serves.",
        settings=DirectorySettings,
        factory=_directory,
    )
