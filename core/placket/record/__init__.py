"""What a garment is: claims, the canonical record, its vocabulary and units. No I/O."""

from .builder import ClaimBuilder, claims_of_known
from .claim import Alternative, Claim, Method, Source
from .codec import RECORD_SCHEMA, claim_from_json, claim_to_json, record_from_json, record_to_json
from .record import RECORD_FIELDS, GarmentRecord, Resolution, Why, field_of
from .terms import Term
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
from .vocabulary import Vocabulary, VocabularyAddition

__all__ = [
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
    "field_of",
    "record_from_json",
    "record_to_json",
]
