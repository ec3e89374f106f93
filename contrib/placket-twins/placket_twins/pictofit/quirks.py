"""What Pictofit's pages leave open."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from placket.errors import InvalidInput

from ..quirks import Quirks, quirk

CONFIGURATION = "{configurationId}"

_PATH = re.compile(r"(/[A-Za-z0-9._-]+)+")


@frozen(kw_only=True)
class PictofitQuirks(Quirks):
    """What the vendor's pages leave open or contradict; a client should bear every setting."""

    credentials: Literal["key", "login", "both"] = quirk(
        "key",
        "What a client authenticates with.\n"
        'The latest pages have a static API key, and say in another place that one is to "retrieve a token"; an older '
        "page has a login with user name and password at `/connect/token` for a token that expires.",
    )
    trailing_comma: Literal["accepted", "refused"] = quirk(
        "accepted",
        "What becomes of a comma before a closing brace.\nThe vendor's own `configuration.json` has one.",
    )
    ids: Literal["any-uuid", "version-4"] = quirk(
        "any-uuid",
        'Which UUIDs a client may make.\nThe page wants "a fresh UUID (Version 4)"; whether that is checked is open.',
    )
    stored: Literal["object", "created", "empty"] = quirk(
        "object",
        "What answers a product, configuration or picture that was taken in.\n"
        "HTTP 200 with the object, 201 with it where it is new, or 204. The page shows no answer.",
    )
    ready_body: Literal["any", "form"] = quirk(
        "any",
        "Whether the flag that a configuration is ready wants the empty form that the page sends.\n"
        "The sample has `-d ''`; without it some servers answer HTTP 411 or 415.",
    )
    ready_answer: Literal["empty", "object"] = quirk(
        "empty",
        "What answers the flag that a configuration is ready.\nHTTP 204, or 200 with the configuration. None is shown.",
    )
    ready_again: Literal["accepted", "conflict"] = quirk(
        "accepted",
        "What a second flag of one configuration is answered.\nAs the first one, or HTTP 409. It changes nothing.",
    )
    repeated_file: Literal["conflict", "accepted"] = quirk(
        "conflict",
        "What a picture with an id that was used before is answered.\n"
        "HTTP 409, or as if it were new; it stays as it was first. The page only wants a fresh id.",
    )
    no_frontal: Literal["rejected", "refused"] = quirk(
        "rejected",
        "What becomes of a configuration without a frontal picture.\n"
        "It is rejected when it is built, or its flag is refused with HTTP 400. The pages say that it is required.",
    )
    picture_rules: Literal["advice", "rules"] = quirk(
        "advice",
        "Whether a picture less than 1000 pixels wide, or of more than 60 megapixels, is refused.\n"
        "The pages name these limits beside ideals. 20 MB are the limit in any case.",
    )
    type_list: Literal["objects", "names", "mapping"] = quirk(
        "objects",
        "What a list of types looks like.\n"
        "`[{id, name}]`, names alone, or `{name: id}`. The page has three such lists and shows none.",
    )
    type_names: Literal["current", "old"] = quirk(
        "current", "What product type 1 is called.\n`GARMENT_2D`, or `GARMENT` as in older pages."
    )
    type_ids: Literal["in-order", "sparse"] = quirk(
        "in-order",
        "The ids of types that the page does not show.\n"
        "It has 1 for GARMENT_2D and for a frontal picture. The others follow, or are anywhere.",
    )
    states: Literal["in-order", "only-finished"] = quirk(
        "in-order",
        "The numbers of states.\n"
        "The page shows 4, of a finished configuration. The others are around it (1 created, 2 ready, 3 in progress, "
        "6 rejected), or none that a client can know (101 and up).",
    )
    rejected: Literal["rejected", "in-progress"] = quirk(
        "rejected",
        "How a configuration shows that nothing could be made of.\n"
        "With a state of its own, or as in progress for ever: people comment on it, and it goes back.",
    )
    configurations: Literal["list", "object-when-one", "envelope"] = quirk(
        "list",
        "What the configurations of a product come in.\n"
        "A list, the object itself where there is one, or `{items, totalCount}`. The page shows one object and says "
        '"somewhat like".',
    )
    results: Literal["objects", "grouped", "addresses"] = quirk(
        "objects",
        "What `results` holds.\n"
        "One object a file, one object a type with its files, or addresses. The page shows three dots.",
    )
    result_address: Literal["absolute", "relative"] = quirk(
        "absolute", "Whether the address of a result begins with the server's.\nThe page shows none."
    )
    result_login: Literal["wanted", "open"] = quirk(
        "wanted",
        "Whether a result's address wants the key.\n"
        "The page says only that the files are for exchange and not for clients.",
    )
    callback_id: Literal["slash", "bare"] = quirk(
        "slash",
        "How the object's id is appended to a callback's address.\n"
        'After a slash, unless the address ends with one, or with nothing between. The page: "We append the object id '
        'to end".',
    )
    callback_body: Literal["empty", "json"] = quirk(
        "empty", "What a callback's body holds.\nNothing, or the type's name and the id. The page says it is a POST."
    )
    callback_tries: int = quirk(
        3, "How often a callback is tried that is not answered with 2xx.\nThe page does not speak of repetitions."
    )
    callback_when: Literal["finished", "ended"] = quirk(
        "finished",
        "When a product counts as completed.\n"
        'When all its configurations are finished, or also when some were rejected. The page: once it "has been '
        'finished processing".',
    )
    trigger_method: Literal["POST", "PUT", "GET"] = quirk(
        "POST", "The method of a test call.\nThe page has its path and names no method."
    )
    files_path: str = quirk(
        "/files", "Where pictures are sent to.\nThe page has lost the address; types are at `/files/types`."
    )
    ready_path: str = quirk(
        "/configurations/{configurationId}/ready",
        "Where a configuration is flagged as ready.\nThe page has lost what stands before the id.",
    )
    errors: Literal["problem", "message", "empty"] = quirk(
        "problem",
        "The body of a refusal.\n"
        "RFC 9457 problem details, `{message}`, or nothing. The pages say nothing about errors.",
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not _PATH.fullmatch(self.files_path):
            raise InvalidInput(f"files_path is a path such as /files, not {self.files_path!r}")
        if CONFIGURATION not in self.ready_path or not _PATH.fullmatch(self.ready_path.replace(CONFIGURATION, "id", 1)):
            raise InvalidInput(f"ready_path is a path with {CONFIGURATION} in it, not {self.ready_path!r}")
        if not 1 <= self.callback_tries <= 10:
            raise InvalidInput(f"callback_tries is from 1 to 10, not {self.callback_tries}")
