"""What the store and the shoots share: the clients, whose rows are asked for, and how a product becomes claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve

from placket.errors import ConfigError, InvalidInput, ProviderError, Unauthenticated, Unsupported
from placket.interfaces import Listing, ProductQuery, Ref
from placket.record import Claim, Term, ValueMap, normalize_word
from placket.registry import ProviderContext
from placket.transport import Answer, HttpLimits, OAuth2Password, path_segment

from . import wire
from .draft import DraftWriter
from .paging import paged
from .translation import Translation

if TYPE_CHECKING:
    from . import SartiqSettings

T = TypeVar("T")


class Connection:
    """One account at the vendor."""

    def __init__(self, settings: SartiqSettings, context: ProviderContext) -> None:
        self.settings = settings
        self.context = context
        auth = OAuth2Password(wire.LOGIN, settings.username, settings.password)
        self.http = context.http(settings.base_url, auth, classify=_refused_token)
        limits = context.limits or HttpLimits()
        patient = evolve(limits, timeout=max(limits.timeout, settings.captioning_timeout))
        self.patient_http = context.http(settings.base_url, auth, limits=patient, classify=_refused_token)
        """For requests that last until the vendor's model has written something."""
        self._values = _values(settings, context)
        self.drafts = DraftWriter(context.source("write"), context.vocabulary, {"age_group": settings.age_classes})

    @property
    def organization(self) -> dict[str, str]:
        """The parameter that nearly every request takes; without it the personal rows are meant."""
        return {"organization_id": self.settings.organization_id} if self.settings.organization_id else {}

    def path(self, template: str, ref: Ref, kind: str = "") -> str:
        """The address of a thing, a product unless ``kind`` says otherwise; a shoot's SKUs are the products.

        Raises InvalidInput for a reference to a thing of another kind.
        """
        if ref.kind not in ((kind,) if kind else ("product", "sku")):
            raise InvalidInput(f"{ref} is no {kind or 'product'} of {self.context.name}")
        return template.format(id=path_segment(ref.id))

    def claims(self, answer: Answer, product: Mapping[str, Any]) -> tuple[Claim, ...]:
        """What an answer says about a product."""
        return Translation(
            self.context.source(answer.operation, answer.request_id),
            self._values,
            observed_at=self.context.clock.now(),
            captions_generated=self.settings.captions_generated,
        ).claims(product)

    def listing(
        self,
        path: str,
        made: Callable[[Answer, dict[str, Any]], T | None],
        *,
        operation: str,
        params: Mapping[str, Any] | None = None,
        limit: int = wire.PAGE_SIZE,
        scoped: bool = True,
        counted: bool = True,
    ) -> Listing[T]:
        """A list read page by page; ``made`` makes an item, or None for one that is not wanted."""
        fixed = {**(self.organization if scoped else {}), **(params or {}), "limit": limit}

        async def ask(skip: int) -> Answer:
            return await self.http.get(path, params={**fixed, "skip": skip}, operation=operation)

        return paged(ask, made, limit, counted=counted)

    def filters(self, query: ProductQuery) -> dict[str, Any]:
        """A query in the vendor's words; raises Unsupported for an order that the vendor does not have."""
        if query.sort_by not in wire.SORT_KEYS:
            raise Unsupported(
                f"{self.context.name} cannot sort by {query.sort_by!r}; it can by {', '.join(wire.SORT_KEYS)}"
            )
        given = {
            "search": query.search or None,
            "brand": query.brand,
            "brand_collection": list(query.collections) or None,
            "season": query.season,
            "year": query.year,
            "gender": None if query.gender is None else self.drafts.code("gender", query.gender),
            "product_type": query.product_type,
            "shot_statuses": list(query.shot_statuses) or None,
            "shooting_id": query.shoot,
            "enabled": query.enabled,
            "archived": query.archived,
            "is_public": query.public,
            "demo": query.demo,
            "is_filler": query.filler,
            "sort_by": query.sort_by,
            "sort_order": str(query.order),
        }
        return {key: value for key, value in given.items() if value is not None}


def _refused_token(answer: Answer) -> ProviderError | None:
    """A token that is wrong or has expired: with 401 says the vendor's page, with 403 the framework it is made with."""
    if answer.status != 403 or answer.json_object().get("detail") != wire.BAD_TOKEN:
        return None
    return Unauthenticated(f"the vendor does not accept the token: {wire.BAD_TOKEN}", **answer.details())


def _values(settings: SartiqSettings, context: ProviderContext) -> ValueMap:
    """The plugin's value map, with the operator's codes for ages read backwards."""
    values = ValueMap.from_package(__package__, context.vocabulary)
    codes: dict[str, dict[str, Term]] = {}
    for term_id, code in settings.age_classes.items():
        term = context.vocabulary.get("age_group", term_id)
        if term is None:
            known = ", ".join(one.id for one in context.vocabulary.terms("age_group"))
            raise ConfigError(
                f"{term_id!r} is no age group; there are {known}",
                path=f"providers.{context.name}.age_classes.{term_id}",
            )
        codes[normalize_word(code)] = {"age_group": term}
    return evolve(values, words={**values.words, "age_group": {**values.words.get("age_group", {}), **codes}})
