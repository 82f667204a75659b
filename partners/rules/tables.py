"""Earn rules and their activations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from partners.programmes import PROGRAMME_KEY

metadata = MetaData(schema="partners")
TENANT = {"class": "tenant"}

earn_rule = Table(
    "earn_rule",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("rule_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("category", Text),
    Column("rate_bps", Integer, nullable=False),
    Column("requires_activation", Boolean, nullable=False),
    Column("funding", JSONB, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("lifetime_days", Integer),
    Column("budget_id", Uuid),
    Column("budget_currency", Text),
    PrimaryKeyConstraint("network_id", "rule_id", name="earn_rule_pkey"),
    ForeignKeyConstraint(
        ["network_id", "programme_id"], PROGRAMME_KEY, name="earn_rule_programme_fkey"
    ),
    Index("earn_rule_by_partner", "network_id", "partner_id", "starts_at"),
    info=TENANT,
)

rule_activation = Table(
    "rule_activation",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("rule_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("activated_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "rule_id", "member_id", name="rule_activation_pkey"),
    ForeignKeyConstraint(
        ["network_id", "rule_id"],
        [earn_rule.c.network_id, earn_rule.c.rule_id],
        name="rule_activation_rule_fkey",
    ),
    Index("rule_activation_by_member", "network_id", "member_id"),
    info=TENANT,
)
