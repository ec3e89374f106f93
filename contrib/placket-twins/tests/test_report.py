"""The page: whatever the record, it renders, holds everything, and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placket.interfaces import Attempt, Outcome
from placket.merge import merge
from placket.record import Claim, ClaimBuilder, Color, GarmentRecord, Lab, Method, Source, Vocabulary
from placket.transport import Secret
from placket_twins.passage import File, Model, Passage, Picture, Similar, Step, StepState, Stored
from placket_twins.pictures import shown_pictures
from placket_twins.report import render_report
from placket_twins.toml_text import toml_text

VOCABULARY = Vocabulary.default()
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Reads a page, and insists that every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> inside <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for each, attributes in self.elements if each == tag]


def builder(name="vendor", **source):
    return ClaimBuilder(Source(name, **source), VOCABULARY)


def page_of(record, **details):
    return Page(render_report(record, made_at=NOW, **details))


def test_an_empty_record_has_a_page():
    page = page_of(GarmentRecord("976"))
    assert "Nobody said anything" in page.text
    assert page.all("table") == []


def test_the_page_holds_everything_and_runs_nothing(picture):
    build = builder()
    build.media("front", "https://images.example.com/front.png")
    build.word("color", "navy")
    page = page_of(
        merge(build.claims, id="1"),
        pictures=shown_pictures(picture),
        attempts=[Attempt("vendor", "tag", Outcome.SUCCEEDED, 0, 1.5, 2)],
        config={"providers": {"vendor": {"plugin": "vendor"}}},
    )
    assert page.all("script") == []
    assert page.all("link") == []
    addresses = [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ("src", "href")
    ]
    assert addresses, "there are pictures and links to look at"
    assert all(address.startswith(("data:image/webp;base64,", "#")) for address in addresses)
    assert "default-src 'none'" in page.all("meta")[1]["content"]
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_pictures_are_described_and_tables_have_headers(picture):
    build = builder()
    build.text("brand", "Halyard")
    page = page_of(merge(build.claims, id="1"), pictures=shown_pictures(picture))
    assert len(page.all("img")) == 2
    assert all(image["alt"] for image in page.all("img"))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("caption")) == 1
    assert {header.get("scope") for header in page.all("th")} == {"col", "row"}


PIXEL = b"RIFF....WEBP"


def passage_of(word="garment", *, models=True):
    return Passage(
        steps=(
            Step("photo", StepState.DONE, word, 0.5),
            Step("tag", StepState.DONE, word, 1.0, ("here",)),
            Step("search", StepState.DONE, word, 2.0, ("there",)),
            Step("store", StepState.FAILED, "failed", 0.1, ("shop",), (f"it is closed: {word}",)),
            Step("shoot", StepState.PARTLY, "1 of 2", 3.0, ("studio",), ("too dark",)),
            Step("ar", StepState.DONE, word, 4.0, ("builder",)),
        ),
        similar=(Similar(word, 0.25, PIXEL), Similar("far away", None, PIXEL)),
        stored=Stored(word, (("Brand", word),)),
        pictures=(Picture(word, PIXEL, "shot.png"),),
        models=(Model(word, b"glTF", PIXEL, (File("garment.glb", "glb", 1500),)),) if models else (),
    )


def test_each_step_is_told_in_order():
    page = page_of(GarmentRecord("1"), passage=passage_of())
    for word in (
        "distance 0.250",
        "it is closed: garment",
        "too dark",
        "far away",
        "shot.png",
        "2 kB",
        "partly · 3.0 s",
    ):
        assert word in page.text
    places = [attributes["id"] for _, attributes in page.elements if (attributes.get("id") or "").startswith("step-")]
    assert places == [f"step-{name}" for name in ("tag", "search", "store", "shoot", "ar")]
    assert {link["href"] for link in page.all("a")} >= {"garment.glb", "shot.png", "#step-store"}


def test_the_only_script_that_may_run_is_the_one_that_turns_the_garment():
    html = render_report(GarmentRecord("1"), made_at=NOW, passage=passage_of())
    page = Page(html)
    model, viewer = page.all("script")
    assert model == {"type": "text/plain", "data-name": "garment"}
    assert viewer == {}
    code = html.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = page.all("meta")[1]["content"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    still = Page(render_report(GarmentRecord("1"), made_at=NOW, passage=passage_of(models=False)))
    assert still.all("script") == []
    assert "script-src" not in still.all("meta")[1]["content"]


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def test_whatever_a_source_says_is_text(picture):
    build = builder(EVIL, lineage=EVIL)
    build.text("brand", EVIL)
    build.text("descriptions.long", EVIL, generated=True, raw_confidence=EVIL)
    build.word("fit", EVIL)
    build.text("name", EVIL, method=Method.ECHO)
    build.extra(EVIL, EVIL, EVIL)
    build.label(EVIL, EVIL)
    twin = builder("other", lineage=EVIL)
    twin.text("brand", "Other")
    page = page_of(
        merge(build.claims, twin.claims, id=EVIL),
        pictures=shown_pictures(picture),
        attempts=[Attempt(EVIL, EVIL, Outcome.FAILED, 0, 1, error=EVIL, cost=Decimal(3))],
        config={EVIL: {EVIL: EVIL}},
        file_name=EVIL,
        passage=passage_of(EVIL),
    )
    assert [script.get("data-name") for script in page.all("script")] == [EVIL, None]
    assert {image.get("onerror") for image in page.all("img")} == {None}
    assert len(page.all("img")) == 6
    assert EVIL in page.text


def test_conflicts_are_told():
    seller, camera = builder("seller"), builder("camera")
    seller.word("color", "black", confidence=0.7)
    camera.word("color", "yellow", confidence=0.9)
    page = page_of(merge(seller.claims, camera.claims, id="1"))
    assert "1 conflict" in page.text
    assert "Somebody is wrong" in page.text
    assert [row.get("class") for row in page.all("tr")] == [None, "conflict"]
    assert {"href": "#field-color"} in page.all("a")


def test_echoes_unknown_words_and_lineages_are_told():
    one, two = builder("one", lineage="net"), builder("two", lineage="net")
    one.text("brand", "Halyard", method=Method.ECHO)
    two.word("fit", "Roomy-ish")
    two.word("fit", "slim")
    text = page_of(merge(one.claims, two.claims, id="1")).text
    assert "That is no evidence" in text
    assert "Roomy-ish" in text
    assert "look with the same model" in text


def test_colours_are_shown_by_their_shade():
    build = builder()
    navy, clear = VOCABULARY.get("color", "navy"), VOCABULARY.get("color", "clear")
    assert navy is not None
    assert clear is not None
    build.add("color", Color(navy, 0.62, Lab((20.0, 5.0, -25.0))), confidence=0.9)
    build.add("color", Color(clear), confidence=0.9)
    page = page_of(merge(build.claims, id="1"))
    swatches = [span for span in page.all("span") if span.get("class", "").startswith("swatch")]
    assert [
        (each["class"], bool(re.fullmatch(r"background:#[0-9a-f]{6}", each.get("style", "")))) for each in swatches
    ] == [
        ("swatch", True),
        ("swatch unknown", False),
    ]
    assert "62% of the cloth" in page.text
    assert "said by vendor, not measured" in page.text


def test_attempts_are_drawn_in_the_order_in_which_they_began():
    attempts = [
        Attempt("late", "tag", Outcome.SUCCEEDED, 2.0, 1.0, 2),
        Attempt("early", "tag", Outcome.FAILED, 0.0, 2.0, 1, error="no connection"),
        Attempt("never", "tag", Outcome.SKIPPED, error="it is switched off"),
    ]
    page = page_of(GarmentRecord("1"), attempts=attempts)
    lanes = [span["style"] for span in page.all("span") if "margin-left" in span.get("style", "")]
    assert lanes == [
        "margin-left:0.00%;width:66.67%",
        "margin-left:0.00%;width:0.00%",
        "margin-left:66.67%;width:33.33%",
    ]
    assert "no connection" in page.text
    assert "it is switched off" in page.text


CONFIG = {
    "providers": {
        "a b": {
            "plugin": "acme",
            "api_key": {"env": "ACME_KEY"},
            "password": "hunter2",
            "token": Secret("sesame"),
            "weight": 0.5,
            "enabled": True,
            "cost": {"tag": 3},
            "limits": {},
            "note": 'tab\t "quoted" \\ \x7f',
        }
    },
    "routes": {"garment_tagger": {"targets": ["a b"]}},
}


def test_a_configuration_is_shown_as_toml_without_its_secrets():
    text = toml_text(CONFIG)
    read = tomllib.loads(text)
    assert "hunter2" not in text
    assert "sesame" not in text
    expected = {**CONFIG["providers"]["a b"], "password": "****", "token": "****"}
    assert read == {**CONFIG, "providers": {"a b": expected}}
    assert "ACME_KEY" in page_of(GarmentRecord("1"), config=CONFIG).text


TEXT = st.text(max_size=20)
FIELDS = st.sampled_from(["brand", "name", "descriptions.long", "material_text", "category_text.a", "external_ids.x"])
WORDS = st.sampled_from(["navy", "white", "x:cream", "black", "clear"])


@st.composite
def claims(draw) -> Claim:
    source = Source(draw(TEXT.filter(bool)), lineage=draw(st.sampled_from(["", "net"])))
    details = {
        "confidence": draw(st.none() | st.floats(0, 1)),
        "raw_confidence": draw(TEXT),
        "method": draw(st.sampled_from(list(Method))),
        "generated": draw(st.booleans()),
    }
    if draw(st.booleans()):
        text = draw(TEXT.filter(bool))
        return Claim(draw(FIELDS), text, source, raw=text, **details)
    term = VOCABULARY.get("color", draw(WORDS))
    assert term is not None
    lab = draw(st.none() | st.tuples(st.floats(0, 100), st.floats(-128, 127), st.floats(-128, 127)))
    value = draw(st.none() | st.just(Color(term, draw(st.none() | st.floats(0, 1)), lab)))
    return Claim("color", value, source, raw=draw(TEXT), **details)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(claims(), max_size=8), TEXT.filter(bool))
def test_any_record_has_a_page(found, record_id):
    html = render_report(merge(found, id=record_id), made_at=NOW)
    html.encode()
    assert Page(html).all("script") == []


@pytest.mark.parametrize("size", [(3000, 400), (1, 1), (2000, 2000)])
def test_pictures_become_small_and_forget_where_they_were_taken(size):
    import io

    from PIL import Image as Picture

    file = io.BytesIO()
    exif = Picture.Exif()
    exif[0x010F] = "SecretCamera"
    Picture.new("RGB", size, "#aa2222").save(file, "PNG", exif=exif)
    pictures = shown_pictures(file.getvalue())
    with Picture.open(io.BytesIO(pictures.photo)) as photo:
        assert max(photo.size) <= 900
        assert photo.format == "WEBP"
    assert b"SecretCamera" in file.getvalue()
    assert b"SecretCamera" not in pictures.photo
