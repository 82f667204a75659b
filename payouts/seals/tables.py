"""The table of blocks. Only the appending function writes it; places themselves are the ledger's."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(schema="payouts")

block = Table(
    "block",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("from_seq", BigInteger, nullable=False),
    Column("to_seq", BigInteger, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("book_id", "block", name="block_pkey"),
    UniqueConstraint("book_id", "to_seq", name="block_to_seq_key"),
    info={"class": "ledger"},
)
