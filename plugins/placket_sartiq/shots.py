"""Shots, looks, generations and revisions as the vendor tells them.

What has an attribute goes there; all the rest is in ``details`` as it came: revisions with their pushes, outfits, set
designs, predictions with their refines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from placket.interfaces import Generation, Revision
from placket.record import Look, MediaItem, Shot

from . import wire
from .media import media_item


def shot_of(document: Mapping[str, Any]) -> Shot:
    """A shot with the picture of its current revision."""
    # The page has a schema of shot types and has lost where it belongs: a shot may name its type, or hold it.
    kind: Any = document.get("shot_type")
    is_whole = isinstance(kind, dict)
    return Shot(
        id=wire.text(document.get("id")),
        state=wire.text(document.get("status")),
        shot_type=wire.text(kind.get("name") if is_whole else kind),
        look=wire.text(document.get("shooting_look_id")),
        image=_current_image(document),
        details=wire.without(document, "id", "status", "shooting_look_id", *(() if is_whole else ("shot_type",))),
    )


def look_of(document: Mapping[str, Any]) -> Look:
    """A look, or the summary of one; its name is the name of its main product, as it has none of its own."""
    return Look(
        id=wire.text(document.get("id")),
        name=wire.text(document.get("product_name")),
        state=wire.text(document.get("status")),
        details=wire.without(document, "id", "product_name", "status"),
    )


def revisions_of(document: Mapping[str, Any]) -> tuple[Revision, ...]:
    """The revisions of a shot, the newest first."""
    found = sorted(_objects(document.get("revisions")), key=_age, reverse=True)
    return tuple(_revision(one, wire.text(document.get("id"))) for one in found)


def generation_of(document: Mapping[str, Any]) -> Generation:
    """A run of a model. The ``vendor_ref`` of a picture is what `ShootManager.select_shot` takes: the prediction."""
    return Generation(
        id=wire.text(document.get("id")),
        state=wire.text(document.get("status")),
        images=tuple(_predicted(document)),
        details=wire.without(document, "id", "status"),
    )


def _revision(document: Mapping[str, Any], shot: str) -> Revision:
    return Revision(
        id=wire.text(document.get("id")),
        shot=wire.text(document.get("shot_id")) or shot,
        state=wire.text(document.get("shot_revision_status")) or wire.text(document.get("shot_status")),
        images=tuple(_revised(document)),
        details=wire.without(document, "id", "shot_id"),
    )


def _revised(document: Mapping[str, Any]) -> Iterator[MediaItem]:
    for image in _objects(document.get("images")):
        name = wire.text(image.get("id"))
        for role, *given in (
            ("shot", image.get("image_media"), image.get("effective_image_url"), image.get("image_url")),
            ("sketch", image.get("sketch_image_media"), image.get("sketch_image_url")),
        ):
            if item := media_item(role, *given, vendor_ref=name, generated=role == "shot"):
                yield item


def _current_image(document: Mapping[str, Any]) -> MediaItem | None:
    revisions = sorted(_objects(document.get("revisions")), key=_age, reverse=True)
    current = [one for one in revisions if one.get("id") == document.get("current_revision_id")] or revisions[:1]
    for revision in current:
        shown = [item for item in _revised(revision) if item.role == "shot"]
        url = wire.text(revision.get("effective_image_url"))
        # The revision's own address may be of a refined picture that none of its images is.
        if not url or any(item.url == url for item in shown):
            return next((item for item in shown if item.url == url), shown[0] if shown else None)
        return media_item("shot", url, generated=True)
    return None


def _predicted(document: Mapping[str, Any]) -> Iterator[MediaItem]:
    for prediction in _objects(document.get("predictions")):
        name = wire.text(prediction.get("id"))
        made: list[tuple[str, str, tuple[Any, ...]]] = [
            ("shot", name, (prediction.get("result_image_media"), prediction.get("result_image_url"))),
            ("video", name, (prediction.get("result_video_media"), prediction.get("result_video_url"))),
        ]
        for refine in _objects(prediction.get("refines")):
            given = (refine.get("result_image_media"), refine.get("result_image_url"))
            made.append(("refined", wire.text(refine.get("id")), given))
        made.append(("refined", name, (prediction.get("refined_image_url"),)))
        seen = set()
        for role, owner, given in made:
            item = media_item(role, *given, vendor_ref=owner, generated=True)
            if item and item.url not in seen:
                seen.add(item.url)
                yield item


def _age(revision: Mapping[str, Any]) -> tuple[int, str]:
    return wire.number(revision.get("version")) or 0, wire.text(revision.get("created_at"))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
