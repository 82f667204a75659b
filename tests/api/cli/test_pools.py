"""`mizan suppliers load-codes` says what became of every line, and shows no code."""

import asyncio
from pathlib import Path

import pytest

from api.cli import pools
from api.cli.pools import Loading, load_file, read_face
from catalog.pools import count_codes
from payouts.money import Money
from tests.catalog.pools.conftest import SAR_50, SKU, Pool
from tests.catalog.pools.conftest import pool as pool
from tests.conftest import NOW


async def load(pool: Pool, path: Path, *, sku: str = SKU, face: Money = SAR_50) -> int:
    souq = pool.souq
    loading = Loading(souq.database, souq.vault, souq.network_id, pool.supplier_id, sku, face)
    return await load_file(loading, path, now=lambda: NOW)


async def test_each_line_is_told_of(
    pool: Pool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(
        "\ufeffnumber,pin\r\n"
        "0001-AAAA,0042\r\n"
        "\r\n"
        "0002-BBBB\r\n"
        "0001-AAAA,0042\r\n"
        ",0042\r\n"
        "a,b,c\r\n"
        '"x"y,z\r\n'.encode()
        + f"{'9' * 501}\r\n".encode()
        + b"\xff\xfe\r\n"
        + b"0003-CCCC,"
    )
    assert await load(pool, path) == 1
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "  line 5: repeated",
        "  line 6: has no number",
        "  line 7: has more than a number and a PIN",
        "  line 8: is not CSV",
        "  line 9: is too long",
        "  line 10: has signs that cannot be printed",
        "loaded 3, known 0, repeated 1, refused 5",
    ]
    assert await pool.counts() == [(3, 0, 0)]
    one = await pool.souq.place(await pool.quote())
    assert one.ended_at is not None
    assert "AAAA" not in out.out + out.err


async def test_a_load_that_was_cut_off_goes_on_where_it_was(
    pool: Pool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("".join(f"code-{number:04d}\n" for number in range(25)))
    monkeypatch.setattr(pools, "CODES_AT_ONCE", 10)
    real, calls = pools.load_codes, 0

    async def dies(*args: object, **fields: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise asyncio.CancelledError
        return await real(*args, **fields)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(pools, "load_codes", dies)
        with pytest.raises(asyncio.CancelledError):
            await load(pool, path)
    assert await pool.counts() == [(20, 0, 0)]
    capsys.readouterr()
    assert await load(pool, path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "loaded 5, known 20, repeated 0, refused 0"
    assert lines[0] == "  line 1: known"
    assert await pool.counts() == [(25, 0, 0)]


async def test_what_is_not_there_loads_nothing(
    pool: Pool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await load(pool, tmp_path / "absent.csv") == 1
    (tmp_path / "codes.csv").write_text("0001\n")
    assert await load(pool, tmp_path / "codes.csv", sku="") == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert await pool.counts() == []


async def test_pools_are_counted_by_sku_and_face(pool: Pool) -> None:
    await pool.load("0001", "0002")
    await pool.load("0003", face=SAR_50 + SAR_50)
    await pool.load("0004", sku="a")
    async with pool.souq.database.reading(pool.souq.network_id) as db:
        found = await count_codes(
            db, network_id=pool.souq.network_id, supplier_id=pool.supplier_id, now=NOW
        )
    assert [(one.supplier_sku, str(one.face), one.available) for one in found] == [
        (SKU, "50.00 SAR", 2),
        (SKU, "100.00 SAR", 1),
        ("a", "50.00 SAR", 1),
    ]


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("50.00SAR", Money(5_000, "SAR")),
        ("50 SAR", Money(5_000, "SAR")),
        ("1.250KWD", Money(1_250, "KWD")),
        ("50", None),
        ("SAR", None),
        ("-5SAR", None),
        ("0SAR", None),
        ("1e2SAR", None),
        ("5.001SAR", None),
        ("5XXZ", None),
        ("٥٠SAR", None),
    ],
)
def test_a_face_is_exact_or_none(text: str, face: Money | None) -> None:
    assert read_face(text) == face
