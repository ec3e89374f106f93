"""What the Pictofit twin answers about what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..works import Work
from .quirks import PictofitQuirks
from .settings import PREFIX
from .stock import FINISHED, Configuration, PictureFile, Product, ResultFile
from .words import Words, state_of

RESULTS = f"{PREFIX}/results"
"""Where results are: ``/results/{id}/{name}``."""


class Shown:
    """The vendor's objects, as the quirks have them."""

    def __init__(self, quirks: PictofitQuirks, words: Words) -> None:
        self._quirks = quirks
        self._words = words

    def product(self, product: Product) -> dict[str, Any]:
        """A product. It is written as ``typeId``, which the configurations read back as ``productTypeId``."""
        return {
            "customerId": product.customer_id,
            "name": product.name,
            "typeId": product.type_id,
            "sku": product.sku,
            "createdAt": product.created_at,
            "modifiedAt": product.modified_at,
            "id": product.id,
        }

    def picture(self, picture: PictureFile) -> dict[str, Any]:
        """A picture that was sent."""
        return {
            "id": picture.id,
            "name": picture.name,
            "configurationId": picture.configuration_id,
            "typeId": picture.type_id,
            "mimeType": picture.media_type,
            "createdAt": picture.created_at,
        }

    def configuration(
        self,
        product: Product,
        configuration: Configuration,
        work: Work | None,
        results: Sequence[ResultFile],
        base_url: str,
    ) -> dict[str, Any]:
        """A configuration, its keys in the order of the page."""
        is_finished = state_of(configuration, work) == FINISHED
        return {
            "productId": product.id,
            "name": configuration.name,
            "sku": configuration.sku,
            "createdAt": configuration.created_at,
            "modifiedAt": configuration.modified_at,
            "stateId": self._words.state(configuration, work),
            "productTypeId": product.type_id,
            "customerId": product.customer_id,
            "url": None,
            "results": self._results(results, base_url) if is_finished else [],
            "metadata": {},
            "id": configuration.id,
        }

    def configurations(self, shown: Sequence[Mapping[str, Any]]) -> Any:
        """All configurations of a product."""
        if self._quirks.configurations == "envelope":
            return {"items": list(shown), "totalCount": len(shown)}
        if self._quirks.configurations == "object-when-one" and len(shown) == 1:
            return shown[0]
        return list(shown)

    def _results(self, results: Sequence[ResultFile], base_url: str) -> list[Any]:
        if self._quirks.results == "addresses":
            return [self._address(each, base_url) for each in results]
        files = [self._file(each, base_url) for each in results]
        if self._quirks.results == "objects":
            return files
        types = dict.fromkeys(each["type"] for each in files)
        return [{"type": kind, "files": [each for each in files if each["type"] == kind]} for kind in types]

    def _file(self, result: ResultFile, base_url: str) -> dict[str, Any]:
        return {
            "id": result.id,
            "type": result.type,
            "name": result.name,
            "mimeType": result.media_type,
            "size": result.size,
            "compressed": ".min." in result.name,
            "url": self._address(result, base_url),
        }

    def _address(self, result: ResultFile, base_url: str) -> str:
        path = f"{RESULTS}/{result.id}/{result.name}"
        return path if self._quirks.result_address == "relative" else f"{base_url}{path}"
