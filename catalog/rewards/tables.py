"""Rewards, their immutable versions, where they are on sale, and imports of catalogues."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="catalog")
TENANT = {"class": "tenant"}


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


reward = Table(
    "reward",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("brand_id", Uuid),
    Column("partner_id", Uuid),
    Column("supplier_id", Uuid),
    Column("supplier_sku", Text),
    Column("supplier_country", String(2)),
    Column("rank", BigInteger, nullable=False),
    Column("latest_version", Integer, nullable=False),
    Column("current_version", Integer),
    Column("rule_id", Uuid),
    _instant("created_at"),
    _instant("published_at", nullable=True),
    _instant("retired_at", nullable=True),
    Column("is_withdrawn", Boolean, nullable=False),
    # The reward that this one's item is sold as, when another supplier had the same before.
    Column("fills_id", Uuid),
    # The brand's name as it is compared, in the order of its letters' codes.
    Column("match_key", Text(collation="C")),
    _instant("goes_live_at", nullable=True),
    _instant("sunset_at", nullable=True),
    PrimaryKeyConstraint("network_id", "reward_id", name="reward_pkey"),
    # Of suppliers' items alone: checks of foreign keys would take it for the primary key while the
    # table is nearly empty, and go through the whole network for each row.
    Index(
        "reward_supplier_key",
        "network_id",
        "supplier_id",
        "supplier_country",
        "supplier_sku",
        unique=True,
        postgresql_where=text("supplier_id IS NOT NULL"),
    ),
    ForeignKeyConstraint(
        ["network_id", "fills_id"],
        ["catalog.reward.network_id", "catalog.reward.reward_id"],
        name="reward_fills_fkey",
    ),
    Index(
        "reward_by_key",
        "network_id",
        "supplier_country",
        "match_key",
        "supplier_id",
        "reward_id",
        postgresql_where=text("match_key IS NOT NULL"),
    ),
    Index(
        "reward_by_filled",
        "network_id",
        "fills_id",
        "reward_id",
        postgresql_where=text("fills_id IS NOT NULL"),
    ),
    info=TENANT,
)

reward_version = Table(
    "reward_version",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text),
    Column("category", Text),
    Column("countries", ARRAY(String(2)), nullable=False),
    Column("image_urls", ARRAY(Text), nullable=False),
    Column("face_currency", String(16)),
    Column("cost_currency", String(16)),
    Column("min_face", BigInteger),
    Column("max_face", BigInteger),
    Column("face_step", BigInteger),
    Column("min_cost", BigInteger),
    Column("max_cost", BigInteger),
    Column("cost_rate", Numeric(30, 12)),
    Column("fee", BigInteger),
    Column("fee_percent", Numeric(9, 6)),
    Column("discount_percent", Numeric(9, 6)),
    Column("needs_user_id", Boolean, nullable=False),
    Column("price", BigInteger),
    Column("price_currency", String(16)),
    Column("free_until_hours", Integer),
    Column("penalty_bps", Integer),
    Column("rate_bps", Integer),
    Column("funding", JSONB),
    _instant("starts_at", nullable=True),
    _instant("ends_at", nullable=True),
    _instant("created_at"),
    PrimaryKeyConstraint("network_id", "reward_id", "version", name="reward_version_pkey"),
    ForeignKeyConstraint(
        ["network_id", "reward_id"],
        [reward.c.network_id, reward.c.reward_id],
        name="reward_version_reward_fkey",
    ),
    info=TENANT,
)

_VERSION = ("network_id", "reward_id", "version")
_VERSION_KEY = [reward_version.c[name] for name in _VERSION]

reward_text = Table(
    "reward_text",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("locale", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("instructions", Text, nullable=False),
    PrimaryKeyConstraint("network_id", "reward_id", "version", "locale", name="reward_text_pkey"),
    ForeignKeyConstraint(_VERSION, _VERSION_KEY, name="reward_text_version_fkey"),
    info=TENANT,
)

reward_denomination = Table(
    "reward_denomination",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("face", BigInteger, nullable=False),
    Column("face_currency", String(16), nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("cost_currency", String(16), nullable=False),
    PrimaryKeyConstraint(
        "network_id", "reward_id", "version", "face", name="reward_denomination_pkey"
    ),
    ForeignKeyConstraint(_VERSION, _VERSION_KEY, name="reward_denomination_version_fkey"),
    info=TENANT,
)

reward_publication = Table(
    "reward_publication",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_publication_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rule_id", Uuid),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "reward_publication_id", name="reward_publication_pkey"),
    ForeignKeyConstraint(_VERSION, _VERSION_KEY, name="reward_publication_version_fkey"),
    Index("reward_publication_by_reward", "network_id", "reward_id", "published_at"),
    info=TENANT,
)

# What commands made of rewards; imports of catalogues write nothing here.
reward_transition = Table(
    "reward_transition",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_transition_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("command", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    _instant("effective_at", nullable=True),
    # Who submitted what this decides: nobody decides about what they submitted.
    Column("submitted_by", Text),
    Column("partner_id", Uuid),
    _instant("made_at"),
    PrimaryKeyConstraint("network_id", "reward_transition_id", name="reward_transition_pkey"),
    UniqueConstraint("network_id", "reward_id", "number", name="reward_transition_number_key"),
    ForeignKeyConstraint(_VERSION, _VERSION_KEY, name="reward_transition_version_fkey"),
    info=TENANT,
)

# What is on sale where, in the order in which it is listed: a page is one stretch of the key.
reward_market = Table(
    "reward_market",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("country", String(2), nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    PrimaryKeyConstraint("network_id", "country", "rank", "reward_id", name="reward_market_pkey"),
    ForeignKeyConstraint(
        ["network_id", "reward_id"],
        [reward.c.network_id, reward.c.reward_id],
        name="reward_market_reward_fkey",
    ),
    Index("reward_market_by_kind", "network_id", "country", "kind", "rank", "reward_id"),
    Index("reward_market_by_reward", "network_id", "reward_id"),
    info=TENANT,
)

reward_match = Table(
    "reward_match",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_match_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("decided_by", Text),
    _instant("found_at"),
    _instant("decided_at", nullable=True),
    PrimaryKeyConstraint("network_id", "reward_match_id", name="reward_match_pkey"),
    UniqueConstraint("network_id", "source_id", "reward_id", name="reward_match_pair_key"),
    ForeignKeyConstraint(
        ["network_id", "reward_id"],
        [reward.c.network_id, reward.c.reward_id],
        name="reward_match_reward_fkey",
    ),
    ForeignKeyConstraint(
        ["network_id", "source_id"],
        [reward.c.network_id, reward.c.reward_id],
        name="reward_match_source_fkey",
    ),
    Index("reward_match_by_state", "network_id", "state", "reward_match_id"),
    Index("reward_match_by_reward", "network_id", "reward_id"),
    info=TENANT,
)

catalogue_import = Table(
    "catalogue_import",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("catalogue_import_id", Uuid, nullable=False),
    Column("supplier_id", Uuid, nullable=False),
    Column("file_sha256", Text),
    Column("actor", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("is_complete", Boolean, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    _instant("started_at"),
    _instant("finished_at", nullable=True),
    Column("markets", ARRAY(String(2)), nullable=False, server_default=text("'{}'")),
    Column("withheld", Integer, nullable=False, server_default=text("0")),
    Column("decided_by", Text),
    _instant("decided_at", nullable=True),
    Column("is_approved", Boolean),
    PrimaryKeyConstraint("network_id", "catalogue_import_id", name="catalogue_import_pkey"),
    Index("catalogue_import_by_supplier", "network_id", "supplier_id", "started_at"),
    info=TENANT,
)

catalogue_import_refusal = Table(
    "catalogue_import_refusal",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("catalogue_import_id", Uuid, nullable=False),
    Column("item", Integer, nullable=False),
    Column("supplier_sku", Text),
    Column("reasons", JSONB, nullable=False),
    PrimaryKeyConstraint(
        "network_id", "catalogue_import_id", "item", name="catalogue_import_refusal_pkey"
    ),
    ForeignKeyConstraint(
        ["network_id", "catalogue_import_id"],
        [catalogue_import.c.network_id, catalogue_import.c.catalogue_import_id],
        name="catalogue_import_refusal_import_fkey",
    ),
    info=TENANT,
)

_IMPORT = ("network_id", "catalogue_import_id")
_IMPORT_KEY = [catalogue_import.c[name] for name in _IMPORT]

catalogue_import_chunk = Table(
    "catalogue_import_chunk",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("catalogue_import_id", Uuid, nullable=False),
    Column("first_item", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    _instant("imported_at"),
    PrimaryKeyConstraint(*_IMPORT, "first_item", name="catalogue_import_chunk_pkey"),
    ForeignKeyConstraint(_IMPORT, _IMPORT_KEY, name="catalogue_import_chunk_import_fkey"),
    info=TENANT,
)

# The file of an import that is not closed, compressed; the newest import of a supplier has it alone.
catalogue_import_file = Table(
    "catalogue_import_file",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("catalogue_import_id", Uuid, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("source_version", Integer),
    Column("replaced", ARRAY(Text), nullable=False),
    _instant("kept_at"),
    PrimaryKeyConstraint(*_IMPORT, name="catalogue_import_file_pkey"),
    ForeignKeyConstraint(_IMPORT, _IMPORT_KEY, name="catalogue_import_file_import_fkey"),
    info=TENANT,
)

catalogue_import_withheld = Table(
    "catalogue_import_withheld",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("catalogue_import_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("supplier_country", String(2), nullable=False),
    Column("supplier_sku", Text, nullable=False),
    PrimaryKeyConstraint(*_IMPORT, "reward_id", name="catalogue_import_withheld_pkey"),
    ForeignKeyConstraint(_IMPORT, _IMPORT_KEY, name="catalogue_import_withheld_import_fkey"),
    info=TENANT,
)

# How much of what a supplier has on sale one import takes off it; the newest is in force.
import_policy = Table(
    "import_policy",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("import_policy_id", Uuid, nullable=False),
    Column("withdrawn_bps_max", Integer, nullable=False),
    Column("withdrawn_always", Integer, nullable=False),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "import_policy_id", name="import_policy_pkey"),
    info=TENANT,
)
