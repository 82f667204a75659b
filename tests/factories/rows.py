"""Looking at what the database holds."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def count(superuser: AsyncConnection, table: str) -> int:
    return int((await superuser.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())
