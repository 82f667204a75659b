"""A network that pays by bank files: its accounts, its vault, its bank's statements."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sepaxml
import xmlschema
from sqlalchemy import text

from api.account_vault import SealedAccounts
from catalog.vouchers import Vault
from payouts.bank_files import (
    BankFile,
    BankFileLine,
    create_bank_file,
    list_bank_file_lines,
    list_bank_files,
    publish_debit_account,
    read_bank_file_content,
    release_bank_file,
)
from payouts.disbursement import (
    COOLDOWN,
    DestinationChange,
    Payee,
    PayoutRail,
    approve_destination_change,
    list_destination_changes,
    name_bank_account,
    publish_destination_policy,
    read_account,
)
from payouts.reconciliation import import_bank_statement
from tests.payouts.disbursement.world import Bank
from tests.payouts.reconciliation.camt import ACCOUNT, document, entry, statement
from tests.payouts.settlement.world import BOOK, MEMBER

IBAN = "SA03 8000 0000 6080 1016 7519"
OTHER_IBAN = "DE89370400440532013000"
SCHEMA = xmlschema.XMLSchema(str(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def balance_of(*minors: int) -> str:
    return f"{sum(minors) / 100:.2f}"


@dataclass
class Files:
    """What a test does as finance, as the payee, and as the bank."""

    bank: Bank
    vault: SealedAccounts = field(default_factory=lambda: SealedAccounts(Vault.of_new_key()))
    statements: int = 0
    balance: int = 0

    async def use_files(self, cooldown: timedelta = COOLDOWN) -> None:
        async with self.bank.database.writing(BOOK) as db:
            await publish_destination_policy(
                db,
                network_id=BOOK,
                cooldown=cooldown,
                rail=PayoutRail.BANK_FILE,
                actor="op",
                now=self.bank.now(),
            )

    async def debit(self, number: str = ACCOUNT, currency: str = "SAR") -> None:
        async with self.bank.database.writing(BOOK) as db:
            await publish_debit_account(
                db,
                network_id=BOOK,
                currency=currency,
                account=read_account(name="Souq", iban=number, other=None, bic="RJHISARI"),
                actor="staff:m",
                now=self.bank.now(),
            )

    async def name(
        self,
        iban: str | None = IBAN,
        *,
        other: str | None = None,
        actor: str = "member:1",
        partner_id: UUID | None = None,
    ) -> Payee:
        async with self.bank.database.writing(BOOK) as db:
            return await name_bank_account(
                db,
                vault=self.vault,
                network_id=BOOK,
                partner_id=partner_id,
                member_id=None if partner_id else MEMBER,
                country="SA",
                account=read_account(name="Layla & Søn <ليلى>", iban=iban, other=other, bic=None),
                actor=actor,
                now=self.bank.now(),
            )

    async def files(self) -> list[BankFile]:
        async with self.bank.database.reading(BOOK) as db:
            return await list_bank_files(db, network_id=BOOK, limit=9)

    async def lines(self, file: BankFile) -> list[BankFileLine]:
        async with self.bank.database.reading(BOOK) as db:
            return await list_bank_file_lines(db, network_id=BOOK, bank_file_id=file.bank_file_id)

    async def create(self, file: BankFile | None = None, actor: str = "staff:m") -> BankFile:
        file = file or (await self.files())[0]
        async with self.bank.database.writing(BOOK) as db:
            return await create_bank_file(
                db,
                vault=self.vault,
                network_id=BOOK,
                bank_file_id=file.bank_file_id,
                actor=actor,
                now=self.bank.now(),
            )

    async def release(self, file: BankFile, actor: str = "staff:c") -> BankFile:
        assert file.content_hash is not None
        async with self.bank.database.writing(BOOK) as db:
            return await release_bank_file(
                db,
                vault=self.vault,
                network_id=BOOK,
                bank_file_id=file.bank_file_id,
                content_hash=file.content_hash,
                actor=actor,
                now=self.bank.now(),
            )

    async def content(self, file: BankFile) -> str:
        async with self.bank.database.reading(BOOK) as db:
            return await read_bank_file_content(
                db, vault=self.vault, network_id=BOOK, bank_file_id=file.bank_file_id
            )

    async def released(self) -> BankFile:
        return await self.release(await self.create())

    async def say(self, *lines: tuple[int, str]) -> None:
        """The bank's next statement: amounts, and the EndToEndIds that they carry."""
        self.statements += 1
        opening, self.balance = self.balance, self.balance + sum(minor for minor, _ in lines)
        entries = [
            entry(balance_of(minor), end_to_end=name, ref=f"R{self.statements}-{number}")
            for number, (minor, name) in enumerate(lines)
        ]
        told = statement(
            balance_of(opening),
            balance_of(self.balance),
            *entries,
            ref=f"S{self.statements}",
            sequence=self.statements,
        )
        async with self.bank.database.writing(BOOK) as db:
            await import_bank_statement(
                db, network_id=BOOK, content=document(told), actor="staff:m", now=self.bank.now()
            )

    async def items(self, superuser: Any) -> list[tuple[str, str | None, int]]:
        rows = await superuser.execute(
            text(
                "SELECT state, reason, amount FROM payouts.reconciliation_item WHERE leg = 'bank'"
                " ORDER BY item_id"
            )
        )
        return [tuple(row) for row in rows]

    async def changes(self) -> list[DestinationChange]:
        async with self.bank.database.reading(BOOK) as db:
            return await list_destination_changes(db, network_id=BOOK, limit=9)

    async def approve(self, change: DestinationChange, actor: str = "staff:c") -> None:
        async with self.bank.database.writing(BOOK) as db:
            await approve_destination_change(
                db, network_id=BOOK, change_id=change.change_id, actor=actor, now=self.bank.now()
            )
