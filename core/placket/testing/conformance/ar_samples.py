"""What a builder of AR content is called with."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from ...interfaces import ArConfiguration, ARContentBuilder, ArProductDraft, GarmentImage, Interface, Ref
from .samples import Samples, fresh_name
from .stand import Stand


class ARSamples(Samples):
    """Products with one configuration that has a front picture."""

    interface: ClassVar[type[Interface]] = ARContentBuilder

    def draft(self, number: int = 0) -> ArProductDraft:
        """An AR product to be made."""
        images = (GarmentImage(self.image(number)),)
        configuration = ArConfiguration("Medium", images, sku=f"placket-{number}-m", id=str(uuid.uuid4()))
        return ArProductDraft(fresh_name(), (configuration,), sku=f"placket-{number}", id=str(uuid.uuid4()))

    def event(self) -> str:
        """What the provider can call back about."""
        return ""

    def callback_url(self) -> str:
        """Where it is to call."""
        return "https://shop.example.com/placket/callback"

    async def product(self, stand: Stand, number: int = 0) -> Ref:
        """A new AR product. No provider can delete one, so that none is made without leave to write."""
        stand.require_leave("create_product")
        made = await stand.perform("create_product", (self.draft(number),))
        ref: Ref = made.ref
        return ref

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        """What each operation takes."""
        match operation:
            case "product_types" | "image_roles" | "callback_events":
                return ()
            case "create_product":
                return (self.draft(number),)
            case "register_callback":
                return (await self._event(stand), self.callback_url(), "a-callback-secret")
            case "test_callback":
                event = await self._event(stand)
                await stand.perform("register_callback", (event, self.callback_url(), "a-callback-secret"))
                return (event, await self.product(stand, number))
            case _:
                return (await self.product(stand, number),)

    async def _event(self, stand: Stand) -> str:
        return self.event() or str(await self.first(stand, "callback_events"))
