"""Texts are written and read in any language, over HTTP as apps and consoles do it."""

import pytest

from api.database.transaction import Database
from api.graphql.catalog.reward_input import RewardTextInput
from api.graphql.languages import read_locale
from api.graphql.mutation import canonical
from tests.api.graphql.catalog.speaking import READ, SEARCH, SHOWN, open_languages


async def test_a_reward_is_written_in_any_language_and_read_in_all_of_them(
    database: Database,
) -> None:
    async with open_languages(database) as office:
        given = {"EN": "Falcon card", "pt_br": "Cartão", "ZH-hant": "獵鷹卡", "fa": "کارت شاهین"}
        made = await office.create(given)
        member = await office.member.data(
            f"query($id: ID!) {{ {SHOWN.replace('reward {', 'reward(id: $id) {')} }}",
            {"id": await office.publish({"en": "Jade card"})},
        )

    assert made["problems"] == []
    assert [(one["locale"], one["direction"], one["title"]) for one in made["reward"]["texts"]] == [
        ("en", "LTR", "Falcon card"),
        ("fa", "RTL", "کارت شاهین"),
        ("pt-BR", "LTR", "Cartão"),
        ("zh-Hant", "LTR", "獵鷹卡"),
    ]
    assert [one["instructions"] for one in made["reward"]["texts"]] == [""] * 4
    assert [one["instructions"] for one in member["reward"]["texts"]] == [None]


async def test_an_operator_reads_the_instructions_of_every_language(database: Database) -> None:
    async with open_languages(database) as office:
        texts = [
            {"locale": "de", "title": "Karte", "instructions": "Code vorzeigen."},
            {"locale": "fr", "title": "Carte", "instructions": "Montrez le code."},
        ]
        reward = {
            "texts": texts,
            "countries": ["SA"],
            "giftCard": {"faces": [{"decimal": "100.00", "currency": "SAR"}]},
        }
        made = await office.operator.mutate("createReward", {"reward": reward}, SHOWN)

    assert [one["instructions"] for one in made["reward"]["texts"]] == [
        "Code vorzeigen.",
        "Montrez le code.",
    ]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("EN", "Falcon card"),
        ("en", "Falcon card"),
        ("AR", "بطاقة الصقر"),
        ("ar", "بطاقة الصقر"),
        ("ar-EG", "بطاقة الصقر"),
        ("fr-CA", "Carte Faucon"),
        ("pt-BR", "Cartão Falcão"),
        ("pt_BR", "Cartão Falcão"),
        ("zh-TW", "獵鷹卡"),
        ("iw", "כרטיס הבז"),
        ("de", "بطاقة الصقر"),  # the network's own
    ],
)
async def test_a_variable_names_any_language(database: Database, asked: str, title: str) -> None:
    async with open_languages(database) as office:
        assert await office.title(await office.publish(), asked) == title


async def test_without_the_networks_own_language_it_is_english_then_any(database: Database) -> None:
    async with open_languages(database) as office:
        english = await office.publish({"en": "Falcon card", "fr": "Carte Faucon"})
        neither = await office.publish({"fr": "Carte Faucon", "pt": "Cartão Falcão"})
        assert await office.title(english, "de") == "Falcon card"
        assert await office.title(neither, "de") == "Carte Faucon"


async def test_a_document_names_a_language_bare_or_as_text(database: Database) -> None:
    async with open_languages(database) as office:
        reward_id = await office.publish()
        document = """query($id: ID!) { reward(id: $id) {
          a: title(locale: AR) b: title(locale: ar) c: title(locale: fr) d: title(locale: pt_BR)
          e: title(locale: "pt-BR") f: title(locale: "zh-Hant") g: title(locale: EN)
          h: title(locale: "AR") i: title(locale: null)
          near: text(locale: "pt-BR") { locale direction title }
          far: text(locale: "ja") { locale direction title } } }"""
        shown = (await office.member.data(document, {"id": reward_id}))["reward"]

    assert shown.pop("near") == {"locale": "pt", "direction": "LTR", "title": "Cartão Falcão"}
    assert shown.pop("far") == {"locale": "ar", "direction": "RTL", "title": "بطاقة الصقر"}
    arabic, portuguese = "بطاقة الصقر", "Cartão Falcão"
    assert list(shown.values()) == [
        arabic, arabic, "Carte Faucon", portuguese, portuguese, "獵鷹卡", "Falcon card", arabic,
        "Falcon card",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "Carte Faucon"),
        ("da, pt-BR;q=0.8, en;q=0.7", "Cartão Falcão"),
        ("en;q=0.2, he", "כרטיס הבז"),
        ("da", "بطاقة الصقر"),
        ("da, en;q=0.1", "Falcon card"),
        ("ar-SA-u-nu-latn", "بطاقة الصقر"),
        ("*", "Falcon card"),
        ("", "Falcon card"),
    ],
)
async def test_the_request_says_which_languages_its_reader_reads(
    database: Database, accepted: str, title: str
) -> None:
    async with open_languages(database) as office:
        reward_id = await office.publish()
        assert await office.title(reward_id, locale=None) == "Falcon card"
        body = {"query": READ, "variables": {"id": reward_id}}
        headers = {"authorization": f"Bearer {office.member.token}", "accept-language": accepted}
        answer = await office.app.http.post("/graphql", json=body, headers=headers)

    assert answer.json()["data"]["reward"]["title"] == title


async def test_lists_and_what_is_found_are_told_in_the_language_asked_for(
    database: Database,
) -> None:
    async with open_languages(database) as office:
        await office.publish()
        listed = await office.member.data(
            "query($l: Locale!) { rewards(country: \"SA\", first: 5, locale: $l) { edges { node {"
            " title english: title(locale: EN) text { locale } } } } }",
            {"l": "pt-BR"},
        )  # fmt: skip
        found = [
            (await office.member.data(SEARCH, {"words": words, "l": locale}))["searchRewards"]
            for words, locale in (("cartao", "fr-FR"), ("獵鷹", "he"), ("הכרטיס", "xh"))
        ]

    (edge,) = listed["rewards"]["edges"]
    assert edge["node"] == {
        "title": "Cartão Falcão",
        "english": "Falcon card",
        "text": {"locale": "pt"},
    }
    assert [one["edges"][0]["node"]["title"] for one in found] == [
        "Carte Faucon",
        "כרטיס הבז",
        "بطاقة الصقر",
    ]
    assert [one["edges"][0]["reasons"] for one in found] == [
        [{"how": "NORMALISED"}],
        [{"how": "EXACT"}],
        [{"how": "NORMALISED"}],
    ]


async def test_a_document_of_before_has_its_defaults_and_inputs_as_they_were(
    database: Database,
) -> None:
    async with open_languages(database) as office:
        reward_id = await office.publish()
        answer = await office.member.data(
            "query($id: ID!, $l: Locale = AR) { reward(id: $id) { title(locale: $l) } }",
            {"id": reward_id},
        )
        made = await office.operator.data(
            """mutation { createReward(input: {idempotencyKey: "k", reward: {countries: ["SA"],
              texts: [{locale: EN, title: "Card"}, {locale: AR, title: "بطاقة"}],
              giftCard: {faces: [{decimal: "50.00", currency: "SAR"}]}}}) {
              reward { texts { locale title } } problems { code } } }"""
        )

    assert answer["reward"]["title"] == "بطاقة الصقر"
    assert made["createReward"] == {
        "reward": {
            "texts": [{"locale": "ar", "title": "بطاقة"}, {"locale": "en", "title": "Card"}]
        },
        "problems": [],
    }


@pytest.mark.parametrize(("given", "kept"), [("ar", "AR"), ("En", "EN"), ("pt_br", "PT-BR")])
def test_keys_of_before_there_were_other_languages_stay_good(given: str, kept: str) -> None:
    text = RewardTextInput(locale=read_locale(given), title="Card")

    assert canonical(text)["locale"] == kept


async def test_two_spellings_of_a_language_are_one_request(database: Database) -> None:
    async with open_languages(database) as office:
        first = await office.create({"EN": "Falcon", "pt-BR": "Falcão"}, idempotencyKey="k1")
        again = await office.create({"en": "Falcon", "PT_br": "Falcão"}, idempotencyKey="k1")
        other = await office.create({"en": "Falcon", "pt-PT": "Falcão"}, idempotencyKey="k1")

    assert again == first | {"replayed": True}
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_MISMATCH"]


async def test_a_revision_keeps_what_it_says_in_other_languages(database: Database) -> None:
    async with open_languages(database) as office:
        reward_id = await office.publish({"en": "Falcon card", "fr": "Carte Faucon"})
        reward = {
            "texts": [
                {"locale": "fr-CA", "title": "Carte-cadeau"},
                {"locale": "ja", "title": "鷹"},
            ],
            "countries": ["SA"],
            "giftCard": {"faces": [{"decimal": "100.00", "currency": "SAR"}]},
        }
        revised = await office.operator.mutate(
            "reviseReward", {"rewardId": reward_id, "reward": reward}, "reward { id }"
        )
        await office.operator.mutate("publishReward", {"rewardId": reward_id})
        titles = [await office.title(reward_id, one) for one in ("ja-JP", "fr", "en")]

    assert revised["problems"] == []
    assert titles == ["鷹", "Carte-cadeau", "Carte-cadeau"]


async def test_names_are_shown_in_all_languages(database: Database) -> None:
    async with open_languages(database) as office:
        made = await office.operator.mutate(
            "createBrand",
            {
                "slug": "falcon",
                "name": [{"locale": "EN", "text": "Falcon"}, {"locale": "ur", "text": "شاہین"}],
            },
            'brand { name(locale: "ur-PK") names { locale direction text } }',
        )

    assert made["brand"] == {
        "name": "شاہین",
        "names": [
            {"locale": "en", "direction": "LTR", "text": "Falcon"},
            {"locale": "ur", "direction": "RTL", "text": "شاہین"},
        ],
    }
