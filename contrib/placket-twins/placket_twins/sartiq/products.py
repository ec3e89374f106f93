"""What clients do to products: make, change, move, put away and remove them, and what they are told."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from placket.errors import NotFound
from placket.interfaces import GarmentImage, Image, Product, ProductChanges, ProductDraft
from placket.record import MediaItem

from ..refusal import Problem, Refusal
from ..routes import Asked
from ..vendor import Ground
from .media import NAMESPACE, Media
from .quirks import SartiqQuirks
from .settings import SartiqSettings
from .shelf import Shelf, organization_of
from .words import fields_of, media_of, said_of

ROLES: Mapping[str, str] = {
    "cover_image": "front",
    "back_image": "back",
    "reference_images": "reference",
    "data_images": "data",
}
"""The keys of pictures, and their roles in the record."""

_SEVERAL = ("reference_images", "data_images")
_GENDERS = ("MALE", "FEMALE", "UNISEX")


class Products:
    """The products of the twin's one account."""

    def __init__(
        self, ground: Ground, settings: SartiqSettings, quirks: SartiqQuirks, shelf: Shelf, media: Media
    ) -> None:
        self._ground = ground
        self._settings = settings
        self._quirks = quirks
        self._shelf = shelf
        self._media = media
        self.owner = owner_of(settings)

    async def create(self, asked: Asked) -> Product:
        """Make a product."""
        body: Mapping[str, Any] = asked.body
        self._check_codes(body)
        organization = self.organization(body.get("organization_id") or asked.query.get("organization_id"))
        fields = {name: value for name, value in fields_of(body).items() if value is not None}
        fields["gender"] = body.get("gender") or "UNISEX"
        fields["access.owner_id"] = self.owner
        fields["visibility.filler"] = self._is_filler(body)
        if organization is not None:
            fields["access.organization_id"] = organization
        if asked.query["sync_captioning"] and "descriptions.short" not in fields:
            fields |= self._caption(body)
        images = [each for key in ROLES for each in await self._images(asked, key)]
        product = await self._shelf.store.create(ProductDraft(fields, tuple(images), asked.query["mode"] == "complete"))
        await self._shelf.belongs(product.ref, organization)
        self._shelf.changed()
        if not asked.query["sync_captioning"] and "descriptions.short" not in fields and self._caption(body):
            await self._ground.works.start("caption", {"product": str(product.ref)}, path=asked.request.path)
        return product

    async def update(self, asked: Asked) -> Product:
        """Change what the body names."""
        product = await self.get(asked)
        body = dict(asked.body)
        self._check_codes(body)
        for key in ("name", "gender", "public", "is_filler"):
            # These are never null in an answer; what null would mean for them nobody says.
            if key in body and body[key] is None:
                del body[key]
        if self._quirks.null_on_update == "ignored":
            body = {key: value for key, value in body.items() if value is not None or key == "organization_id"}
        fields = fields_of(body, known=said_of(product))
        organization = organization_of(product)
        if "organization_id" in body:
            organization = self.organization(body["organization_id"])
            fields["access.organization_id"] = organization
        images = await self._changed_images(asked, product, body)
        if fields or images is not None:
            product = await self._shelf.store.update(product.ref, ProductChanges(fields, images))
            await self._shelf.belongs(product.ref, organization)
            self._shelf.changed()
        return product

    async def archive(self, asked: Asked) -> Product:
        """Put a product away, or take it out again."""
        product = await self.get(asked)
        archived = await self._shelf.store.archive(product.ref, asked.query["archived"])
        self._shelf.changed()
        return archived

    async def delete(self, asked: Asked) -> Product:
        """Remove a product; gives what it was."""
        product = await self.get(asked)
        await self._shelf.store.delete(product.ref)
        await self._shelf.belongs(product.ref, None)
        await self._ground.state.take("selected", product.ref.id)
        self._shelf.changed()
        return product

    async def get(self, asked: Asked) -> Product:
        """The product that the path names; raises Refusal when the account may not see it."""
        try:
            product = await self._shelf.get(str(asked.path.get("id") or asked.path["product_id"]))
        except NotFound:
            raise Refusal(404, "Product not found") from None
        wanted = asked.query.get("organization_id")
        owner = organization_of(product)
        if wanted is not None and self.organization(wanted) != owner:
            raise Refusal(404, "Product not found")
        if owner is not None and owner not in self._settings.organizations:
            raise Refusal(403, "Not enough permissions")
        return product

    async def caption(self, product: Product) -> None:
        """Write the description that was promised."""
        said = said_of(product)
        if not said["description"] and (fields := self._caption(said)):
            await self._shelf.store.update(product.ref, ProductChanges(fields))
            self._shelf.changed()

    async def public(self, product: Product, base_url: str) -> dict[str, Any]:
        """The product as ``ProductPublic``."""
        said = self._said(product)
        pictures = [(item, *await self._shown(item, base_url)) for item in media_of(product)]
        cover, back = _first(pictures, "front"), _first(pictures, "back")
        references = [each for each in pictures if each[0].role not in ("front", "back", "data")]
        with_media = self._quirks.media == "present"
        return {
            **said,
            "product_family": "apparel" if said["product_type"] else None,
            "placement": None,
            "zone": None,
            "cover_image_url": cover[1] if cover else None,
            "back_image_url": back[1] if back else None,
            "reference_images": [url for _, url, _ in references],
            "cover_image_media": cover[2] if cover and with_media else None,
            "back_image_media": back[2] if back and with_media else None,
            "reference_images_media": [each for _, _, each in references if each] if with_media else None,
            "data_image_urls": [url for item, url, _ in pictures if item.role == "data"],
            "shot_status_shooting_look_id": None,
            "integration_name": None,
            "exports_completed": None,
            "exports_total": None,
            "shots": [],
        }

    async def whole(self, product: Product, base_url: str) -> dict[str, Any]:
        """The product as ``Product``: what is chosen of its shots, without media, shots and type."""
        public = await self.public(product, base_url)
        left_out = (
            *("product_family", "product_type", "placement", "zone", "shot_status", "shot_status_shooting_look_id"),
            *("cover_image_media", "back_image_media", "reference_images_media", "data_image_urls", "shots"),
            *("integration_name", "exports_completed", "exports_total"),
        )
        for name in left_out:
            del public[name]
        chosen = await self._ground.state.get("selected", product.ref.id)
        return {
            **public,
            "caption_task_id": None,
            "caption_status": None,
            "caption_retry_count": 0,
            "selected_shots": chosen or {},
        }

    def _said(self, product: Product) -> dict[str, Any]:
        said = said_of(product)
        said["id"] = product.ref.id
        # A product that was not made through the twin belongs to the twin's account.
        said["owner_id"] = _uuid_of(said["owner_id"]) or self.owner
        said["organization_id"] = _uuid_of(said["organization_id"])
        said["product_type_id"] = said["product_type_id"] or (
            str(uuid.uuid5(NAMESPACE, said["product_type"])) if said["product_type"] else None
        )
        said["created_at"] = said["created_at"] or said["updated_at"] or "1970-01-01T00:00:00.000Z"
        said["updated_at"] = said["updated_at"] or said["created_at"]
        return said

    async def _shown(self, item: MediaItem, base_url: str) -> tuple[str, dict[str, Any] | None]:
        if item.sha256:
            shown = await self._media.shown_of(item.sha256, item.path, base_url)
            if shown is not None:
                return shown["url"], shown
        return item.url, None

    async def _images(self, asked: Asked, key: str) -> list[GarmentImage]:
        given = asked.body.get(key)
        if not given:
            return []
        several: Sequence[Any] = given if key in _SEVERAL else [given]
        images = []
        for place, one in enumerate(several):
            where = ("body", key, place) if key in _SEVERAL else ("body", key)
            images.append(GarmentImage(await self._media.image(one, where, asked.base_url), ROLES[key]))
        return images

    async def _changed_images(
        self, asked: Asked, product: Product, body: Mapping[str, Any]
    ) -> tuple[GarmentImage, ...] | None:
        named = {role: key for key, role in ROLES.items() if key in body}
        if not named:
            return None
        kept = [await self._kept(item) for item in media_of(product) if item.role not in named]
        new = [each for key in named.values() for each in await self._images(asked, key)]
        order = list(ROLES.values())
        images = [each for each in (*kept, *new) if each is not None]
        return tuple(sorted(images, key=lambda each: order.index(each.role) if each.role in order else len(order)))

    async def _kept(self, item: MediaItem) -> GarmentImage | None:
        path = Path(item.path) if item.path else None
        if path is not None and await asyncio.to_thread(path.exists):
            return GarmentImage(Image.of(path), item.role)
        return GarmentImage(Image.of(item.url), item.role) if item.url else None

    def organization(self, organization: str | None) -> str | None:
        """The organisation, when the account belongs to it; raises Refusal."""
        if organization is not None and organization not in self._settings.organizations:
            raise Refusal(403, "Not enough permissions")
        return organization

    def _check_codes(self, body: Mapping[str, Any]) -> None:
        given = body.get("gender")
        if self._quirks.unknown_code == "refused" and given is not None and given not in _GENDERS:
            message = "Input should be " + " or ".join(map(repr, _GENDERS))
            raise Refusal(422, message, problems=[Problem(("body", "gender"), message, "enum", given)])

    def _is_filler(self, body: Mapping[str, Any]) -> bool:
        said = body.get("is_filler")
        if said is not None:
            return bool(said)
        return (body.get("sku") or "").upper().startswith(self._quirks.filler_prefix.upper() or "\0")

    def _caption(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if self._quirks.captions == "none":
            return {}
        words = [body.get(key) for key in ("colour", "pattern", "name", "materials")]
        return {"descriptions.short": ", ".join(str(word) for word in words if word)}

    async def select(self, asked: Asked) -> Product:
        """Choose the picture that counts for a type of shot; null takes the choice back."""
        product = await self.get(asked)
        body = asked.body
        if uuid.UUID(body["product_id"]) != uuid.UUID(product.ref.id):
            message = "product_id is not the one of the path"
            raise Refusal(422, message, problems=[Problem(("body", "product_id"), message, "value_error")])
        chosen = body.get("prediction_id")

        def change(known: Any) -> Any:
            others = {name: each for name, each in (known or {}).items() if name != body["shot_type"]}
            return {**others, body["shot_type"]: chosen} if chosen else others

        await self._ground.state.change("selected", product.ref.id, change)
        return product


def owner_of(settings: SartiqSettings) -> str:
    """The id of the account."""
    return str(uuid.uuid5(NAMESPACE, settings.username))


@lru_cache(1024)
def _uuid_of(text: Any) -> str | None:
    try:
        return str(uuid.UUID(text))
    except (ValueError, TypeError, AttributeError):
        return None


def _first(pictures: Sequence[tuple[MediaItem, str, Any]], role: str) -> tuple[MediaItem, str, Any] | None:
    return next((each for each in pictures if each[0].role == role), None)
