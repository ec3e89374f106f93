"""The device flow for a person, the refresh token for everybody else, and where it is kept."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from placket.errors import ConfigError, Unauthenticated
from placket.interfaces import LoginPrompt, ShootManager, SkuQuery
from placket.registry import Secret
from placket.testing.virtual_time import VirtualClock
from placket.transport import FileTokenStore

Build = Callable[..., ShootManager]


def stored(folder: Path) -> FileTokenStore:
    return FileTokenStore(folder / "shoots" / "refresh-token.json")


async def test_a_person_confirms_and_later_processes_need_nobody(
    provider: Build, vendor: Any, clock: VirtualClock, tmp_path: Path
) -> None:
    shown: list[LoginPrompt] = []
    where = await provider(refresh_token=None).login(shown.append)
    assert (shown[0].code, shown[0].url) == ("WDJB-MJHT", "https://auth.autoretouch.com/activate")
    assert clock.monotonic() == pytest.approx(10, abs=1), "two polls, five seconds apart"
    store = stored(tmp_path)
    assert str(store.path) in where
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert store.load() == Secret("rotated-1-very-secret")
    vendor.add()
    assert len(await provider(refresh_token=None).list_skus(SkuQuery()).collect()) == 1
    assert len(shown) == 1


async def test_a_refresh_token_from_the_configuration_is_enough(provider: Build, vendor: Any, tmp_path: Path) -> None:
    assert await provider().list_skus(SkuQuery()).collect() == []
    (asked,) = vendor.asked("POST", "/oauth/token")
    assert b"grant_type=refresh_token" in asked.body
    assert stored(tmp_path).load() is None, "an answer without a new one leaves the old one in use"


async def test_a_rotated_refresh_token_is_kept_and_used_from_then_on(
    provider: Build, vendor: Any, tmp_path: Path
) -> None:
    vendor.rotates = True
    await provider().list_skus(SkuQuery()).collect()
    assert stored(tmp_path).load() == Secret("rotated-1-very-secret")
    await provider().list_skus(SkuQuery()).collect()
    assert stored(tmp_path).load() == Secret("rotated-2-very-secret")


@pytest.mark.parametrize(("before", "asked"), [(30.0, 1), (120.0, 2)])
async def test_a_token_is_renewed_before_it_expires(
    provider: Build, vendor: Any, clock: VirtualClock, before: float, asked: int
) -> None:
    manager = provider(renew_before=before)
    await manager.list_skus(SkuQuery()).collect()
    await clock.sleep(86400 - 60)
    await manager.list_skus(SkuQuery()).collect()
    assert len(vendor.asked("POST", "/oauth/token")) == asked


async def test_without_any_token_the_error_says_what_to_do(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unauthenticated, match="placket login"):
        await provider(refresh_token=None).list_skus(SkuQuery()).collect()
    assert vendor.requests == []


async def test_a_token_that_the_vendor_no_longer_takes_is_a_refusal(provider: Build, vendor: Any) -> None:
    vendor.refresh_tokens = set()
    with pytest.raises(Unauthenticated, match="invalid refresh token") as caught:
        await provider().list_skus(SkuQuery()).collect()
    assert "very-secret" not in str(caught.value) + repr(caught.value)
    assert caught.value.provider == "shoots"


async def test_a_login_that_nobody_confirms_ends(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.pending = 10_000
    with pytest.raises(Unauthenticated, match="in time"):
        await provider(refresh_token=None).login(lambda _: None)
    assert clock.monotonic() <= 901


async def test_the_keyring_can_keep_the_token(
    provider: Build, vendor: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keyring = pytest.importorskip("keyring")
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)))
    monkeypatch.setattr(keyring, "set_password", lambda service, user, token: kept.update({(service, user): token}))
    where = await provider(refresh_token=None, token_store="keyring").login(lambda _: None)
    assert where == "the keyring, as placket/shoots"
    assert kept == {("placket", "shoots"): '{"refresh_token": "rotated-1-very-secret", "origin": "login"}'}
    assert not (tmp_path / "shoots").exists()
    assert await provider(refresh_token=None, token_store="keyring").list_skus(SkuQuery()).collect() == []
    kept["placket", "shoots"] = "rotated-1-very-secret"
    assert await provider(refresh_token=None, token_store="keyring").list_skus(SkuQuery()).collect() == [], "by hand"


async def test_a_keyring_that_is_locked_is_told(provider: Build, vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")

    def locked(*_: str) -> None:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(ConfigError, match="keyring cannot be read: locked; unlock it, or keep the token in a file"):
        await provider(token_store="keyring").list_skus(SkuQuery()).collect()


async def test_a_keyring_that_takes_no_token_is_told_without_it(
    provider: Build, vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")

    def failing(*given: str) -> None:
        raise OSError(f"keyring-program {' '.join(given)}: exit code 1")

    monkeypatch.setattr(keyring, "set_password", failing)
    with pytest.raises(ConfigError, match=r"cannot be written \(OSError\).*keep the token in a file") as caught:
        await provider(refresh_token=None, token_store="keyring").login(lambda _: None)
    assert "very-secret" not in str(caught.value)
