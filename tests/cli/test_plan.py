"""``placket plan``: what would happen, without it happening."""

from __future__ import annotations

from pathlib import Path


def test_the_plan_calls_nobody(placket, taggers, photo):
    placket("plan", photo)
    assert taggers.called == []


def test_a_photo_is_read_and_an_address_is_not_fetched(placket, taggers, photo):
    shown = placket.json("plan", photo, "--json")["photo"]
    assert shown == {"input": photo, "media_type": "image/png", "bytes": len(Path(photo).read_bytes())}
    assert placket.json("plan", "http://127.0.0.1:9/a.png", "--json")["photo"] == {"input": "http://127.0.0.1:9/a.png"}
    assert "not fetched" in placket("plan", "http://127.0.0.1:9/a.png").stdout
    assert "no image at" in placket("plan", "missing.png", exit_code=2).stderr


def test_swapping_the_targets_changes_the_plan_and_then_the_record(placket, taggers, photo):
    first: dict[tuple[str, ...], tuple[list[str], list[str], str]] = {}
    for targets in (("north", "south"), ("south", "north")):
        taggers.configure(strategy="first", targets=targets)
        plan = placket.json("plan", photo, "--json")
        planned = [step["provider"] for step in plan["steps"]]
        assert [step["when"] for step in plan["steps"]] == ["always", f"if {targets[0]} fails"]
        assert taggers.called == []
        record = placket.json("tag", photo, "--json")
        (Path("journal.txt")).unlink()
        first[targets] = planned, [each["provider"] for each in record["attempts"]], record["brand"]
    assert first == {
        ("north", "south"): (["north", "south"], ["north"], "north-says"),
        ("south", "north"): (["south", "north"], ["south"], "South"),
    }


def test_the_plan_tells_fields_costs_and_the_deadline(placket, taggers):
    taggers.configure(strategy="complete", north="cost = 0.5", rest='deadline = "20s"')
    plan = placket.json("plan", "--json")
    assert plan["deadline"] == 20
    assert plan["steps"][0] == {
        "provider": "north",
        "route": "garment_tagger",
        "when": "always",
        "fields": ["brand", "color", "fit"],
        "cost": "0.5",
        "obstacle": None,
    }
    output = placket("plan").stdout
    assert "complete, within 20 s" in output
    assert "0.5" in output


def test_who_cannot_be_asked_is_told_with_the_reason(placket, taggers):
    taggers.configure(north="cost = 2\nbudget = { limit = 1 }")
    [north, south] = placket.json("plan", "--json")["steps"]
    assert "budget of 1" in north["obstacle"]
    assert south["obstacle"] is None
    assert "not now: " in placket("plan").stdout


NEEDS_A_KEY = """
[providers.here]
plugin = "local"

[providers.vendor]
plugin = "aistetic"
api_key = { env = "A_KEY_THAT_NOBODY_SET" }
domain = "shop.example"

[routes.garment_tagger]
targets = ["vendor", "here"]
"""


def test_a_missing_secret_is_told_and_the_rest_planned(placket, monkeypatch):
    monkeypatch.delenv("A_KEY_THAT_NOBODY_SET", raising=False)
    Path("placket.toml").write_text(NEEDS_A_KEY)
    [vendor, here] = placket.json("plan", "--json")["steps"]
    assert vendor["provider"] == "vendor"
    assert "A_KEY_THAT_NOBODY_SET is not set" in vendor["obstacle"]
    assert vendor["when"] == "always"
    assert here["obstacle"] is None
    monkeypatch.setenv("A_KEY_THAT_NOBODY_SET", "4711")
    assert [step["obstacle"] for step in placket.json("plan", "--json")["steps"]] == [None, None]


def test_the_plan_says_that_nothing_is_asked_until_the_secret_is_there(placket, photo, monkeypatch):
    monkeypatch.delenv("A_KEY_THAT_NOBODY_SET", raising=False)
    for targets in ('["vendor", "here"]', '["here"]'):
        Path("placket.toml").write_text(NEEDS_A_KEY.replace('["vendor", "here"]', targets))
        assert placket.json("plan", "--json")["without_secrets"] == ["vendor"]
        told = " ".join(placket("plan").stdout.split())
        assert "Nobody is asked at all until the secrets of vendor are there" in told
        placket("tag", photo, exit_code=2)
    monkeypatch.setenv("A_KEY_THAT_NOBODY_SET", "4711")
    assert placket.json("plan", "--json")["without_secrets"] == []
    assert "until the secrets" not in placket("plan").stdout


def test_what_else_is_wrong_beside_a_missing_secret_is_refused(placket, monkeypatch):
    monkeypatch.delenv("A_KEY_THAT_NOBODY_SET", raising=False)
    Path("placket.toml").write_text(NEEDS_A_KEY.replace('domain = "shop.example"', 'domian = "shop.example"'))
    told = placket("plan", exit_code=2).stderr
    assert "domian" in told
    Path("placket.toml").write_text(NEEDS_A_KEY)
    assert "A_KEY_THAT_NOBODY_SET is not set" in placket("tag", "photo.png", exit_code=2).stderr


def test_the_merge_is_explained_where_answers_meet(placket, taggers):
    taggers.configure(
        north="weight = 2",
        rest='[merge.fields.brand]\nprefer = ["south"]\n[merge.fields.color]\nthreshold = 0.9\n',
    )
    merge = placket.json("plan", "--json")["merge"]
    assert merge["weights"] == {"north": 2}
    assert merge["fields"] == {
        "brand": {"providers": ["north", "south"], "policy": "vote", "prefer": ["south"]},
        "color": {"providers": ["north", "south"], "policy": "include", "threshold": 0.9},
        "fit": {"providers": ["north", "south"], "policy": "vote"},
    }
    output = placket("plan").stdout
    assert "weights: north 2 (others 1)" in output
    assert "prefer south" in output


def test_a_preference_that_the_plan_tells_is_what_the_record_follows(placket, taggers, photo):
    assert placket.json("tag", photo, "--json")["brand"] == "north-says"
    taggers.configure(rest='[merge.fields.brand]\nprefer = ["south"]\n')
    assert placket.json("tag", photo, "--json")["brand"] == "South"


def test_other_interfaces_need_an_operation(placket, taggers):
    assert "--operation: " in placket("plan", "--interface", "product_store", exit_code=2).stderr
    assert (
        "has no operation 'fetch'"
        in placket("plan", "--interface", "product_store", "--operation", "fetch", exit_code=2).stderr
    )
    output = placket("plan", "--interface", "product_store", "--operation", "get").stdout
    assert "no route product_store" in output


def test_a_route_without_an_enabled_provider_is_there_all_the_same(placket, taggers, photo):
    taggers.configure(targets=("north",), north="enabled = false")
    output = placket("plan").stdout
    refused = placket("tag", photo, exit_code=2).stderr
    assert "Nobody would be asked: no provider is enabled on the route garment_tagger" in output
    assert "no provider is enabled on the route garment_tagger" in refused
    assert "has no route" not in output


def test_an_operation_with_one_answer_has_no_merge(placket, taggers):
    plan = placket.json("plan", "--operation", "submit", "--json")
    assert "merge" not in plan
    assert "serves it like first" in plan["note"]
