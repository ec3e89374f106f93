"""Shots, looks and generations of a product, as far as the backend's `ShootManager` knows any."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from placket.errors import AllProvidersFailed, InvalidInput, NotFound, Unsupported
from placket.interfaces import Generation, LookScope, Product, Ref, Revision, ShootManager, SkuQuery
from placket.record import Look, MediaItem, Shot

from ..vendor import Ground
from .media import NAMESPACE, Media
from .shoot_schemas import SHOOT_SCHEMAS
from .words import said_of

Item = TypeVar("Item")

_MISSING = (Unsupported, NotFound, InvalidInput)

_RUNS = {"succeeded": "COMPLETED"}
"""The vendor's word for the state of a generation, where it is not the backend's in capitals."""


class Shoots:
    """What a backend says of shoots, in the vendor's shapes. A backend without shoots has none: every list is empty."""

    def __init__(self, ground: Ground, media: Media, owner: str) -> None:
        self._ground = ground
        self._media = media
        self._owner = owner

    @property
    def _manager(self) -> ShootManager:
        manager: ShootManager = self._ground.backend.shoot_manager
        return manager

    async def shots(
        self, product: Product, base_url: str, *, shot_type: str | None = None, status: str | None = None
    ) -> list[dict[str, Any]]:
        """The shots of a product with their revisions."""
        return [
            await self._shot(sku, shot, product, base_url)
            async for sku in self._skus(product)
            async for shot in _all(self._manager.list_shots(sku, shot_type))
            if status is None or _code(shot.state, "PENDING") == status.upper()
        ]

    async def looks(
        self, product: Product, base_url: str, scope: LookScope = LookScope.MAIN, *, summary: bool = False
    ) -> list[dict[str, Any]]:
        """The looks that a product is part of."""
        said, found = said_of(product), []
        async for sku in self._skus(product):
            async for look in _all(self._manager.list_looks(sku, scope, summary)):
                shots = [shot async for shot in _all(self._manager.list_shots(sku)) if shot.look == look.id]
                shown = [await self._shot(sku, shot, product, base_url) for shot in shots]
                make = _look_summary if summary else self._look
                found.append(make(look, product, said, shown))
        return found

    async def generations(self, product: Product, base_url: str) -> list[dict[str, Any]]:
        """The model runs for a product, the newest first."""
        return [
            await self._generation(generation, product, base_url)
            async for sku in self._skus(product)
            async for generation in _all(self._manager.list_generations(sku))
        ]

    async def select(self, product: Product, shot_type: str, picture: str | None) -> None:
        """Tell the backend what was chosen, where it knows of the product."""
        async for sku in self._skus(product):
            try:
                await self._manager.select_shot(sku, shot_type, picture)
            except (Unsupported, InvalidInput):
                return
            except AllProvidersFailed as error:
                if not isinstance(_cause(error), Unsupported | InvalidInput):
                    raise

    async def _skus(self, product: Product) -> AsyncIterator[Ref]:
        """The garments of shoots that are this product: those with its SKU."""
        sku = said_of(product)["sku"]
        if sku:
            async for found in _all(self._manager.list_skus(SkuQuery(sku=sku))):
                yield found.ref

    async def _shot(self, sku: Ref, shot: Shot, product: Product, base_url: str) -> dict[str, Any]:
        shot_id = _id(shot.id)
        try:
            revisions: Sequence[Revision] = await self._manager.revisions(sku, shot.id)
        except _MISSING:
            revisions = ()
        except AllProvidersFailed as error:
            if not isinstance(_cause(error), _MISSING):
                raise
            revisions = ()
        count = len(revisions)
        shown = [
            await self._revision(revision, shot_id, count - place, product, base_url)
            for place, revision in enumerate(revisions)
        ]
        for newer, older in itertools.pairwise(shown):
            newer["previous_revision_id"] = older["id"]
        return {
            "id": shot_id,
            "shooting_look_id": _id(shot.look) if shot.look else None,
            "shot_type": _shot_type(shot.shot_type, product) if shot.shot_type else None,
            "pose_preset_id": None,
            "rework_available": 0,
            "rework_used": max(count - 1, 0),
            "status": _code(shot.state, "PENDING"),
            "current_revision_id": shown[0]["id"] if shown else None,
            "revisions": shown,
            **_times(product),
        }

    async def _revision(
        self, revision: Revision, shot_id: str, version: int, product: Product, base_url: str
    ) -> dict[str, Any]:
        revision_id = _id(revision.id)
        images = [await self._image(item, revision_id, product, base_url) for item in revision.images]
        return {
            **_nulls("ShotRevisionPublic"),
            "id": revision_id,
            "shot_id": shot_id,
            "version": version,
            "notes": revision.details.get("note") or None,
            "shot_status": _code(revision.state, "PENDING"),
            "owner_id": self._owner,
            "images": images,
            "display_name": f"V{version}",
            "effective_image_url": images[0]["effective_image_url"] if images else None,
            "push_records": [],
            **_times(product),
        }

    async def _image(self, item: MediaItem, revision_id: str, product: Product, base_url: str) -> dict[str, Any]:
        url, media = await self._picture(item, base_url)
        return {
            **_nulls("ShotRevisionImagePublic"),
            "id": _id(f"{revision_id}/{item.identity}"),
            "shot_revision_id": revision_id,
            "source_type": "PREDICTION",
            "image_url": url,
            "image_media": media,
            "autogenerated": True,
            "effective_image_url": url,
            **_times(product),
        }

    async def _picture(self, item: MediaItem, base_url: str) -> tuple[str | None, dict[str, Any] | None]:
        if item.sha256:
            media = await self._media.shown_of(item.sha256, item.path, base_url)
            if media is not None:
                return media["url"], media
        return item.url or None, None

    def _look(
        self, look: Look, product: Product, said: Mapping[str, Any], shots: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        return {
            **_nulls("ShootingLookPublic"),
            **_look_head(look, product, said),
            "file_format": "PNG",
            "pose_presets": [],
            "shots": list(shots),
            "outfit_proposals": [],
            "outfit_ref_imgs_urls": [],
            "outfit_product_ids": [],
        }

    async def _generation(self, generation: Generation, product: Product, base_url: str) -> dict[str, Any]:
        generation_id = _id(generation.id)
        predictions = []
        for item in generation.images:
            url, media = await self._picture(item, base_url)
            predictions.append(
                {
                    **_nulls("PredictionPublic"),
                    "id": _id(item.vendor_ref or item.identity),
                    "seed": 0,
                    "status": "completed",
                    "result_image_url": url,
                    "favourite": False,
                    "generation_id": generation_id,
                    "refines": [],
                    "result_image_media": media,
                    **_times(product),
                }
            )
        return {
            **_nulls("GenerationPublic"),
            "id": generation_id,
            "batch_size": len(predictions),
            "status": _RUNS.get(generation.state) or _code(generation.state, "PENDING"),
            "product_id": product.ref.id,
            "owner_id": self._owner,
            "predictions": predictions,
            **dict.fromkeys(("width", "height", "steps", "seed"), 0),
            **dict.fromkeys(("refine", "revised", "autogenerated"), False),
            **dict.fromkeys((f"has_{one}_lora" for one in ("subject", "product", "product2", "style")), False),
            **dict.fromkeys((f"{one}_lora_weight" for one in ("product", "subject", "product2")), 0.0),
            "generation_type": "BASE",
            "generation_strategy": "GENERATE",
            "reference_images_paths": [],
            **_times(product),
        }


def _nulls(schema: str) -> dict[str, None]:
    """The keys of a schema that may be null, each with null: what nobody here knows."""
    properties: Mapping[str, Any] = SHOOT_SCHEMAS[schema]["properties"]
    return dict.fromkeys(name for name, each in properties.items() if "anyOf" in each)


def _look_head(look: Look, product: Product, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(look.id),
        "shooting_id": _id(f"shooting/{product.ref.provider}"),
        "product_id": product.ref.id,
        "product_name": said["name"],
        "product_sku": said["sku"],
        "product_cover_image_url": None,
        "status": _code(look.state, "DRAFT"),
        "shot_status": None,
        "assignee_id": None,
        "assignee": None,
        **_times(product),
    }


def _look_summary(
    look: Look, product: Product, said: Mapping[str, Any], shots: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    shown = [
        {"push_status": None, **{name: shot[name] for name in ("id", "shot_type", "status", "current_revision_id")}}
        for shot in shots
    ]
    return {
        **_look_head(look, product, said),
        "outfit_products_count": 0,
        "outfit_generation_status": None,
        "shots": shown,
    }


def _shot_type(name: str, product: Product) -> dict[str, Any]:
    return {
        "id": _id(f"shot-type/{name}"),
        "name": name,
        "framing": _code(name, "FULL_BODY"),
        "view_angle": "BACK" if "back" in name.lower() else "FRONT",
        "core_focus": False,
        "public": True,
        **_times(product),
    }


def _times(product: Product) -> dict[str, Any]:
    said = said_of(product)
    return {"created_at": said["created_at"], "updated_at": said["updated_at"]}


def _id(text: str) -> str:
    """The id, where it is a UUID as the vendor's are; else one that follows from it."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, text))


def _code(word: str, default: str) -> str:
    return word.upper().replace("-", "_").replace(" ", "_") or default


async def _all(listing: AsyncIterator[Item]) -> AsyncIterator[Item]:
    """What a list brings; nothing where the backend has no such list."""
    try:
        async for item in listing:
            yield item
    except _MISSING:
        return
    except AllProvidersFailed as error:
        if not isinstance(_cause(error), _MISSING):
            raise


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, AllProvidersFailed) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
