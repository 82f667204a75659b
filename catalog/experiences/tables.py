"""When experiences take place, how many seats are left, and who booked them."""

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
)

metadata = MetaData(schema="catalog")

experience_slot = Table(
    "experience_slot",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("slot_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("booked", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "slot_id", name="experience_slot_pkey"),
    Index("experience_slot_by_reward", "network_id", "reward_id", "starts_at", "slot_id"),
    info={"class": "tenant"},
)

booking = Table(
    "booking",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("slot_id", Uuid, nullable=False),
    Column("redemption_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("commission", BigInteger, nullable=False),
    Column("penalty", BigInteger),
    Column("currency", String(16), nullable=False),
    Column("free_until_hours", Integer),
    Column("penalty_bps", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("booked_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "booking_id", name="booking_pkey"),
    UniqueConstraint("network_id", "redemption_id", name="booking_redemption_key"),
    ForeignKeyConstraint(
        ["network_id", "slot_id"],
        [experience_slot.c.network_id, experience_slot.c.slot_id],
        name="booking_slot_fkey",
    ),
    Index("booking_by_slot", "network_id", "slot_id", "booking_id"),
    info={"class": "tenant"},
)
