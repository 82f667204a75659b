"""Intakes, the chunks that were taken of them, and the lines that were refused."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="partners")
TENANT = {"class": "tenant"}

intake = Table(
    "intake",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("intake_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("chunk_lines", Integer, nullable=False),
    Column("lines", BigInteger),
    Column("actor", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("file_name", Text),
    PrimaryKeyConstraint("network_id", "intake_id", name="intake_pkey"),
    UniqueConstraint("network_id", "partner_id", "file_sha256", name="intake_file_key"),
    info=TENANT,
)

intake_chunk = Table(
    "intake_chunk",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("intake_id", Uuid, nullable=False),
    Column("first_line", BigInteger, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("recorded", Integer, nullable=False),
    Column("replayed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "intake_id", "first_line", name="intake_chunk_pkey"),
    ForeignKeyConstraint(
        ["network_id", "intake_id"],
        [intake.c.network_id, intake.c.intake_id],
        name="intake_chunk_intake_fkey",
    ),
    info=TENANT,
)

intake_refusal = Table(
    "intake_refusal",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("intake_id", Uuid, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("external_id", Text),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("network_id", "intake_id", "line", name="intake_refusal_pkey"),
    ForeignKeyConstraint(
        ["network_id", "intake_id"],
        [intake.c.network_id, intake.c.intake_id],
        name="intake_refusal_intake_fkey",
    ),
    info=TENANT,
)
