"""Steps 5, 7 and 8: gift cards, an experience with one seat, and paying at another merchant."""

from datetime import timedelta
from typing import Any

from api.demo.cast import Stage, amount
from api.demo.client import Person, StoryBroken
from api.demo.earning import list_rewards

QUOTE = (
    "mutation ($input: QuoteRewardInput!) { quoteReward(input: $input)"
    " { quote { id total { decimal } lines { kind amount { decimal currency } } }"
    " problems { code message } replayed } }"
)
PLACE = (
    "mutation ($input: PlaceRedemptionInput!) { placeRedemption(input: $input)"
    " { redemption { id state total { decimal } booking { id } } problems { code message }"
    " replayed } }"
)
REDEMPTION = (
    "query ($id: ID!) { node(id: $id) { ... on Redemption { state failureCode"
    " vouchers { id last4 revealedAt } giftCard { id } } } }"
)
REVEAL = (
    "mutation ($input: RevealVoucherInput!) { revealVoucher(input: $input)"
    " { voucher { id revealedAt } code pin problems { code message } replayed } }"
)
CANCEL = (
    "mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input)"
    " { redemption { id state booking { penalty { decimal } } } problems { code message }"
    " replayed } }"
)
SLOT = (
    "mutation ($input: CreateExperienceSlotInput!) { createExperienceSlot(input: $input)"
    " { slot { id left } problems { code message } replayed } }"
)
AUTHORIZE = (
    "mutation ($input: AuthorizeGiftCardInput!) { authorizeGiftCard(input: $input)"
    " { authorization { id state amount { decimal } } problems { code message } replayed } }"
)
CAPTURE = (
    "mutation ($input: CaptureGiftCardInput!) { captureGiftCard(input: $input)"
    " { authorization { id state captured { decimal } fee { decimal } }"
    " problems { code message } replayed } }"
)
CARD = "query ($id: ID!) { giftCard(id: $id) { balance { decimal } held { decimal } state } }"
FACES = (
    "query ($id: ID!) { reward(id: $id) { title ... on GiftCardReward { brand { slug }"
    " denominations { face { decimal currency } price { total { minor } } } } } }"
)


def member_redeems_cards(stage: Stage) -> None:
    """Step 5: a supplier's card and the coffee chain's own; each code is shown once."""
    telling = stage.telling
    telling.chapter(5, "The member redeems two gift cards")
    layla = stage.notes["layla"]
    layla.locale = "en"
    available, held = stage.watch(layla), stage.watch(layla, "held")
    before = stage.outside.orders_taken()
    reward_id, face, title = _cheapest_supplier_card(stage)
    redemption_id = redeem(stage, layla, title, rewardId=reward_id, face=face)
    telling.say("The price is held while the supplier is asked; the worker orders the card.")
    done = when_fulfilled(stage, layla, redemption_id)
    after = stage.outside.orders_taken()
    if sum(after.values()) != sum(before.values()) + 1:
        raise StoryBroken(f"there is not exactly one order more: {before}, {after}")
    telling.say("The supplier has exactly one order more; the code is stored encrypted.")
    reveal(stage, layla, done["vouchers"][0]["id"])
    available()
    held()
    available = stage.watch(layla)
    coffee_id = next(
        one["id"]
        for one in list_rewards(stage, layla)
        if one["kind"] == "GIFT_CARD"
        and faces_of(stage, one["id"])["brand"]["slug"] == "qahwa-house"
    )
    redemption_id = redeem(
        stage, layla, "Qahwa House card", rewardId=coffee_id, face=amount("50.00")
    )
    own = when_fulfilled(stage, layla, redemption_id)
    stage.notes["card_id"] = own["giftCard"]["id"]
    stage.notes["card_code"] = reveal(stage, layla, own["vouchers"][0]["id"])
    available()


def faces_of(stage: Stage, reward_id: str) -> dict[str, Any]:
    """Open a gift card as the member sees it: its brand, its faces and their prices."""
    found: dict[str, Any] = stage.api.ask(stage.notes["layla"], FACES, id=reward_id)["reward"]
    return found


def _cheapest_supplier_card(stage: Stage) -> tuple[str, dict[str, str], str]:
    choices = []
    for one in list_rewards(stage, stage.notes["layla"]):
        if one["kind"] != "GIFT_CARD":
            continue
        found = faces_of(stage, one["id"])
        if found["brand"]["slug"] == "qahwa-house":
            continue
        choices += [
            (int(each["price"]["total"]["minor"]), one["id"], each["face"], found["title"])
            for each in found["denominations"]
            if each["price"]
        ]
    _, reward_id, face, title = min(choices, key=lambda choice: choice[0])
    return reward_id, {"currency": face["currency"], "decimal": face["decimal"]}, title


def redeem(stage: Stage, person: Person, title: str, **what: Any) -> str:
    """Quote a reward and place it; tells its price and gives the redemption's id."""
    quote = stage.api.do(person, QUOTE, **what)["quote"]
    lines = ", ".join(f"{one['kind'].lower()} {one['amount']['decimal']}" for one in quote["lines"])
    stage.telling.say(f"{title}: {quote['total']['decimal']} SAR ({lines}).")
    placed = stage.api.do(person, PLACE, quoteId=quote["id"])["redemption"]
    redemption_id: str = placed["id"]
    return redemption_id


def when_fulfilled(stage: Stage, person: Person, redemption_id: str) -> dict[str, Any]:
    """Wait until a card is there."""

    def look() -> Any:
        found = stage.api.ask(person, REDEMPTION, id=redemption_id)["node"]
        if found["state"] in ("FAILED", "CANCELLED"):
            raise StoryBroken(f"the redemption {found['state']}: {found['failureCode']}")
        return found if found["state"] == "FULFILLED" else None

    found: dict[str, Any] = stage.api.until("the card", look)
    return found


def reveal(stage: Stage, person: Person, voucher_id: str) -> str:
    """Reveal a code, and see that it is shown once."""
    shown = stage.api.do(person, REVEAL, voucherId=voucher_id)
    code: str = shown["code"]
    message = stage.api.refused(person, REVEAL, problem="ALREADY_REVEALED", voucherId=voucher_id)
    stage.telling.say(
        f"The code is revealed once, ending {code[-4:]}, and that is recorded. Again: {message}"
    )
    return code


def last_seat(stage: Stage) -> None:
    """Step 7: one seat, two members; cancelling late costs the stated penalty."""
    telling, api = stage.telling, stage.api
    telling.chapter(7, "The last seat of an experience")
    layla, omar = stage.notes["layla"], stage.notes["omar"]
    slot = api.do(
        stage.operator,
        SLOT,
        rewardId=stage.notes["brunch"],
        startsAt=(stage.now + timedelta(hours=30)).isoformat(),
        capacity=1,
    )["slot"]
    what = {"rewardId": stage.notes["brunch"], "slotId": slot["id"]}
    available = stage.watch(layla)
    redemption_id = redeem(stage, layla, "Brunch by the pool", **what)
    telling.say("Layla books the only seat.")
    available()
    other = stage.watch(omar)
    message = api.refused(omar, QUOTE, problem="SOLD_OUT", **what)
    telling.say(f"Omar tries: {message}")
    other()
    available = stage.watch(layla)
    booking = api.do(layla, CANCEL, redemptionId=redemption_id)["redemption"]["booking"]
    if booking["penalty"]["decimal"] != "60.00":
        raise StoryBroken(f"half of 120.00 is 60.00, not {booking['penalty']['decimal']}")
    telling.say(f"She cancels late: the price less {booking['penalty']['decimal']} comes back.")
    available()


def card_pays_elsewhere(stage: Stage) -> None:
    """Step 8: the coffee card pays at the hotel; what was not needed is released."""
    telling, api = stage.telling, stage.api
    telling.chapter(8, "The coffee card pays at the hotel")
    hotel = stage.notes["hotel"]
    before, owed = _card(stage), stage.account(hotel)["payable"]
    held = api.do(
        hotel,
        AUTHORIZE,
        code=stage.notes["card_code"],
        amount=amount("40.00"),
        merchantReference=f"room-204-{stage.run}",
    )["authorization"]
    telling.say(f"The hotel authorises {held['amount']['decimal']} on the card.")
    telling.money("The card, held", before["held"]["decimal"], _card(stage)["held"]["decimal"])
    taken = api.do(hotel, CAPTURE, authorizationId=held["id"], amount=amount("32.50"))[
        "authorization"
    ]
    telling.say(
        f"It captures {taken['captured']['decimal']}; its fee is {taken['fee']['decimal']};"
        " the rest is released."
    )
    after = _card(stage)
    telling.money("The card, balance", before["balance"]["decimal"], after["balance"]["decimal"])
    telling.money("Palm Hotel, is owed", owed, stage.account(hotel)["payable"])
    if (after["balance"]["decimal"], after["held"]["decimal"]) != ("17.50", "0.00"):
        raise StoryBroken(f"the card has {after}")
    message = api.refused(
        hotel,
        AUTHORIZE,
        problem="CODE_REFUSED",
        code="0000-0000-0000-0000",
        amount=amount("5.00"),
        merchantReference=f"guess-{stage.run}",
    )
    telling.say(f"A guessed code: {message}")


def _card(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.api.ask(stage.notes["layla"], CARD, id=stage.notes["card_id"])[
        "giftCard"
    ]
    return found
