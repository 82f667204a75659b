"""Tables of the door: the keys of requests already answered."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="api")

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("caller", Text, nullable=False),
    Column("mutation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("outcome", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "caller", "mutation", "key", name="idempotency_key_pkey"),
    info={"class": "tenant"},
)
