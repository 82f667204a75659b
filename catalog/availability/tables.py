"""What was last said of an item's availability; only of items of which something was said."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData(schema="catalog")

reward_availability = Table(
    "reward_availability",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("availability", Text, nullable=False),
    # When the supplier saw it so, and its own number of the message; newer words have greater ones.
    Column("observed_at", DateTime(timezone=True), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "reward_id", name="reward_availability_pkey"),
    Index(
        "reward_availability_out",
        "network_id",
        "reward_id",
        postgresql_where=text("availability = 'out'"),
    ),
    info={"class": "tenant"},
)
