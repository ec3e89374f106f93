"""A provider leaves out what it cannot do."""

from __future__ import annotations

import pytest

from placket.errors import Unsupported
from placket.interfaces import Ref, ShootManager
from placket.interfaces.store import ProductStore


class Both(ProductStore, ShootManager):
    """Of two interfaces, with nothing in it."""


async def test_the_interface_that_declares_the_operation_is_named() -> None:
    with pytest.raises(Unsupported, match=r"Both cannot product_store\.get$"):
        await Both().get(Ref("shop", "product", "1"))
    with pytest.raises(Unsupported, match=r"Both cannot shoot_manager\.delete_sku$"):
        await Both().delete_sku(Ref("shop", "sku", "1"))
