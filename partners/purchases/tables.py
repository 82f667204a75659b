"""Purchases and their returns."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(schema="partners")
TENANT = {"class": "tenant"}
_IN_DEBT = text("debt > 0 AND debt_ended_at IS NULL")

purchase = Table(
    "purchase",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("purchase_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("category", Text),
    Column("agreement_id", Uuid, nullable=False),
    Column("purchased_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "purchase_id", name="purchase_pkey"),
    UniqueConstraint("network_id", "partner_id", "external_id", name="purchase_external_key"),
    Index("purchase_by_partner", "network_id", "partner_id", "purchased_at", "purchase_id"),
    Index("purchase_by_member", "network_id", "member_id", "purchased_at", "purchase_id"),
    Index("purchase_by_time", "network_id", "purchased_at", "purchase_id"),
    info=TENANT,
)

purchase_return = Table(
    "purchase_return",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("return_id", Uuid, nullable=False),
    Column("purchase_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("cashback", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("returned_at", DateTime(timezone=True), nullable=False),
    Column("debt_end", Text),
    Column("debt_given_up", BigInteger, nullable=False, server_default=text("0")),
    Column("debt_ended_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "return_id", name="purchase_return_pkey"),
    UniqueConstraint(
        "network_id", "partner_id", "external_id", name="purchase_return_external_key"
    ),
    ForeignKeyConstraint(
        ["network_id", "purchase_id"],
        [purchase.c.network_id, purchase.c.purchase_id],
        name="purchase_return_purchase_fkey",
    ),
    Index("purchase_return_by_purchase", "network_id", "purchase_id", "return_id"),
    Index(
        "purchase_return_in_debt",
        "network_id",
        "returned_at",
        "member_id",
        postgresql_where=_IN_DEBT,
    ),
    Index(
        "purchase_return_debts_of",
        "network_id",
        "member_id",
        postgresql_where=_IN_DEBT,
    ),
    info=TENANT,
)

purchase_staging = Table(
    "purchase_staging",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("batch_id", Uuid, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("member_id", Uuid),
    Column("member_external_id", Text),
    Column("category", Text),
    Column("purchased_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "batch_id", "line", name="purchase_staging_pkey"),
    prefixes=["UNLOGGED"],
    info={"class": "local"},
)
