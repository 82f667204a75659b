"""Margins as they were published; only ever added."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="catalog")

margin = Table(
    "margin",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("margin_id", Uuid, nullable=False),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("margin_bps", Integer, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "margin_id", name="margin_pkey"),
    UniqueConstraint("network_id", "scope", "subject", "version", name="margin_version_key"),
    info={"class": "tenant"},
)
