"""The tables of payees, payouts, collections and top-ups. An attempt is one try on a rail."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")
TENANT = {"class": "tenant"}


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _network() -> Column[int]:
    return Column("network_id", BigInteger, nullable=False)


def _money() -> tuple[Column[int], Column[str]]:
    return (
        Column("amount", BigInteger, nullable=False),
        Column("currency", String(16), nullable=False),
    )


def _count(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False)


payee = Table(
    "payee",
    metadata,
    _network(),
    Column("payee_id", Uuid, nullable=False),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("state", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("return_url", Text, nullable=False),
    Column("account_id", Text),
    Column("customer_id", Text),
    Column("payment_method_id", Text),
    Column("onboarding_url", Text),
    _instant("onboarding_expires_at", nullable=True),
    Column("requirements", Text, nullable=False),
    Column("destination_hash", Text),
    Column("offered_hash", Text),
    Column("reason", Text),
    _instant("created_at"),
    _instant("refreshed_at", nullable=True),
    PrimaryKeyConstraint("network_id", "payee_id", name="payee_pkey"),
    UniqueConstraint("network_id", "partner_id", name="payee_partner_key"),
    UniqueConstraint("network_id", "member_id", name="payee_member_key"),
    info=TENANT,
)

payout = Table(
    "payout",
    metadata,
    _network(),
    Column("payout_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("cycle_id", Uuid),
    *_money(),
    Column("state", Text, nullable=False),
    _count("round"),
    Column("hold_id", Uuid),
    Column("taken", SmallInteger, nullable=False),
    Column("destination_hash", Text),
    Column("requested_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("released_by", Text),
    Column("reason", Text),
    _instant("created_at"),
    _instant("changed_at"),
    _instant("paid_at", nullable=True),
    PrimaryKeyConstraint("network_id", "payout_id", name="payout_pkey"),
    UniqueConstraint("network_id", "cycle_id", "partner_id", "currency", name="payout_cycle_key"),
    Index("payout_by_time", "network_id", "created_at", "payout_id"),
    Index("payout_by_member", "network_id", "member_id", "created_at"),
    Index("payout_by_partner", "network_id", "partner_id", "created_at"),
    info=TENANT,
)

destination_change = Table(
    "destination_change",
    metadata,
    _network(),
    Column("change_id", Uuid, nullable=False),
    Column("payee_id", Uuid, nullable=False),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("old_hash", Text, nullable=False),
    Column("new_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    _instant("proposed_at"),
    _instant("effective_at"),
    Column("decided_by", Text),
    _instant("decided_at", nullable=True),
    _instant("in_force_at", nullable=True),
    PrimaryKeyConstraint("network_id", "change_id", name="destination_change_pkey"),
    Index("destination_change_by_payee", "network_id", "payee_id", "change_id"),
    Index(
        "destination_change_open",
        "network_id",
        "payee_id",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'approved')"),
    ),
    info=TENANT,
)

destination_policy = Table(
    "destination_policy",
    metadata,
    _network(),
    Column("policy_id", Uuid, nullable=False),
    Column("cooldown_seconds", Integer, nullable=False),
    Column("rail", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "policy_id", name="destination_policy_pkey"),
    info=TENANT,
)

bank_account = Table(
    "bank_account",
    metadata,
    _network(),
    Column("bank_account_id", Uuid, nullable=False),
    Column("payee_id", Uuid, nullable=False),
    Column("partner_id", Uuid),
    Column("member_id", Uuid),
    Column("key_id", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("last4", Text, nullable=False),
    Column("named_by", Text, nullable=False),
    _instant("named_at"),
    PrimaryKeyConstraint("network_id", "bank_account_id", name="bank_account_pkey"),
    UniqueConstraint("network_id", "payee_id", "digest", name="bank_account_digest_key"),
    info=TENANT,
)

_LIVE = "state IN ('prepared', 'sent', 'accepted', 'unknown')"

payout_attempt = Table(
    "payout_attempt",
    metadata,
    _network(),
    Column("attempt_id", Uuid, nullable=False),
    Column("payout_id", Uuid, nullable=False),
    _count("round"),
    _count("epoch"),
    Column("leg", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    *_money(),
    Column("state", Text, nullable=False),
    Column("external_id", Text),
    Column("code", Text),
    _count("sends"),
    _count("lookups"),
    _instant("prepared_at"),
    _instant("sent_at"),
    _instant("resolved_at", nullable=True),
    PrimaryKeyConstraint("network_id", "attempt_id", name="payout_attempt_pkey"),
    ForeignKeyConstraint(
        ["network_id", "payout_id"],
        [payout.c.network_id, payout.c.payout_id],
        name="payout_attempt_payout_fkey",
    ),
    UniqueConstraint("network_id", "key", name="payout_attempt_key"),
    UniqueConstraint("network_id", "payout_id", "leg", "epoch", name="payout_attempt_epoch_key"),
    UniqueConstraint("network_id", "external_id", name="payout_attempt_external_key"),
    Index(
        "payout_attempt_live",
        "network_id",
        "payout_id",
        "leg",
        unique=True,
        postgresql_where=text(f"{_LIVE} OR state = 'succeeded' AND leg <> 'reversal'"),
    ),
    info=TENANT,
)

collection = Table(
    "collection",
    metadata,
    _network(),
    Column("collection_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    *_money(),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    _instant("created_at"),
    _instant("changed_at"),
    _instant("collected_at", nullable=True),
    PrimaryKeyConstraint("network_id", "collection_id", name="collection_pkey"),
    UniqueConstraint(
        "network_id", "cycle_id", "partner_id", "currency", name="collection_cycle_key"
    ),
    Index("collection_by_time", "network_id", "created_at", "collection_id"),
    info=TENANT,
)

collection_attempt = Table(
    "collection_attempt",
    metadata,
    _network(),
    Column("attempt_id", Uuid, nullable=False),
    Column("collection_id", Uuid, nullable=False),
    _count("epoch"),
    Column("key", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("payment_method_id", Text, nullable=False),
    *_money(),
    Column("state", Text, nullable=False),
    Column("external_id", Text),
    Column("code", Text),
    _count("sends"),
    _count("lookups"),
    _instant("prepared_at"),
    _instant("sent_at"),
    _instant("resolved_at", nullable=True),
    PrimaryKeyConstraint("network_id", "attempt_id", name="collection_attempt_pkey"),
    ForeignKeyConstraint(
        ["network_id", "collection_id"],
        [collection.c.network_id, collection.c.collection_id],
        name="collection_attempt_collection_fkey",
    ),
    UniqueConstraint("network_id", "key", name="collection_attempt_key"),
    UniqueConstraint("network_id", "collection_id", "epoch", name="collection_attempt_epoch_key"),
    UniqueConstraint("network_id", "external_id", name="collection_attempt_external_key"),
    Index(
        "collection_attempt_live",
        "network_id",
        "collection_id",
        unique=True,
        postgresql_where=text(f"{_LIVE} OR state = 'succeeded'"),
    ),
    info=TENANT,
)

topup = Table(
    "topup",
    metadata,
    _network(),
    Column("topup_id", Uuid, nullable=False),
    *_money(),
    Column("state", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("external_id", Text),
    Column("reason", Text),
    _count("sends"),
    _count("lookups"),
    Column("requested_by", Text, nullable=False),
    _instant("created_at"),
    _instant("sent_at", nullable=True),
    _instant("changed_at"),
    PrimaryKeyConstraint("network_id", "topup_id", name="topup_pkey"),
    UniqueConstraint("network_id", "key", name="topup_key"),
    UniqueConstraint("network_id", "external_id", name="topup_external_key"),
    Index("topup_by_time", "network_id", "created_at", "topup_id"),
    info=TENANT,
)

provider_object = Table(
    "provider_object",
    metadata,
    Column("provider", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    PrimaryKeyConstraint("provider", "object_id", name="provider_object_pkey"),
    info={"class": "platform"},
)
