"""Codes that are there to be sold, encrypted."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="catalog")

pool_code = Table(
    "pool_code",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("pool_code_id", Uuid, nullable=False),
    Column("supplier_id", Uuid, nullable=False),
    Column("supplier_sku", Text, nullable=False),
    Column("face", BigInteger, nullable=False),
    Column("face_currency", String(16), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("ciphertext", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("quote_id", Uuid),
    Column("member_id", Uuid),
    Column("free_again_at", DateTime(timezone=True)),
    Column("redemption_id", Uuid),
    Column("batch_id", Uuid, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    Column("delivered_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "pool_code_id", name="pool_code_pkey"),
    UniqueConstraint("network_id", "digest", name="pool_code_digest_key"),
    UniqueConstraint("network_id", "quote_id", name="pool_code_quote_key"),
    UniqueConstraint("network_id", "redemption_id", name="pool_code_redemption_key"),
    info={"class": "tenant"},
)

_IS_LEFT = pool_code.c.state != "delivered"

Index(
    "pool_code_to_sell",
    pool_code.c.network_id,
    pool_code.c.supplier_id,
    pool_code.c.supplier_sku,
    pool_code.c.face_currency,
    pool_code.c.face,
    pool_code.c.pool_code_id,
    postgresql_where=_IS_LEFT,
)
Index(
    "pool_code_by_member",
    pool_code.c.network_id,
    pool_code.c.member_id,
    pool_code.c.free_again_at,
    postgresql_where=pool_code.c.state == "reserved",
)
Index(
    "pool_code_by_key",
    pool_code.c.network_id,
    pool_code.c.key_id,
    pool_code.c.pool_code_id,
    postgresql_where=_IS_LEFT,
)
