"""Accruals and their funders' shares."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="partners")
TENANT = {"class": "tenant"}

accrual = Table(
    "accrual",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("accrual_id", Uuid, nullable=False),
    Column("purchase_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("rule_id", Uuid),
    Column("rate_bps", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("cashback", BigInteger, nullable=False),
    Column("cashback_reversed", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("fee_reversed", BigInteger, nullable=False),
    Column("debt_offset", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("earned_at", DateTime(timezone=True), nullable=False),
    Column("available_at", DateTime(timezone=True), nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("pending_journal_id", Uuid),
    Column("confirm_journal_id", Uuid),
    PrimaryKeyConstraint("network_id", "accrual_id", name="accrual_pkey"),
    UniqueConstraint("network_id", "purchase_id", name="accrual_purchase_key"),
    Index("accrual_by_partner", "network_id", "partner_id", "earned_at", "accrual_id"),
    Index("accrual_by_member", "network_id", "member_id", "earned_at", "accrual_id"),
    Index("accrual_by_time", "network_id", "earned_at", "accrual_id"),
    info=TENANT,
)

accrual_share = Table(
    "accrual_share",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("accrual_id", Uuid, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("funder", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("amount", BigInteger, nullable=False),
    Column("reversed", BigInteger, nullable=False),
    PrimaryKeyConstraint("network_id", "accrual_id", "line", name="accrual_share_pkey"),
    ForeignKeyConstraint(
        ["network_id", "accrual_id"],
        [accrual.c.network_id, accrual.c.accrual_id],
        name="accrual_share_accrual_fkey",
    ),
    Index("accrual_share_by_partner", "network_id", "partner_id", "accrual_id"),
    info=TENANT,
)
