"""Finding accounts of the provider that say something new."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Payee, PayeeState
from payouts.disbursement.queries import read_payees
from payouts.rails import ProviderAccount

_REQUIREMENTS_MAX = 50


async def find_untold_accounts(
    db: AsyncConnection, *, network_id: int, marked: Sequence[tuple[UUID, ProviderAccount]]
) -> list[tuple[UUID, ProviderAccount]]:
    """Tell which accounts, each with its payee, stand otherwise than is written down.

    Changes nothing. One that is not a payee's is not told. A payee without its account yet is
    left to whoever is making it.
    """
    known = await read_payees(
        db, network_id=network_id, payee_ids=[payee_id for payee_id, _ in marked]
    )
    return [one for one in marked if one[0] in known and _is_news(one[1], known[one[0]])]


def _is_news(account: ProviderAccount, payee: Payee) -> bool:
    if payee.account_id != account.id:
        return False
    is_active = payee.state is PayeeState.ACTIVE
    due = account.requirements[:_REQUIREMENTS_MAX]
    return is_active != account.transfers_active or payee.requirements != due
