"""Vouchers: that a code is there, and the one time it is shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, node_kind
from api.graphql.permissions import EVERYONE, MEMBER, PARTNER, Payload, mutation
from catalog import vouchers as domain


@strawberry.federation.type(
    keys=["id"], description="A delivered code. The code itself is shown once, by revealVoucher."
)
class Voucher(Node):
    """A voucher, without its code."""

    last4: str = strawberry.field(
        description="By which its owner recognises it; empty for a short code."
    )
    created_at: datetime
    revealed_at: datetime | None = strawberry.field(description="When the code was shown.")

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Voucher) -> "Voucher":
        """Show a voucher."""
        return cls(
            id=id_of("Voucher", network_id, one.voucher_id),
            last4=one.last4,
            created_at=one.created_at,
            revealed_at=one.revealed_at,
        )


def is_for(context: Context, member_id: UUID | None, partner_id: UUID | None) -> bool:
    """Tell whether a thing of a member's or a partner's is the caller's to see; staff see all."""
    caller = context.known_caller
    if caller.kind is CallerKind.MEMBER:
        return member_id is not None and member_id == caller.member_id
    if caller.kind is CallerKind.PARTNER:
        return partner_id is not None and partner_id == caller.partner_id
    return True


@node_kind("Voucher", allow=EVERYONE)
async def load_vouchers(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Voucher]:
    """Find vouchers: a member's, those of cards a partner sold, or all for the staff."""
    async with context.reading() as db:
        found = await domain.read_vouchers(db, network_id=context.network_id, voucher_ids=keys)
    return {
        key: Voucher.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_for(context, one.member_id, one.partner_id)
    }


@strawberry.input(description="Which code to show.")
class RevealVoucherInput:
    """Input of revealVoucher."""

    idempotency_key: str
    voucher_id: strawberry.ID


@strawberry.type(description="The code, in the first answer only.")
class RevealVoucherPayload(Payload):
    """The code and where it belongs."""

    voucher: Voucher | None = None
    code: str | None = strawberry.field(
        default=None,
        description="The card's number or link, exactly as delivered. Null in a replay: keep the"
        " first answer.",
    )
    pin: str | None = strawberry.field(default=None, description="Where there is one.")


@strawberry.type
class Mutation:
    """Showing codes."""

    @mutation(allow=MEMBER | PARTNER)
    async def reveal_voucher(
        self,
        info: Info,
        input: RevealVoucherInput,  # noqa: A002
    ) -> RevealVoucherPayload:
        """Show a code to its owner: the member, or the partner that sold the card. Once only: a
        replay with the same key answers without the code, a second try is ALREADY_REVEALED.
        """
        context: Context = info.context
        caller = context.known_caller
        is_member = caller.kind is CallerKind.MEMBER
        shown: list[domain.RevealedCode] = []

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            voucher_id = key_of(context, input.voucher_id, "Voucher", path=("voucherId",))
            revealed = await domain.reveal_voucher(
                db,
                vault=context.vault,
                network_id=context.network_id,
                voucher_id=voucher_id,
                member_id=caller.member_id,
                partner_id=None if is_member else caller.partner_id,
                actor=caller.identity,
                now=context.now,
            )
            shown[:] = [revealed]
            return {"voucher": voucher_id}

        done = await perform(info, mutation="revealVoucher", input=input, work=work)
        is_first = bool(shown) and not done.replayed and not done.problems
        code = shown[0].code if is_first else None
        return RevealVoucherPayload(
            voucher=await done.load(info, "Voucher", "voucher"),
            code=None if code is None else code.number.reveal(),
            pin=None if code is None or code.pin is None else code.pin.reveal(),
            problems=done.problems,
            replayed=done.replayed,
        )
