"""Assortments and their rules as they were published; only ever added."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="catalog")

assortment = Table(
    "assortment",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("assortment_id", Uuid, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "assortment_id", name="assortment_pkey"),
    UniqueConstraint("network_id", "programme_id", "version", name="assortment_version_key"),
    info={"class": "tenant"},
)

# A list that is null names nothing, and everything fits it.
assortment_rule = Table(
    "assortment_rule",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("assortment_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("effect", Text, nullable=False),
    Column("brand_ids", ARRAY(Uuid)),
    Column("categories", ARRAY(Text)),
    Column("countries", ARRAY(String(2))),
    Column("cost_min", BigInteger),
    Column("cost_max", BigInteger),
    Column("cost_currency", String(16)),
    Column("tiers", ARRAY(Text)),
    Column("segments", ARRAY(Text)),
    Column("starts_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("early_access_for", ARRAY(Text)),
    PrimaryKeyConstraint("network_id", "assortment_id", "number", name="assortment_rule_pkey"),
    ForeignKeyConstraint(
        ["network_id", "assortment_id"],
        [assortment.c.network_id, assortment.c.assortment_id],
        name="assortment_rule_assortment_fkey",
    ),
    info={"class": "tenant"},
)
