"""Cards of the network's own, what merchants set aside and took from them, and failed guesses."""

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
TENANT = {"class": "tenant"}

gift_card = Table(
    "gift_card",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("card_id", Uuid, nullable=False),
    Column("brand_id", Uuid),
    Column("reward_id", Uuid),
    Column("redemption_id", Uuid),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("external_id", Text),
    Column("face", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "card_id", name="gift_card_pkey"),
    UniqueConstraint("network_id", "partner_id", "external_id", name="gift_card_sale_key"),
    Index("gift_card_by_member", "network_id", "member_id", "card_id"),
    Index("gift_card_by_redemption", "network_id", "redemption_id"),
    info=TENANT,
)

card_authorization = Table(
    "card_authorization",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("authorization_id", Uuid, nullable=False),
    Column("card_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("merchant_reference", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("fee_returned", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("acceptance_fee_bps", Integer),
    Column("state", Text, nullable=False),
    Column("hold_id", Uuid, nullable=False),
    Column("authorized_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "authorization_id", name="card_authorization_pkey"),
    ForeignKeyConstraint(
        ["network_id", "card_id"],
        [gift_card.c.network_id, gift_card.c.card_id],
        name="card_authorization_card_fkey",
    ),
    Index("card_authorization_by_card", "network_id", "card_id", "authorization_id"),
    Index("card_authorization_by_partner", "network_id", "partner_id", "authorized_at"),
    info=TENANT,
)

card_refund = Table(
    "card_refund",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("card_refund_id", Uuid, nullable=False),
    Column("authorization_id", Uuid, nullable=False),
    Column("card_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("refunded_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "card_refund_id", name="card_refund_pkey"),
    ForeignKeyConstraint(
        ["network_id", "authorization_id"],
        [card_authorization.c.network_id, card_authorization.c.authorization_id],
        name="card_refund_authorization_fkey",
    ),
    Index("card_refund_by_authorization", "network_id", "authorization_id", "card_refund_id"),
    info=TENANT,
)

card_guess = Table(
    "card_guess",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("caller", Text, nullable=False),
    Column("window_at", DateTime(timezone=True), nullable=False),
    Column("failures", Integer, nullable=False),
    PrimaryKeyConstraint("network_id", "caller", "window_at", name="card_guess_pkey"),
    info=TENANT,
)
