"""``placket.toml``: read strictly into frozen classes, with secrets by reference."""

from .loading import default_config, load_config, structure_settings
from .model import (
    INTERFACE_ROUTES,
    STRATEGY_OPTIONS,
    Breaker,
    Budget,
    Config,
    FieldPolicy,
    HttpConfig,
    ImageHostConfig,
    ImagesConfig,
    MergeConfig,
    ProviderConfig,
    Route,
    Strategy,
)

__all__ = [
    "INTERFACE_ROUTES",
    "STRATEGY_OPTIONS",
    "Breaker",
    "Budget",
    "Config",
    "FieldPolicy",
    "HttpConfig",
    "ImageHostConfig",
    "ImagesConfig",
    "MergeConfig",
    "ProviderConfig",
    "Route",
    "Strategy",
    "default_config",
    "load_config",
    "structure_settings",
]
