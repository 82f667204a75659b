"""Bank files: made by one person, released by another, taken to the bank by either."""

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
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.payouts.bank_accounts import DebitAccount
from api.graphql.payouts.disbursement import Payout, PayoutPayload
from api.graphql.payouts.pages import key_or_none
from api.graphql.permissions import CHECKER, FINANCE, MAKER, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import CurrencyCode, Money, bounded, show_money
from payouts import bank_files as domain
from payouts import disbursement
from payouts.refusal import Refusal

FILES_MAX = 100
LINES_SHOWN_MAX = 100
HASH_LENGTH = 64
_STATE = ProblemCode.STATE_CONFLICT

register_problems(
    (
        Rule(
            domain.BankFileNotFound,
            ProblemCode.NOT_FOUND,
            "There is no such bank file.",
            "لا يوجد ملف بنكي بهذا المعرّف.",
        ),
        Rule(
            domain.BankFileReleased,
            _STATE,
            "The bank file was released before and can no longer be changed. Nothing changed.",
            "أُفرج عن الملف البنكي من قبل ولا يمكن تغييره. لم يتغير شيء.",
        ),
        Rule(
            domain.BankFileNotCreated,
            _STATE,
            "The bank file is not made, or was released before. Nothing changed.",
            "الملف البنكي لم يُنشأ أو أُفرج عنه من قبل. لم يتغير شيء.",
        ),
        Rule(
            domain.BankFileNotReleased,
            _STATE,
            "The bank file is not released yet.",
            "لم يُفرج عن الملف البنكي بعد.",
        ),
        Rule(
            domain.BankFileEmpty,
            _STATE,
            "There is nothing in the bank file. Nothing changed.",
            "الملف البنكي فارغ. لم يتغير شيء.",
        ),
        Rule(
            domain.BankFileAltered,
            _STATE,
            "The bank file is not the one that was made: make it anew and have that one approved."
            " No money moved.",
            "الملف البنكي ليس هو الذي أُنشئ: أنشئه من جديد ثم وافق عليه. لم يتحرك أي مبلغ.",
        ),
        Rule(
            domain.DebitAccountMissing,
            _STATE,
            "Nobody said from which bank account payouts in {currency} are paid. Nothing changed.",
            "لم يُحدد الحساب البنكي الذي تُدفع منه الدفعات بعملة {currency}. لم يتغير شيء.",
        ),
        Rule(
            domain.PayoutNotWithBank,
            _STATE,
            "The payout is not with the bank by a released file, or nobody reported it unpaid."
            " Nothing changed.",
            "الدفعة ليست لدى البنك بملف مُفرج عنه أو لم يُبلغ أحد عن عدم دفعها. لم يتغير شيء.",
        ),
        Rule(
            disbursement.BankFileNotUsed,
            _STATE,
            "The network does not pay by bank files. Nothing changed.",
            "الشبكة لا تدفع بالملفات البنكية. لم يتغير شيء.",
        ),
        Rule(
            disbursement.InvalidBankAccount,
            ProblemCode.INVALID_INPUT,
            "A bank account has a holder, an IBAN whose check digits fit or another id, and a BIC.",
            "للحساب البنكي صاحب، ورقم آيبان صحيح أو رقم آخر، ورمز BIC.",
        ),
    )
)
strawberry.enum(domain.BankFileState, description="Where a bank file stands.")


@strawberry.type(description="A payout in a bank file.")
class BankFileLine:
    """A line."""

    shown: strawberry.Private[domain.BankFileLine]
    end_to_end_id: str = strawberry.field(description="What the bank's statement calls it by.")
    amount: Money
    unpaid_by: str | None = strawberry.field(description="Who reported that the bank refused it.")
    returned_by: str | None = strawberry.field(description="Who took it back then.")

    @strawberry.field(description="The payout.")
    async def payout(self, info: Info) -> Payout | None:
        """Find the payout."""
        found: Payout | None = await load_one(info.context, "Payout", self.shown.payout_id)
        return found


@strawberry.federation.type(
    keys=["id"], description="Payouts of one currency that go to the network's bank together."
)
class BankFile(Node):
    """A bank file."""

    shown: strawberry.Private[domain.BankFile]
    currency: CurrencyCode
    state: domain.BankFileState
    message_id: str = strawberry.field(description="What the bank calls it by (MsgId).")
    amount: Money
    lines_count: int
    content_hash: str | None = strawberry.field(
        description="SHA-256 of the file, which a release must name; null until it is made."
    )
    opened_at: datetime
    created_by: str | None
    created_at: datetime | None
    released_by: str | None
    released_at: datetime | None

    @strawberry.field(description="From where it is paid; null until it is made.")
    async def debit_account(self, info: Info) -> DebitAccount | None:
        """Find the account."""
        key = self.shown.debit_account_id
        found: DebitAccount | None = await load_one(info.context, "DebitAccount", key)
        return found

    @strawberry.field(description="What is in it, in the order of its beginning; at most 100.")
    async def lines(self, info: Info) -> list[BankFileLine]:
        """List the lines."""
        context: Context = info.context
        async with context.reading() as db:
            found = await domain.list_bank_file_lines(
                db,
                network_id=context.network_id,
                bank_file_id=self.shown.bank_file_id,
                limit=LINES_SHOWN_MAX,
            )
        return [
            BankFileLine(
                shown=one,
                end_to_end_id=one.end_to_end_id,
                amount=show_money(one.amount),
                unpaid_by=one.unpaid_by,
                returned_by=one.returned_by,
            )
            for one in found
        ]

    @classmethod
    def from_domain(cls, network_id: int, one: domain.BankFile) -> "BankFile":
        """Show a bank file."""
        return cls(
            id=id_of("BankFile", network_id, one.bank_file_id),
            shown=one,
            currency=CurrencyCode(one.currency),
            state=one.state,
            message_id=one.message_id,
            amount=show_money(one.amount),
            lines_count=one.lines_count,
            content_hash=one.content_hash,
            opened_at=one.opened_at,
            created_by=one.created_by,
            created_at=one.created_at,
            released_by=one.released_by,
            released_at=one.released_at,
        )


@node_kind("BankFile", allow=STAFF)
async def load_bank_files(context: Context, keys: Sequence[UUID]) -> dict[UUID, BankFile]:
    """Find bank files."""
    async with context.reading() as db:
        found = await domain.list_bank_files(
            db, network_id=context.network_id, bank_file_ids=keys, limit=len(keys)
        )
    return {one.bank_file_id: BankFile.from_domain(context.network_id, one) for one in found}


@strawberry.type
class Query:
    """Looking at bank files."""

    @query(allow=STAFF)
    async def bank_files(
        self, info: Info, states: list[domain.BankFileState] | None = None
    ) -> list[BankFile]:
        """Bank files, the newest first, at most 100."""
        context: Context = info.context
        async with context.reading() as db:
            found = await domain.list_bank_files(
                db,
                network_id=context.network_id,
                states=[one.value for one in states or ()],
                limit=FILES_MAX,
            )
        return [BankFile.from_domain(context.network_id, one) for one in found]

    @query(allow=FINANCE)
    async def bank_file_content(self, info: Info, id: strawberry.ID) -> str | None:  # noqa: A002
        """A released file (pain.001.001.09), byte for byte as it was approved.

        Null for one that is not released, that is no longer what was approved, or that is not there.
        """
        context: Context = info.context
        key = key_or_none(context, id, "BankFile")
        if key is None:
            return None
        async with context.reading() as db:
            try:
                return await domain.read_bank_file_content(
                    db,
                    vault=SealedAccounts(context.vault),
                    network_id=context.network_id,
                    bank_file_id=key,
                )
            except Refusal:
                return None


@strawberry.input
class CreateBankFileInput:
    """Which file is made: one that takes payouts, or anew one that waits for its release."""

    idempotency_key: str
    bank_file_id: strawberry.ID


@strawberry.input
class ReleaseBankFileInput:
    """Which file is released, and the hash of what was looked at."""

    idempotency_key: str
    bank_file_id: strawberry.ID
    content_hash: str


@strawberry.input
class ReportUnpaidInput:
    """Which payout the bank refused."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.input
class ReturnUnpaidInput:
    """Which payout is taken back."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.type
class BankFilePayload(Payload):
    """The bank file, or why nothing changed."""

    bank_file: BankFile | None = None


async def _shown(info: Info, name: str, given: Any, work: Any) -> BankFilePayload:
    done = await perform(info, mutation=name, input=given, work=work)
    file: Any = await done.load(info, "BankFile", "bank_file")
    return BankFilePayload(bank_file=file, problems=done.problems, replayed=done.replayed)


async def _unpaid(info: Info, name: str, given: Any, act: Any) -> PayoutPayload:
    context: Context = info.context

    async def work(db: AsyncConnection) -> dict[str, UUID]:
        payout_id = key_of(context, given.payout_id, "Payout", path=("payoutId",))
        await act(
            db,
            network_id=context.network_id,
            payout_id=payout_id,
            actor=context.known_caller.identity,
            now=context.now,
        )
        return {"payout": payout_id}

    done = await perform(info, mutation=name, input=given, work=work)
    payout: Any = await done.load(info, "Payout", "payout")
    return PayoutPayload(payout=payout, problems=done.problems, replayed=done.replayed)


@strawberry.type
class Mutation:
    """Making and releasing bank files, and taking back what the bank refused."""

    @mutation(allow=MAKER)
    async def report_unpaid(
        self,
        info: Info,
        input: ReportUnpaidInput,  # noqa: A002
    ) -> PayoutPayload:
        """Say that the bank refused a payout of a released file; a checker takes it back."""
        return await _unpaid(info, "reportUnpaid", input, domain.report_unpaid)

    @mutation(allow=CHECKER)
    async def return_unpaid(
        self,
        info: Info,
        input: ReturnUnpaidInput,  # noqa: A002
    ) -> PayoutPayload:
        """Give the value of a payout back that somebody else reported as refused by the bank."""
        return await _unpaid(info, "returnUnpaid", input, domain.return_unpaid)

    @mutation(allow=MAKER)
    async def create_bank_file(
        self,
        info: Info,
        input: CreateBankFileInput,  # noqa: A002
    ) -> BankFilePayload:
        """Close a file to further payouts and write it, for a checker to release.

        Payouts whose payee asked for another account since are taken out and screened again.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            file = await domain.create_bank_file(
                db,
                vault=SealedAccounts(context.vault),
                network_id=context.network_id,
                bank_file_id=key_of(context, input.bank_file_id, "BankFile", path=("bankFileId",)),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"bank_file": file.bank_file_id}

        return await _shown(info, "createBankFile", input, work)

    @mutation(allow=CHECKER)
    async def release_bank_file(
        self,
        info: Info,
        input: ReleaseBankFileInput,  # noqa: A002
    ) -> BankFilePayload:
        """Let a file be taken to the bank; its payouts are in transit from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            file = await domain.release_bank_file(
                db,
                vault=SealedAccounts(context.vault),
                network_id=context.network_id,
                bank_file_id=key_of(context, input.bank_file_id, "BankFile", path=("bankFileId",)),
                content_hash=bounded(input.content_hash, "contentHash", longest=HASH_LENGTH),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"bank_file": file.bank_file_id}

        return await _shown(info, "releaseBankFile", input, work)
