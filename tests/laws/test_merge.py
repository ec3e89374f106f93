"""What holds for every merge, whatever the claims."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

from attrs import evolve
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from placket.merge import FieldPolicy, MergePolicy, merge
from placket.record.claim import Alternative, Claim, Method, Source
from placket.record.codec import record_from_json, record_to_json
from placket.record.record import RECORD_FIELDS, GarmentRecord, field_of
from placket.record.schema import record_schema
from placket.record.terms import Term
from placket.record.values import (
    ArAsset,
    Color,
    Detection,
    Fibre,
    Label,
    Look,
    Measurement,
    MediaItem,
    Price,
    Season,
    Shot,
    Size,
    Variant,
)
from placket.record.vocabulary import Vocabulary

law = settings(
    deadline=None,
    max_examples=100,
    derandomize="CI" in os.environ,
    phases=[phase for phase in Phase if phase is not Phase.explain],  # which is slow here and says little
)

PROVIDERS = ("amber", "birch", "cedar", "dune")
WORDS = ("Zara", "zara ", "Acme", "A long text", "a  LONG text", "ß", "1", "cut \ud83d", "cut \udce9")
TIMES = (
    None,
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    datetime(2026, 3, 1),  # noqa: DTZ001 - a source may leave out the zone
    datetime(2026, 5, 1, tzinfo=UTC),
)
FIELDS = [
    spec.path + ("." + key if spec.keyed else "")
    for spec in RECORD_FIELDS.values()
    for key in (("one", "two.three") if spec.keyed else ("",))
]
FIELDS = [path.replace("extra.", "extra.vendor.") for path in FIELDS]


@cache
def terms(attribute: str) -> tuple[Term, ...]:
    """A few terms that lie above, below and beside each other."""
    everything = Vocabulary.default().terms(attribute)
    nested = [term for term in everything if term.broader is not None][-3:]
    return tuple(dict.fromkeys([*(step for term in nested for step in term.lineage), *everything[:3]]))


@cache
def values_of(path: str) -> st.SearchStrategy[Any]:
    spec = field_of(path)
    word, number = st.sampled_from(WORDS), st.sampled_from([0.0, 0.25, 1, 12.5])
    optional = st.none() | number
    time = st.sampled_from(TIMES[1:])
    url = st.sampled_from(["", "https://a.example/1.png", "https://a.example/2.png"])
    if spec.attribute and spec.value_type is Term:
        return st.sampled_from(terms(spec.attribute))
    media = st.builds(MediaItem, word, url=url, sha256=st.sampled_from(["", "ab"]), width=st.none() | st.integers(0, 2))
    json_values = st.recursive(
        word | number | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(word, inner), max_leaves=4
    )
    category = st.none() | st.sampled_from(terms("category"))
    size = st.builds(
        Size, word, st.none() | st.sampled_from(terms("size_system")), st.just(terms("size_group")[:1]), optional
    )
    return {
        str: word,
        bool: st.booleans(),
        Any: json_values,
        datetime: time,
        Color: st.builds(
            Color,
            st.sampled_from(terms("color")),
            st.none() | st.sampled_from([0, 0.25, 1.0]),
            st.none() | st.just((50.0, 1, -3.5)),
        ),
        Season: st.builds(Season, st.sampled_from(["SS", "ss", "FW"]), st.sampled_from([None, 2025, 2026])),
        Size: size,
        Fibre: st.builds(Fibre, st.sampled_from(["cotton", "Cotton", "silk"]), optional),
        Measurement: st.builds(
            Measurement, st.sampled_from([700.0, 705, 720.5, 900.0]), st.sampled_from([0, "27½", 29])
        ),
        Price: st.builds(Price, st.sampled_from([Decimal("9.90"), Decimal(10)]), st.sampled_from([None, "EUR"])),
        Label: st.builds(Label, word, st.sampled_from(["", "shape"])),
        MediaItem: media,
        Detection: st.builds(Detection, category, st.just((0.0, 0.0, 0.5, 1)), optional),
        Variant: st.builds(Variant, word, size=st.none() | size, external_ids=st.dictionaries(word, word, max_size=1)),
        ArAsset: st.builds(ArAsset, word, url, byte_size=st.none() | st.just(0)),
        Shot: st.builds(
            Shot, word, word, image=st.none() | media, details=st.dictionaries(word, json_values, max_size=1)
        ),
        Look: st.builds(Look, word, word),
    }[spec.value_type]


LINEAGES = {"cedar": "shared", "dune": "shared"}
SOURCES = [
    Source(provider, "plugin", "tag", request, LINEAGES.get(provider, ""))
    for provider in PROVIDERS
    for request in ("", "r-1")
]
confidences = st.none() | st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.9, 1])


@cache
def claims_about(path: str, methods: tuple[Method, ...] = tuple(Method)) -> st.SearchStrategy[Claim]:
    values = values_of(path)
    alternatives = st.builds(Alternative, st.none() | values, st.just("alt"), confidences)
    said: dict[str, Any] = {
        "field": st.just(path),
        "source": st.sampled_from(SOURCES),
        "confidence": confidences,
        "raw_confidence": st.sampled_from(["", "High"]),
        "alternatives": st.just(()) | st.tuples(alternatives) | st.tuples(alternatives, alternatives),
        "path": st.sampled_from(["", "data[2]", "data[10]"]),
        "method": st.sampled_from(methods),
        "generated": st.booleans(),
        "observed_at": st.sampled_from(TIMES),
    }
    known = st.builds(Claim, value=values, raw=st.sampled_from([None, "x", 29.5, ("t", 1), Decimal("2.50")]), **said)
    unknown = st.builds(Claim, value=st.none(), raw=st.sampled_from(["", "a word", 0, False]), **said)
    return st.one_of(known, known, known, unknown)


MACHINES = (Method.MODEL, Method.RULE)
a_field = st.sampled_from(FIELDS)
# Few fields at a time, so that claims meet.
claim_lists = st.lists(a_field, min_size=1, max_size=3).flatmap(
    lambda paths: st.lists(st.sampled_from(paths).flatmap(claims_about), max_size=12)
)
policies = st.builds(
    MergePolicy,
    weights=st.dictionaries(st.sampled_from(PROVIDERS), st.sampled_from([0, 0.5, 2.0]), max_size=2),
    calibration=st.sampled_from([{}, {"amber": ((0.0, 0.2), (0.5, 0.4), (1.0, 0.7))}]),
    fields=st.sampled_from(
        [{}, {"category": FieldPolicy(prefer=["birch", "amber"])}, {"color": FieldPolicy(threshold=0.8)}]
    ),
)


def merged(*sources: Any, policy: MergePolicy | None = None) -> GarmentRecord:
    return merge(*sources, id="garment", policy=policy or MergePolicy())


def copied(claim: Claim) -> Claim:
    return replace(claim)


@law
@given(claim_lists, policies, st.randoms(use_true_random=False))
def test_the_order_of_claims_does_not_matter(claims: list[Claim], policy: MergePolicy, random: Any) -> None:
    shuffled = [copied(claim) for claim in claims]
    random.shuffle(shuffled)
    one, other = merged(claims, policy=policy), merged(shuffled, policy=policy)
    assert one == other
    assert json.dumps(record_to_json(one)) == json.dumps(record_to_json(other))


@law
@given(claim_lists, policies)
def test_merging_again_changes_nothing(claims: list[Claim], policy: MergePolicy) -> None:
    record = merged(claims, policy=policy)
    assert merged(record, record, policy=policy) == record
    assert merged(claims, [copied(claim) for claim in claims], policy=policy) == record


@law
@given(claim_lists, claim_lists, claim_lists, policies)
def test_the_grouping_of_records_does_not_matter(
    first: list[Claim], second: list[Claim], third: list[Claim], policy: MergePolicy
) -> None:
    a, b, c = (merged(claims, policy=policy) for claims in (first, second, third))
    left = merged(merged(a, b, policy=policy), c, policy=policy)
    assert left == merged(a, merged(b, c, policy=policy), policy=policy)
    assert left == merged([first, [second, iter(third)]], policy=policy)


@law
@given(claim_lists)
def test_no_claim_is_lost(claims: list[Claim]) -> None:
    record = merged(claims)
    assert set(record.claims) == set(claims)
    assert len(record.claims) == len(set(claims))
    told: list[Claim] = []
    for path in {claim.field for claim in claims}:
        why = record.why(path)
        told += [*why.support, *why.dissent, *why.echoes, *why.unknown_words]
    assert set(told) == {claim for claim in claims if claim.value is not None or claim.raw is not None}


@law
@given(claim_lists, policies)
def test_every_field_with_evidence_is_resolved_and_no_other(claims: list[Claim], policy: MergePolicy) -> None:
    record = merged(claims, policy=policy)
    assert set(record.resolutions) == {claim.field for claim in claims if claim.is_evidence}
    for path, found in record.resolutions.items():
        assert 0.0 <= found.score <= 1.0
        assert found.value is not None
        assert isinstance(found.value, tuple) is field_of(path).many
        assert len({*found.support, *found.dissent}) == len(found.support) + len(found.dissent)
        assert found.support or found.value == ()


@law
@given(claim_lists, claim_lists, policies)
def test_echoes_and_unknown_words_decide_nothing(claims: list[Claim], more: list[Claim], policy: MergePolicy) -> None:
    silent = [
        replace(claim, method=Method.ECHO) if index % 2 else replace(claim, value=None)
        for index, claim in enumerate(more)
    ]
    assert merged(claims, silent, policy=policy).resolutions == merged(claims, policy=policy).resolutions


@law
@given(claim_lists, policies)
def test_a_record_survives_json(claims: list[Claim], policy: MergePolicy) -> None:
    record = merged(claims, policy=policy)
    document = record_to_json(record, claims=True)
    assert record_from_json(document) == record
    text = json.dumps(document)
    again = record_from_json(json.loads(text))
    assert again == record
    assert json.dumps(record_to_json(again, claims=True)) == text
    assert merged(again, policy=policy) == record


SCHEMA = record_schema()


@law
@given(claim_lists, st.booleans())
def test_every_record_matches_the_published_schema(claims: list[Claim], with_claims: bool) -> None:
    document = json.loads(json.dumps(record_to_json(merged(claims), claims=with_claims)))
    Draft202012Validator(SCHEMA).validate(document)
    assert set(document) <= set(SCHEMA["properties"])


@law
@given(a_field.filter(lambda path: field_of(path).policy != "collect"), st.data(), policies)
def test_a_person_outranks_everybody(path: str, data: st.DataObject, policy: MergePolicy) -> None:
    machines = data.draw(st.lists(claims_about(path, (*MACHINES, Method.MERCHANT)), max_size=8))
    people = data.draw(st.lists(claims_about(path, (Method.HUMAN,)), min_size=1, max_size=3))
    assume(any(claim.is_evidence for claim in people))
    both, alone = merged(machines, people, policy=policy), merged(people, policy=policy)
    assert both.resolutions[path].value == alone.resolutions[path].value
    assert both.resolutions[path].score == alone.resolutions[path].score
    assert both.resolutions[path].conflict == alone.resolutions[path].conflict


@law
@given(a_field, st.data())
def test_an_agreeing_independent_voice_never_lowers_the_score(path: str, data: st.DataObject) -> None:
    claims = data.draw(st.lists(claims_about(path, MACHINES), min_size=1, max_size=8))
    record = merged(claims)
    assume(path in record.resolutions)
    before = record.resolutions[path]
    value = before.value
    if field_of(path).many:
        assume(len(value) == 1)
        value = value[0]
    confidence = data.draw(confidences)
    agreeing = Claim(path, value, Source("newcomer"), confidence=confidence, path="new")
    after = merged(claims, agreeing).resolutions[path]
    assert after.score >= before.score
    assert agreeing in after.support


@law
@given(a_field.filter(lambda path: field_of(path).policy in ("vote", "cluster")), st.data())
def test_a_surer_dissenter_never_raises_the_score(path: str, data: st.DataObject) -> None:
    claims = data.draw(st.lists(claims_about(path, MACHINES), min_size=1, max_size=8))
    other = data.draw(values_of(path))
    less, more = sorted(data.draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    before, after = (
        merged(claims, Claim(path, other, Source("newcomer"), confidence=sure, path="new")).resolutions[path]
        for sure in (less, more)
    )
    dissents = all("newcomer" in {claim.source.provider for claim in found.dissent} for found in (before, after))
    assume(dissents and before.value == after.value)
    assert after.score <= before.score


# What a provider calls by its own id is the same for that provider alone: nobody else can agree.
shared_fields = a_field.filter(lambda path: field_of(path).value_type not in (Look, Shot, Variant))


@law
@given(shared_fields, st.data(), st.integers(2, 30), st.sampled_from([0.6, 0.75, 0.9]))
def test_copies_of_one_voice_count_about_once(path: str, data: st.DataObject, copies: int, confidence: float) -> None:
    value = data.draw(values_of(path))
    resold = [
        Claim(path, value, Source(f"reseller-{number}", lineage="one"), confidence=confidence)
        for number in range(copies)
    ]
    independent = [replace(claim, source=Source(claim.source.provider)) for claim in resold[:2]]
    alone, many, two = (merged(claims).resolutions[path].score for claims in (resold[:1], resold, independent))
    assert alone <= many < two
    assert many - alone < (two - alone) / 3


@law
@given(claim_lists, policies)
def test_renamed_providers_decide_the_same(claims: list[Claim], policy: MergePolicy) -> None:
    """Names only break ties: new names in the same order change nothing but the names."""
    # Claims at one place would be told apart by their ids, which contain the names.
    claims = [replace(claim, path=f"{index:02}") for index, claim in enumerate(claims)]
    renamed = [
        replace(claim, source=replace(claim.source, provider="new-" + claim.source.provider)) for claim in claims
    ]
    new_policy = evolve(
        policy,
        weights={"new-" + name: weight for name, weight in policy.weights.items()},
        calibration={"new-" + name: points for name, points in policy.calibration.items()},
        fields={
            path: evolve(rule, prefer=["new-" + name for name in rule.prefer]) for path, rule in policy.fields.items()
        },
    )
    before, after = merged(claims, policy=policy), merged(renamed, policy=new_policy)
    assert list(before.resolutions) == list(after.resolutions)
    for path, found in before.resolutions.items():
        new = after.resolutions[path]
        assert (new.value, new.score, new.conflict) == (found.value, found.score, found.conflict)
        assert [claim.path for claim in new.support] == [claim.path for claim in found.support]
