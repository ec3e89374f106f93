"""Briefs: what is ordered is there as pending, is made when started, and is told with its picture."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture
from sqlalchemy import Engine, event

import placket
from placket.errors import InvalidInput, JobFailed, NotFound
from placket.interfaces import BriefDraft, GarmentImage, Image, JobState, LookDraft, Ref, SkuDraft, Ticket, WantedShot
from placket_local.studio.presets import PRESETS


async def test_an_ordered_shot_is_pending_until_it_is_started(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    brief = await here.brief([sku.ref], WantedShot("pack-shot"), WantedShot("detail", count=2))
    assert brief.status.state is JobState.QUEUED
    assert brief.shots[0].preset == "square-white"
    shots = await here.shoots.list_shots(sku.ref).collect()
    assert [(shot.shot_type, shot.state, shot.image) for shot in shots] == [
        ("detail/1", "pending", None),
        ("detail/2", "pending", None),
        ("pack-shot/square-white", "pending", None),
    ]
    assert (await here.shoots.list_briefs().collect())[0].ref == brief.ref
    assert await here.shoots.list_briefs("another").collect() == []


@pytest.mark.parametrize("preset", sorted(PRESETS))
async def test_each_preset_makes_a_file_of_its_size(here: Any, photo: Any, seen: Any, preset: str) -> None:
    sku = await here.sku(("front", photo(width=1280, height=1600)))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot", preset))
    assert shot.state == "in-review"
    picture = seen(shot.image)
    assert picture.size == (shot.image.width, shot.image.height) == PRESETS[preset].size
    assert picture.info["icc_profile"]
    assert "algorithmicallyEnhanced" in str(picture.info["xmp"])


async def test_a_brief_of_all_kinds_tells_its_progress(here: Any, photo: Any, seen: Any) -> None:
    shirt = await here.sku(("front", photo()), ("back", photo((60, 60, 90))), **{"measurements.length": (70, "cm")})
    skirt = await here.sku(("front", photo((40, 90, 60))), category="skirt", **{"measurements.length": (35, "cm")})
    look = await here.shoots.create_look([shirt.ref, skirt.ref], LookDraft("Office"))
    brief = await here.brief(
        [shirt.ref],
        WantedShot("pack-shot", view="back"),
        WantedShot("detail", count=2),
        WantedShot("collage"),
        WantedShot("color", color="navy blue"),
    )
    job = await here.shoots.start_brief(brief.ref)
    progress = [status.progress async for status in job.events()]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert (await job.result()).status.state is JobState.SUCCEEDED
    shots = {shot.shot_type: shot for shot in await here.shoots.brief_results(brief.ref).collect()}
    assert sorted(shots) == [
        "collage/portrait-4x5-white",
        "color/square-white/navy",
        "detail/1",
        "detail/2",
        "pack-shot/square-white/back",
    ]
    assert all(shot.image for shot in shots.values())
    assert shots["collage/portrait-4x5-white"].look == look.id
    assert shots["detail/1"].details["sku"] == str(shirt.ref)
    collage = seen(shots["collage/portrait-4x5-white"].image)
    reds = [y for y in range(0, collage.height, 4) if _any(collage, y, 0)]
    greens = [y for y in range(0, collage.height, 4) if _any(collage, y, 1)]
    assert len(reds) == pytest.approx(2 * len(greens), rel=0.06), "the lengths are kept in proportion"
    dyed = seen(shots["color/square-white/navy"].image).resize((20, 20)).getpixel((10, 10))
    assert dyed[2] > dyed[0] + 5, "red has become blue"
    generations = await here.shoots.list_generations(shirt.ref).collect()
    assert [(one.details["kind"], one.state, len(one.images)) for one in generations] == [
        ("color", "succeeded", 1),
        ("collage", "succeeded", 1),
        ("detail", "succeeded", 2),
        ("pack-shot", "succeeded", 1),
    ]


def _any(picture: Picture.Image, y: int, channel: int) -> bool:
    row = [picture.getpixel((x, y)) for x in range(0, picture.width, 8)]
    others = [index for index in range(3) if index != channel]
    return any(pixel[channel] > 1.5 * max(pixel[index] for index in others) for pixel in row)


async def test_the_same_photo_makes_no_new_revision_and_another_one_does(here: Any, photo: Any, seen: Any) -> None:
    sku = await here.sku(("front", photo()))
    (first,) = await here.made([sku.ref], WantedShot("detail"))
    (again,) = await here.made([sku.ref], WantedShot("detail"))
    assert again == first
    await here.shoots.update_sku(sku.ref, SkuDraft(images=(GarmentImage(Image.of(photo((20, 90, 160)))),)))
    (other,) = await here.made([sku.ref], WantedShot("detail"))
    assert other.id == first.id
    revisions = await here.shoots.revisions(sku.ref, first.id)
    assert [revision.id for revision in revisions] == [other.details["revision"], first.details["revision"]]
    assert revisions[1].images[0].sha256 == first.image.sha256
    assert seen(revisions[1].images[0])


async def test_a_cancelled_brief_makes_no_more_and_can_be_started_again(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    brief = await here.brief([sku.ref], WantedShot("detail"))
    cancelled = await here.shoots.cancel_brief(brief.ref)
    assert cancelled.status.state is JobState.CANCELLED
    job = await here.shoots.start_brief(brief.ref)
    assert (await job.result()).status.state is JobState.SUCCEEDED
    assert (await here.shoots.cancel_brief(brief.ref)).status.state is JobState.SUCCEEDED


async def test_a_brief_cancelled_at_work_stops_between_shots(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    wanted = [WantedShot("pack-shot", preset) for preset in list(PRESETS)[:7]]
    brief = await here.brief([sku.ref], *wanted)
    job = await here.shoots.start_brief(brief.ref)
    await job.status()
    await here.shoots.cancel_brief(brief.ref)
    with pytest.raises(JobFailed, match="cancelled when"):
        await job.result()
    shots = await here.shoots.brief_results(brief.ref).collect()
    assert any(shot.state == "pending" for shot in shots)


@pytest.mark.timeout(30)
async def test_a_brief_whose_garments_are_all_removed_ends(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    brief = await here.brief([sku.ref], WantedShot("detail"))
    job = await here.shoots.start_brief(brief.ref)
    await here.shoots.delete_sku(sku.ref)
    with pytest.raises(JobFailed, match="all that it was about has been removed"):
        await job.result()
    assert (await here.shoots.get_brief(brief.ref)).status.state is JobState.CANCELLED


async def test_closing_in_mid_work_leaves_the_rest_to_a_later_process(
    tmp_path: Path, config: Any, shoots_of: Any, photo: Any
) -> None:
    async with placket.open(config, data_folder=tmp_path) as router:
        here = shoots_of(router)
        sku = await here.sku(("front", photo()))
        brief = await here.brief([sku.ref], *(WantedShot("pack-shot", preset) for preset in list(PRESETS)[:3]))
        job = await here.shoots.start_brief(brief.ref)
        await job.status()
        ticket = job.ticket.to_json()
    async with placket.open(config, data_folder=tmp_path) as router:
        job = await router.resume(Ticket.from_json(ticket))
        assert (await job.result()).status.state is JobState.SUCCEEDED
        shots = (
            await router.interface_of(sku.ref)
            if False
            else await shoots_of(router).shoots.list_shots(sku.ref).collect()
        )
        assert {shot.state for shot in shots} == {"in-review"}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ((), "asks for at least one shot"),
        ((WantedShot("packshot"),), "'packshot' is no kind of shot; did you mean 'pack-shot'"),
        ((WantedShot("pack-shot", "square-whit"),), "did you mean 'square-white'"),
        ((WantedShot("detail", "square-white"),), "is no preset of a detail; leave it out"),
        ((WantedShot("detail", count=9),), "details come 1 to 6 at a time"),
        ((WantedShot("pack-shot", view="inside"),), "'inside' is no view"),
        ((WantedShot("color", color="nvay"),), "no colour that can be shown; did you mean 'navy'"),
        ((WantedShot("pack-shot", color="navy"),), "the kind that shows another is color"),
        ((WantedShot("pack-shot", look="x"),), "only a collage does"),
    ],
)
async def test_what_nobody_can_make_is_refused(here: Any, wanted: Any, message: str) -> None:
    sku = await here.sku()
    with pytest.raises(InvalidInput, match=message):
        await here.shoots.create_brief([sku.ref], BriefDraft("x", wanted))
    assert await here.shoots.list_briefs().collect() == []
    assert await here.shoots.list_shots(sku.ref).collect() == []


async def test_ordering_shots_of_many_garments_takes_no_more_statements_than_of_few(here: Any) -> None:
    skus = [(await here.sku()).ref for _ in range(30)]
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await here.brief(skus[:2], WantedShot("pack-shot"), WantedShot("detail", count=3))
        few = len(statements)
        await here.brief(skus, WantedShot("pack-shot"), WantedShot("detail", count=3))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(statements) == 2 * few
    assert len(await here.shoots.list_shots(skus[0]).collect()) == 4


async def test_a_brief_about_nothing_that_is_there_is_refused(here: Any) -> None:
    sku = await here.sku()
    with pytest.raises(InvalidInput, match="at least one garment"):
        await here.shoots.create_brief([], BriefDraft("x", (WantedShot("detail"),)))
    with pytest.raises(NotFound, match="there is no garment"):
        await here.brief([sku.ref, Ref("here", "sku", "nothing")], WantedShot("detail"))
    with pytest.raises(InvalidInput, match="a collage shows a look: make one with create_look"):
        await here.brief([sku.ref], WantedShot("collage"))
    with pytest.raises(InvalidInput, match="there is no project"):
        await here.shoots.create_brief([sku.ref], BriefDraft("x", (WantedShot("detail"),), project="nothing"))
    with pytest.raises(NotFound, match="there is no brief"):
        await here.shoots.get_brief(Ref("here", "brief", "nothing"))
    assert await here.shoots.list_briefs().collect() == []


async def test_the_kinds_and_presets_are_told(here: Any) -> None:
    kinds = await here.shoots.shot_kinds()
    assert kinds["pack-shot"][0] == "square-white"
    assert kinds["collage"][0] == "portrait-4x5-white"
    assert kinds["detail"] == ()


async def test_many_clients_list_briefs_at_once(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    brief = await here.brief([sku.ref], WantedShot("detail"))
    found = await asyncio.gather(*(here.shoots.list_briefs().collect() for _ in range(40)))
    assert all([one.ref for one in briefs] == [brief.ref] for briefs in found)
