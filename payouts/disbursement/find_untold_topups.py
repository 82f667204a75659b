"""Finding top-ups of the provider that say something new."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import TopUp, TopUpState
from payouts.disbursement.queries import read_topups
from payouts.rails import ProviderTopup

_STATES = {"pending": TopUpState.PENDING, "succeeded": TopUpState.SUCCEEDED}
_OVER = frozenset({TopUpState.SUCCEEDED, TopUpState.FAILED})


async def find_untold_topups(
    db: AsyncConnection, *, network_id: int, marked: Sequence[tuple[UUID, ProviderTopup]]
) -> list[tuple[UUID, ProviderTopup]]:
    """Tell which top-ups of the provider, each with our order, are not written down yet.

    Changes nothing. One that we did not order is not told: it is not ours.
    """
    known = await read_topups(
        db, network_id=network_id, topup_ids=[topup_id for topup_id, _ in marked]
    )
    return [one for one in marked if one[0] in known and _is_news(one[1], known[one[0]])]


def _is_news(found: ProviderTopup, topup: TopUp) -> bool:
    if topup.external_id is None:
        return True
    told = _STATES.get(found.status, TopUpState.FAILED)
    goes_back = told is TopUpState.PENDING and topup.state in _OVER
    return topup.external_id == found.id and told is not topup.state and not goes_back
