"""What a garment is: claims, the canonical record, its vocabulary and units. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names
from .builder import ClaimBuilder, claims_of_known, is_no_value
from .claim import Alternative, Claim, Method, Source
from .codec import RECORD_SCHEMA, claim_from_json, claim_to_json, record_from_json, record_to_json, value_to_json
from .record import RECORD_FIELDS, GarmentRecord, Resolution, Why, field_of
from .terms import Term
from .units import parse_labelled_measurement, to_millimetres
from .value_map import ValueMap
from .values import (
    ArAsset,
    ArContent,
    Box,
    Color,
    Detection,
    Fibre,
    Lab,
    Label,
    Look,
    Measurement,
    MediaItem,
    Price,
    Season,
    Shoot,
    Shot,
    Size,
    Variant,
)
from .vocabulary import Vocabulary, VocabularyAddition, normalize_word

if TYPE_CHECKING:
    from .composition import FIBRES, composition_text, fabric_of, parse_composition

__all__ = [
    "FIBRES",
    "RECORD_FIELDS",
    "RECORD_SCHEMA",
    "Alternative",
    "ArAsset",
    "ArContent",
    "Box",
    "Claim",
    "ClaimBuilder",
    "Color",
    "Detection",
    "Fibre",
    "GarmentRecord",
    "Lab",
    "Label",
    "Look",
    "Measurement",
    "MediaItem",
    "Method",
    "Price",
    "Resolution",
    "Season",
    "Shoot",
    "Shot",
    "Size",
    "Source",
    "Term",
    "ValueMap",
    "Variant",
    "Vocabulary",
    "VocabularyAddition",
    "Why",
    "claim_from_json",
    "claim_to_json",
    "claims_of_known",
    "composition_text",
    "fabric_of",
    "field_of",
    "is_no_value",
    "normalize_word",
    "parse_composition",
    "parse_labelled_measurement",
    "record_from_json",
    "record_to_json",
    "to_millimetres",
    "value_to_json",
]

# The grammar of compositions is long to compile, and few programs read any.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__, dict.fromkeys(("FIBRES", "composition_text", "fabric_of", "parse_composition"), "composition")
    )
