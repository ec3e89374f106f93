"""Between the vendor's words and Placket's: SKUs and results to claims and shots, drafts to what is sent."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field

from placket.errors import InvalidInput
from placket.interfaces import Image, SkuDraft
from placket.record import Claim, ClaimBuilder, MediaItem, Method, Shot, Source, Term, ValueMap, field_of

from . import wire

VENDOR = "autoretouch"
WARDROBE = f"extra.{VENDOR}.is_in_wardrobe"
ROLES = {"front": "frontImage", "back": "backImage"}

COARSE = 0.3
"""How sure a category is that comes from one of six words."""

SKU_CATEGORY: Mapping[str, str] = {
    "aa-1-1-1": "bottom",
    "aa-1-1-2": "top",
    "aa-1-1-6": "top",
    "aa-1-4": "outfit",
    "aa-1-9": "outfit",
    "aa-1-10-2": "top",
    "aa-1-10-6": "top",
    "aa-1-11": "outfit",
    "aa-1-12": "bottom",
    "aa-1-13": "top",
    "aa-1-14": "bottom",
    "aa-1-15": "bottom",
    "aa-1-16": "bottom",
    "aa-1-18": "socks",
    "aa-1-19": "outfit",
    "aa-1-22": "outfit",
    "aa-2-17": "hats",
    "aa-8": "shoes",
}
"""Categories and the vendor's word for them and for all below: the nearest one above a garment's category counts.

The page does not define its six words. They are read by where on the body a garment is worn: coats and jackets with the
tops, skirts and shorts with the bottoms, and as an outfit what covers both.
"""


def claims_of_sku(
    sku: Mapping[str, Any],
    sku_id: str,
    *,
    source: Source,
    values: ValueMap,
    observed_at: datetime,
    echoes: Container[str] = (),
    shared: bool = False,
) -> tuple[Claim, ...]:
    """Everything that a SKU says of itself, as the word of the merchant who made it.

    ``echoes`` are keys that we have just sent. ``shared``: it comes from the list of what all projects may use.
    """
    build = ClaimBuilder(source, values.vocabulary, values=values, observed_at=observed_at, method=Method.MERCHANT)
    build.text(f"external_ids.{VENDOR}", sku_id, path="sku.skuId", method=Method.RULE)
    if shared:
        build.add(f"extra.{VENDOR}.global", True, raw=True, path="skus.global[]", method=Method.RULE)
    for key, value in sku.items():
        told: dict[str, Any] = {"path": f"sku.{key}", "method": Method.ECHO if key in echoes else None}
        if not _claimed(build, key, value, told) and not (key in wire.ID_KEYS and str(value) == sku_id):
            build.add(f"extra.{VENDOR}.{key}", value, raw=value, **told)
    return build.claims


def _claimed(build: ClaimBuilder, key: str, value: Any, told: dict[str, Any]) -> bool:
    """Claim what has a field of its own; False for everything else."""
    plain = wire.text(value)
    moment = _moment(plain) if key in (wire.CREATED, wire.UPDATED) else None
    if moment is not None:
        build.add("created_at" if key == wire.CREATED else "updated_at", moment, raw=value, **told)
    elif key == "isInWardrobe":
        known = wire.flag(value)
        build.add(WARDROBE, value if known is None else known, raw=value, **told)
    elif key == "projectIds" and isinstance(value, list) and all(map(wire.text, value)):
        for project in value:
            build.text("shoot.project_ids", project, **{**told, "path": "sku.projectIds[]"})
    elif plain is None:
        return False
    elif key == "name":
        build.text("name", value, **told)
    elif key == "gender":
        build.word("gender", value, **told)
    elif key == "skuCategoryName":
        build.word("category", value, confidence=COARSE, **told)
    elif key in ("frontImage", "backImage"):
        role = "front" if key == "frontImage" else "back"
        build.add("media", MediaItem(role, vendor_ref=plain), raw=value, **told)
    else:
        return False
    return True


def _moment(said: str | None) -> datetime | None:
    """A time with its zone; one without stays as it came, because the zone would be a guess."""
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def shot_of_result(result: Any, brief: int, addresses: str) -> Shot:
    """One result of a brief. Its body is not described, so ``details`` has the whole of it.

    ``addresses`` is what a path becomes an address with.
    """
    said = result if isinstance(result, dict) else {"url": result}
    address = wire.first_text(said, wire.RESULT_ADDRESSES)
    image = None
    if address.startswith(("https://", "http://")):
        image = MediaItem("shot", url=address, generated=True)
    elif address.startswith("/"):
        image = MediaItem("shot", url=addresses + address, generated=True)
    elif reference := address or wire.first_text(said, wire.RESULT_HASHES):
        image = MediaItem("shot", vendor_ref=reference, generated=True)
    sku = said.get("sku")
    details: dict[str, Any] = {f"extra.{VENDOR}.result": result}
    if garment := wire.identifier(said, wire.RESULT_SKUS) or wire.identifier(sku):
        details["sku"] = garment
    return Shot(
        id=wire.identifier(said, wire.RESULT_IDS) or (image.identity if image else ""),
        state=wire.first_text(said, wire.RESULT_STATES),
        shot_type=wire.first_text(said, wire.RESULT_TYPES),
        look=str(brief),
        image=image,
        details=details,
    )


@define
class Changes:
    """What a draft says in the vendor's words.

    ``body`` by the vendor's keys, None where a value is to be taken away. ``pictures`` by the vendor's keys, as an
    image or as the identifier of one that the vendor has. ``unsent`` names what the vendor has no word for.
    """

    body: dict[str, Any] = field(factory=dict)
    pictures: dict[str, Image | str] = field(factory=dict)
    unsent: list[str] = field(factory=list)

    @classmethod
    def of(cls, draft: SkuDraft, values: ValueMap, categories: Mapping[str, str], *, new: bool) -> Changes:
        """Translate a draft; raises InvalidInput for a field that no record has, and for values that cannot be."""
        changes = cls()
        for item in draft.images or ():
            changes._picture(item.role, item.image)
        for name, value in draft.fields.items():
            changes._take(name, value, values, categories)
        if new and "name" not in changes.body and (code := wire.text(draft.fields.get("sku"))):
            changes.body["name"] = code
            changes.unsent.remove("sku")
        return changes

    def _take(self, name: str, value: Any, values: ValueMap, categories: Mapping[str, str]) -> None:
        field_of(name)
        match name:
            case "name":
                self.body["name"] = _name(value)
            case "gender":
                self._word(name, "gender", value, values, {one: one for one in wire.GENDERS})
            case "category":
                self._word(name, "skuCategoryName", value, values, categories)
            case "shoot.project_ids":
                self.body["projectIds"] = _projects(value)
            case "media":
                for item in _several(value):
                    self._stored_picture(item)
            case _ if name == WARDROBE:
                if not isinstance(value, bool | None):
                    raise InvalidInput(f"{name} is True, False or None, not {value!r}")
                self.body["isInWardrobe"] = value
            case _ if value is not None:
                self.unsent.append(name)

    def _word(self, name: str, key: str, value: Any, values: ValueMap, words: Mapping[str, str]) -> None:
        term = value if isinstance(value, Term) else values.meaning(name, str(value or "")).get(name)
        lineage = term.lineage if term is not None else ()
        self.body[key] = next((words[one.id] for one in lineage if one.id in words), None)
        if self.body[key] is None and value is not None:
            self.unsent.append(f"{name} ({term.label})" if term else name)

    def _stored_picture(self, item: Any) -> None:
        if not isinstance(item, MediaItem):
            raise InvalidInput(f"media is one or several MediaItem, not {item!r}")
        self._picture(item.role, item.vendor_ref or Image.of(item.url or item.path))

    def _picture(self, role: str, picture: Image | str) -> None:
        if role in ROLES and ROLES[role] not in self.pictures:
            self.pictures[ROLES[role]] = picture
        else:
            self.unsent.append(f"image ({role})")


def _name(value: Any) -> str:
    name = wire.text(value)
    if name is None:
        raise InvalidInput("the name of a SKU must not be empty; leave it out of the draft to keep the one it has")
    return name


def _projects(value: Any) -> list[int]:
    found = [wire.number(project) for project in _several(value)]
    if not all(found):
        raise InvalidInput(f"shoot.project_ids are positive whole numbers at this vendor, not {value!r}")
    return [project for project in found if project]


def _several(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple, set, frozenset)) else (value,)
