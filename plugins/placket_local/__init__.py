"""The embedded providers: real work on one's own CPU, with no key and no network.

A `GarmentTagger` that sees category, colours and pattern, and claims nothing that it cannot see: no brand, no fabric.
A `VisualSearch` over catalogs of pictures, a `ProductStore` on SQL, a `ShootManager` that makes shots from photos, and
an `ARContentBuilder` that makes 2.5D previews.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from placket.interfaces import (
    ARContentBuilder,
    Capabilities,
    GarmentTagger,
    ImageHost,
    Level,
    ProductStore,
    ShootManager,
    VisualSearch,
    operations_of,
)
from placket.record import RECORD_FIELDS
from placket.registry import ImageHostType, ProviderContext, ProviderType, Url, hookimpl, setting

if TYPE_CHECKING:
    from .parts import EmbeddedProvider

INSTALL = (
    "the embedded provider needs numpy, Pillow, SciPy and ONNX Runtime; install them with: pip install 'placket[local]'"
)


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

    folder: Path = setting(doc="The folder to write images into; a web server must serve it.")
    base_url: Url = setting(doc="The address under which the folder is served.")


INTERFACES = (GarmentTagger, VisualSearch, ProductStore, ShootManager, ARContentBuilder)

NOT_DONE = frozenset(
    (
        "visual_search.usage",
        "ar_content_builder.callback_events",
        "ar_content_builder.register_callback",
        "ar_content_builder.test_callback",
    )
)
"""Nothing is counted, because nothing costs. Nobody is called back: a job here ends on this machine, where whoever
waits for it sees it end."""

OPERATIONS = {
    f"{interface.interface_name}.{name}": Level.FULL for interface in INTERFACES for name in operations_of(interface)
}

# The store keeps every field that it is told, shoots and AR content some of them.
FIELDS = dict.fromkeys(sorted({path.partition(".")[0] for path in RECORD_FIELDS}), Level.PARTIAL)

SEEN = {
    **dict.fromkeys(("category", "color", "extra"), Level.FULL),
    **dict.fromkeys(("pattern", "sleeve_length"), Level.PARTIAL),
}
"""What the tagger tells. Partial: some patterns, and sleeves where the kind of garment tells them."""


def _provider(settings: LocalSettings, context: ProviderContext) -> EmbeddedProvider:
    from importlib.util import find_spec

    # Looked for and not imported: what is imported late would fail late, as a fault of a call.
    if not all(find_spec(name) for name in ("numpy", "PIL", "scipy", "onnxruntime")):
        from placket.errors import ConfigError

        raise ConfigError(INSTALL)
    from .parts import EmbeddedProvider

    return EmbeddedProvider(settings, context)


def _directory(settings: DirectorySettings, context: ProviderContext) -> ImageHost:  # noqa: ARG001 - the factory's shape
    from .directory_host import DirectoryImageHost

    return DirectoryImageHost(settings.folder, settings.base_url)


@hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the embedded provider."""
    yield ProviderType(
        name="local",
        title="Embedded",
        description="Tags from a photo, visual search, a product store, shoots and AR previews, "
        "all on this machine's CPU.",
        settings=LocalSettings,
        factory=_provider,
        interfaces=INTERFACES,
        capabilities=Capabilities(
            operations={name: level for name, level in OPERATIONS.items() if name not in NOT_DONE},
            fields=FIELDS,
            interface_fields={GarmentTagger.interface_name: SEEN},
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
