"""What a request says, wherever it says it: in the query, in a form, or in a multipart form with files."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from ..multipart import MULTIPART, FormFile, form_of
from ..refusal import Refusal
from ..routes import FORM, Asked
from ..url_encoded import pairs_of


@frozen
class Fields:
    """The fields of one request, by name."""

    values: Mapping[str, bytes] = field(factory=dict)

    def text(self, name: str) -> str:
        """A field as text, empty where it was not given."""
        return self.values.get(name, b"").decode("utf-8", "replace").strip()

    def needed(self, name: str) -> str:
        """A field as text; raises Refusal (400) where it was not given."""
        text = self.text(name)
        if not text:
            raise Refusal(400, f"The parameter {name} is required.")
        return text

    def file(self, name: str) -> bytes | None:
        """What a file contains, None where there is none or it is empty."""
        return self.values.get(name) or None


def fields_of(asked: Asked, where: str) -> Fields:
    """The fields of a request; ``where`` is ``query``, ``form`` or ``both`` (the form wins).

    A multipart form is read in any case: files come no other way. Raises Refusal (400, 415).
    """
    values: dict[str, bytes] = {}
    if where != "form":
        values |= {name: text.encode() for name, text in asked.request.query.items()}
    # What aiohttp makes of this header is taken apart anew for every boundary, and takes longer than all the rest.
    content_type = asked.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type == MULTIPART:
        for name, value in form_of(asked.body or b"", asked.request.headers["Content-Type"]).items():
            if isinstance(value, FormFile):
                values[name] = value.data
            elif where != "query":
                values[name] = value.encode()
    elif asked.body and content_type == FORM:
        if where != "query":
            values |= _form(asked.body)
    elif asked.body:
        raise Refusal(415, f"Send a form: {FORM} or {MULTIPART}.")
    return Fields(values)


def _form(body: bytes) -> dict[str, bytes]:
    pairs = pairs_of(body, errors="surrogateescape")
    return {name: value.encode("utf-8", "surrogateescape") for name, value in pairs}
