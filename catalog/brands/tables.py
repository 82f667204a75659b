"""Brands of a network."""

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

metadata = MetaData(schema="catalog")

brand = Table(
    "brand",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("brand_id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("partner_id", Uuid),
    Column("logo_url", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "brand_id", name="brand_pkey"),
    UniqueConstraint("network_id", "slug", name="brand_slug_key"),
    info={"class": "tenant"},
)
