"""Bank accounts: where payees of a network that pays by files are paid, and from where."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.account_vault import SealedAccounts
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, node_kind
from api.graphql.payouts.payees import Payee, owners_named
from api.graphql.permissions import (
    FINANCE,
    MAKER,
    MEMBER,
    OPERATOR,
    PARTNER,
    STAFF,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import CurrencyCode
from payouts import bank_files, disbursement

ACCOUNTS_MAX = 100


@strawberry.input(description="A bank account: its holder, and either an IBAN or another id.")
class BankAccountInput:
    """A bank account."""

    name: str = strawberry.field(description="The holder, as the bank knows it.")
    iban: str | None = strawberry.field(
        default=None, description="With or without spaces; its check digits must fit."
    )
    other: str | None = strawberry.field(
        default=None, description="Its number where there are no IBANs: letters, digits, / and -."
    )
    bic: str | None = None

    def read(self) -> disbursement.BankAccount:
        """Check what was typed. Raises InvalidBankAccount."""
        try:
            return disbursement.read_account(
                name=self.name, iban=self.iban, other=self.other, bic=self.bic
            )
        except disbursement.InvalidBankAccount as refusal:
            refusal.path = ("account", *refusal.path)
            raise


@strawberry.federation.type(
    keys=["id"], description="The network's own account that files of a currency are paid from."
)
class DebitAccount(Node):
    """A debit account."""

    currency: CurrencyCode
    name: str
    number: str
    bic: str | None
    published_by: str
    published_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: bank_files.DebitAccount) -> "DebitAccount":
        """Show a debit account."""
        return cls(
            id=id_of("DebitAccount", network_id, one.debit_account_id),
            currency=CurrencyCode(one.currency),
            name=one.account.name,
            number=one.account.number,
            bic=one.account.bic,
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("DebitAccount", allow=STAFF)
async def load_debit_accounts(context: Context, keys: Sequence[UUID]) -> dict[UUID, DebitAccount]:
    """Find debit accounts."""
    async with context.reading() as db:
        found = await bank_files.read_debit_accounts(
            db, network_id=context.network_id, debit_account_ids=keys, limit=len(keys)
        )
    return {
        one.debit_account_id: DebitAccount.from_domain(context.network_id, one) for one in found
    }


@strawberry.type
class Query:
    """Looking at debit accounts."""

    @query(allow=STAFF)
    async def debit_accounts(self, info: Info) -> list[DebitAccount]:
        """The network's own accounts, the newest first, at most 100; of each currency the first is
        in force."""
        context: Context = info.context
        async with context.reading() as db:
            found = await bank_files.read_debit_accounts(
                db, network_id=context.network_id, limit=ACCOUNTS_MAX
            )
        return [DebitAccount.from_domain(context.network_id, one) for one in found]


@strawberry.input
class NameBankAccountInput:
    """Where somebody is to be paid. A partner or a member names its own; staff name whose it is."""

    idempotency_key: str
    country: str = strawberry.field(description="Two capital letters, such as SA.")
    account: BankAccountInput
    partner_id: strawberry.ID | None = None
    member_id: strawberry.ID | None = None


@strawberry.type
class NameBankAccountPayload(Payload):
    """The payee, or why nothing changed."""

    payee: Payee | None = None


@strawberry.input
class PublishDebitAccountInput:
    """From where files of a currency are paid that are made from now on."""

    idempotency_key: str
    currency: CurrencyCode
    account: BankAccountInput


@strawberry.type
class PublishDebitAccountPayload(Payload):
    """The debit account, or why there is none."""

    debit_account: DebitAccount | None = None


@strawberry.type
class Mutation:
    """Naming accounts."""

    @mutation(allow=PARTNER | MEMBER | OPERATOR | FINANCE)
    async def name_bank_account(
        self,
        info: Info,
        input: NameBankAccountInput,  # noqa: A002
    ) -> NameBankAccountPayload:
        """Say to which bank account a partner or a member is paid, in a network that pays by files.

        It is stored encrypted. Another one than before is a change of destination: it needs a
        second person and its cool-down, and payouts are held meanwhile.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            owners = await owners_named(db, context, input.partner_id, input.member_id)
            payee = await disbursement.name_bank_account(
                db,
                vault=SealedAccounts(context.vault),
                network_id=context.network_id,
                partner_id=owners.partner_id,
                member_id=owners.member_id,
                country=input.country,
                account=input.account.read(),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"payee": payee.payee_id}

        done = await perform(info, mutation="nameBankAccount", input=input, work=work)
        payee: Any = await done.load(info, "Payee", "payee")
        return NameBankAccountPayload(payee=payee, problems=done.problems, replayed=done.replayed)

    @mutation(allow=MAKER)
    async def publish_debit_account(
        self,
        info: Info,
        input: PublishDebitAccountInput,  # noqa: A002
    ) -> PublishDebitAccountPayload:
        """Say from which of the network's accounts files of a currency are paid from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await bank_files.publish_debit_account(
                db,
                network_id=context.network_id,
                currency=input.currency,
                account=input.account.read(),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"debit_account": made.debit_account_id}

        done = await perform(info, mutation="publishDebitAccount", input=input, work=work)
        made: Any = await done.load(info, "DebitAccount", "debit_account")
        return PublishDebitAccountPayload(
            debit_account=made, problems=done.problems, replayed=done.replayed
        )
