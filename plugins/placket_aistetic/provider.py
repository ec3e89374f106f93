"""Uploads a garment's picture, asks until it is tagged, and hands over what the vendor says as claims."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve

from placket.errors import ConfigError, InvalidInput, NotFound, Refused
from placket.interfaces import (
    Clock,
    Findings,
    Garment,
    GarmentTagger,
    Image,
    Job,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    PollSchedule,
    Ticket,
    TypicalDuration,
)
from placket.record import Term, ValueMap, normalize_word
from placket.registry import ProviderContext
from placket.transport import Answer, StaticHeaders

from . import wire
from .translation import Memory, Translation

if TYPE_CHECKING:
    from . import AisteticSettings

HINTS: Mapping[str, tuple[str, ...]] = {
    "Brand": ("brand",),
    "Category": ("category", "category_text.category"),
    "Gender": ("gender",),
    "Material": ("material_text", "fabric"),
    "Studio": ("extra.aistetic.studio",),
}
"""The attributes of the page's example, and the fields that fill each: the first that is known does."""

GENDER_WORDS = {"female": "Women's", "male": "Men's", "unisex": "Unisex"}
"""For grown-ups: the page shows the first, and the others follow its pattern."""

GROWN_UP = frozenset({"adults", "all_ages", "universal"})
"""Age groups of whom "Women's" can be said. With any other the gender goes as it is known."""

STATES = {
    wire.QUEUING: JobState.QUEUED,
    wire.PROCESSING: JobState.RUNNING,
    wire.COMPLETE: JobState.SUCCEEDED,
    wire.FAILED: JobState.FAILED,
}

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, wire.BASE_URL)
_LONGEST_PAUSE = 60.0


class AisteticTagger(GarmentTagger):
    """Tags one picture of a garment: two requests when the vendor is as fast as usual."""

    def __init__(self, settings: AisteticSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        auth = StaticHeaders({wire.API_KEY_HEADER: settings.api_key, wire.DOMAIN_HEADER: settings.domain})
        self._http = context.http(settings.base_url, auth)
        values = ValueMap.from_package(__package__, context.vocabulary)
        stated = {normalize_word(word): confidence for word, confidence in settings.confidence.items()}
        self._values = evolve(values, confidences={**values.confidences, **stated})
        self._memory: Memory = {}
        self._typical = TypicalDuration(settings.typical_latency)

    async def submit(self, garment: Garment) -> Job[Findings]:
        """Upload the front picture.

        Raises ConfigError when the picture has no address and no image host is configured to give it one;
        UnknownOutcome when the upload was sent and not answered; Refused when the vendor says no.
        """
        upload = wire.Upload(
            uuid=self._uuid(garment),
            image_url=await self._address(garment.image()),
            attribute=self._hints(garment.known) if self._settings.send_attributes else {},
        )
        answer = await self._http.post(
            wire.UPLOAD, json=upload, repeatable=self._settings.repeat_upload, operation="upload"
        )
        envelope = self._envelope(answer, answer.json_object())
        if not envelope.ok:
            raise Refused(self._complaint("refuses the upload", envelope), **answer.details())
        ticket = Ticket(
            provider=self._context.name,
            interface=self.interface_name,
            operation="tag",
            id=upload.uuid,
            submitted_at=self._context.clock.now(),
            data={"attribute": dict(upload.attribute)},
        )
        return self._job(ticket, learn=True)

    async def resume(self, ticket: Ticket) -> Job[Findings]:
        """Take up a garment that was uploaded before, here or in another process."""
        sent = ticket.data.get("attribute", {})
        if ticket.interface != self.interface_name or not isinstance(sent, Mapping):
            raise InvalidInput(f"ticket {ticket.id} is not one that {self._context.name} gave for a garment")
        # How long it was out of sight says nothing about the vendor, so nothing is learnt from it.
        return self._job(ticket, learn=False)

    def _job(self, ticket: Ticket, *, learn: bool) -> Job[Findings]:
        clock, interval = self._context.clock, self._settings.poll_interval
        typical = self._typical.seconds
        elapsed = 0.0 if learn else max(0.0, (clock.now() - ticket.submitted_at).total_seconds())
        schedule = PollSchedule(
            first=max(0.0, (interval if typical is None else typical) - elapsed),
            interval=interval,
            maximum=max(interval, _LONGEST_PAUSE),
        )
        watch = _Watch(ticket, self._look, self._typical, clock, schedule.first)
        return PolledJob(
            ticket,
            watch.look,
            clock=clock,
            schedule=schedule,
            on_success=watch.finished if learn else None,
            patience=self._settings.deadline,
        )

    async def _look(self, ticket: Ticket) -> Look[Findings]:
        answer = await self._http.get(wire.QUERY, params={"uuid": ticket.id}, operation="query")
        document = answer.json_object()
        envelope = self._envelope(answer, document)
        if not envelope.ok:
            complaint = self._complaint("refuses the query", envelope)
            if self._settings.refused_query == "not-found":
                raise NotFound(complaint, **answer.details())
            return Look(JobStatus(JobState.FAILED, message=complaint))
        data = envelope.data
        if not isinstance(data, dict):
            raise answer.protocol_error("the answer has no data, not even that the garment is still being processed")
        self._check_uuid(answer, data, ticket)
        word = wire.processing_status(document, self._settings.status_at)
        state = _state(wire.is_complete(data), word)
        message = self._http.redactor.line("; ".join(envelope.errors)) if state is JobState.FAILED else ""
        status = JobStatus(state, raw_state=word, message=message)
        if state is not JobState.SUCCEEDED:
            return Look(status)
        translation = Translation(
            self._context.source("tag", answer.request_id),
            self._values,
            observed_at=self._context.clock.now(),
            sent=ticket.data.get("attribute", {}),
            memory=self._memory,
        )
        claims = translation.claims(data, ticket.id, job_places=self._settings.status_at)
        return Look(status, Findings(claims, raw={self._context.name: document}))

    def _envelope(self, answer: Answer, document: Mapping[str, Any]) -> wire.Envelope:
        envelope = wire.Envelope.of(document)
        if envelope.ok is None:
            raise answer.protocol_error("the answer does not say status true or false, as every answer must")
        return envelope

    def _complaint(self, what: str, envelope: wire.Envelope) -> str:
        return f"the vendor {what}: {self._http.redactor.line(envelope.complaint)}"

    def _check_uuid(self, answer: Answer, data: Mapping[str, Any], ticket: Ticket) -> None:
        told = data.get("uuid")
        if told not in (None, "") and str(told).casefold() != ticket.id.casefold():
            raise answer.protocol_error(f"asked about {ticket.id}, the vendor answers about another garment")

    def _uuid(self, garment: Garment) -> str:
        if self._settings.uuid_from == "random":
            return str(uuid.uuid4())
        return garment.id if _PLAIN_ID.fullmatch(garment.id) else str(uuid.uuid5(_NAMESPACE, garment.id))

    async def _address(self, image: Image) -> str:
        if image.url.startswith(("http://", "https://")):
            return image.url
        host = self._context.image_host
        if host is None:
            raise ConfigError(
                f"{self._context.name} takes a picture only at a public address, and {image.origin} has none; "
                'write an [images.host] table, such as plugin = "local:directory" with a folder that a web server '
                "shows and its base_url, or give the picture's http(s) URL",
                path="images.host",
            )
        return await host.publish(image)

    def _hints(self, known: Mapping[str, Any]) -> dict[str, str]:
        hints: dict[str, str] = {}
        if not known:
            return hints
        for attribute, fields in HINTS.items():
            word = next(filter(None, (_word(known.get(name)) for name in fields)), "")
            if word:
                hints[attribute] = self._gender(word, _word(known.get("age_group"))) if attribute == "Gender" else word
        return hints

    def _gender(self, word: str, age: str) -> str:
        find = self._context.vocabulary.find
        term, group = find("gender", word), find("age_group", age)
        if term is None or (group is not None and group.id not in GROWN_UP):
            return word
        return GENDER_WORDS.get(term.id, word)


class _Watch:
    """The looks at one garment, and what they say about how long the vendor takes."""

    __slots__ = ("_ask", "_clock", "_first", "_looks", "_started", "_ticket", "_typical")

    def __init__(
        self,
        ticket: Ticket,
        ask: Callable[[Ticket], Awaitable[Look[Findings]]],
        typical: TypicalDuration,
        clock: Clock,
        first: float,
    ) -> None:
        self._ticket = ticket
        self._ask = ask
        self._typical = typical
        self._clock = clock
        self._first = first
        self._started = clock.monotonic()
        self._looks = 0

    def look(self) -> Awaitable[Look[Findings]]:
        """Ask the vendor once."""
        self._looks += 1
        return self._ask(self._ticket)

    def finished(self) -> None:
        """The garment is tagged."""
        seconds = self._clock.monotonic() - self._started
        # Done at the first look means done at some time before: looking late must not make the vendor seem slow.
        self._typical.learn(min(seconds, self._first) if self._looks == 1 else seconds)


def _state(complete: bool | None, word: str) -> JobState:
    """Where the garment stands: the flag decides, which is all that the page shows, unless the word says "failed"."""
    said = STATES.get(word.casefold(), JobState.UNKNOWN)
    if said is JobState.FAILED:
        return said
    if complete:
        return JobState.SUCCEEDED
    if said is JobState.SUCCEEDED and complete is False:
        return JobState.RUNNING
    return said if word else JobState.UNKNOWN if complete is None else JobState.RUNNING


def _word(value: Any) -> str:
    """A known value as the vendor's form takes it: a text."""
    if value is None:
        return ""
    if isinstance(value, Term):
        return value.label
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(filter(None, map(_word, value)))
    return str(value).strip()
