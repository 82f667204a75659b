"""Programmes."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="partners")

programme = Table(
    "programme",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("sponsor_partner_id", Uuid),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "programme_id", name="programme_pkey"),
    UniqueConstraint("network_id", "slug", name="programme_slug_key"),
    info={"class": "tenant"},
)

PROGRAMME_KEY = [programme.c.network_id, programme.c.programme_id]
"""What the tables of other rooms refer to when their rows belong to a programme."""
