"""Before the story: the member's earlier purchases. Step 1: a hotel joins the network."""

from datetime import timedelta

from api.demo.cast import Stage, amount, texts
from api.demo.client import Person, StoryBroken

ENROL = (
    "mutation ($input: EnrolMemberInput!) { enrolMember(input: $input)"
    " { member { id } problems { code message } replayed } }"
)
PURCHASE = (
    "mutation ($input: RecordPurchaseInput!) { recordPurchase(input: $input)"
    " { purchase { id amount { decimal } accrual { id state rateBps cashback { decimal }"
    " cashbackRemaining { decimal } fee { decimal }"
    " shares { amount { decimal } partner { name } } } }"
    " problems { code message path } replayed } }"
)
CREATE_PARTNER = (
    "mutation ($input: CreatePartnerInput!) { createPartner(input: $input)"
    " { partner { id name } problems { code message } replayed } }"
)
PUBLISH_AGREEMENT = (
    "mutation ($input: PublishAgreementInput!) { publishAgreement(input: $input)"
    " { agreement { id version } problems { code message } replayed } }"
)
PUBLISH_RULE = (
    "mutation ($input: PublishEarnRuleInput!) { publishEarnRule(input: $input)"
    " { earnRule { id } problems { code message } replayed } }"
)
CREATE_CLIENT = (
    "mutation ($input: CreateApiClientInput!) { createApiClient(input: $input)"
    " { apiClient { clientId } secret problems { code message } replayed } }"
)
CREATE_REWARD = (
    "mutation ($input: CreateRewardInput!) { createReward(input: $input)"
    " { reward { id state } problems { code message path } replayed } }"
)
PUBLISH_REWARD = (
    "mutation ($input: PublishRewardInput!) { publishReward(input: $input)"
    " { reward { id state title } problems { code message } replayed } }"
)
CONNECT = (
    "mutation ($input: ConnectPayeeInput!) { connectPayee(input: $input)"
    " { payee { id state } problems { code message } replayed } }"
)
PAYEE = "query ($id: ID!) { node(id: $id) { ... on Payee { id state onboardingUrl } } }"
EARLIER = ("4500.00", "3800.00", "3700.00")


def prologue(stage: Stage) -> None:
    """Layla has earned 600.00 in earlier purchases at the grocery, all past their return window."""
    telling, api = stage.telling, stage.api
    telling.chapter(0, "Before the story")
    for name, label in (("Layla", "layla"), ("Omar", "omar")):
        external_id = f"{label}-{stage.run}"
        made = api.do(stage.grocery, ENROL, externalId=external_id)
        stage.notes[label] = stage.member(name, external_id)
        stage.notes[f"{label}_id"] = made["member"]["id"]
    for number, decimal in enumerate(EARLIER):
        api.do(
            stage.grocery,
            PURCHASE,
            externalId=f"earlier-{stage.run}-{number}",
            memberId=stage.notes["layla_id"],
            amount=amount(decimal),
            purchasedAt=(stage.now - timedelta(days=40)).isoformat(),
        )
    api.do(
        stage.grocery,
        PURCHASE,
        externalId=f"earlier-{stage.run}-omar",
        memberId=stage.notes["omar_id"],
        amount=amount("4000.00"),
        purchasedAt=(stage.now - timedelta(days=40)).isoformat(),
    )
    layla = stage.notes["layla"]
    api.until("600.00 in the wallet", lambda: stage.wallet(layla)["available"] == "600.00")
    telling.say("Layla bought groceries for 12,000.00 SAR in the past; 5 % of it is hers.")
    telling.money("Layla, available", "0.00", "600.00")


def connect(stage: Stage, asker: Person, name: str, **owner: str) -> None:
    """Connect a payee to Stripe: the link comes from the worker, the person walks through it.

    One who is connected already stays so.
    """
    api = stage.api
    email = f"payee-{stage.run}@example.com"
    made = api.do(asker, CONNECT, name=name, country="SA", email=email, **owner)
    payee_id = made["payee"]["id"]

    def look(*states: str) -> object:
        node = api.ask(asker, PAYEE, id=payee_id)["node"]
        if node is None:
            raise StoryBroken("a payee cannot be seen by who connected it")
        return node if node["state"] in states else None

    link = api.until("the onboarding link", lambda: look("ONBOARDING", "ACTIVE"))
    if link["state"] != "ACTIVE":
        answer = stage.outside.http.post(link["onboardingUrl"] + "/complete")
        if answer.status_code >= 400:
            raise StoryBroken(f"Stripe's onboarding page answered {answer.status_code}")
        api.until("Stripe's approval of the account", lambda: look("ACTIVE"))


def hotel_joins(stage: Stage) -> None:
    """Step 1: partner, agreement, API client, Stripe, and its own rewards; all by mutations."""
    telling, api, operator = stage.telling, stage.api, stage.operator
    telling.chapter(1, "A hotel joins the network")
    made = api.do(
        operator,
        CREATE_PARTNER,
        name=texts("Palm Hotel", "فندق النخلة"),
        roles=["MERCHANT"],
        country="SA",
    )
    hotel_id = made["partner"]["id"]
    stage.partner_ids["hotel"] = hotel_id
    telling.say(f"The operator creates {made['partner']['name']} and publishes its agreement:")
    api.do(
        operator,
        PUBLISH_AGREEMENT,
        partnerId=hotel_id,
        currency="SAR",
        purchaseFeeBps=100,
        acceptanceFeeBps=300,
        experienceCommissionBps=1000,
        returnWindowDays=14,
        effectiveFrom=stage.now.isoformat(),
    )
    telling.say("1 % of purchases, 3 % of cards it accepts, 14 days to return.")
    api.do(operator, PUBLISH_RULE, partnerId=hotel_id, rateBps=200, requiresActivation=False)
    client = api.do(
        operator,
        CREATE_CLIENT,
        kind="PARTNER",
        subject=f"hotel-{stage.run}",
        partnerId=hotel_id,
        roles=[],
    )
    stage.notes["hotel"] = api.client(
        "Palm Hotel", client["apiClient"]["clientId"], client["secret"]
    )
    telling.say(f"Its API client is {client['apiClient']['clientId']}; the secret is shown once.")
    connect(stage, operator, "Palm Hotel", partnerId=hotel_id)
    telling.say("The hotel walks through Stripe's onboarding; it can be paid now.")
    _publish_rewards(stage, hotel_id)


def _publish_rewards(stage: Stage, hotel_id: str) -> None:
    offer = {
        "texts": [
            {
                "locale": "EN",
                "title": "10% back at Palm Hotel",
                "description": "Switch it on, then pay as always.",
                "terms": "Until the end of the month.",
                "instructions": "",
            },
            {
                "locale": "AR",
                "title": "استرداد 10٪ في فندق النخلة",
                "description": "فعّل العرض ثم ادفع كالمعتاد.",
                "terms": "حتى نهاية الشهر.",
                "instructions": "",
            },
        ],
        "countries": ["SA"],
        "category": "travel",
        "imageUrls": [],
        "offer": {
            "rateBps": 1000,
            "funding": [{"partnerId": hotel_id, "weight": 7}, {"partnerId": None, "weight": 3}],
            "startsAt": stage.now.isoformat(),
            "endsAt": (stage.now + timedelta(days=60)).isoformat(),
        },
    }
    night = {
        "texts": [
            {
                "locale": "EN",
                "title": "Brunch by the pool",
                "description": "A table for one, Friday noon.",
                "terms": "Half the price is kept when cancelled late.",
                "instructions": "",
            },
            {
                "locale": "AR",
                "title": "فطور متأخر بجانب المسبح",
                "description": "طاولة لشخص واحد ظهر الجمعة.",
                "terms": "يُخصم نصف السعر عند الإلغاء المتأخر.",
                "instructions": "",
            },
        ],
        "countries": ["SA"],
        "category": "travel",
        "imageUrls": [],
        "experience": {"price": amount("120.00"), "freeUntilHours": 48, "penaltyBps": 5000},
    }
    for name, reward in (("offer", offer), ("brunch", night)):
        drafted = stage.api.do(
            stage.operator, CREATE_REWARD, reward=reward, partnerId=hotel_id, rank=1
        )["reward"]
        published = stage.api.do(stage.operator, PUBLISH_REWARD, rewardId=drafted["id"])["reward"]
        stage.notes[name] = drafted["id"]
        stage.telling.say(
            f"Reward {published['title']}: {drafted['state']}, then {published['state']}."
        )
