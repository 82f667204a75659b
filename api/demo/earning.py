"""Steps 2 to 4: purchases earn, offers earn more, returns take back, and time makes it available."""

from api.demo.cast import Stage, amount
from api.demo.client import Person, StoryBroken
from api.demo.joining import PURCHASE

REWARDS = (
    'query ($after: String) { rewards(country: "SA", first: 4, after: $after, locale: AR)'
    " { edges { node { id kind title } } pageInfo { hasNextPage endCursor } } }"
)
REWARD = (
    "query ($id: ID!) { reward(id: $id) { id kind title description ... on GiftCardReward"
    " { denominations { face { decimal currency } price { total { formatted(locale: AR) }"
    " lines { kind amount { decimal currency } } } } } } }"
)
ACTIVATE = (
    "mutation ($input: ActivateOfferInput!) { activateOffer(input: $input)"
    " { offer { id activated } problems { code message } replayed } }"
)
RETURN = (
    "mutation ($input: RecordReturnInput!) { recordReturn(input: $input)"
    " { purchaseReturn { id cashback { decimal } } problems { code message } replayed } }"
)
ACCRUAL = "query ($id: ID!) { node(id: $id) { ... on Accrual { state cashback { decimal } } } }"
PAGES_MAX = 30


def grocery_reports(stage: Stage) -> None:
    """Step 2: a purchase of 100.00 earns 5.00, once, whatever happens on the line."""
    telling, api = stage.telling, stage.api
    telling.chapter(2, "A grocery records a purchase")
    layla = stage.notes["layla"]
    pending, owed = stage.watch(layla, "pending"), stage.account(stage.grocery)
    key = f"till-7-{stage.run}"
    sale = {
        "externalId": f"receipt-{stage.run}",
        "memberId": stage.notes["layla_id"],
        "purchasedAt": stage.now.isoformat(),
    }
    first = api.do(stage.grocery, PURCHASE, key=key, amount=amount("100.00"), **sale)
    accrual = first["purchase"]["accrual"]
    stage.notes["first_accrual"] = accrual["id"]
    stage.notes["first_purchase"] = first["purchase"]["id"]
    telling.say(
        f"100.00 SAR at {accrual['rateBps'] / 100:g} %: {accrual['cashback']['decimal']} for"
        f" Layla is {accrual['state']}, and {accrual['fee']['decimal']} is the network's fee."
    )
    for share in accrual["shares"]:
        funder = share["partner"]["name"] if share["partner"] else "the network"
        telling.say(f"{share['amount']['decimal']} of it is funded by {funder}.")
    pending()
    again = api.do(stage.grocery, PURCHASE, key=key, amount=amount("100.00"), **sale)
    if not again["replayed"] or again["purchase"] != first["purchase"]:
        raise StoryBroken("the same key was not answered as before")
    telling.say("The till sends it again with the same key: the same answer, replayed.")
    message = api.refused(
        stage.grocery,
        PURCHASE,
        problem="IDEMPOTENCY_MISMATCH",
        key=key,
        amount=amount("120.00"),
        **sale,
    )
    telling.say(f"With 120.00 under that key it is refused: {message}")
    pending()
    telling.money(
        "Noor Grocery, owes", owed["receivable"], stage.account(stage.grocery)["receivable"]
    )


def app_browses(stage: Stage) -> None:
    """Step 3: the catalogue in Arabic, one reward opened, the hotel's offer activated and used."""
    telling, api = stage.telling, stage.api
    telling.chapter(3, "A mobile app lists rewards in Arabic")
    layla = stage.notes["layla"]
    layla.locale = "ar"
    listed = list_rewards(stage, layla)
    for one in listed[:4]:
        telling.say(f"{one['kind']}: {one['title']}")
    telling.say(f"She pages on, four at a time: {len(listed)} rewards.")
    kinds = sorted({one["kind"] for one in listed})
    if kinds != ["EXPERIENCE", "GIFT_CARD", "OFFER"]:
        raise StoryBroken(f"the catalogue has {kinds}")
    card = next(one for one in listed if one["kind"] == "GIFT_CARD" and _is_priced(stage, one))
    opened = api.ask(layla, REWARD, id=card["id"])["reward"]
    telling.say(f"She opens {opened['title']}:")
    for line in opened["denominations"][:3]:
        telling.say(
            f"{line['face']['decimal']} {line['face']['currency']} for"
            f" {line['price']['total']['formatted']}"
        )
    offer = api.do(layla, ACTIVATE, offerId=stage.notes["offer"])["offer"]
    telling.say(f"She activates the hotel's offer (activated: {offer['activated']}).")
    pending = stage.watch(layla, "pending")
    stay = api.do(
        stage.notes["hotel"],
        PURCHASE,
        externalId=f"stay-{stage.run}",
        memberId=stage.notes["layla_id"],
        amount=amount("200.00"),
        purchasedAt=stage.now.isoformat(),
    )["purchase"]["accrual"]
    if (stay["cashback"]["decimal"], stay["rateBps"]) != ("20.00", 1000):
        raise StoryBroken(f"the offer paid {stay}")
    own = next(one["amount"]["decimal"] for one in stay["shares"] if one["partner"])
    telling.say(
        f"200.00 SAR at the hotel now earn {stay['cashback']['decimal']}:"
        f" {own} is funded by the hotel, the rest by the network, as the offer says."
    )
    stage.notes["stay_accrual"] = stay["id"]
    pending()


def list_rewards(stage: Stage, person: Person) -> list[dict[str, str]]:
    """Page through the whole catalogue of Saudi Arabia."""
    listed: list[dict[str, str]] = []
    after = None
    for _ in range(PAGES_MAX):
        found = stage.api.ask(person, REWARDS, after=after)["rewards"]
        listed += [edge["node"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            return listed
        after = found["pageInfo"]["endCursor"]
    raise StoryBroken("the catalogue has no end")


def _is_priced(stage: Stage, reward: dict[str, str]) -> bool:
    found = stage.api.ask(stage.notes["layla"], REWARD, id=reward["id"])["reward"]
    return any(one["price"] for one in found["denominations"])


def window_passes(stage: Stage) -> None:
    """Step 4: a partial return takes back its share, then the rest becomes available."""
    telling, api = stage.telling, stage.api
    telling.chapter(4, "The return window passes")
    layla = stage.notes["layla"]
    pending = stage.watch(layla, "pending")
    bought = api.do(
        stage.grocery,
        PURCHASE,
        externalId=f"returned-{stage.run}",
        memberId=stage.notes["layla_id"],
        amount=amount("80.00"),
        purchasedAt=stage.now.isoformat(),
    )["purchase"]
    telling.say(f"Another purchase of 80.00 earns {bought['accrual']['cashback']['decimal']}.")
    pending()
    taken = api.do(
        stage.grocery,
        RETURN,
        purchaseId=bought["id"],
        externalId=f"return-{stage.run}",
        amount=amount("20.00"),
    )["purchaseReturn"]["cashback"]["decimal"]
    if taken != "1.00":
        raise StoryBroken(f"a quarter of 4.00 is 1.00, not {taken}")
    telling.say(f"She brings back goods for 20.00: exactly {taken} is taken back.")
    pending()
    pending, available = stage.watch(layla, "pending"), stage.watch(layla)
    stage.outside.days_pass(15)
    telling.say("Fifteen days go by.")
    api.until("the cashback to be available", lambda: stage.wallet(layla)["pending"] == "0.00")
    pending()
    available()
    state = api.ask(layla, ACCRUAL, id=stage.notes["first_accrual"])["node"]["state"]
    if state != "AVAILABLE" or stage.wallet(layla)["available"] != "628.00":
        raise StoryBroken(f"{state}, {stage.wallet(layla)}")
