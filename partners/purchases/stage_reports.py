"""Copying reports to where the database finds them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.purchases.model import Report
from partners.purchases.tables import purchase_staging

_COLUMNS = (
    "partner_id",
    "member_id",
    "member_external_id",
    "category",
    "purchased_at",
)


async def stage_reports(
    db: AsyncConnection, *, network_id: int, batch_id: UUID, reports: Sequence[Report]
) -> None:
    """Copy a batch of reports in; they are unstaged in the same transaction.

    The table has no policies, since COPY is refused where there are any.
    """
    driver: Any = (await db.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(
        purchase_staging.name,
        schema_name=purchase_staging.schema,
        columns=["network_id", "batch_id", "line", *_COLUMNS],
        records=(
            (network_id, batch_id, line, *(getattr(report, name) for name in _COLUMNS))
            for line, report in enumerate(reports)
        ),
    )
