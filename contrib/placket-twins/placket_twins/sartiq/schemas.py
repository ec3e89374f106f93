"""The JSON Schemas of the Sartiq products API. Enumerations are open: the page does not list their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..routes import TEXT, Schema, or_null, schema_of
from .schema_notation import object_of

_WORDS = """
sku?text brand?text1000 master_item_code?text255 product_type_id?uuid gender?text age_class?text type?text
category?text sleeve_type?text100 neckline?text100 closure_type?text100 fit_type?text100 length_type?text100
pattern?text255 materials?text1000 colour?text255 season?text100 year?int style_code?text255 in_store_date?time
theme?text255 brand_collection?text255 description?text3000 back_description?text1000 ecommerce_description?text5000
brand_metadata?object is_filler?flag organization_id?uuid
"""
"""What a client says of a product, beside its name, pictures and whether it is public."""

_SAID = """
sku?text brand?text master_item_code?text product_type_id?uuid age_class?text type?text category?text
sleeve_type?text neckline?text closure_type?text fit_type?text length_type?text pattern?text materials?text
colour?text season?text year?int style_code?text in_store_date?time theme?text brand_collection?text
description?text back_description?text ecommerce_description?text brand_metadata?object back_image_url?text
organization_id?uuid
"""
"""What the twin says of a product in every answer."""

_PRODUCT = f"""
{_SAID} id!uuid created_at!time updated_at:time name!text gender!text public!flag enabled!flag archived!flag demo!flag
is_filler!flag owner_id!uuid
"""

_IMAGE: Schema = {"anyOf": [TEXT, schema_of("MediaInput")]}
_IMAGES: Schema = {"type": "array", "items": _IMAGE, "maxItems": 100}
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1


def _with(schema: Schema, required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        **schema,
        "properties": {**schema["properties"], **properties},
        "required": [*schema.get("required", ()), *required],
    }


def _plain(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "required" or value}


_YEAR = or_null({"type": "integer", "minimum": _SMALLEST, "maximum": _LARGEST})
_MATERIALS = or_null(TEXT)

_CREATE = _with(
    object_of(f"{_WORDS} name!text255 public:flag"),
    ("cover_image",),
    year=_YEAR,
    cover_image=_IMAGE,
    back_image=or_null(_IMAGE),
    reference_images=or_null(_IMAGES),
    data_images=or_null({"type": "array", "items": TEXT, "maxItems": 100}),
)
_UPDATE = _plain(
    _with(
        object_of(f"{_WORDS} name?text255 public?flag"),
        year=_YEAR,
        materials=_MATERIALS,
        cover_image=or_null(_IMAGE),
        back_image=or_null(_IMAGE),
        reference_images=or_null(_IMAGES),
        data_images=or_null({"type": "array", "items": TEXT, "maxItems": 100}),
    )
)
_PUBLIC = _with(
    object_of(
        f"""{_PRODUCT} product_family?text product_type?text placement?text zone?text reference_images[text]
        cover_image_media?MediaResourcePublic back_image_media?MediaResourcePublic data_image_urls[text]
        shot_status?text shot_status_shooting_look_id?uuid integration_name?text exports_completed?int
        exports_total?int shots[any]"""
    ),
    ("cover_image_url", "reference_images"),
    cover_image_url=or_null(TEXT),
    reference_images_media=or_null({"type": "array", "items": schema_of("MediaResourcePublic")}),
)


def _list_of(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": name and schema_of(name)}, "count": {"type": "integer"}},
        "required": ["data", "count"],
    }


def _values_of(kind: str) -> Schema:
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": {"type": kind}}, "count": {"type": "integer"}},
        "required": ["data", "count"],
    }


_ITEMS: Schema = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": schema_of("ProductPublic")},
        "total": {"type": "integer"},
        "page": {"type": "integer"},
        "size": {"type": "integer"},
    },
    "required": ["items", "total", "page", "size"],
}

_DETAIL: Schema = {"type": "object", "properties": {"detail": TEXT}, "required": ["detail"]}

SCHEMAS: Mapping[str, Any] = {
    "ProductCreate": _CREATE,
    "ProductUpdate": _UPDATE,
    "ProductPublic": _PUBLIC,
    "ProductsPublic": {
        **_list_of("ProductPublic"),
        "properties": {
            **_list_of("ProductPublic")["properties"],
            **object_of("id:uuid created_at:time updated_at:time")["properties"],
        },
    },
    "ProductsInAnyShape": {
        "anyOf": [
            schema_of("ProductsPublic"),
            _ITEMS,
            {"type": "array", "items": schema_of("ProductPublic")},
        ]
    },
    "Product": _with(
        object_of(
            f"""{_PRODUCT} caption_task_id?text36 caption_status?text20 caption_retry_count:int cover_image_url?text
            reference_images[text]"""
        ),
        selected_shots={"type": "object"},
    ),
    "MediaInput": {
        **object_of(
            """url?text alt_text?text caption?text color_profile?text dominant_color?text duration?number height?int
            width?int media_resource_id?uuid protected:flag"""
        ),
    },
    "MediaResourcePublic": object_of(
        """id!uuid url!text resource_type!text content_hash!text extension!text file_size!int protected!flag
        created_at!time alt_text?text aspect_ratio?number caption?text color_profile?text dominant_color?text
        duration?number height?int orientation?text width?int"""
    ),
    "SelectedShotRequest": object_of(
        "id:uuid created_at:time updated_at:time product_id!uuid shot_type!text prediction_id?uuid"
    ),
    "ExportApprovedShotsRequest": _with(
        object_of("product_filters?object shooting_id?uuid shooting_look_id?uuid"),
        product_ids=or_null({"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": 10_000}),
    ),
    "ExportTaskPublic": object_of(
        """id!uuid owner_id!uuid task_type!text status!text progress!int total_items!int processed_items!int
        created_at!time updated_at!time download_url?text error_message?text started_at?time completed_at?time
        expires_at?time"""
    ),
    "ExportTasksPublic": _list_of("ExportTaskPublic"),
    "BrandsPublic": _values_of("string"),
    "BrandCollectionsPublic": _values_of("string"),
    "SeasonsPublic": _values_of("string"),
    "YearsPublic": _values_of("integer"),
    "Message": object_of("message!text"),
    "Login": object_of("username!text password!text grant_type:text scope:text client_id:text client_secret:text"),
    "Token": object_of("access_token!text token_type!text expires_in!int refresh_token:text"),
    "UploadRequest": {"type": "object"},
    "Upload": object_of("upload_url!text file_url!text expires_in_seconds!int"),
    "Refused": _DETAIL,
    "HTTPValidationError": {
        "type": "object",
        "properties": {"detail": {"type": "array", "items": schema_of("ValidationError")}},
        "required": ["detail"],
    },
    "ValidationError": {
        "type": "object",
        "properties": {
            "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
            "msg": TEXT,
            "type": TEXT,
            "input": {},
            "ctx": {"type": "object"},
        },
        "required": ["loc", "msg", "type"],
    },
}
