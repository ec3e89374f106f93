"""Manages the SKUs of AI shoots, and hands out what briefs have yielded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from placket.errors import Conflict, InvalidInput, NotFound, ProviderError, Unsupported
from placket.interfaces import Listing, Page, Ref, ShootManager, ShowPrompt, Sku, SkuDraft, SkuQuery
from placket.logs import LazyLogger
from placket.record import Shot, ValueMap
from placket.registry import ProviderContext
from placket.transport import Answer, FileTokenStore, KeyringTokenStore, OAuth2DeviceFlow, TokenEndpoint, TokenStore

from . import wire
from .pages import key_of_result, key_of_sku, listed_in, paged
from .translation import SKU_CATEGORY, Changes, claims_of_sku, shot_of_result
from .uploads import Uploads

if TYPE_CHECKING:
    from . import AutoretouchSettings

Item = TypeVar("Item")
Entry = Mapping[str, Any]

PAGE = "docs/vendors/autoretouch.md"

_log = LazyLogger("placket.autoretouch")


class AutoretouchShoots(ShootManager):
    """AI Shoot. A SKU is a ``Ref`` of the kind ``sku``, a brief one of the kind ``brief``."""

    def __init__(self, settings: AutoretouchSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._store: TokenStore = (
            KeyringTokenStore("placket", context.name)
            if settings.token_store == "keyring"  # noqa: S105 - the kind of the store
            else FileTokenStore(context.data_folder / "refresh-token.json")
        )
        self._auth = OAuth2DeviceFlow(
            TokenEndpoint(settings.auth_url + wire.TOKEN, skew=settings.renew_before),
            settings.auth_url + wire.DEVICE_CODE,
            settings.client_id,
            scope=settings.scope,
            audience=settings.audience,
            refresh_token=settings.refresh_token,
            store=self._store,
        )
        self._http = context.http(settings.base_url, self._auth)
        self._values = ValueMap.from_package(__package__, context.vocabulary)
        self._categories = {**SKU_CATEGORY, **settings.sku_categories}
        self._uploads = Uploads(settings, context, self._http)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._told: set[tuple[str, str]] = set()

    async def login(self, show: ShowPrompt) -> str:
        """Log in by the device flow, and keep the refresh token."""
        await self._auth.login(self._http, show)
        return str(self._store)

    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The SKUs of the organization, with the vendor's two filters."""
        filters = {"projectFilter": query.project, "skuIdFilter": query.sku}
        return self._skus("list_skus", filters, query.page_size)

    def list_global_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The SKUs that are available globally, in one page; raises Unsupported for a filter: they have none."""
        if query.project is not None or query.sku is not None:
            raise Unsupported("this vendor lists global SKUs without filters; leave project and sku out of the query")
        return self._global_skus("list_global_skus")

    async def create_sku(self, draft: SkuDraft) -> Sku:
        """Upload the pictures and add the SKU.

        Raises InvalidInput without a name (or a ``sku`` to use as one) or a front picture, UnknownOutcome when the
        vendor does not answer: it has no way to recognise a repetition, so nothing is repeated.
        """
        changes = self._changes(draft, new=True)
        _required({**changes.body, **changes.pictures})
        body = _said({**changes.body, **await self._uploaded(changes)})
        answer = await self._http.post(wire.SKUS, params=self._scope, json=body, operation="create_sku")
        sku = wire.created(answer.body)
        if sku is None:
            raise answer.protocol_error("the vendor accepted the SKU and gives no id for it; look for it by its name")
        return self._sku({**body, **sku}, answer, echoes=body)

    async def update_sku(self, sku: Ref, draft: SkuDraft) -> Sku:
        """Read the SKU, and write it whole with what the draft changes, because the vendor replaces it whole.

        Raises NotFound; Conflict before writing when somebody else changed the same keys while pictures were uploaded,
        and Conflict after it when the SKU then shows other values than were written.
        """
        sku_id = self._id_of(sku, "sku")
        changes = self._changes(draft, new=False)
        async with self._turns.setdefault(sku_id, asyncio.Lock()):
            before = await self._find(sku_id)
            if changes.pictures:
                read, uploaded = before, await self._uploaded(changes)
                before = await self._find(sku_id)
                changes.body.update(uploaded)
                self._check_untouched(sku_id, changes.body, read, before)
            kept = wire.stated(before)
            self._warn_of_resets(sku_id, {*kept, *changes.body})
            body = _said({**kept, **changes.body})
            _required(body)
            body |= {key: before[key] for key in self._settings.send_back if key in before}
            answer = await self._http.put(
                wire.sku_path(sku_id), params=self._scope, json=body, repeatable=True, operation="update_sku"
            )
            shown: Entry = {**before, **dict.fromkeys(wire.SKU_KEYS), **body}
            if self._settings.check_updates:
                shown = await self._check_written(sku_id, body, before, shown)
            return self._sku(shown, answer, echoes=changes.body)

    async def delete_sku(self, sku: Ref) -> None:
        """Remove a SKU; raises NotFound."""
        path = wire.sku_path(self._id_of(sku, "sku"))
        await self._http.delete(path, params=self._scope, repeatable=True, operation="delete_sku")

    def brief_results(self, brief: Ref) -> Listing[Shot]:
        """The results of a brief so far; its id is a whole number. Raises InvalidInput for another."""
        number = wire.number(self._id_of(brief, "brief"))
        if number is None:
            raise InvalidInput(f"{brief} is no brief of this vendor: the id of a brief is a whole number")
        settings = self._settings

        def shot(result: Any, _answer: Answer) -> Shot:
            return shot_of_result(result, number, settings.base_url + settings.result_prefix)

        return self._listing("brief_results", wire.results_path(number), {}, settings.page_size, key_of_result, shot)

    def _skus(self, operation: str, filters: Mapping[str, str | None], page_size: int) -> Listing[Sku]:
        return self._listing(operation, wire.SKUS, filters, page_size, key_of_sku, self._sku)

    def _listing(
        self,
        operation: str,
        path: str,
        filters: Mapping[str, str | None],
        page_size: int,
        key_of: Callable[[Any, Answer], str],
        translate: Callable[[Any, Answer], Item],
    ) -> Listing[Item]:
        async def ask(page: int) -> Answer:
            params = {**filters, "page": page, "pageSize": page_size, **self._scope}
            return await self._http.get(path, params=params, operation=operation)

        def ended(count: int, total: int | None) -> None:
            self._check_complete(operation, count, total)

        return paged(ask, key_of, translate, first_page=self._settings.first_page, ended=ended)

    def _global_skus(self, operation: str) -> Listing[Sku]:
        async def fetch(_cursor: str | None) -> Page[Sku]:
            answer = await self._http.get(wire.GLOBAL_SKUS, params=self._scope, operation=operation)
            listed = listed_in(answer)
            named = {key_of_sku(member, answer): member for member in listed.members}
            self._check_complete(operation, len(named), listed.total)
            return Page([self._sku(each, answer, shared=True) for each in named.values()], total=listed.total)

        return Listing(fetch)

    def _check_complete(self, operation: str, count: int, total: int | None) -> None:
        if total is not None and count < total:
            _log.warning(
                "list-incomplete",
                provider=self._context.name,
                operation=operation,
                received=count,
                total=total,
                advice="check the setting first_page",
            )

    async def _find(self, sku_id: str) -> Entry:
        """What the vendor says of one SKU; it is looked for in the lists, since there is no other way to read it."""
        filters = {"skuIdFilter": sku_id} if self._settings.find_by_filter else {}
        for listing in (self._skus("update_sku", filters, SkuQuery().page_size), self._global_skus("update_sku")):
            async for sku in listing:
                if sku.ref.id == sku_id:
                    entry: Entry = sku.raw
                    return entry
        raise NotFound(
            f"no list of the vendor has SKU {sku_id}; if it exists, set find_by_filter = false",
            provider=self._context.name,
            operation="update_sku",
        )

    def _changes(self, draft: SkuDraft, *, new: bool) -> Changes:
        changes = Changes.of(draft, self._values, self._categories, new=new)
        self._warn_once("not-sent", changes.unsent)
        return changes

    async def _uploaded(self, changes: Changes) -> dict[str, str]:
        return {key: await self._uploads.identifier(picture, key) for key, picture in changes.pictures.items()}

    def _check_untouched(self, sku_id: str, body: Entry, read: Entry, now: Entry) -> None:
        keys = [key for key in wire.differing(wire.stated(read), wire.stated(now)) if key in body]
        if keys:
            raise self._conflict(sku_id, keys, "was changed by somebody else while its pictures were uploaded")

    async def _check_written(self, sku_id: str, body: Entry, before: Entry, expected: Entry) -> Entry:
        """Read the SKU again and compare it with what was written; returns what there is now."""
        try:
            now = await self._find(sku_id)
        except NotFound:
            raise self._conflict(sku_id, [], "is gone after the update: somebody else removed it") from None
        except ProviderError as error:
            # The update itself was answered; that nobody can be asked now does not undo it.
            _log.warning("update-not-checked", provider=self._context.name, sku=sku_id, error=str(error))
            return expected
        keys = wire.differing(_said({key: body.get(key) for key in wire.SKU_KEYS}), wire.stated(now))
        moment = now.get(wire.UPDATED)
        if keys and moment is not None and moment == before.get(wire.UPDATED):
            # Its own time says that this is the SKU of before the update: the list lags, and nobody else wrote.
            _log.warning("update-not-shown-yet", provider=self._context.name, sku=sku_id)
            return expected
        if keys:
            raise self._conflict(
                sku_id, keys, "was written, and now shows other values: somebody else wrote it at the same time"
            )
        others = {*before, *now} - {*wire.SKU_KEYS, *wire.ID_KEYS, wire.UPDATED, *self._settings.send_back}
        self._warn_once("update-changed-more", sorted(key for key in others if before.get(key) != now.get(key)))
        return now

    def _conflict(self, sku_id: str, keys: list[str], what: str) -> Conflict:
        which = f" ({', '.join(keys)})" if keys else ""
        return Conflict(
            f"SKU {sku_id} {what}{which}; look at it before you update it again",
            provider=self._context.name,
            operation="update_sku",
        )

    def _sku(self, entry: Entry, answer: Answer, *, echoes: Collection[str] = (), shared: bool = False) -> Sku:
        sku_id = wire.identifier(entry)
        claims = claims_of_sku(
            entry,
            sku_id,
            source=self._context.source(answer.operation, answer.request_id),
            values=self._values,
            observed_at=self._context.clock.now(),
            echoes=echoes,
            shared=shared,
        )
        return Sku(Ref(self._context.name, "sku", sku_id), claims, raw=entry)

    def _id_of(self, ref: Ref, kind: str) -> str:
        if ref.kind != kind:
            raise InvalidInput(f"{ref} is a {ref.kind}; a reference to a {kind} is wanted")
        return ref.id

    def _warn_of_resets(self, sku_id: str, known: Collection[str]) -> None:
        keys = [key for key in wire.RESET_IF_OMITTED if key not in known]
        if keys:
            _log.warning("update-resets", provider=self._context.name, sku=sku_id, keys=keys, see=PAGE)

    def _warn_once(self, event: str, names: list[str]) -> None:
        untold = [name for name in names if (event, name) not in self._told]
        if untold:
            self._told.update((event, name) for name in untold)
            _log.warning(event, provider=self._context.name, names=untold, see=PAGE)

    @property
    def _scope(self) -> dict[str, str]:
        settings = self._settings
        return {"organization": settings.organization} if settings.organization_in_shoots else {}


def _said(body: Entry) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def _required(body: Entry) -> None:
    missing = [what for key, what in (("name", "a name"), ("frontImage", "a front image")) if not body.get(key)]
    if missing:
        raise InvalidInput(f"a SKU needs {' and '.join(missing)} at this vendor; give it in the draft")
