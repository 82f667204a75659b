"""Standings as they were set; only ever added."""

from sqlalchemy import (
    ARRAY,
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

metadata = MetaData(schema="partners")

member_standing = Table(
    "member_standing",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("member_standing_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("tier", Text),
    Column("segments", ARRAY(Text), nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "member_standing_id", name="member_standing_pkey"),
    UniqueConstraint("network_id", "member_id", "version", name="member_standing_version_key"),
    info={"class": "tenant"},
)
