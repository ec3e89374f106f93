"""The one table of a product's keys: which record field each fills, how it is read, and whether it can be written.

A key that is not listed is kept under ``extra.sartiq``, as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from attrs import frozen

VENDOR = "sartiq"


class Kind(Enum):
    """What a key's value is. `translation` reads each kind, `draft` writes those that can be written."""

    TEXT = auto()
    WORD = auto()
    """A word of the vocabulary, or several where the field has several."""
    CODE = auto()
    """The same, written in capitals: an enumeration of the vendor's."""
    LENGTH = auto()
    """A word whose meaning depends on the category: "long" trousers are other than a "long" top."""
    SLEEVE = auto()
    """A sleeve's length, or its shape."""
    CATEGORY = auto()
    """The name of the product type."""
    CATEGORY_TEXT = auto()
    """A free text that counts as a category where the product type is not known."""
    COLOUR = auto()
    MATERIALS = auto()
    SEASON = auto()
    YEAR = auto()
    """The year of the season."""
    CAPTION = auto()
    """A text that the vendor's model may have written."""
    FLAG = auto()
    TIME = auto()
    SHOTS = auto()
    SELECTED = auto()
    RAW = auto()


@frozen
class Row:
    """How one key is read and written.

    ``also`` are further record fields that can fill it where ``field`` is not given. ``sent`` False: the vendor alone
    sets it.
    """

    kind: Kind
    field: str
    also: tuple[str, ...] = ()
    sent: bool = True


def _server(kind: Kind, field: str) -> Row:
    return Row(kind, field, sent=False)


PRODUCT: Mapping[str, Row] = {
    "id": _server(Kind.TEXT, f"external_ids.{VENDOR}"),
    "sku": Row(Kind.TEXT, "sku"),
    "name": Row(Kind.TEXT, "name"),
    "brand": Row(Kind.TEXT, "brand"),
    "master_item_code": Row(Kind.TEXT, "master_code"),
    "style_code": Row(Kind.TEXT, "style_code"),
    "brand_collection": Row(Kind.TEXT, "collection"),
    "theme": Row(Kind.TEXT, "theme"),
    "season": Row(Kind.SEASON, "season"),
    "year": Row(Kind.YEAR, "season"),
    "in_store_date": Row(Kind.TIME, "in_store_date"),
    "product_type": _server(Kind.CATEGORY, "category"),
    "product_type_id": Row(Kind.RAW, f"extra.{VENDOR}.product_type_id"),
    "product_family": _server(Kind.TEXT, "category_text.family"),
    "type": Row(Kind.CATEGORY_TEXT, "category_text.type"),
    "category": Row(Kind.CATEGORY_TEXT, "category_text.category", also=("category",)),
    "gender": Row(Kind.CODE, "gender"),
    "age_class": Row(Kind.CODE, "age_group"),
    "colour": Row(Kind.COLOUR, "color_name", also=("color",)),
    "pattern": Row(Kind.WORD, "pattern"),
    "materials": Row(Kind.MATERIALS, "material_text", also=("composition", "fabric")),
    "neckline": Row(Kind.WORD, "neckline"),
    "sleeve_type": Row(Kind.SLEEVE, "sleeve_length"),
    "closure_type": Row(Kind.WORD, "closure"),
    "fit_type": Row(Kind.WORD, "fit"),
    "length_type": Row(Kind.LENGTH, "length"),
    "description": Row(Kind.CAPTION, "descriptions.short"),
    "back_description": Row(Kind.TEXT, "descriptions.back"),
    "ecommerce_description": Row(Kind.TEXT, "descriptions.long"),
    "brand_metadata": Row(Kind.RAW, f"extra.{VENDOR}.brand_metadata"),
    "public": Row(Kind.FLAG, "visibility.public"),
    "is_filler": Row(Kind.FLAG, "visibility.filler"),
    "enabled": _server(Kind.FLAG, "visibility.enabled"),
    "archived": _server(Kind.FLAG, "visibility.archived"),
    "demo": _server(Kind.FLAG, "visibility.demo"),
    "organization_id": Row(Kind.TEXT, "access.organization_id"),
    "owner_id": _server(Kind.TEXT, "access.owner_id"),
    "created_at": _server(Kind.TIME, "created_at"),
    "updated_at": _server(Kind.TIME, "updated_at"),
    "shot_status": _server(Kind.TEXT, "shoot.state"),
    "shots": _server(Kind.SHOTS, "shoot.shots"),
    "selected_shots": _server(Kind.SELECTED, "shoot.selected"),
}

PICTURES: Mapping[str, tuple[str, ...]] = {
    "front": ("cover_image_media", "cover_image_url"),
    "back": ("back_image_media", "back_image_url"),
    "reference": ("reference_images_media", "reference_images", "data_image_urls"),
}
"""Where a product's pictures are, by role. The first that says something counts: the addresses beside the media are
kept by the vendor for old clients."""

PICTURE_KEYS = frozenset(key for keys in PICTURES.values() for key in keys)

SENT_PICTURES: Mapping[str, str] = {"front": "cover_image", "back": "back_image", "reference": "reference_images"}
"""Under which keys pictures are written."""
