"""``placket.toml``: read strictly into frozen classes, with secrets by reference."""

from .loading import default_config, examine_config, load_config, structure_settings
from .merging import merge_policy, merge_problems
from .model import (
    INTERFACE_ROUTES,
    STRATEGY_OPTIONS,
    Breaker,
    Budget,
    Config,
    EnrichConfig,
    FieldPolicy,
    HttpConfig,
    ImageHostConfig,
    ImagesConfig,
    JobsConfig,
    MergeConfig,
    ProviderConfig,
    Route,
    Strategy,
)
from .quotas import quota_rates
from .schema import config_schema

__all__ = [
    "INTERFACE_ROUTES",
    "STRATEGY_OPTIONS",
    "Breaker",
    "Budget",
    "Config",
    "EnrichConfig",
    "FieldPolicy",
    "HttpConfig",
    "ImageHostConfig",
    "ImagesConfig",
    "JobsConfig",
    "MergeConfig",
    "ProviderConfig",
    "Route",
    "Strategy",
    "config_schema",
    "default_config",
    "examine_config",
    "load_config",
    "merge_policy",
    "merge_problems",
    "quota_rates",
    "structure_settings",
]
