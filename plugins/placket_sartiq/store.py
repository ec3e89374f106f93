"""Products, their facets, and the exports of their approved shots."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from attrs import evolve
from msgspec.structs import replace

from placket.errors import (
    Conflict,
    InvalidRequest,
    ProtocolError,
    ProviderError,
    Retryable,
    UnknownOutcome,
    Unsupported,
)
from placket.interfaces import (
    Export,
    ExportRequest,
    Facet,
    JobState,
    Listing,
    Product,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    ProductStore,
    Ref,
)
from placket.transport import Answer

from . import wire
from .connection import Connection
from .exports import download_url, export_of, request_body
from .pictures import CLEARED, PictureSender, media_items


class SartiqStore(ProductStore):
    """Keeps products at the vendor."""

    _connection: Connection
    _pictures: PictureSender

    async def create(self, draft: ProductDraft) -> Product:
        """Make a product; with ``sync_captioning`` this lasts until the vendor has described it.

        An incomplete draft is made in the vendor's basic mode, which leaves a draft for its wizard.
        """
        connection = self._connection
        body = connection.drafts.body(draft.fields, update=False)
        # The query says under whose rights the product is made, the body whose it is.
        organization = body.get("organization_id") or connection.settings.organization_id
        if organization:
            body["organization_id"] = organization
        body |= await self._pictures.body(draft.images, media_items(draft.fields.get("media")))
        captioned = connection.settings.sync_captioning
        answer = await (connection.patient_http if captioned else connection.http).post(
            wire.PRODUCTS,
            params={
                "mode": "complete" if draft.complete else "basic",
                "sync_captioning": captioned,
                "organization_id": organization or None,
            },
            json=body,
            operation="create",
        )
        return self._product(answer)

    async def get(self, product: Ref) -> Product:
        """Read one product."""
        connection = self._connection
        answer = await connection.http.get(
            connection.path(wire.PRODUCT, product), params=connection.organization, operation="get"
        )
        return self._product(answer)

    async def update(self, product: Ref, changes: ProductChanges) -> Product:
        """Change what is named. The vendor has no versions, so a change that names one is Unsupported.

        Pictures are replaced role by role; an empty tuple of images takes all but the cover away.
        """
        connection = self._connection
        if changes.version:
            raise Unsupported(f"{connection.context.name} has no versions of products; leave version out")
        path = connection.path(wire.PRODUCT, product)
        body = connection.drafts.body(changes.fields, update=True)
        if changes.images == () or ("media" in changes.fields and not changes.fields["media"]):
            body |= CLEARED
        body |= await self._pictures.body(changes.images or (), media_items(changes.fields.get("media")))
        answer = await connection.http.put(
            path, params=connection.organization, json=body, repeatable=True, operation="update"
        )
        return self._product(answer)

    async def delete(self, product: Ref) -> None:
        """Remove a product and, at the vendor, everything that was made of it: models, training sets, pictures."""
        connection = self._connection
        await connection.http.delete(
            connection.path(wire.PRODUCT, product),
            params=connection.organization,
            repeatable=True,
            operation="delete",
        )

    async def archive(self, product: Ref, archived: bool = True) -> Product:
        """Put a product away, or take it out again."""
        connection = self._connection
        answer = await connection.http.patch(
            connection.path(wire.ARCHIVED, product),
            params={"archived": archived, **connection.organization},
            repeatable=True,
            operation="archive",
        )
        return self._product(answer)

    def list(self, query: ProductQuery) -> Listing[Product]:
        """The products that a query finds. Where ``enabled`` is None the vendor shows the enabled ones."""
        connection = self._connection
        return connection.listing(
            wire.PRODUCTS,
            self._product,
            operation="list",
            params=connection.filters(query),
            limit=query.page_size,
        )

    async def facet(self, facet: Facet, brand: str | None = None) -> tuple[str, ...]:
        """The distinct values of a property; a brand limits collections only."""
        connection = self._connection
        if brand is not None and facet is not Facet.COLLECTIONS:
            raise Unsupported(f"{connection.context.name} lists {facet} over all brands; a brand limits collections")
        params = {} if facet is Facet.YEARS else connection.organization
        answer = await connection.http.get(
            wire.FACETS[facet], params={**params, "brand": brand}, operation=f"facet {facet}"
        )
        values, _ = wire.listed(answer)
        # The empty text is that of products which do not say the property.
        found = tuple(wire.text(value) for value in values if not (isinstance(value, str) and not value.strip()))
        if not all(found):
            raise answer.protocol_error(f"the list of {facet} holds something that is not a text or a number")
        return found

    async def start_export(self, request: ExportRequest) -> Export:
        """Start packing approved shots into a ZIP file."""
        connection = self._connection
        body = request_body(request, connection)
        answer = await connection.http.post(
            wire.START_EXPORT, params=connection.organization, json=body, operation="start_export"
        )
        return export_of(answer, answer.json_object(), connection)

    def list_exports(self) -> Listing[Export]:
        """The exports of the account, in the vendor's order."""
        connection = self._connection
        return connection.listing(
            wire.EXPORTS,
            lambda answer, task: export_of(answer, task, connection),
            operation="list_exports",
            limit=wire.EXPORTS_PAGE_SIZE,
            scoped=False,
        )

    async def get_export(self, export: Ref) -> Export:
        """How far an export is."""
        connection = self._connection
        answer = await connection.http.get(connection.path(wire.EXPORT, export, "export"), operation="get_export")
        return export_of(answer, answer.json_object(), connection)

    async def cancel_export(self, export: Ref) -> Export:
        """Stop an export that is not finished; one that is cancelled already stays so."""
        connection = self._connection
        path = connection.path(wire.EXPORT, export, "export")
        try:
            answer = await connection.http.delete(path, repeatable=True, operation="cancel_export")
        except (Conflict, InvalidRequest):
            # The vendor cancels what is pending or at work only, and it may have done so when its answer got lost.
            with suppress(ProviderError):
                known = await self.get_export(export)
                if known.status.state is JobState.CANCELLED:
                    return known
            raise
        found = export_of(answer, answer.json_object(), connection)
        if found.status.state.is_final:
            return found
        # The page says that the task is cancelled then, and its example still shows it at work.
        return evolve(found, status=replace(found.status, state=JobState.CANCELLED))

    async def dismiss_export(self, export: Ref) -> None:
        """Forget an export that has ended, and its file."""
        connection = self._connection
        path = connection.path(wire.DISMISS_EXPORT, export, "export")
        await connection.http.delete(path, repeatable=True, operation="dismiss_export")

    async def download_export(self, export: Ref) -> AsyncIterator[bytes]:
        """The ZIP file in pieces, once: the vendor deletes it afterwards.

        What breaks off after the first byte is UnknownOutcome: whether the file is still there only `list_exports`
        can tell.
        """
        connection = self._connection
        path = connection.path(wire.DOWNLOAD_EXPORT, export, "export")
        if connection.settings.download_from == "download-url":
            answer = await connection.http.get(
                connection.path(wire.EXPORT, export, "export"), operation="download_export"
            )
            path = download_url(answer.json_object(), export, connection)
            if not path.startswith(("https://", connection.settings.base_url)):
                raise answer.protocol_error("the download_url is not an https address")
        download = connection.http.stream(
            "GET", path, max_bytes=connection.settings.max_download, operation="download_export"
        )
        async with download as stream:
            try:
                async for piece in stream:
                    yield piece
            except Retryable as error:
                raise UnknownOutcome(
                    f"the download broke off after {stream.received} bytes ({error.message}); the vendor may have "
                    "deleted the file, so look at list_exports, and start the export again if it is gone",
                    provider=connection.context.name,
                    operation="download_export",
                    status=stream.status,
                    request_id=stream.request_id,
                ) from None
            if stream.received == 0:
                raise ProtocolError(
                    "the export's file is empty",
                    provider=connection.context.name,
                    operation="download_export",
                    status=stream.status,
                    request_id=stream.request_id,
                )

    def _product(self, answer: Answer, document: dict[str, Any] | None = None) -> Product:
        product = answer.json_object() if document is None else document
        ref = Ref(self._connection.context.name, ProductStore.ref_kind, wire.identified(answer, product))
        return Product(ref, self._connection.claims(answer, product), raw=product)
