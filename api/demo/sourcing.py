"""Step 6: a card that two suppliers sell; the chosen one has none left, the other one delivers."""

from typing import Any

from api.demo.cast import CURRENCY, Stage, amount
from api.demo.client import StoryBroken
from api.demo.spending import faces_of, redeem, reveal, when_fulfilled
from payouts.money import Money

MATCHES = (
    "query ($after: String, $state: RewardMatchState!)"
    " { rewardMatches(first: 50, after: $after, state: $state) { edges { node { id reasons"
    " decidedBy reward { id title brand { name } } source { title } } }"
    " pageInfo { hasNextPage endCursor } } }"
)
SEPARATE = (
    "mutation ($input: SeparateRewardMatchInput!) { separateRewardMatch(input: $input)"
    " { match { state } problems { code message } replayed } }"
)
SOURCING = (
    "query ($id: ID!) { node(id: $id) { ... on Redemption { total { decimal currency }"
    " charged { decimal currency } sourcing { chosen { supplier { name } }"
    " considered { supplier { name } supplierSku cost { decimal currency }"
    " costInWallet { decimal currency } health excludedBecause }"
    " attempts { supplier { name } state code cost { decimal currency } } } } } }"
)
EXPLAIN = "query ($id: ID!) { explain(id: $id) { edges { from to relation } } }"
JOURNAL = (
    "query ($id: ID!) { journal(id: $id) { kind"
    " postings { accountType amount { decimal currency } } } }"
)
BRAND = "Nakheel Market"
DOUBTED = "Lamha Games Plus 100"
FACE = "50.00"
FIRST, SECOND = "reloadly", "tango"
WHY_NOT = {"FACE_NOT_ON_SALE": "does not sell this face"}
PAGES_MAX = 10


def supplier_is_out_of_stock(stage: Stage) -> None:
    """Step 6: one refuses for certain, the next fills the order at the price that was quoted."""
    telling = stage.telling
    telling.chapter(6, "A supplier is out of stock, and another one delivers")
    layla = stage.notes["layla"]
    reward = _matched(stage)
    _review(stage)
    available, held = stage.watch(layla), stage.watch(layla, "held")
    before = stage.outside.orders_taken()
    stage.outside.supplier_refuses(FIRST, "out_of_stock")
    telling.say(f"{FIRST} runs out of the card, and its catalogue does not say so.")
    redemption_id = redeem(stage, layla, reward["title"], rewardId=reward["id"], face=amount(FACE))
    done = when_fulfilled(stage, layla, redemption_id)
    quoted = _tell_sourcing(stage, redemption_id)
    after = stage.outside.orders_taken()
    more = {name: count - before[name] for name, count in after.items()}
    if more != {FIRST: 0, SECOND: 1}:
        raise StoryBroken(f"the suppliers took {more} orders more")
    telling.say(f"Orders taken: {FIRST} none, {SECOND} one. There is one card and one charge.")
    _tell_postings(stage, redemption_id, quoted=quoted)
    reveal(stage, layla, done["vouchers"][0]["id"])
    available()
    held()


def _matches(stage: Stage, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    for _ in range(PAGES_MAX):
        page = stage.api.ask(stage.operator, MATCHES, after=after, state=state)["rewardMatches"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
    raise StoryBroken("the list of matches has no end")


def _review(stage: Stage) -> None:
    """The operator decides what only may be the same; told again the story has nothing to decide."""
    for one in _matches(stage, "DOUBTFUL"):
        if one["source"]["title"] != DOUBTED:
            continue
        stage.api.do(stage.operator, SEPARATE, matchId=one["id"])
        stage.telling.say(
            f"{one['source']['title']} only may be {one['reward']['title']}"
            f" ({', '.join(one['reasons'])}): the operator keeps it apart, for good."
        )


def _matched(stage: Stage) -> dict[str, Any]:
    """Tell what the catalogue made of two suppliers' cards of one brand; gives the reward."""
    found = _matches(stage, "MATCHED")
    ours = [one for one in found if (one["reward"]["brand"] or {}).get("name") == BRAND]
    if not ours:
        raise StoryBroken(
            f"no two suppliers sell {BRAND}; a network of before there were two has to be made anew"
        )
    reward: dict[str, Any] = ours[0]["reward"]
    others = ", ".join(one["source"]["title"] for one in ours)
    by = {one["decidedBy"] for one in ours}
    stage.telling.say(
        f"{FIRST} and {SECOND} both sell {BRAND}: {others} of the second are sold as"
        f" {reward['title']} of the first (matched by {', '.join(sorted(by))})."
    )
    faces = [one["face"]["decimal"] for one in faces_of(stage, reward["id"])["denominations"]]
    stage.telling.say(f"Members see one reward, with the faces {', '.join(faces)}.")
    return reward


def _tell_sourcing(stage: Stage, redemption_id: str) -> Money:
    """Tell why the card was bought where it was, as staff reads it; gives the margin quoted."""
    telling = stage.telling
    shown = stage.api.ask(stage.operator, SOURCING, id=redemption_id)["node"]
    sourcing = shown["sourcing"]
    for one in sourcing["considered"]:
        telling.say(f"  {_weighed(one)}")
    chosen = sourcing["chosen"]["supplier"]["name"]
    telling.say(f"{chosen} is chosen, as it costs the network least and is in good standing.")
    tries = [(one["supplier"]["name"], one["state"], one["code"]) for one in sourcing["attempts"]]
    if tries != [(FIRST, "FAILED", "PRODUCT_OUT_OF_STOCK"), (SECOND, "SUCCEEDED", None)]:
        raise StoryBroken(f"the orders went {tries}")
    telling.say(f"{FIRST} refuses for certain, {tries[0][2]}: nothing was ordered there.")
    charged = _shown(shown["charged"])
    telling.say(
        f"{SECOND} delivers for {charged}; Layla pays {shown['total']['decimal']}, as was quoted."
    )
    return _money(shown["total"]) - _money(sourcing["considered"][0]["costInWallet"])


def _weighed(one: dict[str, Any]) -> str:
    who = f"{one['supplier']['name']} {one['supplierSku']}"
    if one["excludedBecause"]:
        because = one["excludedBecause"]
        return f"{who}: {WHY_NOT.get(because, because)}"
    cost, in_wallet = one["cost"], one["costInWallet"]
    worth = "" if cost["currency"] == in_wallet["currency"] else f", which is {_shown(in_wallet)}"
    return f"{who}: {_shown(cost)}{worth}; health {one['health']}"


def _tell_postings(stage: Stage, redemption_id: str, *, quoted: Money) -> None:
    """Tell what was booked, and what is left of the margin that the quote would have made."""
    asked = stage.api.ask(stage.checker, EXPLAIN, id=redemption_id)["explain"]
    causes = [
        one["from"]
        for one in asked["edges"]
        if (one["relation"], one["to"]) == ("caused_by", redemption_id)
    ]
    journals = [stage.api.ask(stage.checker, JOURNAL, id=one)["journal"] for one in causes]
    booked = [one for one in journals if one["kind"] == "redemption.supplier"]
    if len(booked) != 1:
        raise StoryBroken(f"the card is booked {len(booked)} times")
    kept = Money.zero(CURRENCY)
    for line in booked[0]["postings"]:
        stage.telling.say(f"  {line['accountType']:<18} {_shown(line['amount']):>12}")
        if line["accountType"] == "redemption_margin":
            kept -= _money(line["amount"])
    stage.telling.say(
        f"Of the price the network keeps {kept.decimal}; from {FIRST} it would have been"
        f" {quoted.decimal}."
    )


def _money(shown: dict[str, str]) -> Money:
    return Money.of_decimal(shown["decimal"], shown["currency"])


def _shown(money: dict[str, str]) -> str:
    return f"{money['decimal']} {money['currency']}"
