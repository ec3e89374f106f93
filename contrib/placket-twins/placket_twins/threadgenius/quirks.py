"""What Thread Genius's page contradicts or leaves open.

Some of the page's oddities are switches of nobody, because it shows one reading only: statuses with spaces,
``catalog`` as an object and as a list, success code 200 for everything, ``date_created`` with a space, three kinds of
score, usage months without a leading zero, ``expires_in_seconds``.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from ..quirks import Quirks, quirk


@frozen(kw_only=True)
class ThreadGeniusQuirks(Quirks):
    """What the vendor's page contradicts or leaves open; a client should bear every setting."""

    authorization: Literal["both", "bearer", "bare"] = quirk(
        "both",
        "Which forms of the header `Authorization` are taken.\n"
        "The text and the commands of detect and usage write `Bearer TOKEN`, the other commands write `TOKEN`.",
    )
    token_method: Literal["both", "get", "post"] = quirk(
        "both", "How a token is asked for.\nThe reference says GET; the command sends a form, so it is a POST."
    )
    usage_method: Literal["both", "get", "post"] = quirk(
        "both", "How usage is asked for.\nThe command says GET, the reference says POST."
    )
    slash: Literal["both", "redirect"] = quirk(
        "both",
        "What answers a path without the slash that the reference writes at its end.\n"
        "The same as with it, or HTTP 308 to the path with it. The commands leave it out.",
    )
    parameters: Literal["both", "form", "query"] = quirk(
        "both",
        "Where parameters are looked for.\n"
        'The reference calls all of them "query parameters"; the commands send forms. Files always come in a form.',
    )
    image_count: Literal["as-on-page", "num_images_total", "num_total_images", "both"] = quirk(
        "as-on-page",
        "How the number of images is spelled.\n"
        "The field table and the answer to index have `num_images_total`, get and list have `num_total_images`.",
    )
    counts: Literal["when-known", "always"] = quirk(
        "when-known",
        "Whether the numbers of images are there before they mean something.\n"
        "The examples leave both out before the upload, and `num_images_indexed` before indexing; or they are 0.",
    )
    indexing_word: Literal["as-on-page", "indexing", "index-in-progress"] = quirk(
        "as-on-page",
        "The status of a catalog that is being indexed.\n"
        "The table says `indexing`, the answer to index says `index in progress`; each at its place by default.",
    )
    error_log: Literal["when-filled", "always", "never"] = quirk(
        "when-filled", "When a catalog carries `error_log`.\nThe field table has it, no example shows it."
    )
    error_log_form: Literal["text", "list"] = quirk(
        "text", "Whether `error_log` is one text, a line for each error, or a list.\nThe page does not say."
    )
    bad_line: Literal["skipped", "fails"] = quirk(
        "skipped",
        "What a line of a catalog file that cannot be used does.\n"
        "It is noted in `error_log` and left out, or the status becomes `upload error`.",
    )
    header_line: Literal["item", "skipped"] = quirk(
        "item", "Whether the first line of a catalog file is a header.\nThe page shows a table and not the file."
    )
    quoting: Literal["none", "csv"] = quirk(
        "none",
        "Whether a field of a catalog file may stand in double quotes, doubled inside.\n"
        'The page says "tab-delimited" and no more.',
    )
    second_upload: Literal["adds", "replaces"] = quirk(
        "adds",
        "What a second catalog file does to what the first one brought.\n"
        "An image id that comes again replaces the old one in any case. The page does not say.",
    )
    bad_image: Literal["skipped", "fails"] = quirk(
        "skipped",
        "What an image that cannot be fetched or read does to indexing.\n"
        "It is noted in `error_log` and left out, or the status becomes `index error`.",
    )
    out_of_phase: Literal["refused", "accepted"] = quirk(
        "refused",
        "What becomes of indexing before `upload done`, and of searching before `ready for query`.\n"
        "HTTP 400; or indexing waits for the upload, and a search finds what there is.",
    )
    url_and_image: Literal["refused", "url", "image"] = quirk(
        "refused", 'What becomes of a request with both `url` and `image`.\nThe page says "either".'
    )
    empty_metadata: Literal["object", "null", "absent"] = quirk(
        "object", "How `metadata` of an image without any shows.\nMetadata are optional; every example has some."
    )
    label_names: Literal["as-on-page", "plain", "typed"] = quirk(
        "as-on-page",
        "Whether the name of a label repeats its type.\n"
        'The example has "color charcoal" of the type color and "chelsea boots" of the type shape; or no name does it, '
        "or every one.",
    )
    bbox: Literal["integers", "floats"] = quirk(
        "integers", "Whether the pixels of `bbox` are whole.\nThe example shows whole ones, and no text says it."
    )
    box_order: Literal["surest-first", "left-to-right"] = quirk(
        "surest-first", "The order of boxes.\nThe example is in no order that can be told."
    )
    http_status: Literal["as-code", "always-200"] = quirk(
        "as-code", "Whether the HTTP status of a refusal is its `status.code`, or 200.\nThe page shows no refusal."
    )
    error_body: Literal["envelope", "text", "empty"] = quirk(
        "envelope", "What a refusal carries.\nThe error table lists codes and shows no body. With HTTP 200 an envelope."
    )
    bad_credentials: Literal["401", "403", "400"] = quirk(
        "401", "The code for a wrong `api_key` or `api_secret`.\nThe error table has all three."
    )
    bad_token: Literal["401", "403"] = quirk(
        "401",
        "The code for a token that is wrong or has expired.\nThe page says that tokens expire, and not how it shows.",
    )
    unknown_catalog: Literal["404", "400"] = quirk(
        "404", "The code for a catalog that is not there.\nThe error table has both."
    )
