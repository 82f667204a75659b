"""The directory of networks. It is of class platform: it must be found before a network is known."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="partners")

network = Table(
    "network",
    metadata,
    Column("network_id", BigInteger, Identity(always=True), nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("zone", Text, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("default_locale", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", name="network_pkey"),
    UniqueConstraint("slug", name="network_slug_key"),
    info={"class": "platform"},
)
