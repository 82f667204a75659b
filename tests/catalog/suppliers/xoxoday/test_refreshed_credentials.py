"""Refresh tokens that are good once are used once, by however many, and never lost."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from api.doubles.xoxoday_app import REFRESH_TOKEN
from api.token_shelf import FileShelf
from catalog.suppliers import (
    Secret,
    SupplierBusy,
    SupplierUnauthorised,
    XoxodaySupplier,
    open_xoxoday,
)
from tests.catalog.suppliers.xoxoday.conftest import Double

pytestmark = pytest.mark.asyncio


def opened(
    double: Double, file: Path, first: str = REFRESH_TOKEN, **changes: Any
) -> XoxodaySupplier:
    access = double.access(refresh_token=Secret(first), shelf=FileShelf(file), **changes)
    return open_xoxoday(access, double.clock.now)


async def test_many_processes_renew_once_and_use_the_same(double: Double, tmp_path: Path) -> None:
    file = tmp_path / "suppliers" / "xoxoday.tokens"
    several = [opened(double, file) for _ in range(4)]
    await asyncio.gather(*(one.find_order("key-1") for one in several))
    assert double.counts()["token"] == 1
    double.control("POST", "expire_tokens")
    await asyncio.gather(*(one.find_order("key-1") for one in several))
    assert double.counts()["token"] == 2
    late = opened(double, file)  # as after a restart
    await late.find_order("key-1")
    assert double.counts()["token"] == 2
    for one in (*several, late):
        await one.aclose()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert REFRESH_TOKEN not in file.read_text()


async def test_a_token_is_renewed_when_its_time_is_over(double: Double, tmp_path: Path) -> None:
    supplier = opened(double, tmp_path / "tokens")
    await supplier.find_order("key-1")
    (tmp_path / "clock").write_text("+2d")
    await supplier.find_order("key-1")
    assert double.counts()["token"] == 2
    await supplier.aclose()


async def test_a_refresh_token_that_was_used_elsewhere_is_said(
    double: Double, tmp_path: Path
) -> None:
    first = opened(double, tmp_path / "one")
    await first.find_order("key-1")
    stranger = opened(double, tmp_path / "other")
    with pytest.raises(SupplierUnauthorised):
        await stranger.find_order("key-1")
    await first.find_order("key-1")
    assert not (tmp_path / "other").exists()
    for one in (first, stranger):
        await one.aclose()


async def test_a_new_first_token_begins_anew(double: Double, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    before = opened(double, file)
    await before.find_order("key-1")
    kept = json.loads(file.read_text())
    after = opened(double, file, first=kept["refresh"])  # as if it came from the dashboard
    await after.find_order("key-1")
    assert double.counts()["token"] == 2
    assert json.loads(file.read_text())["origin"] != kept["origin"]
    for one in (before, after):
        await one.aclose()


async def test_a_damaged_file_is_as_none(double: Double, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    for text in ("", "{", "[]", '{"origin": 1}'):
        file.write_text(text)
        supplier = opened(double, file, first="never-given")
        with pytest.raises(SupplierUnauthorised):
            await supplier.find_order("key-1")
        assert file.read_text() == text
        await supplier.aclose()


async def test_waiting_for_somebody_who_renews_has_an_end(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.token_shelf.WAIT_SECONDS_MAX", 0.1)
    supplier = opened(double, tmp_path / "tokens")
    async with FileShelf(tmp_path / "tokens").held():
        with pytest.raises(SupplierBusy):
            await supplier.find_order("key-1")
    await supplier.find_order("key-1")
    await supplier.aclose()


async def test_neither_token_is_shown(double: Double, tmp_path: Path) -> None:
    supplier = opened(double, tmp_path / "tokens")
    await supplier.find_order("key-1")
    kept = json.loads((tmp_path / "tokens").read_text())
    shown = repr(supplier) + repr(supplier.http.__dict__) + repr(double.access())
    assert not any(one in shown for one in (REFRESH_TOKEN, kept["access"], kept["refresh"]))
    await supplier.aclose()
