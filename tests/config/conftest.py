"""A configuration file to write, and a plugin's settings to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from attrs import frozen

from placket.interfaces import Capabilities, Findings, GarmentTagger
from placket.registry import ByteSize, Duration, ProviderType, Rate, Secret, Url, setting

VALID = """
[providers.acme]
plugin = "acme"
base_url = "https://api.acme.example/tagging"
api_key = { env = "ACME_API_KEY" }
domain = "shop.example.com"
rate_limit = "6/minute"

[providers.here]
plugin = "local"

[routes.garment_tagger]
strategy = "complete"
targets = ["here", "acme"]
min_confidence = 0.7
deadline = "60s"

[merge.fields.brand]
prefer = ["formerly", "acme"]
"""


class Tone(StrEnum):
    WARM = "warm"
    COLD = "cold"


@frozen(kw_only=True)
class Region:
    name: str = setting(doc="Its name.")
    size: int = setting(default=1, minimum=1, doc="Its size.")


@frozen(kw_only=True)
class AcmeSettings:
    api_key: Secret = setting(doc="The key from the dashboard.")
    base_url: Url = setting(default=Url("https://api.acme.example"), doc="Where the service is.")
    domain: str = setting(default="", doc="The shop's domain.")
    poll_every: Duration = setting(default=Duration(2.0), above=0, doc="The pause between two looks.")
    largest: ByteSize = setting(default=ByteSize(1000), doc="The largest upload.")
    burst: Rate | None = setting(default=None, doc="The burst rate.")
    tone: Tone = setting(default=Tone.WARM, doc="The tone.")
    mode: Literal["fast", "exact"] = setting(default="fast", doc="The mode.")
    folder: Path | None = setting(default=None, doc="A folder.")
    price: Decimal | None = setting(default=None, doc="A price.")
    regions: tuple[Region, ...] = setting(default=(), doc="Regions.")
    headers: Mapping[str, str | int] = setting(factory=dict, doc="Headers.")
    second_key: Secret | None = setting(default=None, doc="Another key.")


class AcmeTagger(GarmentTagger):
    async def tag(self, garment: object) -> Findings:
        return Findings()


@pytest.fixture
def acme() -> ProviderType:
    return ProviderType(
        name="acme",
        title="Acme",
        settings=AcmeSettings,
        factory=lambda settings, context: AcmeTagger(),
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(),
    )


@frozen(kw_only=True)
class LocalSettings:
    threads: int = setting(default=1, minimum=1, doc="Threads.")


@pytest.fixture
def local() -> ProviderType:
    return ProviderType(
        name="local",
        title="Local",
        settings=LocalSettings,
        factory=lambda settings, context: AcmeTagger(),
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(),
    )


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def make(text: str | bytes) -> Path:
        path = tmp_path / "placket.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make
