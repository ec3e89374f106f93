"""The kit finds wrong answers and what is left behind: each fault put into a skeleton breaks the rule it should."""

from __future__ import annotations

from typing import Any

import pytest

from placket.testing import NotApplicable, Violation, run_virtual
from placket.testing.conformance import leaks, mixing, operations, resuming, tolerance
from placket.testing.conformance.changes import CHANGES
from placket.testing.conformance.steps import Step

TAGS = Step("POST", "/v1/tags", answers_json=True)
ASK = """        answer = await self._http.post(
            "/v1/tags", data=picture, params={"language": self._settings.language}, repeatable=True
        )
"""
MEASURE = 'build.measure("Waist", said.get("waist_cm")'
COLOR = 'build.word("color", said.get("colour")'


def check(coroutine: Any) -> None:
    run_virtual(coroutine, grace=0.002)


def test_the_skeleton_keeps_the_rules(built):
    subject = built()
    check(operations.works(subject, "tag"))
    check(operations.says_every_field(subject))
    for change in CHANGES:
        check(tolerance.tolerates(subject, "tag", change))
    check(leaks.gives_up(subject, "tag", TAGS))
    check(leaks.closes(subject))
    check(mixing.keeps_apart(subject, "tag"))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("return Findings(build.claims, raw=said)", "return build.claims", "the interface says Findings"),
        ("Findings(build.claims,", "Findings(('navy',),", "they are a tuple of Claim"),
        ("Findings(build.claims,", "Findings([*build.claims],", "they are a tuple of Claim"),
        ('build.text("brand"', 'build.text("sku"', "the capabilities do not declare"),
        ('build.text("brand"', 'build.add("brand", 7); build.text("brand"', "has a int as its value"),
        ('build.text("brand"', 'build.text("brnad"', "a claim is about 'brnad'"),
        ("self._context.source(", "type(self._context.source('x'))(", "does not name its source"),
        ("        picture =", "        raise placket.Unsupported('no')\n        picture =", "declared usable"),
    ],
)
def test_a_wrong_answer(built, old, new, complaint):
    with pytest.raises(Violation, match=complaint):
        check(operations.works(built((old, new)), "tag"))


def test_a_job_that_is_none(built):
    at_once = ("async def tag(", "async def submit(self, garment):\n        return Findings()\n\n    async def tag(")
    with pytest.raises(Violation, match=r"submit gave a Findings, and the interface says Job: return a PolledJob"):
        check(operations.works(built(at_once), "submit"))


def test_a_reference_to_somebody_else(built):
    subject = built(('Ref(self._context.name, "product"', 'Ref("acme", "product"'), interface="product_store")
    with pytest.raises(Violation, match=r"make references with context\.name"):
        check(operations.works(subject, "create"))


def test_a_field_declared_and_never_said(built):
    with pytest.raises(Violation, match="declared as full and claimed by no answer: brand"):
        check(operations.says_every_field(built(('said.get("brand")', 'said.get("marque")'))))


def test_a_field_that_only_the_other_interface_says(built):
    both = ("interfaces=(GarmentTagger,)", "interfaces=(GarmentTagger, placket.interfaces.ProductStore)")
    factory = ("(GarmentTagger):", "(GarmentTagger, placket.interfaces.ProductStore):")
    with pytest.raises(Violation, match="declare it partial, or declare in interface_fields what each interface tells"):
        check(operations.says_every_field(built(both, factory, ('said.get("brand")', 'said.get("marque")'))))


def test_an_operation_that_is_not_declared_and_works(built):
    subject = built(('"garment_tagger.submit": Level.FULL', '"garment_tagger.submit": Level.UNSUPPORTED'))
    with pytest.raises(Violation, match="submit is unsupported, and gave"):
        check(operations.refuses(subject, "submit"))


def test_an_operation_that_asks_before_it_refuses(built):
    subject = built(
        ('OPERATIONS = "create get', 'OPERATIONS = "create'),
        ("        source = ", "        raise placket.Unsupported('no')\n        source = "),
        ("await self._http.get(_path(product))", "await self._http.post('/v1/products', json={'title': 'x'})"),
        ('    if product.kind != "product":', "    if False:"),
        interface="product_store",
    )
    with pytest.raises(Violation, match="after the vendor was asked"):
        check(operations.refuses(subject, "get"))


def test_something_missing_that_is_found(built):
    always = (('raise web.HTTPNotFound(text="no such product")', 'return {"id": "p0"}'),)
    subject = built(server=always, interface="product_store")
    with pytest.raises(Violation, match="which does not exist, gave Product"):
        check(operations.does_not_find(subject, "get"))
    check(operations.does_not_find(built(interface="product_store"), "get"))


def test_a_task_that_is_left(built):
    left = """
    import asyncio
    self._left = asyncio.ensure_future(self._context.clock.sleep(10**6))
    picture ="""
    with pytest.raises(Violation, match="tasks are left"):
        check(leaks.closes(built(("        picture =", left))))


def test_a_thread_that_is_left(built):
    left = """
    from concurrent.futures import ThreadPoolExecutor
    type(self).left = ThreadPoolExecutor(1, thread_name_prefix="left")  # an own one would end with the provider
    self.left.submit(int)
    picture ="""
    subject = built(("        picture =", left))
    with pytest.raises(Violation, match="threads are left"):
        check(leaks.closes(subject))


def test_a_thread_that_is_ending(built):
    ending = """
    import threading
    threading.Timer(0.5, int).start()
    picture ="""
    check(leaks.closes(built(("        picture =", ending))))


def test_a_session_that_is_left(built):
    left = """
    import aiohttp
    self._left = getattr(self, "_left", None) or aiohttp.ClientSession()
    picture ="""
    with pytest.raises(Violation, match="Unclosed client session"):
        check(leaks.closes(built(("        picture =", left))))


def test_a_cancellation_that_is_swallowed(built):
    swallowing = """
    try:
        answer = await self._http.post("/v1/tags", data=picture)
    except BaseException:
        return Findings()
    """
    with pytest.raises(Violation, match="let CancelledError pass"):
        check(leaks.gives_up(built((ASK, f"{swallowing}\n")), "tag", TAGS))


def test_a_cancellation_that_leaves_its_request_running(built):
    shielded = """
    import asyncio
    answer = await asyncio.shield(asyncio.ensure_future(self._http.post("/v1/tags", data=picture)))
    """
    with pytest.raises(Violation, match="tasks are left"):
        check(leaks.gives_up(built((ASK, f"{shielded}\n")), "tag", TAGS))


def test_answers_that_mix(built):
    shared = """
    self._answer = answer
    await self._context.clock.sleep(0.5)
    answer = self._answer
    said ="""
    with pytest.raises(Violation, match="at once: one got"):
        check(mixing.keeps_apart(built(("        said =", shared)), "tag"))


def test_answers_that_are_all_alike_show_nothing(built):
    subject = built(server=(('f"picture {picture[:8]}"', '"picture"'),))
    with pytest.raises(NotApplicable, match="answer by its input"):
        check(mixing.keeps_apart(subject, "tag"))


@pytest.mark.parametrize(
    ("change", "old", "new", "complaint"),
    [
        ("added-keys", 'build.text("brand"', 'assert len(said) == 6; build.text("brand"', "raises AssertionError"),
        ("numbers-as-text", MEASURE, 'build.measure("Waist", said["waist_cm"] + 0', "raises TypeError"),
        (
            "numbers-as-text",
            MEASURE,
            'build.measure("Waist", {38: 38}.get(said["waist_cm"])',
            "nothing is said any more",
        ),
        ("missing-keys", 'said.get("brand")', 'said["brand"]', "at brand: raises KeyError"),
        ("nulls", COLOR, 'build.word("color", said.get("colour", "").lower()', "at colour: raises AttributeError"),
        ("unknown-words", 'said.get("colour")', '{"navy": "navy"}[said["colour"]]', "at colour: raises KeyError"),
        ("other-kinds", "words if isinstance(words, list) else []", "words or []", "at words: raises TypeError"),
    ],
)
def test_an_answer_that_changes(built, change, old, new, complaint):
    with pytest.raises(Violation, match=complaint):
        check(tolerance.tolerates(built((old, new)), "tag", change))


def test_a_job_is_resumed(built):
    check(resuming.resumes(built(interface="ar_content_builder"), "mark_ready"))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("            id=product.id,", "            id=product.id, data={'seen': (1, 2)},", "must be plain JSON"),
        ("provider=self._context.name,", "provider='acme',", "the ticket says acme"),
    ],
)
def test_a_ticket_that_cannot_be_resumed(built, old, new, complaint):
    with pytest.raises(Violation, match=complaint):
        check(resuming.resumes(built((old, new), interface="ar_content_builder"), "mark_ready"))


def test_a_job_that_only_its_own_provider_knows(built):
    subject = built(
        ("        ticket = Ticket(", "        self._last = product.id\n        ticket = Ticket("),
        ('"product", ticket.id)', '"product", self._last)'),
        interface="ar_content_builder",
    )
    with pytest.raises(Violation, match="cannot be resumed by a fresh provider: AttributeError"):
        check(resuming.resumes(subject, "mark_ready"))


def test_a_job_without_a_ticket_cannot_be_resumed(built):
    with pytest.raises(NotApplicable, match="finished when it is handed out"):
        check(resuming.resumes(built(), "submit"))
