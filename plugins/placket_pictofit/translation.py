"""From the vendor's words to claims: every value becomes one, and what has no field of its own goes to ``extra``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from placket.interfaces import ArProductDraft, JobState, JobStatus
from placket.record import ArAsset, ClaimBuilder, MediaItem, Method, Variant, is_no_value

from . import wire

VENDOR = "pictofit"

_IN_VARIANT = ("id", "name", "sku", "url", "createdAt", "modifiedAt")


def state_of(number: str, states: Mapping[str, str]) -> tuple[JobState, str]:
    """What the number of a state means, and how it is shown: ``unknown(17)`` for one that no table has."""
    meaning = states.get(number)
    if meaning is None:
        return JobState.UNKNOWN, f"unknown({number})" if number else ""
    return JobState(meaning), number


def status_of(
    told: Sequence[wire.Configuration], states: Mapping[str, str], awaited: Collection[str] = ()
) -> JobStatus:
    """How a product stands: as its configurations do, of which all must be finished.

    ``awaited`` are the ids of those that count; all of them where it is empty. One that is awaited and not told is
    in an unknown state.
    """
    counted = [one for one in told if not awaited or one.id in awaited]
    numbers = {one.id: one.state for one in counted}
    found = [state_of(numbers.get(one, ""), states) for one in (awaited or numbers)]
    raw = ", ".join(dict.fromkeys(shown for _, shown in found if shown))
    if not found:
        return JobStatus(JobState.UNKNOWN, message="it has no configurations")
    reached = [state for state, _ in found]
    done = sum(state.is_final for state in reached)
    if done == len(reached):
        worst = next((state for state in (JobState.FAILED, JobState.CANCELLED) if state in reached), JobState.SUCCEEDED)
        names = ", ".join(one.name or one.id for one in counted if state_of(one.state, states)[0] is worst)
        bad = worst is not JobState.SUCCEEDED
        return JobStatus(worst, 1.0, raw, f"the vendor has not made: {names} (state {raw})" if bad else "")
    if done or JobState.RUNNING in reached:
        state = JobState.RUNNING
    else:
        state = JobState.UNKNOWN if JobState.UNKNOWN in reached else JobState.QUEUED
    return JobStatus(state, done / len(reached), raw)


def claim_product(
    build: ClaimBuilder,
    product: str,
    told: Sequence[wire.Configuration],
    *,
    status: JobStatus,
    types: Mapping[str, str],
    assets: Sequence[ArAsset],
) -> None:
    """Claim all that the service says of a product's configurations. ``types``: names of product types by number."""
    build.text(f"external_ids.{VENDOR}", product, path="productId")
    unknown = status.state is JobState.UNKNOWN
    if told:
        shown = status.raw_state if unknown and status.raw_state else str(status.state)
        build.add("ar.state", shown, raw=status.raw_state, path="stateId")
    for number in dict.fromkeys(one.product_type for one in told if one.product_type):
        build.add("ar.type", types.get(number, number), raw=number, path="productTypeId")
    for asset in assets:
        build.add("ar.assets", asset, path="results")
    left: dict[str, dict[str, Any]] = {}
    for one in told:
        said = {key: one.raw[key] for key in _IN_VARIANT if not is_no_value(one.raw.get(key))}
        build.add("variants", _variant(one), raw=said, path="configurations", method=Method.MERCHANT)
        for key, value in one.raw.items():
            if not is_no_value(value) and not _is_placed(one, key, product):
                left.setdefault(key, {})[one.id] = value
    for key, by_configuration in left.items():
        # By configuration, since a product has several and each says its own.
        build.extra(VENDOR, key, by_configuration)


def _variant(one: wire.Configuration) -> Variant:
    return Variant(
        name=one.name,
        sku=one.sku,
        url=one.url,
        external_ids={VENDOR: one.id},
        created_at=one.created_at,
        updated_at=one.modified_at,
    )


def _is_placed(one: wire.Configuration, key: str, product: str) -> bool:
    """Whether a value is in a claim of its own field; what could not be read is not."""
    if key == "productId":
        return wire.text(one.raw[key]) == product
    placed = {
        "createdAt": one.created_at is not None,
        "modifiedAt": one.modified_at is not None,
        "productTypeId": bool(one.product_type),
    }
    return placed.get(key, key in _IN_VARIANT and bool(wire.text(one.raw[key])))


def claim_draft(
    build: ClaimBuilder,
    draft: ArProductDraft,
    *,
    product: str,
    type_name: str,
    variants: Sequence[Variant],
    media: Sequence[MediaItem],
) -> None:
    """Claim what a product was made from. All but the ids is an echo: the service only keeps it."""
    build.text(f"external_ids.{VENDOR}", product, path="id", method=Method.RULE)
    build.text("name", draft.name, path="name")
    build.text("sku", draft.sku, path="sku")
    build.add("ar.type", type_name, path="typeId")
    for variant in variants:
        build.add("variants", variant, path="configurations")
    for item in media:
        build.add("media", item, path="files")
