"""What Sartiq's page leaves open."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from ..quirks import Quirks, quirk


@frozen(kw_only=True)
class SartiqQuirks(Quirks):
    """What the vendor's page leaves open or contradicts; a client should bear every setting."""

    created: Literal["200", "201"] = quirk(
        "200", "The HTTP status of a product that was made.\nThe reference shows none; the overview lists 200 and 201."
    )
    bad_login: Literal["401", "400"] = quirk(
        "401",
        "The HTTP status of a login with a wrong e-mail address or password.\n"
        "The authentication page says 401; the framework's own template, whose words the vendor uses, says 400.",
    )
    bad_token: Literal["401", "403"] = quirk(
        "401",
        "The HTTP status of a token that is wrong or has expired.\n"
        "The authentication page says 401; the framework's own template says 403.",
    )
    refresh_token: Literal["absent", "present"] = quirk(
        "absent",
        "Whether a login brings a refresh token.\n"
        "One page's diagram shows it, another one says that there is none. Nothing takes it.",
    )
    list_shape: Literal["data-count", "items-total", "bare"] = quirk(
        "data-count",
        "The envelope of a list of products.\n"
        "The reference has `{data, count}`; the examples page shows `{items, total, page, size}`; generations are a "
        "bare array in any case.",
    )
    list_identity: Literal["absent", "present"] = quirk(
        "absent",
        "Whether a list of products carries `id`, `created_at` and `updated_at` of its own.\n"
        "Its schema declares them, required they are not.",
    )
    count: Literal["total", "page"] = quirk(
        "total", "What `count` counts: all that match, or those on the page.\nThe page does not say."
    )
    default_sort: Literal["shot-status", "created-at"] = quirk(
        "shot-status",
        "The order of products where nobody asks for one.\n"
        'The page says "by shot_status using bucket-based logic" and does not name the buckets.',
    )
    null_on_update: Literal["clears", "ignored"] = quirk(
        "clears",
        "What a null in an update does to a field other than `organization_id`.\n"
        "The page says of `organization_id` alone that null moves the product out.",
    )
    deleted: Literal["message", "empty", "product"] = quirk(
        "message",
        "What answers the deletion of a product, and the dismissal of an export.\n"
        "HTTP 200 with a `Message`, HTTP 204, or what was removed. The page shows none; it has the schema `Message`.",
    )
    cancelled: Literal["cancelled", "processing"] = quirk(
        "cancelled",
        "The status of an export in the answer to its cancellation.\n"
        "The text says CANCELLED, the example below it shows PROCESSING.",
    )
    cancel_ended: Literal["400", "409"] = quirk(
        "400",
        "The HTTP status of cancelling an export that has ended, or of dismissing one that has not.\n"
        "The page says which can be cancelled, and not what else is answered.",
    )
    download_url: Literal["absolute", "relative", "absent"] = quirk(
        "absolute",
        "The `download_url` of a finished export.\n"
        "The page has the field and a `/download` route, and does not say how they belong together.",
    )
    download_login: bool = quirk(
        True, "Whether a download wants the token.\nThe page does not say it of `download_url`."
    )
    slash: Literal["redirect", "not-found"] = quirk(
        "redirect",
        "What answers `/products` without its slash.\n"
        "HTTP 307 to the path with it, as the framework does, or HTTP 404. The overview writes it both ways.",
    )
    unknown_code: Literal["accepted", "refused"] = quirk(
        "accepted",
        "What becomes of a gender that is not MALE, FEMALE or UNISEX.\n"
        "The page names the enumeration and not its values.",
    )
    unreachable_image: Literal["linked", "refused"] = quirk(
        "linked",
        "What becomes of a picture whose address brings nothing.\n"
        "It stays a link without a media resource, or the product is refused. The page does not say.",
    )
    media: Literal["present", "absent"] = quirk(
        "present", "Whether products carry `*_media` beside `*_url`.\nThe vendor is moving from one to the other."
    )
    captions: Literal["none", "plain"] = quirk(
        "none",
        "Whether a product without a description gets one.\n"
        "The vendor has one written by a model. `plain` joins what the product itself says, before the answer with "
        "`sync_captioning`, after it without.",
    )
    filler_prefix: str = quirk(
        "FILLER",
        "How the SKU of a filler product begins.\nThe page says that fillers are found by their SKU, and not how.",
    )
