"""What Aistetic's page leaves open."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from ..quirks import Quirks, quirk


@frozen(kw_only=True)
class AisteticQuirks(Quirks):
    """What the vendor's page leaves open; each default is a guess, and a client should bear every setting."""

    failed: Literal["status-word", "never-completes", "envelope"] = quirk(
        "status-word",
        "How a failed garment shows.\n"
        "The page has the word `failed` and no place for it: `data.status` is `failed` beside `complete: false`; not "
        "at all, so that it looks pending for ever; or an envelope with `status: false`.",
    )
    status_word: Literal["when-failed", "always", "never"] = quirk(
        "when-failed",
        "When `data` carries the processing status (queuing, processing, complete, failed).\n"
        "The page names the words, and its examples show none.",
    )
    status_field: Literal["status", "state", "processing_status"] = quirk(
        "status", "Where in `data` the processing status stands.\nThe page does not say."
    )
    over_limit: Literal["429", "ok-false"] = quirk(
        "429",
        "The answer to a request over the limit.\n"
        "HTTP 429 with `Retry-After`, or HTTP 200 with `status: false`; the page says neither.",
    )
    limit_per: Literal["key", "endpoint"] = quirk(
        "key",
        'Whether upload and query count together.\nThe page says "6 requests per minute", of what it does not say.',
    )
    refusals: Literal["http-status", "ok-false"] = quirk(
        "http-status",
        "How other refusals come: a wrong key, a bad body.\n"
        "With an HTTP status of their own, or as HTTP 200 with `status: false`.",
    )
    unknown_uuid: Literal["not-found", "pending", "envelope"] = quirk(
        "not-found",
        "The answer to a query for a uuid that was never uploaded.\n"
        "HTTP 404, the answer of a pending one, or HTTP 200 with `status: false`.",
    )
    reused_uuid: Literal["replace", "keep", "refuse"] = quirk(
        "replace",
        "What a second upload of a uuid does.\n"
        "It starts anew; it leaves the first one as it is and says success; or it is refused with HTTP 409.",
    )
    unmeasured: Literal["null", "empty", "absent"] = quirk(
        "null", "How `measurements` of a finished garment shows when nothing was measured.\nThe page shows full ones."
    )
