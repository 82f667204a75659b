"""Suppliers a network buys from, the terms it passes on, and the feeds it describes."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="catalog")
TENANT = {"class": "tenant"}

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
    info=TENANT,
)

feed_source = Table(
    "feed_source",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("supplier_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("description", JSONB, nullable=False),
    Column("url", Text),
    Column("pull_hours", SmallInteger),
    Column("saved_by", Text, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "supplier_id", "version", name="feed_source_pkey"),
    ForeignKeyConstraint(
        ["network_id", "supplier_id"],
        [supplier.c.network_id, supplier.c.supplier_id],
        name="feed_source_supplier_fkey",
    ),
    info=TENANT,
)

feed_pull = Table(
    "feed_pull",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("supplier_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("file_sha256", Text),
    Column("outcome", Text, nullable=False),
    Column("remark", Text),
    Column("pulled_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "supplier_id", name="feed_pull_pkey"),
    ForeignKeyConstraint(
        ["network_id", "supplier_id", "version"],
        [feed_source.c.network_id, feed_source.c.supplier_id, feed_source.c.version],
        name="feed_pull_source_fkey",
    ),
    info=TENANT,
)
