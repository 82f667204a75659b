"""Delivered codes, encrypted, and the one time each was shown."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="catalog")

voucher = Table(
    "voucher",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("voucher_id", Uuid, nullable=False),
    Column("redemption_id", Uuid),
    Column("card_id", Uuid),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("key_id", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("last4", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "voucher_id", name="voucher_pkey"),
    UniqueConstraint("network_id", "digest", name="voucher_digest_key"),
    Index("voucher_by_redemption", "network_id", "redemption_id"),
    Index("voucher_by_card", "network_id", "card_id"),
    Index("voucher_by_key", "network_id", "key_id", "voucher_id"),
    info={"class": "tenant"},
)

voucher_reveal = Table(
    "voucher_reveal",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("voucher_id", Uuid, nullable=False),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("actor", Text, nullable=False),
    Column("revealed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "voucher_id", name="voucher_reveal_pkey"),
    ForeignKeyConstraint(
        ["network_id", "voucher_id"],
        [voucher.c.network_id, voucher.c.voucher_id],
        name="voucher_reveal_voucher_fkey",
    ),
    info={"class": "tenant"},
)
