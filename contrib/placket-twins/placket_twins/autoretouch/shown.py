"""What the autoRetouch twin answers about what it holds. The page shows no answer; the vendor's other pages do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .briefs import COMPLETED, Result
from .quirks import AutoretouchQuirks
from .skus import Sku
from .uploads import Uploads

IMAGES = "/image"
"""Where pictures are that were made: ``/image/{content hash}/{name}``, with ``/v1`` before it or without."""

_TOTALS: Mapping[str, str] = {"data": "count", "content": "totalElements"}


class Shown:
    """The vendor's objects, as the quirks have them."""

    def __init__(self, quirks: AutoretouchQuirks, uploads: Uploads) -> None:
        self._quirks = quirks
        self._uploads = uploads

    def listed(self, total: int, items: Sequence[Mapping[str, Any]]) -> Any:
        """A list, in its envelope."""
        shape = self._quirks.list_shape
        if shape == "bare":
            return list(items)
        return {shape: list(items), _TOTALS.get(shape, "total"): total}

    def sku(self, sku: Sku) -> dict[str, Any]:
        """A SKU."""
        shown = {
            self._quirks.id_name: self.sku_id(sku),
            "name": sku.name,
            "frontImage": sku.front_image,
            "backImage": sku.back_image,
            "gender": sku.gender,
            "isInWardrobe": sku.is_in_wardrobe,
            "projectIds": list(sku.project_ids),
            "skuCategoryName": sku.category,
            "createdAt": sku.created_at,
            "updatedAt": sku.updated_at,
        }
        if self._quirks.absent == "null":
            return shown
        return {name: value for name, value in shown.items() if value is not None}

    def created(self, sku: Sku) -> dict[str, Any]:
        """What answers a new SKU."""
        if self._quirks.created == "id":
            return {self._quirks.id_name: self.sku_id(sku)}
        return {"sku": self.sku(sku)} if self._quirks.created == "wrapped" else self.sku(sku)

    def sku_id(self, sku: Sku) -> str | int:
        """The id of a SKU."""
        return sku.number if self._quirks.id_type == "number" else sku.id

    def result(self, result: Result, sku_id: str | int, base_url: str) -> dict[str, Any]:
        """A result of a brief."""
        shown = {
            "id": result.id,
            "briefId": result.brief_id,
            "skuId": sku_id,
            "status": result.status,
            "type": result.shot_type,
            "createdAt": result.created_at,
        }
        if result.finished_at is not None:
            shown["finishedAt"] = result.finished_at
        if result.reason:
            shown["errorMessage"] = result.reason
        if result.status == COMPLETED:
            shown |= self._picture(result, base_url)
        return shown

    def _picture(self, result: Result, base_url: str) -> dict[str, Any]:
        suffix = result.media_type.rpartition("/")[2] or "bin"
        path = f"{IMAGES}/{result.sha256}/{result.id}.{suffix}"
        where = {
            "imageUrl": f"{base_url}{self._prefix}{path}",
            "resultUrl": f"{base_url}{self._prefix}{path}",
            "resultPath": path,
        }
        named = {
            "resultContentHash": self._uploads.shown(result.sha256),
            "resultContentType": result.media_type,
        }
        address = self._quirks.result_address
        return named if address == "content-hash" else {address: where[address], **named}

    @property
    def _prefix(self) -> str:
        return "" if self._quirks.result_prefix == "none" else "/v1"
