"""The vendor's pictures and films as media items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from placket.record import MediaItem

from . import wire

_SHORT_NAMES = {"jpg": "jpeg", "tif": "tiff", "svg": "svg+xml"}


def media_item(role: str, *given: Any, vendor_ref: str = "", generated: bool = False) -> MediaItem | None:
    """The first of ``given`` that names a picture: a media object of the vendor's, or an address.

    ``vendor_ref`` is the id under which the vendor takes orders about it, if that is not the media object's.
    """
    for one in given:
        details: Mapping[str, Any] = one if isinstance(one, dict) else {"url": one}
        url = details.get("url")
        if isinstance(url, str) and url.strip():
            return MediaItem(
                role,
                url=url.strip(),
                vendor_ref=vendor_ref or wire.text(details.get("id")),
                media_type=_media_type(details),
                width=wire.number(details.get("width")),
                height=wire.number(details.get("height")),
                alt=wire.text(details.get("alt_text")),
                dominant_color=wire.text(details.get("dominant_color")),
                generated=generated,
            )
    return None


def media_input(item: MediaItem) -> dict[str, Any]:
    """A media item that is on the web, as the vendor takes one."""
    said = {
        "url": item.url,
        "alt_text": item.alt,
        "dominant_color": item.dominant_color,
        "width": item.width,
        "height": item.height,
        "media_resource_id": item.vendor_ref,
    }
    return {key: value for key, value in said.items() if value not in (None, "")}


def _media_type(details: Mapping[str, Any]) -> str:
    extension = wire.text(details.get("extension")).removeprefix(".").lower()
    if not extension:
        return ""
    kind = "video" if wire.text(details.get("resource_type")).casefold() == "video" else "image"
    return f"{kind}/{_SHORT_NAMES.get(extension, extension)}"
