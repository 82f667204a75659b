"""Members."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="partners")

member = Table(
    "member",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "member_id", name="member_pkey"),
    UniqueConstraint("network_id", "partner_id", "external_id", name="member_identity_key"),
    info={"class": "tenant"},
)

member_erasure = Table(
    "member_erasure",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("erased_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "member_id", name="member_erasure_pkey"),
    info={"class": "tenant"},
)
