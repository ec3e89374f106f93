"""Five vendors as twins on this machine, and the configuration that leads to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from attrs import frozen

from ..serve import Served, Wanted, serving, vendors_of
from ..serving import LoopbackSite
from ..toml_text import toml_text

LINEAGE = "placket-local"
"""The twins look with the embedded provider: it is the same model under other names, and must not count as a second or
third opinion."""

CONFIG = "placket.toml"
SECRETS = "secrets"

PHASE = 0.3
"""Seconds that a garment waits at Aistetic's twin, and again that it is worked on."""

_HEAD = """\
# Written by `placket demo`. Its vendors are twins on this machine, which listen while `placket demo --stay` runs.
# Then, in another terminal and in the folder of this file:
#
#   placket --config placket.toml providers
#   placket --config placket.toml tag PHOTO

"""


@frozen
class Vendors:
    """The twins, once they listen. ``config`` is where their configuration stands, ``briefs`` where briefs are made.

    ``settings`` is what the configuration says; it holds no secret, but the names of files that do.
    """

    config: Path
    settings: Mapping[str, Any]
    briefs: str


@asynccontextmanager
async def vendors(folder: Path, state: Path, seconds_a_look: float) -> AsyncIterator[Vendors]:
    """Start all twins, and write their configuration into ``folder``; what they keep is in ``state``.

    ``seconds_a_look`` is how long the embedded provider took for one look at the picture. Raises OSError when the
    folder cannot be written.
    """
    pictures = state / "pictures"
    pictures.mkdir()
    app = web.Application()
    app.router.add_static("/", pictures)
    site = LoopbackSite(app)
    async with AsyncExitStack() as opened:
        await site.start()
        opened.push_async_callback(site.stop)
        wanted = Wanted(
            vendors=vendors_of(["all"]),
            port=0,
            state=state / "twins",
            trusted_hosts=(site.authority,),
            # A report cannot log in to see a picture.
            quirks=("autoretouch.result_login=open",),
            settings=(f"aistetic.queuing={PHASE}", f"aistetic.processing={PHASE}"),
        )
        served = {each.vendor: each for each in await opened.enter_async_context(serving(wanted))}
        settings = configuration(served, latency_of(seconds_a_look))
        settings["images"] = {
            "host": {"plugin": "local:directory", "folder": str(pictures), "base_url": f"http://{site.authority}"}
        }
        _write_secrets(folder / SECRETS, served)
        config = folder / CONFIG
        config.write_text(_HEAD + toml_text(settings), "utf-8")
        yield Vendors(config, settings, f"{served['autoretouch'].root}/_twin/briefs")


def latency_of(seconds_a_look: float) -> float:
    """How long Aistetic's twin will take, when three providers look at the picture at the same time.

    A query that comes too early costs ten seconds more, the pause that this vendor's rate limit asks for.
    """
    return 2 * PHASE + 0.7 + 1.2 * seconds_a_look


def configuration(served: Mapping[str, Served], aistetic_latency: float) -> dict[str, Any]:
    """The configuration of the demo, as it stands in ``placket.toml``; the latency is in seconds."""
    credentials = {vendor: each.credentials for vendor, each in served.items()}
    return {
        "providers": {
            "here": {"plugin": "local"},
            "aistetic": {
                "plugin": "aistetic",
                "base_url": served["aistetic"].url,
                "api_key": _secret("aistetic-api-key"),
                "domain": credentials["aistetic"]["DOMAIN"],
                "lineage": LINEAGE,
                "typical_latency": f"{aistetic_latency * 1000:.0f}ms",
            },
            "threadgenius": {
                "plugin": "threadgenius",
                "base_url": served["threadgenius"].url,
                "api_key": _secret("threadgenius-api-key"),
                "api_secret": _secret("threadgenius-api-secret"),
                "lineage": LINEAGE,
                "poll_interval": "1s",
            },
            "sartiq": {
                "plugin": "sartiq",
                "base_url": served["sartiq"].url,
                "username": credentials["sartiq"]["username"],
                "password": _secret("sartiq-password"),
            },
            "autoretouch": {
                "plugin": "autoretouch",
                "base_url": served["autoretouch"].url,
                "auth_url": served["autoretouch"].root,
                "client_id": credentials["autoretouch"]["client_id"],
                "refresh_token": _secret("autoretouch-refresh-token"),
            },
            "pictofit": {
                "plugin": "pictofit",
                "base_url": served["pictofit"].url,
                "customer_id": credentials["pictofit"]["customer id"],
                "api_key": _secret("pictofit-api-key"),
            },
        },
        "routes": {
            "garment_tagger": {
                "strategy": "all",
                "targets": ["here", "aistetic", "threadgenius"],
                "deadline": "60s",
            },
            "visual_search": {"targets": ["threadgenius"]},
            "product_store": {"targets": ["sartiq"]},
            "shoot_manager": {"targets": ["autoretouch"]},
            "ar_content_builder": {"targets": ["pictofit"]},
        },
    }


_CREDENTIALS: Mapping[str, tuple[str, str]] = {
    "aistetic-api-key": ("aistetic", "API-KEY"),
    "threadgenius-api-key": ("threadgenius", "api_key"),
    "threadgenius-api-secret": ("threadgenius", "api_secret"),
    "sartiq-password": ("sartiq", "password"),
    "autoretouch-refresh-token": ("autoretouch", "refresh token"),
    "pictofit-api-key": ("pictofit", "API key"),
}
"""Each secret's file, and where it comes from: the vendor, and the name that the vendor gives it."""


def _secret(name: str) -> dict[str, str]:
    return {"file": f"{SECRETS}/{name}"}


def _write_secrets(folder: Path, served: Mapping[str, Served]) -> None:
    folder.mkdir(exist_ok=True)
    for name, (vendor, credential) in _CREDENTIALS.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(served[vendor].credentials[credential] + "\n", "utf-8")
