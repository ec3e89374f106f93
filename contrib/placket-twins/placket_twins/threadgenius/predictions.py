"""Predictions of v1: one picture is answered at once, several are queued. All are kept for three days."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from placket.errors import InvalidInput
from placket.interfaces import Garment, GarmentImage, Image

from ..refusal import Refusal
from ..vendor import Ground
from ..works import FAILED, RUNNING, Progress, Work
from .catalog_file import is_address
from .pictures import from_base64, picture_of
from .shelf import Crop
from .words import tags_of

LIFETIME = 3 * 24 * 3600.0
"""Seconds after which a prediction is gone."""

PAGE = 50

Kind = Literal["tag", "detect"]


class Predictions:
    """The predictions of one kind."""

    def __init__(self, ground: Ground, kind: Kind) -> None:
        self._ground = ground
        self._kind = kind
        self._stored = f"prediction.{kind}"

    def start(self) -> None:
        """Name who looks at queued pictures."""
        self._ground.works.on(self._stored, self._look)

    async def predict(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Look at one picture, and keep what was seen."""
        data = await self._seen(said)
        gid = await self._put(data)
        return _shown(gid, "done", data)

    async def enqueue(self, images: Sequence[Mapping[str, Any]], path: str) -> list[dict[str, Any]]:
        """Let pictures be looked at in the background."""
        for said in images:
            check_image(said)
        queued = []
        for said in images:
            gid = await self._put(None)
            await self._ground.works.start(self._stored, dict(said), work_id=gid, path=path)
            queued.append(_shown(gid, "queued"))
        return queued

    async def find(self, gid: str) -> dict[str, Any]:
        """One prediction; raises Refusal (404) for one that is gone."""
        body = await self._ground.state.get(self._stored, gid)
        if body is None or self._is_gone(body):
            raise Refusal(404, "Prediction not found.")
        return await self._view(gid, body)

    async def page(self, next_key: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """The predictions of the last three days, the newest first, and the key of the next page."""
        skip = read_key(next_key)
        found = await self._ground.state.list(self._stored, newest_first=True, skip=skip, limit=PAGE + 1)
        shown = [await self._view(each.id, each.body) for each in found[:PAGE] if not self._is_gone(each.body)]
        return shown, str(skip + PAGE) if len(found) > PAGE else None

    async def _put(self, data: Any) -> str:
        for each in await self._ground.state.sweep(self._stored, self._is_gone):
            await self._ground.works.forget(each.id)
        gid = f"prediction_{secrets.token_hex(15)}"
        await self._ground.state.put(self._stored, gid, {"created_at": self._now(), "data": data})
        return gid

    async def _view(self, gid: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if body["data"] is not None:
            return _shown(gid, "done", body["data"])
        work = await self._ground.works.get(gid)
        if work is None or work.state == FAILED:
            return _shown(gid, f"failed: {work.error if work else 'it was lost'}")
        if work.result is not None:
            return _shown(gid, "done", work.result)
        return _shown(gid, "processing" if work.state == RUNNING else "queued")

    async def _look(self, work: Work, progress: Progress) -> Any:  # noqa: ARG002 - one picture
        try:
            return await self._seen(work.request)
        except Refusal as refusal:
            raise InvalidInput(refusal.message) from refusal

    async def _seen(self, said: Mapping[str, Any]) -> dict[str, Any]:
        image = await image_of(self._ground, said)
        if self._kind == "tag":
            garment = Garment(secrets.token_hex(8), (GarmentImage(image),))
            tags = tags_of(await self._ground.backend.garment_tagger.tag(garment))
            return {"tags": [{"name": tag.name, "confidence": tag.confidence} for tag in tags]}
        found = await self._ground.backend.visual_search.detect(image)
        return {"detections": [{"bbox": _uncropped(one.box, crop_of(said))} for one in found]}

    def _is_gone(self, body: Mapping[str, Any]) -> bool:
        return bool(body["created_at"] + LIFETIME <= self._now())

    def _now(self) -> float:
        return self._ground.clock.now().timestamp()


def check_image(said: Mapping[str, Any]) -> None:
    """Raise Refusal (400) for an image input that cannot be right."""
    if bool(said.get("url")) is bool(said.get("base64")):
        raise Refusal(400, "An image is either url or base64.")
    if said.get("base64"):
        from_base64(said["base64"])
    elif not is_address(said["url"]):
        raise Refusal(400, "image.url must be an http or https address.")
    crop_of(said)


def crop_of(said: Mapping[str, Any]) -> Crop | None:
    """The part of the picture that counts, None for all of it; raises Refusal (400) for an empty one."""
    crop = said.get("crop")
    if crop is None:
        return None
    x1, y1, x2, y2 = map(float, crop)
    if x1 >= x2 or y1 >= y2:
        raise Refusal(400, "image.crop is [x1, y1, x2, y2] with x1 < x2 and y1 < y2.")
    return None if (x1, y1, x2, y2) == (0.0, 0.0, 1.0, 1.0) else (x1, y1, x2, y2)


async def image_of(ground: Ground, said: Mapping[str, Any]) -> Image:
    """The picture of an image input."""
    check_image(said)
    data = None if said.get("url") else from_base64(said["base64"])
    return await picture_of(ground.fetcher, url=said.get("url", ""), data=data, crop=crop_of(said))


def read_key(next_key: str | None) -> int:
    """The place that a page's key means; raises Refusal (400) for a key that nobody gave out."""
    if not next_key:
        return 0
    if not (next_key.isascii() and next_key.isdigit() and len(next_key) <= 15):
        raise Refusal(400, "next_key is not valid.")
    return int(next_key)


def _uncropped(box: Crop, crop: Crop | None) -> list[float]:
    """A box in the cropped picture, as fractions of the whole one."""
    if crop is None:
        return list(box)
    wide, high = crop[2] - crop[0], crop[3] - crop[1]
    x1, y1, x2, y2 = box
    return [crop[0] + x1 * wide, crop[1] + y1 * high, crop[0] + x2 * wide, crop[1] + y2 * high]


def _shown(gid: str, status: str, data: Any = None) -> dict[str, Any]:
    shown: dict[str, Any] = {"gid": gid, "status": {"description": status}}
    if data is not None:
        shown["data"] = data
    return shown
