"""What autoRetouch's pages leave open."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from placket.errors import InvalidInput

from ..quirks import Quirks, quirk


@frozen(kw_only=True)
class AutoretouchQuirks(Quirks):
    """What the vendor's pages leave open or contradict; a client should bear every setting."""

    list_shape: Literal["entries", "bare", "data", "items", "content", "results", "skus"] = quirk(
        "entries",
        "What a list comes in.\n"
        "`{entries, total}` as at the vendor's other endpoints, a bare array, `{data, count}`, `{items, total}`, "
        "`{content, totalElements}`, `{results, total}` or `{skus, total}`. The page shows no answer.",
    )
    id_name: Literal["id", "skuId"] = quirk("id", "Where a SKU's id stands.\nThe path calls it `skuId`.")
    id_type: Literal["uuid", "number"] = quirk(
        "uuid", "What a SKU's id is.\nThe page says of the path that it is a string; briefs have whole numbers."
    )
    absent: Literal["null", "left-out"] = quirk(
        "null", "How a SKU shows what it does not have.\nWith null, or not at all. The page shows no answer."
    )
    created: Literal["sku", "wrapped", "id"] = quirk(
        "sku",
        "What answers a new SKU, beside HTTP 201.\n"
        "The SKU, the SKU inside `sku`, or its id alone. The page only reads JSON.",
    )
    updated: Literal["sku", "empty"] = quirk(
        "sku", "What answers an update.\nHTTP 200 with the SKU, or 204. The page only prints the status code."
    )
    deleted: Literal["empty", "ok"] = quirk(
        "empty", "What answers a removal.\nHTTP 204, or 200 with `{}`. The page only prints the status code."
    )
    omitted: Literal["cleared", "kept"] = quirk(
        "cleared",
        "What an update does to `backImage`, `gender` and `skuCategoryName` that are left out.\n"
        "The page says it of two others only: `isInWardrobe` becomes false, `projectIds` empty.",
    )
    first_page: Literal["1", "0"] = quirk(
        "1", "The number of the first page.\nThe samples ask for page 1; the page does not say which that is."
    )
    page_size: int = quirk(20, "How many are on a page where nobody says it.\nThe samples ask for 20.")
    largest_page: int = quirk(100, "How many are on a page at most; more are not refused.\nThe page names no limit.")
    past_the_end: Literal["empty", "not-found"] = quirk(
        "empty", "What answers a page after the last one.\nAn empty list, or HTTP 404."
    )
    project_filter: Literal["id", "name"] = quirk(
        "id", "What `projectFilter` compares.\nIt is a string, and `projectIds` are whole numbers."
    )
    sku_filter: Literal["exact", "contains", "ignored"] = quirk(
        "exact", 'How `skuIdFilter` compares.\nThe page: "Filter by SKU ID".'
    )
    global_skus: Literal["wardrobe", "without-project", "all"] = quirk(
        "wardrobe",
        "Which SKUs are the global ones.\n"
        'Those in the wardrobe, those of no project, or all. The page: "globally available SKUs for the organization".',
    )
    organization: Literal["optional", "required"] = quirk(
        "optional",
        "Whether an upload names its organization.\n"
        "The page on images recommends the parameter; AI Shoot does not have it at all.",
    )
    unknown_image: Literal["accepted", "refused"] = quirk(
        "accepted",
        "What becomes of a SKU whose image was never uploaded.\n"
        "The page's own samples say `image-identifier-front`. Its shots fail, or it is refused with HTTP 422.",
    )
    unknown_project: Literal["accepted", "refused"] = quirk(
        "accepted",
        "What becomes of a SKU in a project that there is not.\nThe page's own samples have projects 1 and 2.",
    )
    unknown_brief: Literal["not-found", "empty"] = quirk(
        "not-found", "What answers for the results of a brief that there is not.\nHTTP 404, or an empty list."
    )
    content_hash: Literal["hex", "base64"] = quirk(
        "hex",
        "How the content hash of an upload is written.\n"
        "The pages say Base64 of the SHA-256, and all their examples have 64 hexadecimal digits.",
    )
    result_address: Literal["imageUrl", "resultUrl", "resultPath", "content-hash"] = quirk(
        "imageUrl",
        "Where a result says its picture is.\n"
        "In one of two addresses, in the `/image/...` path that the vendor's workflows have, or by its content hash "
        "alone. The page shows no answer.",
    )
    result_login: Literal["wanted", "open"] = quirk(
        "wanted", "Whether the picture of a result wants the token.\nThe pages do not say."
    )
    result_prefix: Literal["both", "v1", "none"] = quirk(
        "both",
        "Whether the path of a result is below `/v1`.\nTwo of the vendor's three old clients put it there.",
    )
    upload_path: Literal["both", "upload", "v1-upload"] = quirk(
        "both", "Where pictures are uploaded.\nThe page has `/upload`, the vendor's own client `/v1/upload`."
    )
    refresh: Literal["kept", "rotated"] = quirk(
        "kept",
        "What a refresh does to the refresh token.\n"
        "It stays, and none comes back; or a new one comes, and the old one is void. The vendor's clients disagree.",
    )
    audience: Literal["wanted", "ignored"] = quirk(
        "wanted",
        "Whether a login has to ask for the audience `https://api.autoretouch.com`.\n"
        "The page sends it, and does not say what happens without it. HTTP 400, or the same as with it.",
    )
    pending_status: Literal["403", "400"] = quirk(
        "403",
        "The HTTP status of a login that was not confirmed yet.\n"
        "403 as at the maker of the login server, 400 as in RFC 8628. The page names the words only.",
    )
    errors: Literal["spring", "text", "empty"] = quirk(
        "spring",
        "The body of a refusal.\n"
        '`{timestamp, status, error, message, path}`, a text, or nothing. The page: "most" errors have the first.',
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        for name in ("page_size", "largest_page"):
            if not 1 <= getattr(self, name) <= 10_000:
                raise InvalidInput(f"{name} is from 1 to 10000, not {getattr(self, name)}")
