"""A network with a merchant, a member with value, and a vault: enough to redeem in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.redemptions import Quote, Redemption, place_redemption, quote_reward
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    RewardDraft,
    RewardText,
    Terms,
    create_reward,
    publish_reward,
)
from catalog.vouchers import Vault
from partners.agreements import create_partner, publish_agreement
from partners.members import enrol_member
from partners.networks import create_network
from payouts.events import points_confirm, points_pending, rate_note
from payouts.fx import FxRate, publish_fx_rate
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    credit,
    debit,
    find_journals_of,
    own_account,
    post_journal,
    read_balances,
    read_journals,
    read_points,
)
from payouts.money import POINTS_UNIT, Money, Points, Rounding
from tests.conftest import NOW

ACTOR = "test"


@dataclass(frozen=True, slots=True)
class SmallNetwork:
    """The network and the hands to act in it."""

    database: Database
    vault: Vault
    network_id: int
    currency: str
    partner_id: UUID
    other_partner_id: UUID
    member_id: UUID
    other_member_id: UUID

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def wallet(self, member_id: UUID | None = None) -> Account:
        return Account("member_available", str(member_id or self.member_id), self.currency)

    def of_partner(self, type_: str, partner_id: UUID | None = None) -> Account:
        return Account(type_, str(partner_id or self.partner_id), self.currency)

    def own(self, type_: str) -> Account:
        return own_account(type_, self.currency)

    async def fund(self, minor: int, *, member_id: UUID | None = None) -> None:
        draft = Draft(
            kind="test.fund",
            key=f"fund:{member_id or self.member_id}:{minor}",
            cause=Cause("test", "fund"),
            lines=(
                debit(self.own("capital"), self.money(minor)),
                credit(self.wallet(member_id), self.money(minor)),
            ),
            actor=ACTOR,
            effective_at=NOW,
        )
        async with self.database.writing(self.network_id) as db:
            await post_journal(db, network_id=self.network_id, draft=draft, now=NOW)

    async def give_points(self, points: int, *, rate: str = "0.01") -> FxRate:
        """Let points count for money, and give some to the member, at the network's expense."""
        async with self.database.writing(self.network_id) as db:
            published = await publish_fx_rate(
                db,
                network_id=self.network_id,
                base=POINTS_UNIT,
                quote=self.currency,
                value=rate,
                source="programme terms",
                observed_at=NOW,
                max_age_seconds=86_400,
                now=NOW,
            )
            amount = Points(points)
            promised = points_pending(
                funder_id=None,
                member_id=self.member_id,
                points=amount,
                owed=published.worth_of(amount, Rounding.HALF_EVEN),
            )
            confirmed = points_confirm(member_id=self.member_id, points=amount)
            given = (("points.pending", promised), ("points.confirm", confirmed))
            for kind, lines in given if points else ():
                draft = Draft(
                    kind=kind,
                    key=f"{kind}:{points}",
                    cause=Cause("test", "points"),
                    lines=lines,
                    actor=ACTOR,
                    effective_at=NOW,
                    note=rate_note(published),
                )
                await post_journal(db, network_id=self.network_id, draft=draft, now=NOW)
        return published

    async def points(self) -> tuple[int, int]:
        """The member's points: posted and held."""
        account = Account("member_available", str(self.member_id), POINTS_UNIT)
        async with self.database.reading(self.network_id) as db:
            found = await read_points(db, network_id=self.network_id, accounts=[account])
        return found[account].posted.minor, found[account].held.minor

    async def balance(self, account: Account) -> tuple[int, int]:
        """Posted and held, in minor units."""
        async with self.database.reading(self.network_id) as db:
            found = await read_balances(db, network_id=self.network_id, accounts=[account])
        return found[account].posted.minor, found[account].held.minor

    async def journals_of(self, kind: str, cause_id: object) -> list[tuple[str, dict[str, int]]]:
        """The journals of a cause by kind, each with its lines as account and amount."""
        async with self.database.reading(self.network_id) as db:
            cause = Cause(kind, str(cause_id))
            ids = await find_journals_of(db, network_id=self.network_id, cause=cause)
            found = await read_journals(db, network_id=self.network_id, journal_ids=ids)
        told = [
            (
                found[one].kind,
                {
                    f"{line.account.type} {line.account.unit}": line.amount.minor
                    for line in found[one].postings
                },
            )
            for one in ids
        ]
        return sorted(told, key=lambda journal: journal[0])

    async def reward(
        self, terms: Terms, *, partner_id: UUID | None = None, brand_id: UUID | None = None
    ) -> UUID:
        draft = RewardDraft({"en": RewardText("A reward")}, ("SA",), terms)
        async with self.database.writing(self.network_id) as db:
            made = await create_reward(
                db,
                network_id=self.network_id,
                draft=draft,
                partner_id=partner_id,
                brand_id=brand_id,
                now=NOW,
            )
            await publish_reward(db, network_id=self.network_id, reward_id=made.reward_id, now=NOW)
        return made.reward_id

    async def own_card_reward(self, *faces: int) -> UUID:
        return await self.reward(GiftCardTerms.of_own_faces(*(self.money(one) for one in faces)))

    async def experience_reward(
        self, price: int, *, free_until_hours: int | None = 24, penalty_bps: int = 2_000
    ) -> UUID:
        terms = ExperienceTerms(self.money(price), free_until_hours, penalty_bps)
        return await self.reward(terms, partner_id=self.partner_id)

    async def quote(
        self,
        reward_id: UUID,
        face: Money | None = None,
        *,
        slot_id: UUID | None = None,
        member_id: UUID | None = None,
        points: int | None = None,
        now: datetime = NOW,
    ) -> Quote:
        async with self.database.writing(self.network_id) as db:
            return await quote_reward(
                db,
                vault=self.vault,
                network_id=self.network_id,
                member_id=member_id or self.member_id,
                reward_id=reward_id,
                face=face,
                slot_id=slot_id,
                points=None if points is None else Points(points),
                now=now,
            )

    async def place(
        self,
        quote: Quote,
        *,
        member_id: UUID | None = None,
        token: str | None = None,
        now: datetime = NOW,
    ) -> Redemption:
        async with self.database.writing(self.network_id) as db:
            return await place_redemption(
                db,
                vault=self.vault,
                network_id=self.network_id,
                member_id=member_id or quote.member_id,
                quote_id=quote.quote_id,
                token=token,
                actor=ACTOR,
                now=now,
            )


async def found_network(
    database: Database, *, currency: str = "SAR", slug: str = "souq"
) -> SmallNetwork:
    async with database.writing(0) as db:
        network = await create_network(
            db,
            slug=slug,
            name={"en": "Souq"},
            zone="Asia/Riyadh",
            currency=currency,
            default_locale="en",
            now=NOW,
        )
    network_id = network.network_id
    async with database.writing(network_id) as db:
        partners = [await _partner(db, network_id, currency, name) for name in ("P", "Q")]
        members = [
            await enrol_member(
                db, network_id=network_id, partner_id=partners[0], external_id=name, now=NOW
            )
            for name in ("m1", "m2")
        ]
    ids = [one.member_id for one in members]
    return SmallNetwork(
        database, Vault.of_new_key(), network_id, currency, partners[0], partners[1], *ids
    )


async def _partner(db: AsyncConnection, network_id: int, currency: str, name: str) -> UUID:
    made = await create_partner(
        db,
        network_id=network_id,
        name={"en": name},
        roles=["merchant", "brand", "sponsor"],
        country="SA",
        now=NOW,
    )
    await publish_agreement(
        db,
        network_id=network_id,
        partner_id=made.partner_id,
        currency=currency,
        purchase_fee_bps=100,
        acceptance_fee_bps=300,
        experience_commission_bps=1_250,
        return_window_days=14,
        effective_from=NOW,
        now=NOW,
    )
    return made.partner_id
