"""What rules about rewards look at, as rows to be asked by other rooms."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward, reward_denomination, reward_version


def select_reward_facts(
    network_id: int, reward_id: ColumnElement[UUID] | Collection[UUID]
) -> Select[Any]:
    """Select the brand, partner, category, countries and costs of rewards as they are on sale.

    `reward_id` is a column of the query around it, or some ids. The costs are those of the
    cheapest and the dearest face, or the price of a seat; what is not bought has none.
    """
    asked = (
        reward.c.reward_id == reward_id
        if isinstance(reward_id, ColumnElement)
        else reward.c.reward_id.in_(list(reward_id))
    )
    own = and_(
        reward_version.c.network_id == reward.c.network_id,
        reward_version.c.reward_id == reward.c.reward_id,
        reward_version.c.version
        == func.coalesce(reward.c.current_version, reward.c.latest_version),
    )
    version = reward_version.c
    return (
        select(
            reward.c.reward_id,
            reward.c.state,
            reward.c.sunset_at,
            reward.c.brand_id,
            reward.c.partner_id,
            version.category,
            version.countries,
            func.coalesce(version.cost_currency, version.price_currency).label("cost_currency"),
            func.coalesce(
                version.min_cost, version.price, _denomination_cost(network_id, func.min)
            ).label("lowest_cost"),
            func.coalesce(
                version.max_cost, version.price, _denomination_cost(network_id, func.max)
            ).label("highest_cost"),
        )
        .join_from(reward, reward_version, own)
        .where(reward.c.network_id == network_id, reward_version.c.network_id == network_id, asked)
        .correlate_except(reward, reward_version)
    )


def _denomination_cost(network_id: int, of: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = (
        select(of(reward_denomination.c.cost))
        .where(
            reward_denomination.c.network_id == network_id,
            reward_denomination.c.reward_id == reward_version.c.reward_id,
            reward_denomination.c.version == reward_version.c.version,
        )
        .correlate(reward_version)
        .scalar_subquery()
    )
    return found


def select_on_sale(network_id: int) -> Select[Any]:
    """Select the ids of what is on sale anywhere."""
    listed = [RewardState.ACTIVE.value, RewardState.RETIRING.value]
    return select(reward.c.reward_id).where(
        reward.c.network_id == network_id, reward.c.state.in_(listed)
    )


def is_listed(now: datetime) -> ColumnElement[bool]:
    """Ask of a reward's row whether it is shown as on sale: until its sunset, if there is one."""
    retiring = reward.c.state == RewardState.RETIRING.value
    return or_(reward.c.state == RewardState.ACTIVE.value, and_(retiring, reward.c.sunset_at > now))
