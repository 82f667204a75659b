"""Suppliers a network buys from, and the terms it passes on."""

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

supplier = Table(
    "supplier",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("supplier_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("discount_share_bps", Integer, nullable=False),
    Column("fx_margin_bps", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "supplier_id", name="supplier_pkey"),
    UniqueConstraint("network_id", "name", name="supplier_name_key"),
    info={"class": "tenant"},
)
