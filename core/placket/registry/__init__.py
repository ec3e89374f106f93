"""How plugins register what they offer, and how they are found."""

from .context import ProviderContext
from .hookspecs import hookimpl
from .loader import Registry
from .plugin import BrokenPlugin, LoadedPlugin, Stage
from .settings import (
    ByteSize,
    Duration,
    Rate,
    Secret,
    Url,
    parse_byte_size,
    parse_duration,
    parse_url,
    setting,
)
from .suggestions import did_you_mean
from .types import (
    CallObserver,
    Command,
    Distribution,
    Exporter,
    ImageHostType,
    MergePolicyType,
    ProviderType,
    references,
)

__all__ = [
    "BrokenPlugin",
    "ByteSize",
    "CallObserver",
    "Command",
    "Distribution",
    "Duration",
    "Exporter",
    "ImageHostType",
    "LoadedPlugin",
    "MergePolicyType",
    "ProviderContext",
    "ProviderType",
    "Rate",
    "Registry",
    "Secret",
    "Stage",
    "Url",
    "did_you_mean",
    "hookimpl",
    "parse_byte_size",
    "parse_duration",
    "parse_url",
    "references",
    "setting",
]
