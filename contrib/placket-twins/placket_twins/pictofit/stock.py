"""What the Pictofit twin holds: each change is one transaction, and on the disk before it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, true, update

from placket.interfaces import Clock

from ..refusal import Refusal
from ..state import State
from .tables import CONFIGURATIONS, PICTURES, PRODUCTS, RESULTS

FINISHED, REJECTED = "finished", "rejected"


@frozen
class Product:
    """A product. Times are seconds since 1970."""

    id: str
    customer_id: str
    name: str
    type_id: int
    sku: str | None
    created_at: float
    modified_at: float


@frozen
class Configuration:
    """A size or colour of a product. ``outcome`` is empty, ``finished`` or ``rejected``."""

    id: str
    product_id: str
    name: str
    sku: str | None
    created_at: float
    modified_at: float
    is_ready: bool
    outcome: str
    reason: str


@frozen
class PictureFile:
    """A picture that a client sent for a configuration."""

    id: str
    configuration_id: str
    name: str
    type_id: int
    media_type: str
    sha256: str
    created_at: float


@frozen
class ResultFile:
    """A file that was made of a configuration; ``size`` is in bytes."""

    id: str
    configuration_id: str
    type: str
    name: str
    media_type: str
    size: int
    sha256: str


Row = TypeVar("Row", Product, Configuration, PictureFile, ResultFile)

_TABLES: Mapping[type, Table] = {
    Product: PRODUCTS,
    Configuration: CONFIGURATIONS,
    PictureFile: PICTURES,
    ResultFile: RESULTS,
}


class Stock:
    """Products, configurations, pictures and results. The bytes of files are in `file`, by their SHA-256."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def file(self, sha256: str) -> Path:
        """Where the file with these bytes lies."""
        return self._state.folder / "files" / sha256

    async def put_product(self, product_id: str, said: Mapping[str, Any]) -> tuple[Product, bool]:
        """Make a product, or replace what was said of it; also whether it is new."""

        def work(connection: Connection) -> tuple[Product, bool]:
            is_new = self._put(connection, PRODUCTS, product_id, said)
            return _required(connection, Product, product_id), is_new

        return await self._state.write(work)

    async def put_configuration(self, configuration_id: str, said: Mapping[str, Any]) -> tuple[Configuration, bool]:
        """Make a configuration, or replace its name and SKU; also whether it is new.

        Raises Refusal: 404 without its product, 409 where it belongs to another one.
        """

        def work(connection: Connection) -> tuple[Configuration, bool]:
            _required(connection, Product, said["product_id"])
            known = _one(connection, Configuration, configuration_id)
            if known is not None and known.product_id != said["product_id"]:
                raise Refusal(409, f"the configuration {configuration_id} belongs to another product")
            is_new = self._put(connection, CONFIGURATIONS, configuration_id, said)
            return _required(connection, Configuration, configuration_id), is_new

        return await self._state.write(work)

    def _put(self, connection: Connection, table: Table, row_id: str, said: Mapping[str, Any]) -> bool:
        now = self._clock.now().timestamp()
        values = {**said, "modified_at": now}
        if connection.execute(update(table).where(table.c.id == row_id).values(values)).rowcount:
            return False
        connection.execute(insert(table).values({**values, "id": row_id, "created_at": now}))
        return True

    async def add_picture(self, picture: PictureFile) -> PictureFile | None:
        """Keep a picture; the earlier one where its id is taken. Raises Refusal (404) without its configuration."""

        def work(connection: Connection) -> PictureFile | None:
            _required(connection, Configuration, picture.configuration_id)
            known = _one(connection, PictureFile, picture.id)
            if known is None:
                connection.execute(insert(PICTURES).values(attrs.asdict(picture)))
            return known

        return await self._state.write(work)

    async def flag(self, configuration_id: str) -> tuple[Configuration, bool]:
        """Say that a configuration is ready; also whether it was before. Raises Refusal (404)."""

        def work(connection: Connection) -> tuple[Configuration, bool]:
            was_ready = _required(connection, Configuration, configuration_id).is_ready
            self._put(connection, CONFIGURATIONS, configuration_id, {"is_ready": 1})
            return _required(connection, Configuration, configuration_id), was_ready

        return await self._state.write(work)

    async def finish(self, configuration: Configuration, results: Sequence[ResultFile], reason: str = "") -> None:
        """Note what was made of a configuration, or for what ``reason`` nothing could be."""
        outcome = {"outcome": REJECTED if reason else FINISHED, "reason": reason}

        def work(connection: Connection) -> None:
            connection.execute(delete(RESULTS).where(RESULTS.c.configuration_id == configuration.id))
            for each in results:
                connection.execute(insert(RESULTS).values(attrs.asdict(each)))
            self._put(connection, CONFIGURATIONS, configuration.id, outcome)

        await self._state.write(work)

    async def product(self, product_id: str) -> Product:
        """A product; raises Refusal (404)."""
        return await self._state.read(lambda connection: _required(connection, Product, product_id))

    async def configuration(self, configuration_id: str) -> Configuration:
        """A configuration; raises Refusal (404)."""
        return await self._state.read(lambda connection: _required(connection, Configuration, configuration_id))

    async def result(self, result_id: str) -> ResultFile:
        """A file that was made; raises Refusal (404)."""
        return await self._state.read(lambda connection: _required(connection, ResultFile, result_id))

    async def configurations(self, product_id: str) -> Sequence[Configuration]:
        """The configurations of a product, in the order in which they were made."""
        return await self._all(Configuration, CONFIGURATIONS.c.product_id == product_id)

    async def pictures(self, configuration_id: str) -> Sequence[PictureFile]:
        """The pictures of a configuration."""
        return await self._all(PictureFile, PICTURES.c.configuration_id == configuration_id)

    async def results(self, configuration_id: str) -> Sequence[ResultFile]:
        """What was made of a configuration."""
        return await self._all(ResultFile, RESULTS.c.configuration_id == configuration_id)

    async def newest_products(self, limit: int) -> tuple[int, Sequence[Product]]:
        """How many products there are, and the newest of them."""

        def work(connection: Connection) -> tuple[int, Sequence[Product]]:
            total = connection.execute(select(func.count()).select_from(PRODUCTS)).scalar() or 0
            return total, _rows(connection, Product, order=PRODUCTS.c.number.desc(), limit=limit)

        return await self._state.read(work)

    async def _all(self, kind: type[Row], which: ColumnElement[bool]) -> Sequence[Row]:
        return await self._state.read(lambda connection: _rows(connection, kind, which))


def _rows(
    connection: Connection,
    kind: type[Row],
    which: ColumnElement[bool] | None = None,
    *,
    order: Any = None,
    limit: int | None = None,
) -> list[Row]:
    table = _TABLES[kind]
    columns = [table.c[each.name] for each in attrs.fields(kind)]
    asked = (
        select(*columns)
        .where(true() if which is None else which)
        .order_by(table.c.number if order is None else order)
        .limit(limit)
    )
    make: Callable[..., Row] = kind
    return [make(**row) for row in connection.execute(asked).mappings()]


def _one(connection: Connection, kind: type[Row], row_id: str) -> Row | None:
    return next(iter(_rows(connection, kind, _TABLES[kind].c.id == row_id)), None)


def _required(connection: Connection, kind: type[Row], row_id: str) -> Row:
    found = _one(connection, kind, row_id)
    if found is None:
        raise Refusal(404, f"there is no {_NAMES[kind]} {row_id}")
    return found


_NAMES: Mapping[type, str] = {
    Product: "product",
    Configuration: "configuration",
    PictureFile: "file",
    ResultFile: "result",
}
