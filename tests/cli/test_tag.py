"""``placket tag``: records with who says what, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from placket.record.schema import record_schema


def test_the_table_tells_who_says_so_and_who_says_otherwise(placket, taggers, photo):
    output = placket("tag", photo).stdout
    brand = next(line for line in output.splitlines() if "brand" in line)
    assert "north-says" in brand
    assert "north (0.70)" in brand
    assert "south (0.70): South" in brand
    assert "!" in brand, "a conflict is marked"
    assert "fit: 'wibbly' (north)" in output
    assert output.count("succeeded") == 2


def test_vendor_keepsakes_are_counted_and_not_listed(placket, taggers, photo):
    output = placket("tag", photo).stdout
    assert "2 more values are kept under extra" in output
    assert "extra.north.note" not in output


def test_json_is_the_record_its_attempts_and_nothing_else(placket, taggers, photo):
    document = placket.json("tag", photo, "--json")
    jsonschema.validate(document, record_schema())
    assert document["input"] == photo
    assert document["brand"] == "north-says"
    assert [entry["provider"] for entry in document["provenance"]["/brand"]["dissent"]] == ["south"]
    assert [(each["provider"], each["outcome"]) for each in document["attempts"]] == [
        ("north", "succeeded"),
        ("south", "succeeded"),
    ]
    assert [(each["interface"], each["retries"], each["waited"]) for each in document["attempts"]] == [
        ("garment_tagger", 0, 0.0),
        ("garment_tagger", 0, 0.0),
    ]
    assert "claims" not in document


def test_claims_are_added_on_request(placket, taggers, photo):
    document = placket.json("tag", photo, "--json", "--claims")
    jsonschema.validate(document, record_schema())
    assert {claim["source"]["provider"] for claim in document["claims"]} == {"north", "south"}


def test_claims_without_json_is_wrong_use(placket, photo):
    assert "--claims goes with --json" in placket("tag", photo, "--claims", exit_code=2).stderr


def test_what_is_known_is_the_sellers_word(placket, taggers, photo):
    document = placket.json("tag", photo, "--json", "--known", "brand=Acme", "--known", "measurements.waist=38 cm")
    assert document["brand"] == "Acme"
    assert document["provenance"]["/brand"]["support"][0]["method"] == "merchant"
    assert document["measurements"]["waist"]["mm"] == 380


def test_several_pictures_are_json_lines_in_their_order(placket, taggers, work_folder):
    names = [f"{number}.png" for number in range(30)]
    for name in names:
        (work_folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    lines = placket("tag", *names, "--json").stdout.splitlines()
    assert [json.loads(line)["input"] for line in lines] == names


def test_some_failing_is_partly_done(placket, taggers, photo):
    result = placket("tag", photo, "missing.png", "--json", exit_code=3)
    done, failed = map(json.loads, result.stdout.splitlines())
    assert done["brand"] == "north-says"
    assert failed["input"] == "missing.png"
    assert failed["error"] == {"type": "InvalidInput", "message": "there is no image at missing.png"}
    assert "error: missing.png: there is no image at missing.png" in result.stderr


def test_a_wrong_picture_is_wrong_input_and_one_line(placket, taggers, work_folder):
    (work_folder / "notes.txt").write_text("no picture")
    result = placket("tag", "notes.txt", exit_code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("error: notes.txt is not an image")
    assert result.stderr.count("\n") == 1


def test_when_all_providers_fail_each_cause_is_told(placket, taggers, photo):
    taggers.configure(north='fails = "always"', south='fails = "always"')
    result = placket("tag", photo, exit_code=1)
    first, *causes = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert [cause.strip() for cause in causes] == ["north.tag: out for lunch", "south.tag: out for lunch"]
    assert result.stdout.count("failed") == 2, "the attempts are shown"


def test_a_failure_is_a_json_document_as_well(placket, taggers, photo):
    taggers.configure(north='fails = "always"', south='fails = "always"')
    document = placket.json("tag", photo, "--json", exit_code=1)
    assert document["error"]["type"] == "AllProvidersFailed"
    assert [each["error"]["type"] for each in document["attempts"]] == ["Unavailable", "Unavailable"]


def test_provider_failures_outweigh_wrong_pictures_when_all_fail(placket, taggers, photo):
    taggers.configure(north='fails = "always"', south='fails = "always"')
    placket("tag", photo, "missing.png", exit_code=1)


def test_one_provider_failing_is_done_and_told(placket, taggers, photo):
    taggers.configure(north='fails = "always"')
    output = placket("tag", photo).stdout
    assert "out for lunch" in output
    assert "South" in output


def test_stdin_is_read_as_a_picture(placket, taggers, photo):
    document = placket.json("tag", "-", "--json", input=Path(photo).read_bytes())
    assert document["input"] == "-"
    assert document["brand"] == "north-says"


def test_stdin_can_be_named_once(placket, taggers):
    assert "can be read once" in placket("tag", "-", "-", exit_code=2, input=b"").stderr


def test_a_private_address_is_refused(placket, site, photo):
    result = placket("tag", "http://127.0.0.1:9/photo.png", "--json", exit_code=2)
    assert "127.0.0.1" in json.loads(result.stdout)["error"]["message"]


def test_costs_are_shown_where_there_are_any(placket, taggers, photo):
    taggers.configure(north="cost = 0.25")
    assert "0.25" in placket("tag", photo).stdout
    costs = {each["provider"]: each.get("cost") for each in placket.json("tag", photo, "--json")["attempts"]}
    assert costs == {"north": "0.25", "south": None}


def test_what_a_vendor_says_cannot_steer_the_terminal(placket, taggers, photo):
    taggers.configure(north='says = "\\u001b[31mred\\u001b[0m [bold]"')
    output = placket("tag", photo).stdout
    assert "\x1b[31m" not in output
    assert "\\x1b[31mred\\x1b[0m [bold]" in output


@pytest.mark.parametrize("columns", ["30", "60", "200"])
def test_every_width_shows_every_field(placket, taggers, photo, columns):
    output = placket("tag", photo, env={"COLUMNS": columns}).stdout
    assert "brand" in output
    assert "north-says" in output
    assert max(map(len, output.splitlines())) <= int(columns)


def test_a_width_that_nobody_knows_hides_nothing(placket, taggers, photo):
    assert placket("tag", photo, env={"COLUMNS": "0"}).stdout.count("north-says") == 1


def test_a_configuration_error_is_found_before_any_picture_is_tagged(placket, taggers, photo, work_folder):
    (work_folder / "placket.toml").write_text('[providers.north]\nplugin = "nort"\nweight = "2"\n')
    result = placket("tag", photo, "--json", exit_code=2)
    assert result.stdout == ""
    assert "providers.north.weight" in result.stderr
