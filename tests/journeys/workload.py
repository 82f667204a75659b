"""A compact story that moves money in every way there is, the same in every run."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from api.demo.client import Person, StoryBroken
from tests.journeys.driver import Driver

PROBLEMS = "problems { code message path } replayed"
PURCHASE = (
    "mutation ($input: RecordPurchaseInput!) { recordPurchase(input: $input)"
    f" {{ purchase {{ id accrual {{ id }} }} {PROBLEMS} }} }}"
)
RETURN = (
    "mutation ($input: RecordReturnInput!) { recordReturn(input: $input)"
    f" {{ purchaseReturn {{ id }} {PROBLEMS} }} }}"
)
CONNECT = (
    "mutation ($input: ConnectPayeeInput!) { connectPayee(input: $input)"
    f" {{ payee {{ id state }} {PROBLEMS} }} }}"
)
PAYEE = "query ($id: ID!) { node(id: $id) { ... on Payee { state onboardingUrl canBeDebited } } }"
WALLET = "{ wallet { balances { pending { decimal } } } }"
SLOT = (
    "mutation ($input: CreateExperienceSlotInput!) { createExperienceSlot(input: $input)"
    f" {{ slot {{ id }} {PROBLEMS} }} }}"
)
QUOTE = (
    "mutation ($input: QuoteRewardInput!) { quoteReward(input: $input)"
    f" {{ quote {{ id total {{ decimal }} }} {PROBLEMS} }} }}"
)
PLACE = (
    "mutation ($input: PlaceRedemptionInput!) { placeRedemption(input: $input)"
    f" {{ redemption {{ id state vouchers {{ id }} }} {PROBLEMS} }} }}"
)
CANCEL = (
    "mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input)"
    f" {{ redemption {{ id state }} {PROBLEMS} }} }}"
)
REVEAL = (
    "mutation ($input: RevealVoucherInput!) { revealVoucher(input: $input)"
    f" {{ code {PROBLEMS} }} }}"
)
AUTHORIZE = (
    "mutation ($input: AuthorizeGiftCardInput!) { authorizeGiftCard(input: $input)"
    f" {{ authorization {{ id }} {PROBLEMS} }} }}"
)
CAPTURE = (
    "mutation ($input: CaptureGiftCardInput!) { captureGiftCard(input: $input)"
    f" {{ authorization {{ id state }} {PROBLEMS} }} }}"
)
TOP_UP = (
    "mutation ($input: TopUpStripeBalanceInput!) { topUpStripeBalance(input: $input)"
    f" {{ topUp {{ id state }} {PROBLEMS} }} }}"
)
PAY_OUT = (
    "mutation ($input: RequestCashbackPayoutInput!) { requestCashbackPayout(input: $input)"
    f" {{ payout {{ id state }} {PROBLEMS} }} }}"
)
RETRY = (
    "mutation ($input: RetryPayoutInput!) { retryPayout(input: $input)"
    f" {{ payout {{ id state }} {PROBLEMS} }} }}"
)
CLOSE = (
    "mutation ($input: CloseSettlementCycleInput!) { closeSettlementCycle(input: $input)"
    f" {{ settlementCycle {{ id state }} {PROBLEMS} }} }}"
)
APPROVE = (
    "mutation ($input: ApproveSettlementCycleInput!) { approveSettlementCycle(input: $input)"
    f" {{ settlementCycle {{ id state }} {PROBLEMS} }} }}"
)
STATE = (
    "query ($id: ID!) { node(id: $id) { ... on Payout { payout: state reason }"
    " ... on Redemption { redemption: state } ... on SettlementCycle { cycle: state }"
    " ... on TopUp { topUp: state } } }"
)
CARDS = (
    'query ($after: String) { rewards(country: "SA", kinds: [GIFT_CARD], first: 50, after: $after)'
    " { edges { node { id ... on GiftCardReward { denominations"
    " { face { currency decimal } price { total { decimal } } } } } }"
    " pageInfo { hasNextPage endCursor } } }"
)


def prepare(driver: Driver) -> dict[str, Any]:
    """What every run starts from: payees connected, a slot, a supplier's card that is on sale."""
    people = {
        "grocery": driver.grocery,
        "coffee": driver.coffee,
        "layla": driver.layla,
        "omar": driver.omar,
    }
    payees = _connect(driver, people)
    slot = driver.do(
        driver.guide,
        "slot",
        SLOT,
        rewardId=driver.rewards["dune-walk"],
        startsAt=(driver.clock.now() + timedelta(days=5)).isoformat(),
        capacity=2,
    )["slot"]["id"]
    return {"payees": payees, "slot": slot, "card": _supplier_card(driver)}


def play(driver: Driver, notes: dict[str, Any]) -> None:
    """Earn, return, redeem thrice, pay with a card, settle, be paid, and let the window pass."""
    driver.do(driver.maker, "top-up", TOP_UP, amount=amount("3000.00"))
    driver.play("stripe", "fail_next_payout", account=notes["accounts"]["omar"])
    _earn(driver)
    _pay_by_card(driver)
    card = _redeem(driver, "supplier", **notes["card"])
    walk = {"rewardId": driver.rewards["dune-walk"], "slotId": notes["slot"]}
    given_up, taken = (_redeem(driver, name, **walk) for name in ("seat", "other-seat"))
    driver.do(driver.layla, "cancel", CANCEL, redemptionId=given_up["id"])
    paid = _pay_out(driver, driver.layla, "100.00")
    returned = _pay_out(driver, driver.omar, "5.00")
    cycle = driver.do(driver.maker, "close", CLOSE)["settlementCycle"]["id"]
    driver.do(driver.checker, "approve", APPROVE, settlementCycleId=cycle)
    _reaches(driver, driver.omar, returned, payout="RETURNED")
    driver.do(driver.omar, "retry", RETRY, payoutId=returned)
    _reaches(driver, driver.layla, card["id"], redemption="FULFILLED")
    _reaches(driver, driver.layla, paid, payout="PAID")
    _reaches(driver, driver.omar, returned, payout="PAID")
    _reaches(driver, driver.maker, cycle, cycle="SETTLED")
    driver.move_clock(timedelta(days=15))
    _reaches(driver, driver.layla, taken["id"], redemption="FULFILLED")
    for person in (driver.layla, driver.omar):
        driver.until("what was earned", lambda who=person: _pending(driver, who) == "0.00")


def play_one_order(driver: Driver, notes: dict[str, Any]) -> None:
    """Redeem a supplier's card, and nothing else."""
    card = _redeem(driver, "supplier", **notes["card"])
    _reaches(driver, driver.layla, card["id"], redemption="FULFILLED")


def amount(decimal: str) -> dict[str, str]:
    return {"currency": "SAR", "decimal": decimal}


def _earn(driver: Driver) -> None:
    at = driver.clock.now().isoformat()
    layla, omar = (driver.members[one]["id"] for one in ("noor-1001", "qahwa-2001"))
    sales = (
        (driver.grocery, "milk", layla, "100.00"),
        (driver.grocery, "bread", layla, "33.33"),
        (driver.coffee, "beans", omar, "80.00"),
    )
    for shop, name, member_id, decimal in sales:
        sold = driver.do(
            shop,
            f"buy-{name}",
            PURCHASE,
            externalId=name,
            memberId=member_id,
            amount=amount(decimal),
            purchasedAt=at,
        )["purchase"]
        if name == "milk":
            driver.do(
                shop,
                "return-milk",
                RETURN,
                purchaseId=sold["id"],
                externalId="milk-back",
                amount=amount("20.00"),
            )


def _redeem(driver: Driver, name: str, **asked: Any) -> dict[str, Any]:
    quoted = driver.do(driver.layla, f"quote-{name}", QUOTE, **asked)["quote"]
    placed: dict[str, Any] = driver.do(driver.layla, f"place-{name}", PLACE, quoteId=quoted["id"])[
        "redemption"
    ]
    return placed


def _pay_by_card(driver: Driver) -> None:
    own = _redeem(driver, "own", rewardId=driver.rewards["coffee-card"], face=amount("50.00"))
    revealed = driver.do(driver.layla, "reveal", REVEAL, voucherId=own["vouchers"][0]["id"])
    held = driver.do(
        driver.coffee,
        "authorize",
        AUTHORIZE,
        code=revealed["code"],
        amount=amount("40.00"),
        merchantReference="table-4",
    )["authorization"]
    driver.do(
        driver.coffee,
        "capture",
        CAPTURE,
        authorizationId=held["id"],
        amount=amount("35.00"),
    )


def _pay_out(driver: Driver, person: Person, decimal: str) -> str:
    made = driver.do(person, f"pay-out-{person.name}", PAY_OUT, amount=amount(decimal))
    payout_id: str = made["payout"]["id"]
    return payout_id


def _reaches(driver: Driver, person: Person, id_: str, **wanted: str) -> None:
    ((name, state),) = wanted.items()

    def look() -> bool:
        node = driver.ask(person, STATE, id=id_)["node"]
        if node is None:
            raise StoryBroken(f"{name} cannot be seen by its owner")
        return bool(node[name] == state)

    try:
        driver.until(f"{name} {state}", look)
    except StoryBroken as broken:
        raise StoryBroken(f"{driver.ask(person, STATE, id=id_)}: {broken}") from None


def _pending(driver: Driver, person: Person) -> str:
    (row,) = driver.ask(person, WALLET)["wallet"]["balances"]
    pending: str = row["pending"]["decimal"]
    return pending


def _connect(driver: Driver, people: dict[str, Person]) -> dict[str, str]:
    """Have everybody walk through the provider's page, side by side."""
    payees = {
        label: driver.do(
            person,
            f"connect-{label}",
            CONNECT,
            country="SA",
            email=f"{label}@example.com",
            name=label,
        )["payee"]["id"]
        for label, person in people.items()
    }

    def look(label: str, state: str) -> Any:
        node = driver.ask(people[label], PAYEE, id=payees[label])["node"]
        return node if node["state"] == state else None

    for label in people:
        link = driver.until("an onboarding page", lambda who=label: look(who, "ONBOARDING"))
        driver.http.post(link["onboardingUrl"] + "/complete")
    for label in people:
        driver.until("an active payee", lambda who=label: look(who, "ACTIVE"))
    return payees


def _supplier_card(driver: Driver) -> dict[str, Any]:
    for edge in driver.ask(driver.layla, CARDS)["rewards"]["edges"]:
        reward = edge["node"]
        if reward["id"] == driver.rewards["coffee-card"]:
            continue
        for one in reward["denominations"]:
            if one["price"] and Decimal(one["price"]["total"]["decimal"]) < 100:
                return {"rewardId": reward["id"], "face": one["face"]}
    raise StoryBroken("no supplier's card is on sale below 100.00")
