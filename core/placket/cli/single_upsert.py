"""Putting products into a store that cannot take many at once: one by one, each made or updated."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AllProvidersFailed, InvalidInput, PlacketError, Refused
from ..interfaces import Imported, ProductChanges, ProductDraft, ProductQuery, ProductStore
from .references import CANDIDATES, sku_of

if TYPE_CHECKING:
    from ..jobs import Router

_NOT_SENT = ("external_ids", "media", "detections", "shoot", "ar", "extra", "visibility", "created_at", "updated_at")
"""Fields of a record that are no values of the garment: where it is elsewhere, and what was made of it."""


async def upserted_singly(router: Router, store: ProductStore, drafts: AsyncIterable[ProductDraft]) -> Imported:
    """Make or update each product, by its SKU; what the vendor refuses is named, and the others go on.

    Such stores keep values rather than claims, so that the values of a record are sent.
    """
    created = updated = 0
    refused: list[tuple[str, str]] = []
    async for draft in drafts:
        code = str(draft.fields["sku"])
        try:
            found = await store.list(ProductQuery(search=code)).collect(CANDIDATES)
            same = [product for product in found if sku_of(product) == code]
            fields = {**_values(router, draft), **draft.fields}
            if not same:
                await store.create(ProductDraft(fields, draft.images, draft.complete, draft.claims))
                created += 1
            elif len(same) == 1:
                version = same[0].version
                await store.update(same[0].ref, ProductChanges(fields, draft.images or None, version))
                updated += 1
            else:
                refused.append((code, f"several products have this SKU: {', '.join(str(each.ref) for each in same)}"))
        except PlacketError as error:
            if _is_refusal(error):
                refused.append((code, str(error)))
                continue
            if not created and not updated:
                raise
            refused.append((code, f"{error}; what comes after it was not sent"))
            break
    return Imported(created, updated, tuple(refused))


def _is_refusal(error: PlacketError) -> bool:
    """Whether the fault lies in this one product, so that the next may go in."""
    if isinstance(error, AllProvidersFailed):
        return all(isinstance(cause, Refused) for cause in error.exceptions)
    return isinstance(error, Refused | InvalidInput)


def _values(router: Router, draft: ProductDraft) -> Mapping[str, Any]:
    record = router.record_of(draft.claims, id=str(draft.fields["sku"]))
    return {
        path: list(found.value) if isinstance(found.value, tuple) else found.value
        for path, found in record.resolutions.items()
        if path.partition(".")[0] not in _NOT_SENT
    }
