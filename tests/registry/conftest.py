"""Plugins that are really installed: packages on ``sys.path``, with the metadata that an installer would write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

Install = Callable[..., None]

TAGGER = """
import attrs
from attrs import frozen

import placket
from placket.interfaces import Capabilities, Findings, GarmentTagger, Level
from placket.registry import ProviderType


@frozen(kw_only=True)
class Settings:
    greeting: str = "hello"


class Tagger(GarmentTagger):
    def __init__(self, settings, context):
        self.settings = settings

    async def tag(self, garment):
        return Findings()


def provider_type(name, factory=Tagger):
    return ProviderType(
        name=name,
        title="Acme",
        settings=Settings,
        factory=factory,
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(operations={"garment_tagger.tag": Level.FULL}),
    )
"""


def tagger_module(*names: str) -> str:
    """The source of a plugin that registers provider types of these names."""
    listed = ", ".join(f"provider_type({name!r})" for name in names)
    return TAGGER + f"\n\n@placket.hookimpl\ndef placket_provider_types():\n    return [{listed}]\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme="source")``."""
    before = set(sys.modules)
    monkeypatch.delenv("PLACKET_PLUGINS", raising=False)

    def make(distribution: str, version: str, entry_points: dict[str, str], **modules: str) -> None:
        folder = tmp_path / distribution
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
        (info / "entry_points.txt").write_text(f"[placket]\n{lines}")
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(dedent(source))
        monkeypatch.syspath_prepend(str(folder))

    yield make
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def tagger() -> Callable[..., str]:
    """The source of a plugin with provider types of the given names."""
    return tagger_module
