"""What people call things on the command line: a whole reference, or a name that only one thing has."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import TypeVar

from ..errors import InvalidInput
from ..interfaces import Listing, Product, ProductQuery, ProductStore, Ref, ShootManager, Sku, SkuQuery, VisualSearch
from ..record import Claim, Shot
from ..registry import did_you_mean

Thing = TypeVar("Thing")

CANDIDATES = 200
"""How many products or garments are looked through for the one that is meant."""


def reference(text: str, kind: str) -> Ref:
    """A whole reference, as ``local/brief/17``; raises InvalidInput for anything else."""
    ref = Ref.parse(text)
    if ref.kind != kind:
        raise InvalidInput(f"{text} is {_a(ref.kind)}, and {_a(kind)} is wanted, as local/{kind}/17")
    return ref


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


async def found(
    text: str,
    kind: str,
    things: Callable[[], AsyncIterable[Thing]],
    *,
    ref: Callable[[Thing], Ref],
    names: Callable[[Thing], Iterable[str]],
    listed_by: str,
) -> Ref:
    """The thing that ``text`` means: a reference of this kind, or the id or name of one of ``things``.

    Raises InvalidInput when there is none, or several by that name.
    """
    if f"/{kind}/" in text and not text.startswith("/"):
        return reference(text, kind)
    seen: set[str] = set()
    same: list[Ref] = []
    async for thing in things():
        called = [name for name in names(thing) if name]
        seen.update(called)
        if text == ref(thing).id or text in called:
            same.append(ref(thing))
    if not same:
        hint = did_you_mean(text, seen) or f"; `{listed_by}` tells what there is"
        raise InvalidInput(f"there is no {kind} {text!r}{hint}")
    if len(same) > 1:
        raise InvalidInput(f"several are called {text!r}; say which: {', '.join(map(str, same))}")
    return same[0]


async def catalog_ref(search: VisualSearch, text: str) -> Ref:
    """A catalog by its reference, id or name."""
    return await found(
        text,
        "catalog",
        search.list_catalogs,
        ref=lambda catalog: catalog.ref,
        names=lambda catalog: [catalog.name],
        listed_by="placket catalog list",
    )


async def product_ref(store: ProductStore, text: str) -> Ref:
    """A product by its reference, id or SKU."""
    return await _holder(text, ProductStore.ref_kind, store.list(ProductQuery(search=text)), "placket store list")


async def sku_ref(shoots: ShootManager, text: str) -> Ref:
    """A garment of the shoots by its reference, id or SKU."""
    return await _holder(text, ShootManager.ref_kind, shoots.list_skus(SkuQuery(sku=text)), "placket shoot list skus")


async def _holder(text: str, kind: str, listing: Listing[Product] | Listing[Sku], listed_by: str) -> Ref:
    return await found(
        text, kind, lambda: _first(listing), ref=lambda it: it.ref, names=lambda it: [sku_of(it)], listed_by=listed_by
    )


async def _first(listing: Listing[Product] | Listing[Sku]) -> AsyncIterator[Product | Sku]:
    for each in await listing.collect(CANDIDATES):
        yield each


async def shot_of(shoots: ShootManager, sku: Ref, text: str) -> Shot:
    """A shot of a garment by its id, or by its type where the garment has one of that type."""
    there = await shoots.list_shots(sku).collect()
    meant = [each for each in there if text in (each.id, each.shot_type)]
    if len(meant) == 1:
        return meant[0]
    listed = ", ".join(f"{each.shot_type} ({each.id})" for each in (meant or there)) or "none"
    raise InvalidInput(f"{text!r} is {'several shots' if meant else 'no shot'} of {sku}; there are {listed}")


def said(claims: Iterable[Claim], field: str) -> list[str]:
    """What claims say of a field, as text."""
    return [str(claim.value) for claim in claims if claim.field == field and claim.value is not None]


def sku_of(thing: Product | Sku) -> str:
    """The SKU of a product or of a garment of the shoots; empty where it has none."""
    return next(iter(said(thing.claims, "sku")), "")
