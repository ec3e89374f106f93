"""The kit finds what is wrong with errors, effects and secrets: each fault put into a skeleton breaks its rule."""

from __future__ import annotations

from typing import Any

import pytest

from placket.testing import Violation, run_virtual
from placket.testing.conformance import failing, secrecy
from placket.testing.conformance.steps import Step, steps_of

ASK = """        answer = await self._http.post(
            "/v1/tags", data=picture, params={"language": self._settings.language}, repeatable=True
        )
"""


def catching(statement: str) -> tuple[str, str]:
    """Ask, and do something else with what goes wrong."""
    caught = f"""
        from placket.errors import NotFound, ProviderError
        try:
            answer = await self._http.post("/v1/tags", data=picture)
        except ProviderError as error:
            {statement}
        """
    return ASK, caught


def fail(subject: Any, name: str, operation: str = "tag") -> None:
    for step in run_virtual(steps_of(subject, operation)):
        run_virtual(failing.fails_well(subject, operation, name, step), grace=0.002)


@pytest.mark.parametrize("failure", failing.FAILURES)
def test_the_skeleton_fails_well(built, failure):
    fail(built(), failure)


def test_the_requests_of_an_operation_are_seen(built):
    assert run_virtual(steps_of(built(), "tag")) == [Step("POST", "/v1/tags", answers_json=True)]
    subject = built(interface="product_store")
    assert run_virtual(steps_of(subject, "update")) == [Step("PATCH", "/v1/products/*", answers_json=True)]
    subject = built(interface="ar_content_builder")
    assert list(map(str, run_virtual(steps_of(subject, "mark_ready")))) == [
        "POST /v1/products/*/build",
        "GET /v1/products/*",
    ]


@pytest.mark.parametrize("failure", ["404", "500", "timeout", "reset", "truncated"])
def test_an_error_of_no_kind(built, failure):
    with pytest.raises(Violation, match="raises RuntimeError"):
        fail(built(catching("raise RuntimeError from None")), failure)


@pytest.mark.parametrize("failure", ["401", "403", "409", "422", "429", "503"])
def test_an_error_of_another_kind(built, failure):
    wrong = "raise NotFound('no', status=error.status, provider='under-test', operation='tag') from None"
    with pytest.raises(Violation, match="becomes NotFound and not "):
        fail(built(catching(wrong)), failure)


def test_an_error_without_its_provider(built):
    with pytest.raises(Violation, match="does not name its provider"):
        fail(built(catching("raise NotFound('no', status=404) from None")), "404")


def test_an_error_without_what_the_vendor_said(built):
    silent = "raise NotFound('no', status=404, provider='under-test', operation='tag') from None"
    with pytest.raises(Violation, match="no excerpt"):
        fail(built(catching(silent)), "404")


def test_a_pause_that_is_forgotten(built):
    forgetful = "error.retry_after = None; raise"
    with pytest.raises(Violation, match="retry_after is None, and the vendor asked for 7"):
        fail(built(catching(forgetful)), "429-retry-after")


@pytest.mark.parametrize(
    ("failure", "instead", "complaint"),
    [
        ("malformed", "import json; said = json.loads(answer.body)", "raises JSONDecodeError"),
        ("wrong-shape", "said = answer.json()", "raises AttributeError"),
        ("empty", "said = answer.json_object() if answer.body else {}", "succeeds, as if nothing had happened"),
    ],
)
def test_an_answer_that_is_not_looked_at(built, failure, instead, complaint):
    with pytest.raises(Violation, match=complaint):
        fail(built(("said = answer.json_object()", instead)), failure)


def test_an_error_that_is_swallowed(built):
    with pytest.raises(Violation, match="succeeds, as if nothing had happened"):
        fail(built(catching("return Findings()")), "500")


@pytest.mark.parametrize("failure", ["timeout", "reset"])
def test_a_write_that_is_repeated(built, failure):
    subject = built(
        ("json=self._sent(draft.fields))", "json=self._sent(draft.fields), repeatable=True)"),
        interface="product_store",
    )
    with pytest.raises(Violation, match="was sent 3 times and ends in"):
        fail(subject, failure, "create")
    type(subject).repeatable = ("/v1/products",)
    fail(subject, failure, "create")


@pytest.mark.parametrize("failure", ["timeout", "reset", "truncated"])
def test_a_read_whose_outcome_is_unknown(built, failure):
    once = ('"/v1/search", json=document, repeatable=True', '"/v1/search", json=document')
    subject = built(once, interface="visual_search")
    with pytest.raises(Violation, match="only reads, so its outcome is never unknown"):
        fail(subject, failure, "search")


def test_a_vendor_with_words_of_its_own_is_excused(built):
    subject = built(catching("raise NotFound('no', status=403, provider='under-test', operation='tag') from None"))
    seen = []

    def excuses(incident):
        seen.append((incident.operation, incident.failure, incident.method, incident.path))
        return True

    subject.excuses = excuses
    fail(subject, "403")
    assert seen == [("tag", "403", "POST", "/v1/tags")]


def test_a_secret_in_an_error(built):
    told = "error.message += f'; the key was {self._settings.api_key.reveal()}'; raise"
    with pytest.raises(Violation, match="a secret of 18 characters is in the NotFound") as caught:
        fail(built(catching(told)), "404")
    assert "acme-key-for-tests" not in str(caught.value)


def test_a_secret_in_the_log(built):
    logged = """
        import logging
        logging.getLogger("acme").debug("the key is %s", self._settings.api_key.reveal())
        picture ="""
    with pytest.raises(Violation, match="in what is logged"):
        run_virtual(secrecy.keeps_secrets(built(("        picture =", logged))))


def test_a_secret_in_the_repr(built):
    shown = """
    def __repr__(self):
        return f"Acme({self._settings.api_key.reveal()})"

    async def tag("""
    with pytest.raises(Violation, match="in the provider's repr"):
        run_virtual(secrecy.keeps_secrets(built(("    async def tag(", shown))))


def test_a_token_is_a_secret_too(built):
    logged = """
        import logging
        logging.getLogger("acme").info("logged in with tok-4711")
        picture ="""
    headers = '{"X-Key": settings.api_key, "Authorization": "Bearer tok-4711"}'
    subject = built(('{"X-Key": settings.api_key}', headers), ("        picture =", logged))
    with pytest.raises(Violation, match="a secret of 8 characters is in what is logged"):
        run_virtual(secrecy.keeps_secrets(subject))
