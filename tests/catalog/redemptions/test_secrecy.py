"""A code is in the vault and nowhere else: in no column of any table, in no line of any log."""

import base64
import io
import logging

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions import Redemption
from catalog.vouchers import reveal_voucher
from tests.catalog.redemptions.conftest import Buying

_TEXTUAL = (
    "SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns c"
    " JOIN information_schema.tables t USING (table_schema, table_name)"
    " WHERE t.table_type = 'BASE TABLE'"
    " AND c.table_schema IN ('catalog', 'partners', 'payouts', 'api', 'audit', 'public')"
)


async def places_of(superuser: AsyncConnection, secret: str) -> list[str]:
    """Where a text stands in the database: plain, in hexadecimal, or in base 64."""
    raw = secret.encode()
    forms = [secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")]
    found = []
    for schema, table, column in (await superuser.execute(text(_TEXTUAL))).all():
        hit = await superuser.execute(
            text(
                f'SELECT count(*) FROM "{schema}"."{table}" WHERE '
                + " OR ".join(
                    f"position(:f{n} in coalesce(\"{column}\"::text, '')) > 0"
                    for n in range(len(forms))
                )
            ),
            {f"f{n}": form for n, form in enumerate(forms)},
        )
        if hit.scalar_one():
            found.append(f"{schema}.{table}.{column}")
    return found


async def revealed(buying: Buying, one: Redemption) -> list[str]:
    (voucher,) = await buying.vouchers(one)
    async with buying.souq.database.writing(buying.souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=buying.souq.vault,
            network_id=buying.souq.network_id,
            voucher_id=voucher.voucher_id,
            member_id=one.member_id,
            actor="m",
            now=buying.now,
        )
    secrets = [shown.code.number.reveal()]
    return secrets if shown.code.pin is None else [*secrets, shown.code.pin.reveal()]


async def test_codes_are_nowhere_but_in_the_vault(
    buying: Buying, superuser: AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    try:
        bought = await buying.place()
        buying.double.fault("timeout_after")
        lost = await buying.place()
        own_id = await buying.souq.own_card_reward(1_000)
        own = await buying.souq.place(
            await buying.souq.quote(own_id, buying.souq.money(1_000), now=buying.now),
            now=buying.now,
        )
        for one in (bought, lost):
            await buying.work_until_done(one)
        numbers = [(await revealed(buying, one))[0] for one in (bought, lost, own)]
    finally:
        structlog.reset_defaults()
    logs = caplog.text + written.getvalue()
    for number in numbers:
        bare = number.replace("-", "")
        assert await places_of(superuser, number) == []
        assert await places_of(superuser, bare) == []
        assert number not in logs
        assert bare not in logs
    # The search itself is able to find.
    # The search does find what is there; four digits may stand in an id by chance as well.
    assert "catalog.voucher.last4" in await places_of(superuser, numbers[0][-4:])
