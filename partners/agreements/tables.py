"""Partners and the versions of their agreements."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(schema="partners")
TENANT = {"class": "tenant"}

partner = Table(
    "partner",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("country", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "partner_id", name="partner_pkey"),
    info=TENANT,
)

agreement = Table(
    "agreement",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("agreement_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("purchase_fee_bps", Integer, nullable=False),
    Column("acceptance_fee_bps", Integer, nullable=False),
    Column("experience_commission_bps", Integer, nullable=False),
    Column("return_window_days", Integer, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("unspent_to", Text, nullable=False, server_default=text("'network'")),
    PrimaryKeyConstraint("network_id", "agreement_id", name="agreement_pkey"),
    UniqueConstraint("network_id", "partner_id", "version", name="agreement_version_key"),
    ForeignKeyConstraint(
        ["network_id", "partner_id"],
        [partner.c.network_id, partner.c.partner_id],
        name="agreement_partner_fkey",
    ),
    Index(
        "agreement_current",
        "network_id",
        "partner_id",
        unique=True,
        postgresql_where=text("ends_at IS NULL"),
    ),
    info=TENANT,
)
