"""Who may call, of every network. Class platform: digests and public keys, no personal data."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(schema="partners")
PLATFORM = {"class": "platform"}

api_client = Table(
    "api_client",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("subject", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("secret_digest", LargeBinary),
    Column("previous_digest", LargeBinary),
    Column("previous_until_at", DateTime(timezone=True)),
    Column("public_jwks", JSONB(none_as_null=True)),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("client_id", name="api_client_pkey"),
    Index("api_client_by_network", "network_id", "partner_id"),
    info=PLATFORM,
)

brand_key = Table(
    "brand_key",
    metadata,
    Column("kid", Text, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("public_jwk", JSONB, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("kid", name="brand_key_pkey"),
    info=PLATFORM,
)

client_assertion = Table(
    "client_assertion",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("jti_digest", LargeBinary, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("client_id", "jti_digest", name="client_assertion_pkey"),
    Index("client_assertion_by_expiry", "expires_at"),
    info=PLATFORM,
)
