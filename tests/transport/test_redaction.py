"""Secrets stay secret, and excerpts can be shown."""

from __future__ import annotations

import base64
import copy
import pickle
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.transport import Redactor, Secret

KEY = "sk-live/9+f=&x y"


def test_a_secret_shows_itself_only_when_asked():
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    for shown in (
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>30}",
        repr([secret]),
        repr({"k": secret}),
    ):
        assert KEY not in shown
        assert "****" in shown


def test_a_secret_cannot_be_pickled_and_is_shared_by_copies():
    secret = Secret(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert copy.deepcopy({"key": secret})["key"] is secret
    assert copy.copy(secret) is secret


def test_secrets_compare_by_value_and_never_with_strings():
    assert Secret("é") == Secret("é")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert not Secret("")
    assert Secret(Secret("a")).reveal() == "a"


def test_a_secret_does_not_change():
    secret = Secret("a")
    with pytest.raises(AttributeError):
        secret.value = "b"
    with pytest.raises(AttributeError):
        secret._Secret__value = "b"


def test_known_secrets_are_masked_in_every_spelling():
    redactor = Redactor([Secret(KEY)])
    redactor.register("ann:p4ss-word")
    pair = base64.b64encode(b"ann:p4ss-word").decode()
    for spelling in (
        KEY,
        quote(KEY),
        quote(KEY, safe=""),
        quote_plus(KEY),
        base64.b64encode(KEY.encode()).decode(),
        pair,
    ):
        assert spelling not in redactor.mask(f"before {spelling} after")
        assert redactor.mask(f"before {spelling} after").startswith("before ****")


@pytest.mark.parametrize(
    "spelling",
    [
        "sk-live\\/9+f=&x y",  # PHP
        "sk-live/9+f\\u003d\\u0026x y",  # Gson
        "sk-live/9+f=\\u0026x y",  # Go
        "sk-live%2f9%2bf%3d%26x+y",  # .NET
        "sk-live/9+f=&amp;x y",  # an error page
    ],
)
def test_known_secrets_are_masked_as_other_languages_write_them(spelling):
    assert Redactor([KEY]).excerpt(f"unknown key {spelling}!".encode(), "text/html") == "unknown key ****!"


def test_tokens_that_follow_one_another_are_remembered_for_a_while_and_what_is_configured_for_good():
    redactor = Redactor(["configured"])
    redactor.register_token("configured")
    redactor.register_token("kept-in-use")
    for number in range(1000):
        redactor.register_token(f"token-{number:04}")
        redactor.register_token("kept-in-use")
    shown = redactor.mask("configured kept-in-use token-0999 token-0980 token-0001")
    assert shown == "**** **** **** **** token-0001"


def test_the_thousandth_token_takes_no_longer_than_the_first():
    redactor = Redactor()
    started = time.process_time()
    for number in range(1000):
        redactor.register_token(f"{number:04}" * 200)
    assert time.process_time() - started < 10.0


# A value with asterisks could be formed anew by a mask and the text beside it.
@given(
    st.text(min_size=4, max_size=40).filter(lambda text: "*" not in text), st.text(max_size=50), st.text(max_size=50)
)
def test_a_registered_value_never_survives(secret, before, after):
    assert secret not in Redactor([secret]).mask(before + secret + after)


def test_a_secret_within_a_secret_leaves_no_rest():
    assert Redactor(["abcd", "abcd-efgh"]).mask("abcd-efgh") == "****"


def test_short_values_do_not_wipe_out_the_text():
    assert Redactor(["a", ""]).mask("a banana") == "a banana"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer VALUE",
        "authorization=Basic VALUE",
        '{"access_token": "VALUE", "n": 1}',
        '{"client_secret":"VALUE"',
        '{\\"api_key\\": \\"VALUE\\"}',
        "{'x-api-key': 'VALUE'}",
        '{"API-KEY": ["VALUE"]}',
        "https://api.example.com/q?api_key=VALUE&page=2",
        "https://cdn.example.com/x?X-Amz-Signature=VALUE",
        "https://cdn.example.com/x?sv=1&sig=VALUE",
        "https://user:VALUE@example.com/",
        "password=VALUE;",
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=VALUE&client_id=me",
        "Set-Cookie: session=VALUE",
        "sent header Bearer VALUE",
        '{"password": "VALUE\\"more-VALUE"}',
    ],
)
def test_what_is_labelled_as_a_secret_is_masked(text):
    value = "zq81-nnKx.33_p"
    masked = Redactor().mask(text.replace("VALUE", value))
    assert value not in masked
    assert "****" in masked


def test_json_web_tokens_are_masked_wherever_they_are():
    assert Redactor().mask("got eyJhbGciOiJI.eyJzdWIiOiIx.abc-_1 here") == "got **** here"


@pytest.mark.parametrize(
    "text", ["the coat has 3 buttons", '{"color": "navy", "size": "M"}', "signed by Ann", "basic cotton"]
)
def test_ordinary_text_is_left_alone(text):
    assert Redactor().mask(text) == text


def test_an_excerpt_is_one_line_without_control_characters():
    body = b"first\r\nsecond\x1b[31mred\x07\x00" + "\u202egnp.exe\u2066".encode()
    excerpt = Redactor().excerpt(body, "text/plain; charset=utf-8")
    assert excerpt == "first second [31mred gnp.exe"


def test_an_excerpt_is_short_and_masks_before_it_cuts():
    secret = "x" * 200
    excerpt = Redactor([secret]).excerpt(b"a " * 140 + secret.encode(), "text/plain", limit=300)
    assert "xx" not in excerpt
    assert len(Redactor().excerpt(b"word " * 1000, "text/plain", limit=100)) == 100


def test_a_secret_across_the_end_of_what_is_looked_at_does_not_show_its_half():
    secret = "s" * 3000
    body = secret.encode() * 3
    assert "ss" not in Redactor([secret]).excerpt(body, "text/plain")


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b"", "text/plain", ""),
        (b"\x89PNG\r\n", "image/png", "<6 bytes of image/png>"),
        (b"\x00\x01\x02", "", "<3 bytes of binary data>"),
        ("Größe".encode("latin-1"), "text/plain; charset=latin-1", "Größe"),
        (b"caf\xe9", "text/plain", "caf\ufffd"),
        (b"x", "text/plain; charset=no-such", "x"),
        ("né".encode("utf-16"), "text/plain; charset=utf-16", "né"),
        (b"<html><style>p{}</style><p>Bad <b>Gateway</b></p>", "text/html", "Bad Gateway"),
    ],
)
def test_excerpts_read_what_can_be_read(body, content_type, shown):
    assert Redactor().excerpt(body, content_type) == shown


@pytest.mark.parametrize(
    "text", ["a.-" * 40_000, '"' * 100_000, "token" * 20_000, "<" * 100_000, "eyJ" * 30_000, "://" * 30_000]
)
def test_hostile_text_is_masked_in_reasonable_time(text):
    started = time.process_time()
    Redactor(["secret-1"]).excerpt(text.encode(), "text/html")
    assert time.process_time() - started < 1.0
