"""Makes products of the service from pictures, has them built, and hands over what comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from placket.errors import Conflict, InvalidInput, NotFound, ProtocolError, Unsupported
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProduct,
    ArProductDraft,
    GarmentImage,
    Job,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    PollSchedule,
    Ref,
    Ticket,
)
from placket.logs import LazyLogger
from placket.record import ArAsset, ClaimBuilder, Method, Variant
from placket.registry import ProviderContext
from placket.transport import Answer, Auth, BearerToken, OAuth2Password, path_segment

from . import wire
from .callback_address import check_secret, checked_url
from .ids import identified
from .kinds import Kinds, folded
from .pictures import Upload
from .results import Results, elsewhere
from .translation import VENDOR, claim_draft, claim_product, state_of, status_of

if TYPE_CHECKING:
    from . import PictofitSettings

PRODUCT, CONFIGURATION = ARContentBuilder.ref_kind, "ar_configuration"
"""The kinds of the references given out."""

_log = LazyLogger("placket.pictofit")


class PictofitBuilder(ARContentBuilder):
    """Builds AR garments; people are part of the vendor's process, so that it takes hours or days."""

    def __init__(self, settings: PictofitSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._http = context.http(settings.base_url, _auth(settings), classify=elsewhere)
        self._product_types = Kinds(
            self._http,
            wire.PRODUCT_TYPES,
            {**wire.PRODUCT_TYPE_IDS, **settings.product_type_ids},
            what="product type",
            setting="product_type_ids",
        )
        self._image_types = Kinds(
            self._http,
            wire.IMAGE_TYPES,
            {**wire.IMAGE_TYPE_IDS, **settings.image_type_ids},
            what="image type",
            setting="image_type_ids",
        )
        self._events = Kinds(self._http, settings.callback_types_path, {}, what="callback type")
        self._roles = {folded(role): name for role, name in {**wire.ROLES, **settings.roles}.items()}
        self._states = {**wire.STATES, **settings.states}
        self._results = Results(
            context,
            self._http,
            base_url=settings.base_url,
            files_base=settings.results_base or settings.base_url,
            max_bytes=settings.max_result_size,
        )

    async def product_types(self) -> tuple[str, ...]:
        """The names of the service's product types."""
        return tuple(kind.name for kind in await self._product_types.all("product_types"))

    async def image_roles(self) -> tuple[str, ...]:
        """The roles of the service's image types; a type without a role goes by its own name, which works as well."""
        role_of: dict[str, str] = {}
        for role, name in {**wire.ROLES, **self._settings.roles}.items():
            role_of.setdefault(folded(name), role)
        return tuple(role_of.get(folded(kind.name), kind.name) for kind in await self._image_types.all("image_roles"))

    async def create_product(self, draft: ArProductDraft) -> ArProduct:
        """Make the product, its configurations and their pictures, in this order; everything is checked before.

        Ids that are left out are made from the ids above them, so that a draft with an id can be sent again. Raises
        InvalidInput for a picture that is no JPEG or PNG, Unsupported for a type or role that the service lacks.
        """
        operation = "create_product"
        kind = await self._product_types.numbered(draft.type or self._settings.product_type, operation)
        product = draft.id or str(uuid.uuid4())
        configurations = identified(product, draft.configurations)
        uploads = {id_: [await self._upload(id_, image) for image in one.images] for id_, one in configurations}
        answers = await self._store(draft, product, int(kind.id), configurations, uploads)
        build = self._builder(operation, Method.ECHO)
        claim_draft(
            build,
            draft,
            product=product,
            type_name=kind.name or kind.id,
            variants=[
                Variant(name=one.name or "Default", sku=one.sku, external_ids={VENDOR: id_})
                for id_, one in configurations
            ],
            media=[upload.media for sent in uploads.values() for upload in sent],
        )
        return ArProduct(
            ref=self._ref(PRODUCT, product),
            name=draft.name,
            type=kind.name or kind.id,
            configurations=tuple(self._ref(CONFIGURATION, id_) for id_, _ in configurations),
            claims=build.claims,
            raw=answers,
        )

    async def _store(
        self,
        draft: ArProductDraft,
        product: str,
        type_id: int,
        configurations: Sequence[tuple[str, ArConfiguration]],
        uploads: Mapping[str, Sequence[Upload]],
    ) -> dict[str, Any]:
        """Send the product, then each configuration with its pictures; returns what was answered, by what was sent."""
        own = {"customerId": self._settings.customer_id, "name": draft.name, "typeId": type_id}
        body = {**draft.details, **own}
        answers = {"product": await self._put(wire.PRODUCT.format(product=path_segment(product)), body, draft.sku)}
        for id_, one in configurations:
            self._check_frontal(id_, uploads[id_])
            path = wire.CONFIGURATION.format(configuration=path_segment(id_))
            answers[id_] = await self._put(path, {"productId": product, "name": one.name or "Default"}, one.sku)
            for upload in uploads[id_]:
                with _naming_setting("files_path"):
                    await self._post_once(self._settings.files_path, "create_product", form=upload.form())
        return answers

    async def get_product(self, product: Ref) -> ArProduct:
        """Read the product's configurations, and fetch the files of those that are finished.

        The service has no way to read a product's own name, so it is empty.
        """
        return await self._product(self._own(product), "get_product")

    async def mark_ready(self, product: Ref) -> Job[ArProduct]:
        """Flag every configuration as ready; the job looks at them within seconds, and after longer pauses later.

        Raises InvalidInput for a product without configurations.
        """
        operation, id_ = "mark_ready", self._own(product)
        told, _ = await self._configurations(id_, operation)
        if not told:
            raise InvalidInput(f"{product} has no configurations, so there is nothing to build; create them first")
        for one in told:
            # The page sends an explicitly empty form (-d ''), so an empty form it is, and not the lack of a body.
            path = self._settings.ready_path.format(configuration=path_segment(one.id))
            with _naming_setting("ready_path"):
                await self._post_once(path, operation, form={})
        return self._job(
            Ticket(
                provider=self._context.name,
                interface=self.interface_name,
                operation=operation,
                id=id_,
                submitted_at=self._context.clock.now(),
                data={"configurations": [one.id for one in told]},
            )
        )

    async def resume(self, ticket: Ticket) -> Job[ArProduct]:
        """Take up a product that was marked ready before, here or in another process."""
        awaited = ticket.data.get("configurations")
        if ticket.interface != self.interface_name or not isinstance(awaited, list) or not awaited:
            raise InvalidInput(f"ticket {ticket.id} is not one that {self._context.name} gave for a product")
        return self._job(ticket)

    async def callback_events(self) -> tuple[str, ...]:
        """The names of the service's callback types, such as PRODUCT_COMPLETED."""
        return tuple(kind.name for kind in await self._events.all("callback_events"))

    async def register_callback(self, event: str, url: str, secret: str = "") -> None:
        """Have the service call ``url`` with an object's id appended, and ``secret`` as its Authorization header.

        An empty ``url`` unregisters. Raises InvalidInput for an address or a secret that cannot be used so.
        """
        if url:
            url = checked_url(url, slash=self._settings.callback_url_slash)
        if secret:
            check_secret(secret)
            self._http.redactor.register(secret)
        path = self._settings.callbacks_path.format(
            customer=path_segment(self._settings.customer_id),
            type=await self._event(event, self._settings.register_by, "register_callback"),
        )
        body = {"url": url, "authorizationHeaderValue": secret}
        with _naming_setting("callbacks_path"):
            await self._http.put(path, json=body, repeatable=True, operation="register_callback")

    async def test_callback(self, event: str, product: Ref | None = None) -> None:
        """Have the service call the registered address about a product, or about a made-up id."""
        path = self._settings.trigger_path.format(
            customer=path_segment(self._settings.customer_id),
            type=await self._event(event, self._settings.trigger_by, "test_callback"),
            id=path_segment(self._own(product) if product else str(uuid.uuid4())),
        )
        method = self._settings.trigger_method
        body: dict[str, Any] = {} if method == "GET" else {"form": {}}
        with _naming_setting("trigger_path and trigger_method"):
            await self._http.request(method, path, **body, repeatable=True, operation="test_callback")

    async def _event(self, event: str, by: str, operation: str) -> str:
        if by == "name" and not wire.is_number(event):
            return path_segment(event)
        found = await self._events.find(event, operation)
        if by == "name":
            return path_segment(found.name or event)
        # The page calls it an id; a service that lists names only takes those.
        return path_segment(found.id or found.name)

    def _job(self, ticket: Ticket) -> Job[ArProduct]:
        settings, clock = self._settings, self._context.clock
        elapsed = max(0.0, (clock.now() - ticket.submitted_at).total_seconds())
        # Pauses grow by half, so that they are about half of the time that has passed: whoever takes a job up after
        # hours goes on at that pace.
        longest = max(settings.poll_interval, settings.poll_maximum)
        schedule = PollSchedule(
            first=max(0.0, settings.first_poll - elapsed),
            interval=min(max(settings.poll_interval, elapsed / 2), longest),
            maximum=longest,
        )

        async def look() -> Look[ArProduct]:
            told, answer = await self._configurations(ticket.id, "mark_ready")
            status = status_of(told, self._states, ticket.data["configurations"])
            if status.state is not JobState.SUCCEEDED:
                return Look(status)
            return Look(status, await self._translated(ticket.id, told, status, answer, "mark_ready"))

        return PolledJob(ticket, look, clock=clock, schedule=schedule, patience=settings.deadline)

    async def _product(self, product: str, operation: str) -> ArProduct:
        told, answer = await self._configurations(product, operation)
        return await self._translated(product, told, status_of(told, self._states), answer, operation)

    async def _configurations(self, product: str, operation: str) -> tuple[list[wire.Configuration], Answer]:
        path = wire.PRODUCT_CONFIGURATIONS.format(product=path_segment(product))
        answer = await self._http.get(path, operation=operation)
        told = wire.configurations(answer.json())
        if told is None:
            raise answer.protocol_error("the answer is no list of configurations, each with its id")
        return told, answer

    async def _translated(
        self,
        product: str,
        told: Sequence[wire.Configuration],
        status: JobStatus,
        answer: Answer,
        operation: str,
    ) -> ArProduct:
        numbers = dict.fromkeys(one.product_type for one in told if one.product_type)
        types = {number: await self._product_types.name(number, operation) for number in numbers}
        assets = [asset for one in told for asset in await self._assets(one)]
        build = self._builder(operation, Method.RULE, answer.request_id)
        claim_product(build, product, told, status=status, types=types, assets=assets)
        return ArProduct(
            ref=self._ref(PRODUCT, product),
            name="",
            type=next(iter(types.values()), ""),
            configurations=tuple(self._ref(CONFIGURATION, one.id) for one in told),
            assets=tuple(assets),
            claims=build.claims,
            state=status.state,
            raw=answer.json(),
        )

    async def _assets(self, one: wire.Configuration) -> list[ArAsset]:
        preferred = folded(self._settings.preferred_result)
        found = sorted(one.results, key=lambda result: folded(result.type) != preferred)
        if self._settings.result_types:
            wanted = {folded(kind) for kind in self._settings.result_types}
            found = [result for result in found if folded(result.type) in wanted]
        finished = state_of(one.state, self._states)[0] is JobState.SUCCEEDED
        keep = self._settings.rehost and finished
        return [
            await self._results.rehost(one, result) if keep else self._results.named(one, result) for result in found
        ]

    async def _upload(self, configuration: str, given: GarmentImage) -> Upload:
        kind = await self._image_type(given.role)
        upload = Upload.of(configuration, given, await self._context.content(given.image), kind)
        for complaint in upload.complaints:
            self._advise(f"{given.role} of configuration {configuration}", complaint)
        return upload

    async def _image_type(self, role: str) -> wire.Kind:
        name = self._roles.get(folded(role), role)
        try:
            found = await self._image_types.numbered(name, "create_product")
        except Unsupported as error:
            known = ", ".join(self._roles)
            raise Unsupported(
                f"there is no image type for the role {role!r}: {error.message}; known roles are {known}, "
                "and the setting roles adds others"
            ) from None
        return wire.Kind(found.name or name, found.id)

    def _check_frontal(self, configuration: str, uploads: Sequence[Upload]) -> None:
        frontal = {**wire.IMAGE_TYPE_IDS, **self._settings.image_type_ids}[wire.FRONTAL]
        if all(upload.type_id != frontal for upload in uploads):
            self._advise(f"configuration {configuration}", "it has no frontal picture, and the service requires one")

    def _advise(self, picture: str, complaint: str) -> None:
        _log.warning("picture-against-advice", provider=self._context.name, picture=picture, complaint=complaint)

    async def _put(self, path: str, body: dict[str, Any], sku: str) -> Any:
        """Create or replace; the answer's body is not described, so any will do."""
        if sku:
            body["sku"] = sku
        answer = await self._http.put(path, json=body, repeatable=True, operation="create_product")
        try:
            return answer.json()
        except ProtocolError:
            return None

    async def _post_once(self, path: str, operation: str, **request: Any) -> None:
        """POST what carries an id of our own: where it may be repeated, 409 says that it has arrived before."""
        repeatable = self._settings.repeat_posts
        try:
            await self._http.post(path, repeatable=repeatable, operation=operation, **request)
        except Conflict as error:
            if not repeatable:
                raise
            # It may as well be another objection, of which nobody would hear otherwise.
            _log.warning("conflict-counts-as-done", provider=self._context.name, path=path, said=str(error))

    def _builder(self, operation: str, method: Method, request_id: str = "") -> ClaimBuilder:
        source = self._context.source(operation, request_id)
        return ClaimBuilder(source, self._context.vocabulary, observed_at=self._context.clock.now(), method=method)

    def _ref(self, kind: str, id_: str) -> Ref:
        return Ref(self._context.name, kind, id_)

    def _own(self, ref: Ref) -> str:
        if ref.provider != self._context.name or ref.kind != PRODUCT:
            raise InvalidInput(
                f"{ref} is no product of {self._context.name}: write {self._context.name}/{PRODUCT}/<id>"
            )
        return ref.id


@contextmanager
def _naming_setting(setting: str) -> Iterator[None]:
    """Let the error of a request that the service does not know name the setting that moves it elsewhere."""
    try:
        yield
    except (NotFound, ProtocolError) as error:
        if error.status in (404, 405):
            error.message += f"; the vendor's pages leave this request open, see the setting {setting}"
        raise


def _auth(settings: PictofitSettings) -> Auth:
    if settings.api_key is not None:
        return BearerToken(settings.api_key)
    login = settings.login
    assert login is not None
    return OAuth2Password(
        login.token_url,
        login.username,
        login.password,
        client_id=login.client_id,
        client_secret=login.client_secret,
        scope=login.scope,
    )
