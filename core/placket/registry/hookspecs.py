"""The hooks through which a plugin registers what it offers.

A hook is a plain function that returns records; it is called once, right after the plugin was imported. No call
to a provider ever goes through a hook. The smallest plugin is one module with one hook, and one line in its
``pyproject.toml``::

    [project.entry-points.placket]
    acme = "placket_acme"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from ..record.vocabulary import VocabularyAddition
    from .types import CallObserver, Command, Exporter, ImageHostType, MergePolicyType, ProviderType

PROJECT = "placket"
"""The entry-point group, and pluggy's project name."""

hookspec = pluggy.HookspecMarker(PROJECT)

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as a hook; plugins write ``@placket.hookimpl``."""


@hookspec
def placket_provider_types() -> Iterable[ProviderType]:
    """Register kinds of provider that a configuration can name.

    Example::

        @placket.hookimpl
        def placket_provider_types():
            yield ProviderType(
                name="acme",
                title="Acme Tagging",
                settings=AcmeSettings,
                factory=AcmeTagger,
                interfaces=(GarmentTagger,),
                capabilities=Capabilities(operations={"garment_tagger.tag": Level.FULL}),
            )
    """
    return ()


@hookspec
def placket_image_hosts() -> Iterable[ImageHostType]:
    """Register places where an image can be published, for vendors that accept only a public URL.

    Example::

        @placket.hookimpl
        def placket_image_hosts():
            yield ImageHostType(name="acme-bucket", title="Acme bucket", settings=BucketSettings, factory=Bucket)
    """
    return ()


@hookspec
def placket_merge_policies() -> Iterable[MergePolicyType]:
    """Register ways in which the claims of one field become its value.

    Example::

        @placket.hookimpl
        def placket_merge_policies():
            yield MergePolicyType(name="acme-newest", title="The newest claim wins", policy=newest)
    """
    return ()


@hookspec
def placket_exporters() -> Iterable[Exporter]:
    """Register file formats in which records can be written; ``placket export`` does it, by the name of one.

    Example::

        @placket.hookimpl
        def placket_exporters():
            yield Exporter(
                name="acme-csv", title="Acme CSV", write=write_csv, media_type="text/csv", suffix=".csv"
            )
    """
    return ()


@hookspec
def placket_vocabulary() -> Iterable[VocabularyAddition]:
    """Register values that the canonical vocabulary lacks; their ids start with ``x:``.

    A word that has a meaning keeps it: a plugin whose values have an id, a label or an alias that is taken, by Placket
    or by another plugin, is broken.

    Example::

        @placket.hookimpl
        def placket_vocabulary():
            yield VocabularyAddition(attribute="color", id="x:cerulean", label="Cerulean", broader="blue")
    """
    return ()


@hookspec
def placket_commands() -> Iterable[Command]:
    """Register commands of the ``placket`` command line.

    ``load`` is called when the command is run, not before.

    Example::

        def load_sync():
            from .command_line import sync
            return sync

        @placket.hookimpl
        def placket_commands():
            yield Command(name="acme-sync", help="Copy every product to Acme.", load=load_sync)
    """
    return ()


@hookspec
def placket_call_observers() -> Iterable[CallObserver]:
    """Register who is told about every call to a provider: metrics, traces, an audit trail.

    Example::

        @placket.hookimpl
        def placket_call_observers():
            yield CallObserver(name="acme-metrics", finished=lambda attempt: seconds.observe(attempt.seconds))
    """
    return ()
